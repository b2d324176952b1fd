"""What a page needs of the portal: the wired portal, who acts, and a safe way to do something."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st
from pydantic import ValidationError
from streamlit.errors import StreamlitSecretNotFoundError

from ims.bootstrap import portal
from ims.errors import Conflict, Refusal, sentences
from ims.model import AccessRole, Actor, Person
from ims.store import catalogue
from ims.store.database import Session
from ims.store.work import Work
from ims.ui.text import plain

Result = TypeVar("Result")
ACTING_AS = "acting_as"
REMEMBERED = "ims_acting_as"  # the cookie that keeps the choice across reloads

__all__ = ["acting_person", "actor", "attempt", "portal", "sign_in_is_configured", "signed_in_email"]


def sign_in_is_configured() -> bool:
    """Return whether people must sign in: there is an ``[auth]`` part in Streamlit's secrets."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def signed_in_email() -> str:
    """Return the e-mail address of who has signed in, empty for nobody and for an address not confirmed."""
    user = st.user
    if not user.get("is_logged_in") or user.get("email_verified") is False:
        return ""
    return str(user.get("email") or "")


def acting_person() -> Person | None:
    """Return the person who acts in this session: signed in, or chosen on a portal without sign-in.

    Where sign-in is configured, nobody else is ever taken instead.
    """
    with portal().reading() as session:
        if sign_in_is_configured():
            signed_in = catalogue.person_by_email(session, signed_in_email())
            return signed_in if signed_in and signed_in.active else None
        chosen = st.session_state.get(ACTING_AS)
        if chosen is not None:
            return session.get(Person, chosen)
        remembered = _remembered(session)
        if remembered:
            return remembered
        local = portal().settings.local_user
        return catalogue.person_by_email(session, local) if local else _who_set_it_up(catalogue.people(session))


def _remembered(session: Session) -> Person | None:
    """Return whom this browser acted as last. It is a convenience, not a proof: without sign-in nothing is."""
    chosen = st.context.cookies.to_dict().get(REMEMBERED, "")
    person = session.get(Person, int(chosen)) if chosen.isdecimal() else None
    return person if person and person.active else None


def _who_set_it_up(people: Sequence[Person]) -> Person | None:
    """Return the first administrator: in a new browser it is still them, whose name ever comes first in the list."""
    administrators = [person for person in people if person.access is AccessRole.ADMINISTRATOR]
    return min(administrators, key=lambda person: person.id, default=next(iter(people), None))


def actor() -> Actor:
    """Return who acts in this session, and what they may do.

    Whoever signed in but is not among the people may only look. On a portal without people, whoever signs in first
    sets it up; otherwise nobody ever could.
    """
    person = acting_person()
    if person:
        return Actor(person.name, person.id, person.access)
    if not sign_in_is_configured():
        return Actor("Somebody at this machine")
    with portal().reading() as session:
        first = bool(signed_in_email()) and not catalogue.people(session, active_only=False)
    access = AccessRole.ADMINISTRATOR if first else AccessRole.VIEWER
    return Actor(signed_in_email() or "Somebody unknown", access=access)


def attempt(
    verb: Callable[[Work], Result], done: str = "", *, on_conflict: Callable[[Conflict], None] | None = None
) -> Result | None:
    """Do something in one transaction; say in words what went wrong and return ``None``, or that it is done.

    What the person typed stays in its fields when it is refused. A form that can offer a choice where somebody else
    changed the same field is handed the conflict by ``on_conflict``.
    """
    try:
        with portal().work(actor()) as work:
            result = verb(work)
    except ValidationError as error:
        for sentence in sentences(error):
            st.error(plain(sentence))
        return None
    except Refusal as refusal:
        if on_conflict and isinstance(refusal, Conflict) and refusal.clashes:
            on_conflict(refusal)
            return None
        st.error(plain(str(refusal)))
        return None
    if done:
        st.toast(plain(done), icon=":material/check:")
    return result

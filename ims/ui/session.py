"""What a page needs of the portal: the wired portal, who acts, and a safe way to do something."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from pydantic import ValidationError

from ims.bootstrap import portal
from ims.errors import Refusal, sentences
from ims.model import Actor, Person
from ims.store import catalogue
from ims.store.work import Work
from ims.ui.text import plain

Result = TypeVar("Result")
ACTING_AS = "acting_as"

__all__ = ["acting_person", "actor", "attempt", "portal"]


def acting_person() -> Person | None:
    """Return the person who acts in this session: signed in, or chosen on a portal without sign-in."""
    with portal().reading() as session:
        chosen = st.session_state.get(ACTING_AS)
        if chosen is not None:
            return session.get(Person, chosen)
        local = portal().settings.local_user
        return catalogue.person_by_email(session, local) if local else next(iter(catalogue.people(session)), None)


def actor() -> Actor:
    """Return who acts in this session."""
    person = acting_person()
    return Actor(person.name, person.id, person.access) if person else Actor("Somebody at this machine")


def attempt(verb: Callable[[Work], Result], done: str = "") -> Result | None:
    """Do something in one transaction; say in words what went wrong and return ``None``, or that it is done.

    What the person typed stays in its fields when it is refused.
    """
    try:
        with portal().work(actor()) as work:
            result = verb(work)
    except ValidationError as error:
        for sentence in sentences(error):
            st.error(plain(sentence))
        return None
    except Refusal as refusal:
        st.error(plain(str(refusal)))
        return None
    if done:
        st.toast(plain(done), icon=":material/check:")
    return result

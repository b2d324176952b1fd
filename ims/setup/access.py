"""Who may change settings, and the promise that a name is taken only once."""

from collections.abc import Iterator
from contextlib import contextmanager

from ims.errors import Conflict, Forbidden
from ims.model import AccessRole, Actor, Person
from ims.store import catalogue
from ims.store.database import IntegrityError
from ims.store.work import Work


def may_change(actor: Actor, administrators: int) -> bool:
    """Return whether somebody may change settings: an administrator, or anybody as long as there is none."""
    return not administrators or actor.access is AccessRole.ADMINISTRATOR


def only_administrators(work: Work) -> None:
    """Let only administrators past, once there is one.

    Raises:
        Forbidden: somebody else is the administrator; the sentence names one.
    """
    administrators = catalogue.administrators(work.session)
    if not may_change(work.actor, len(administrators)):
        raise Forbidden(f"Only an administrator changes settings; ask {administrators[0].name}.")


def keep_an_administrator(work: Work, person: Person) -> None:
    """Refuse to take the role from the last administrator, after whom anybody could change settings.

    Raises:
        Forbidden: there is no other one.
    """
    if person.access is not AccessRole.ADMINISTRATOR or not person.active:
        return
    if len(catalogue.administrators(work.session)) == 1:
        raise Forbidden(f"{person.name} is the only administrator; make somebody else one first.")


@contextmanager
def taken_once(work: Work, sentence: str) -> Iterator[None]:
    """Say in words that somebody took the same name in the same moment, which only the database can see.

    Raises:
        Conflict: it is taken; nothing was saved.
    """
    try:
        yield
        work.session.flush()
    except IntegrityError as error:
        raise Conflict(sentence) from error

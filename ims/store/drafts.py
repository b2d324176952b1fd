"""Questions about what people have typed and not yet sent."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from ims.model import KeptDraft
from ims.store.database import IntegrityError


def of_person(session: Session, person_id: int, beginning: str) -> Mapping[str, KeptDraft]:
    """Return somebody's drafts by place, of the places with a beginning like ``INC-42:``."""
    there = col(KeptDraft.place).startswith(beginning, autoescape=True)
    statement = select(KeptDraft).where(KeptDraft.person_id == person_id, there)
    return {draft.place: draft for draft in session.exec(statement)}


def keep(session: Session, person_id: int, place: str, text: str, saved_at: datetime) -> None:
    """Keep a draft, instead of the one that was at its place; two windows of one person may do so at once."""
    if _replace(session, person_id, place, text, saved_at):
        return
    try:
        with session.begin_nested():
            session.add(KeptDraft(person_id=person_id, place=place, text=text, saved_at=saved_at))
    except IntegrityError:  # the other window was first by a moment
        _replace(session, person_id, place, text, saved_at)


def forget(session: Session, person_id: int, place: str) -> None:
    """Drop a draft, because it was sent or thrown away."""
    session.exec(delete(KeptDraft).where(col(KeptDraft.person_id) == person_id, col(KeptDraft.place) == place))


def _replace(session: Session, person_id: int, place: str, text: str, saved_at: datetime) -> bool:
    mine = (col(KeptDraft.person_id) == person_id, col(KeptDraft.place) == place)
    done = session.exec(update(KeptDraft).where(*mine).values(text=text, saved_at=saved_at))
    return bool(done.rowcount)

"""Keeping what somebody has typed and not yet sent, so that neither a reload nor a restart loses it."""

from ims.errors import Refusal
from ims.model import KeptDraft
from ims.store import drafts
from ims.store.work import Work

MOST_KEPT = 200_000  # characters of one form; no field takes as much


def keep(work: Work, place: str, text: str) -> KeptDraft:
    """Keep what the acting person has typed into the form at a place; it replaces what was kept there.

    Raises:
        Refusal: nobody in particular acts, or it is endless.
    """
    person_id = _person_id(work)
    if len(text) > MOST_KEPT:
        raise Refusal(f"That is longer than {MOST_KEPT:,} characters and is not kept as a draft.")
    drafts.keep(work.session, person_id, place, text, work.now)
    return KeptDraft(person_id=person_id, place=place, text=text, saved_at=work.now)


def forget(work: Work, place: str) -> None:
    """Drop the draft of the acting person at a place: it was sent, or thrown away. Repeating it changes nothing."""
    if work.actor.person_id is not None:
        drafts.forget(work.session, work.actor.person_id, place)


def _person_id(work: Work) -> int:
    if work.actor.person_id is None:
        raise Refusal("Drafts are kept for people the portal knows; choose who you are first.")
    return work.actor.person_id

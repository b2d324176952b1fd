"""Who answers for a follow-up: its owner, else whoever still can. So nothing is forgotten because somebody has left."""

from collections.abc import Sequence

from ims.model import FollowUp, Incident, Person
from ims.store import catalogue
from ims.store.database import Session


def whom(session: Session, found: Sequence[tuple[FollowUp, Incident]]) -> dict[int, Person]:
    """Return who answers for each follow-up, by its id: its owner, else its incident's, else an administrator.

    Nobody who has left is among them.
    """
    pairs = {(each.owner_id, incident.owner_id) for each, incident in found}
    answering = catalogue.first_still_here(session, pairs)
    by_id = {each.id: answering[each.owner_id, incident.owner_id] for each, incident in found}
    return {follow_up_id: person for follow_up_id, person in by_id.items() if person}


def whose(follow_up: FollowUp) -> str:
    """Say, to somebody who answers in another's place, who owns a follow-up."""
    if follow_up.owner_id is not None:
        return "Its owner has left"
    return f"{follow_up.owner_name or 'Nobody'} owns it"

"""Has it been seen before? Earlier incidents that look like this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from ims.model import Incident
from ims.sop.similar import most_alike
from ims.store import incidents

LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Similar:
    """An earlier incident and how alike its title is, from 0 to 100."""

    incident: Incident
    score: float


def similar(session: Session, title: str, now: datetime, *, excluding: int | None = None) -> Sequence[Similar]:
    """Return the incidents of the last 90 days whose titles share most words with this one, most alike first.

    Drills and cancelled incidents are no sightings. Of very many, the newest 2,000 are looked at.
    """
    titles = dict(incidents.titles_between(session, now - LOOK_BACK, now))
    titles.pop(excluding or 0, None)
    found = most_alike(title, titles)
    candidates = incidents.by_ids(session, [incident_id for incident_id, _ in found])
    return [Similar(candidates[incident_id], score) for incident_id, score in found]

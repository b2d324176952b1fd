"""Has it been seen before? Earlier incidents that look like this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process, utils
from sqlmodel import Session

from ims.model import Incident
from ims.store import incidents

LOOK_BACK = timedelta(days=90)
SHORTEST_TITLE = 4  # letters; fewer match everything
ALIKE = 70.0  # of 100; two titles that share most of their words


@dataclass(frozen=True)
class Similar:
    """An earlier incident and how alike its title is, from 0 to 100."""

    incident: Incident
    score: float


def similar(session: Session, title: str, now: datetime, *, excluding: int | None = None) -> Sequence[Similar]:
    """Return the incidents of the last 90 days whose titles share most words with this one, most alike first.

    Drills and cancelled incidents are no sightings. Of very many, the newest 2,000 are looked at.
    """
    if len(title.strip()) < SHORTEST_TITLE:
        return []
    titles = dict(incidents.titles_between(session, now - LOOK_BACK, now))
    titles.pop(excluding or 0, None)
    found = process.extract(
        title,
        titles,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=ALIKE,
        limit=20,
    )
    candidates = incidents.by_ids(session, [incident_id for _, _, incident_id in found])
    return [Similar(candidates[incident_id], score) for _, score, incident_id in found]

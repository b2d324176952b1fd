"""Has it been seen before? Earlier incidents that look like this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process, utils
from sqlmodel import Session

from ims.model import Incident, IncidentState
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
    """Return the incidents of the last 90 days whose titles share most words with this one, most alike first."""
    if len(title.strip()) < SHORTEST_TITLE:
        return []
    earlier = incidents.declared_between(session, now - LOOK_BACK, now)
    candidates = {
        incident.id: incident
        for incident in earlier
        if incident.id != excluding and incident.state is not IncidentState.CANCELLED
    }
    titles = {incident_id: incident.title for incident_id, incident in candidates.items()}
    found = process.extract(
        title,
        titles,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=ALIKE,
        limit=20,
    )
    return [Similar(candidates[incident_id], score) for _, score, incident_id in found]

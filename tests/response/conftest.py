"""Short hands for the tests of the verbs."""

from collections.abc import Callable
from typing import Any

import pytest

from ims.bootstrap import Portal
from ims.model import EntryKind, Incident, TimelineEntry
from ims.store import incidents
from ims.store.work import Work
from tests.conftest import Team

Act = Callable[..., Any]


@pytest.fixture
def act(portal: Portal, team: Team) -> Act:
    """Do something as Ada, in one transaction: ``act(lambda work: …)``; deliveries follow."""

    def do(verb: Callable[[Work], Any]) -> Any:
        with portal.work(team.as_ada) as work:
            result = verb(work)
        portal.worker.run_due()
        return result

    return do


def timeline(portal: Portal, incident: Incident, *kinds: EntryKind) -> list[TimelineEntry]:
    """Return the entries of an incident, of some kinds or all."""
    with portal.reading() as session:
        entries = incidents.timeline(session, incident.id)
    return [entry for entry in entries if not kinds or entry.kind in kinds]


def reloaded(portal: Portal, incident: Incident) -> Incident:
    """Return the incident as it is kept now."""
    with portal.reading() as session:
        return incidents.by_key(session, incident.key)

"""All that the incident page shows of an incident, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import streamlit as st
from sqlmodel import Session

from ims.model import Incident, IncidentRole, Person, RoleAssignment, Service, TimelineEntry
from ims.response.next_action import NextAction, next_action
from ims.sop.case import Case
from ims.sop.evaluation import StepStatus, evaluate
from ims.sop.procedure import Procedure
from ims.store import catalogue, incidents
from ims.ui.session import acting_person, portal

JUST_READ = timedelta(seconds=2)  # within this a live part of the page need not look again: the page has just read it


@dataclass(frozen=True)
class Situation:
    """An incident at a moment, with everything around it that every part of the page needs."""

    case: Case
    procedure: Procedure
    services: Sequence[Service]
    roles: Mapping[IncidentRole, RoleAssignment]
    people: Mapping[int, Person]
    now: datetime

    @property
    def incident(self) -> Incident:
        """The incident itself."""
        return self.case.incident

    @cached_property
    def statuses(self) -> list[StepStatus]:
        """The standing of each step."""
        return evaluate(self.procedure, self.case, self.now)

    @cached_property
    def next_action(self) -> NextAction:
        """What the incident needs next."""
        return next_action(self.case, self.statuses, self.now)

    @cached_property
    def me(self) -> Person | None:
        """Who looks at it."""
        return acting_person()

    def holder(self, role: IncidentRole) -> Person | None:
        """Return who holds a role by name; ``None`` while the Incident Commander keeps it."""
        assignment = self.roles.get(role)
        return self.people.get(assignment.person_id) if assignment else None

    def answers_for(self, role: IncidentRole) -> str:
        """Name who answers for a role: its holder, else the Incident Commander."""
        person = self.holder(role) or self.holder(IncidentRole.COMMANDER)
        return person.name if person else "nobody yet"


def read(session: Session, key: str) -> Situation:
    """Read what the page shows of the incident with a key.

    Raises:
        NotFound: there is no such incident.
    """
    incident = incidents.by_key(session, key)
    timeline = _timeline(session, portal().settings.database_url, incident.id, incident.version)
    return Situation(
        Case(incident, timeline, incidents.customers_of(session, incident.id)),
        portal().procedure_of(session, incident),
        incidents.services_of(session, incident.id),
        incidents.current_roles(session, incident.id),
        {person.id: person for person in catalogue.people(session, active_only=False)},
        portal().clock(),
    )


def entries_now(incident: Incident) -> Sequence[TimelineEntry]:
    """Return the timeline of an incident as it is by now."""
    with portal().reading() as session:
        version = incidents.by_key(session, incident.key).version
        return _timeline(session, portal().settings.database_url, incident.id, version)


@st.cache_resource(max_entries=100, show_spinner=False)
def _timeline(
    _session: Session,
    database_url: str,  # noqa: ARG001  with the two after it the cache's key
    incident_id: int,
    version: int,  # noqa: ARG001
) -> Sequence[TimelineEntry]:
    """Return a timeline, kept while its incident stays at a version: it only ever grows, and each entry counts one."""
    return incidents.timeline(_session, incident_id)

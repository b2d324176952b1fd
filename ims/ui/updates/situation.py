"""What the composer needs to know of an incident, read in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ims.model import (
    Customer,
    CustomerUpdate,
    Delivery,
    EntryKind,
    Incident,
    IncidentState,
    Service,
    UpdatePhase,
)
from ims.response.customers import next_promise
from ims.response.templates import FilledTemplate, fill
from ims.sop.procedure import Procedure
from ims.store import deliveries, incidents
from ims.ui.session import portal


@dataclass(frozen=True)
class Situation:
    """An incident as its Communications Lead sees it."""

    incident: Incident
    procedure: Procedure
    services: Sequence[Service]
    customers: Sequence[Customer]
    updates: Sequence[CustomerUpdate]
    deliveries: Sequence[Delivery]
    cause_is_known: bool
    now: datetime

    @property
    def last_update(self) -> CustomerUpdate | None:
        """The newest update that was sent."""
        return self.updates[-1] if self.updates else None

    @property
    def next_number(self) -> int:
        """The number that the next update will have."""
        return len(self.updates) + 1

    @property
    def suggested_phase(self) -> UpdatePhase:
        """The phase to start from, by the incident's state, by what was found and by what was told."""
        if not self.incident.is_active:
            return UpdatePhase.RESOLVED
        if self.incident.state is IncidentState.MITIGATED:
            return UpdatePhase.MITIGATED
        told = self.last_update.phase if self.last_update else None
        if told in (UpdatePhase.IDENTIFIED, UpdatePhase.MITIGATED):
            return told
        return UpdatePhase.IDENTIFIED if self.cause_is_known else UpdatePhase.INVESTIGATING

    @property
    def suggested_promise(self) -> datetime:
        """The full minute by which the next update is to be promised."""
        promise = next_promise(self.procedure, self.customers, self.now, self.incident.severity)
        return promise.replace(second=0, microsecond=0)

    def template(self, phase: UpdatePhase, promise: datetime | None) -> FilledTemplate:
        """Return the text to start from."""
        return fill(portal().update_templates, phase, self.incident, self.services, promise)


def look(incident_id: int) -> Situation:
    """Read the situation of an incident.

    Raises:
        NotFound: there is no such incident.
    """
    with portal().reading() as session:
        incident = incidents.by_key(session, str(incident_id))
        return Situation(
            incident,
            portal().procedure_of(session, incident),
            incidents.services_of(session, incident_id),
            incidents.customers_of(session, incident_id),
            incidents.updates(session, incident_id),
            deliveries.of_incident(session, incident_id),
            any(entry.kind is EntryKind.FINDING for entry in incidents.timeline(session, incident_id)),
            portal().clock(),
        )

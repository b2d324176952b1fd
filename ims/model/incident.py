"""The incident: what is declared, what is known of it, and who holds which role."""

from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex

from pydantic import model_validator
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from ims.model.types import Line, Moment, OptionalProse, UtcDateTime, Word


class IncidentState(StrEnum):
    """Where an incident is on its way."""

    OPEN = "open"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ACTIVE_STATES = (IncidentState.OPEN, IncidentState.MITIGATED)


class Impact(StrEnum):
    """What customers feel."""

    OUTAGE = "outage"
    DEGRADED = "degraded"
    MINOR = "minor"
    NONE = "none"


class Frequency(StrEnum):
    """How often customers meet it while it lasts."""

    CONSTANT = "constant"
    FREQUENT = "frequent"
    RARE = "rare"
    ONCE = "once"


class Severity(StrEnum):
    """How urgent we treat it; ``sev1`` is the worst."""

    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"

    @property
    def label(self) -> str:
        """The word as people write it."""
        return self.value.upper()


class IncidentRole(StrEnum):
    """The roles of the procedure."""

    COMMANDER = "incident_commander"
    COMMUNICATIONS = "communications_lead"
    OPERATIONS = "operations_lead"


class IncidentDraft(SQLModel):
    """What is asked when an incident is declared.

    ``began_at`` is when customers first felt it, as far as is known; ``None`` means at declaration.
    """

    title: Line
    affects_customers: bool = False
    affects_sla: bool = False
    precaution: bool = False
    summary: OptionalProse = ""
    service_ids: list[int] = Field(default_factory=list)
    customer_ids: list[int] = Field(default_factory=list)
    alert_ids: list[int] = Field(default_factory=list)
    began_at: Moment | None = None

    @model_validator(mode="after")
    def _has_a_reason(self) -> "IncidentDraft":
        if not (self.affects_customers or self.affects_sla or self.precaution):
            raise ValueError(
                "Neither customers nor their SLA are affected: record it as a precaution, or dismiss the alerts."
            )
        return self


class Incident(SQLModel, table=True):
    """One incident. Its times are kept here; who changed them and why is in the timeline.

    ``origin`` is ``portal``, or the format of the file of past incidents it was imported from, and ``origin_key`` its
    number there, so that an import can be repeated. An imported incident may also know whether its SLA was met, that it
    was maintenance ``planned`` beforehand, and the ``time_zone`` its file was written in, which decides its month.
    ``mark`` tells it apart from one of the same number in another portal, or in this one before it was set up anew.
    """

    __table_args__ = (
        UniqueConstraint("origin", "origin_key"),
        Index("ix_incident_state_declared", "state", "declared_at"),
        # The owner is the Incident Commander: exactly one at every instant, in a column that is never empty here.
        CheckConstraint("origin <> 'portal' OR owner_id IS NOT NULL", name="ck_incident_commander"),
        Index("ix_incident_origin_declared", "origin", "declared_at"),
    )

    id: int = Field(default=None, primary_key=True)
    title: str
    summary: str = ""
    state: IncidentState = Field(default=IncidentState.OPEN, sa_type=Word(IncidentState))
    affects_customers: bool = False
    affects_sla: bool = False
    precaution: bool = False
    drill: bool = False

    impact: Impact | None = Field(default=None, sa_type=Word(Impact))
    impact_text: str = ""
    frequency: Frequency | None = Field(default=None, sa_type=Word(Frequency))
    frequency_text: str = ""
    severity: Severity | None = Field(default=None, sa_type=Word(Severity), index=True)

    began_at: datetime = Field(sa_type=UtcDateTime)
    detected_at: datetime = Field(sa_type=UtcDateTime)
    declared_at: datetime = Field(sa_type=UtcDateTime, index=True)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_update_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mitigated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_update_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    updates_held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updates_hold_reason: str = ""

    owner_id: int | None = Field(default=None, foreign_key="person.id")
    declared_by: str = ""
    procedure_digest: str | None = Field(default=None, foreign_key="procedure.digest")
    override_reason: str = ""
    war_room: str = ""
    origin: str = "portal"
    origin_key: str | None = None
    sla_met: bool | None = None
    planned: bool = False
    time_zone: str = "UTC"
    mark: str = Field(default_factory=lambda: token_hex(4))
    version: int = 1

    @property
    def key(self) -> str:
        """What people call it, like ``INC-42``."""
        return f"INC-{self.id}"

    @property
    def name_everywhere(self) -> str:
        """What mailboxes and pagers call it, which know those of other portals too; the key, where it has no mark."""
        return f"{self.key}-{self.mark}" if self.mark else self.key

    @property
    def is_active(self) -> bool:
        """Whether somebody still fights it."""
        return self.state in ACTIVE_STATES

    def lasted_for(self, now: datetime) -> timedelta:
        """Return the time since it began, up to its resolution or now."""
        return (self.resolved_at or self.closed_at or now) - self.began_at


class IncidentService(SQLModel, table=True):
    """An incident affects a service."""

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    service_id: int = Field(foreign_key="service.id", primary_key=True, index=True)


class IncidentCustomer(SQLModel, table=True):
    """An incident affects a customer."""

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", primary_key=True, index=True)


class RoleAssignment(SQLModel, table=True):
    """Somebody holds a role for a while. The database allows one current holder of a role and incident."""

    __table_args__ = (
        Index(
            "ux_role_current",
            "incident_id",
            "role",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    role: IncidentRole = Field(sa_type=Word(IncidentRole))
    person_id: int = Field(foreign_key="person.id")
    from_at: datetime = Field(sa_type=UtcDateTime)
    until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

"""The timeline: what happened, in order, never edited. State, roles and the procedure are explained from it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime, Word


class EntryKind(StrEnum):
    """What an entry is about; ``data/sop.yaml`` names these words."""

    DECLARED = "declared"
    PAGED = "paged"
    ACKNOWLEDGED = "acknowledged"
    ROLE_ASSIGNED = "role_assigned"
    ROLES_CONFIRMED = "roles_confirmed"
    IMPACT_SET = "impact_set"
    FREQUENCY_SET = "frequency_set"
    SEVERITY_SET = "severity_set"
    SCOPE_CHANGED = "scope_changed"
    TICKET_OPENED = "ticket_opened"
    UPDATE_WRITTEN = "update_written"
    UPDATE_DELIVERED = "update_delivered"
    UPDATES_HELD = "updates_held"
    ALERT_ATTACHED = "alert_attached"
    ALERT_RESOLVED = "alert_resolved"
    NOTE = "note"
    FINDING = "finding"
    REPLICATION = "replication"
    TEAM_INVOLVED = "team_involved"
    NO_TEAM_NEEDED = "no_team_needed"
    HANDOVER_OFFERED = "handover_offered"
    HANDOVER_REFUSED = "handover_refused"
    HANDED_OVER = "handed_over"
    SHIFT_ENDED = "shift_ended"
    STAYED_ON = "stayed_on"
    NUDGED = "nudged"
    UPDATES_RESUMED = "updates_resumed"
    ASKED = "asked"
    ASK_ACKNOWLEDGED = "ask_acknowledged"
    ASK_SETTLED = "ask_settled"
    DECISION_PROPOSED = "decision_proposed"
    DECIDED = "decided"
    CHANGE_MADE = "change_made"
    CHANGE_SETTLED = "change_settled"
    RESPONDER_JOINED = "responder_joined"
    RESPONDER_LEFT = "responder_left"
    TIME_CORRECTED = "time_corrected"
    DRILL_EVENT = "drill_event"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    STEP_DONE = "step_done"
    STEP_WAIVED = "step_waived"
    RCA_CREATED = "rca_created"
    RCA_READ = "rca_read"
    MEETING_PLANNED = "meeting_planned"
    MEETING_CALLED_OFF = "meeting_called_off"
    MEETING_HELD = "meeting_held"
    MEETING_WAIVED = "meeting_waived"
    FOLLOW_UP_ADDED = "follow_up_added"
    FOLLOW_UP_CHANGED = "follow_up_changed"
    FOLLOW_UPS_FILED = "follow_ups_filed"
    DELIVERY_STOPPED = "delivery_stopped"
    CHANNEL_OPENED = "channel_opened"
    ROOM_OPENED = "room_opened"
    SILENCED = "silenced"
    SILENCE_ENDED = "silence_ended"
    PAGE_RESOLVED = "page_resolved"
    RCA_REFRESHED = "rca_refreshed"
    RCA_IN_REVIEW = "rca_in_review"
    RCA_PUBLISHED = "rca_published"
    HAPPENED_AGAIN = "happened_again"
    FOLLOW_UP_CHECKED = "follow_up_checked"


class EntrySource(StrEnum):
    """Where an entry came from."""

    PERSON = "person"
    PORTAL = "portal"
    ALERTMANAGER = "alertmanager"
    PAGER = "pager"
    CHAT = "chat"
    IMPORT = "import"


class TimelineEntry(SQLModel, table=True):
    """One thing that happened. ``occurred_at`` is when it was true, ``recorded_at`` when it was written down.

    ``data`` holds what programs need of it (ids, old and new values); ``text`` is for people.
    """

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_incident", "incident_id", "occurred_at", "id"),)

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    kind: EntryKind = Field(sa_type=Word(EntryKind))
    text: str
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    author: str
    author_id: int | None = Field(default=None, foreign_key="person.id")
    source: EntrySource = Field(default=EntrySource.PERSON, sa_type=Word(EntrySource))
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    supersedes_id: int | None = Field(default=None, foreign_key="timeline_entry.id")

"""The nouns. For each: a validated draft (what people fill in) and its table (what is kept).

A noun knows its own rules and nothing of databases, pages or networks. Importing this package registers every table
with ``SQLModel.metadata``.
"""

from ims.model.alert import Alert, AlertStatus, InboxMessage, InboxState, TriageState
from ims.model.coordination import Ask, Decision, Responder, TemporaryChange
from ims.model.customer import Customer, CustomerDraft, CustomerService
from ims.model.delivery import Delivery, DeliveryState
from ims.model.draft import KeptDraft
from ims.model.drill import DrillEvent
from ims.model.follow_up import (
    UNFINISHED,
    FollowUp,
    FollowUpDraft,
    FollowUpKind,
    FollowUpState,
)
from ims.model.handover import Handover
from ims.model.incident import (
    ACTIVE_STATES,
    Frequency,
    Impact,
    Incident,
    IncidentCustomer,
    IncidentDraft,
    IncidentRole,
    IncidentService,
    IncidentState,
    RoleAssignment,
    Severity,
)
from ims.model.person import PORTAL, AccessRole, Actor, Person, PersonDraft
from ims.model.procedure import StoredProcedure
from ims.model.rca import LibraryEntry, Meeting, MeetingDraft, MeetingState, PublishedCopy, RcaDocument, RcaState
from ims.model.reading import Reading
from ims.model.reference import Reference
from ims.model.rota import Rota, RotaDraft, RotaMember, RotaOverride, Shift
from ims.model.service import Service, ServiceDraft
from ims.model.setting_change import SettingChange
from ims.model.silence import Silence
from ims.model.ticket import Ticket, TicketState
from ims.model.timeline import EntryKind, EntrySource, TimelineEntry
from ims.model.update import CustomerUpdate, CustomerUpdateDraft, UpdatePhase

__all__ = [
    "ACTIVE_STATES",
    "PORTAL",
    "UNFINISHED",
    "AccessRole",
    "Actor",
    "Alert",
    "AlertStatus",
    "Ask",
    "Customer",
    "CustomerDraft",
    "CustomerService",
    "CustomerUpdate",
    "CustomerUpdateDraft",
    "Decision",
    "Delivery",
    "DeliveryState",
    "DrillEvent",
    "EntryKind",
    "EntrySource",
    "FollowUp",
    "FollowUpDraft",
    "FollowUpKind",
    "FollowUpState",
    "Frequency",
    "Handover",
    "Impact",
    "InboxMessage",
    "InboxState",
    "Incident",
    "IncidentCustomer",
    "IncidentDraft",
    "IncidentRole",
    "IncidentService",
    "IncidentState",
    "KeptDraft",
    "LibraryEntry",
    "Meeting",
    "MeetingDraft",
    "MeetingState",
    "Person",
    "PersonDraft",
    "PublishedCopy",
    "RcaDocument",
    "RcaState",
    "Reading",
    "Reference",
    "Responder",
    "RoleAssignment",
    "Rota",
    "RotaDraft",
    "RotaMember",
    "RotaOverride",
    "Service",
    "ServiceDraft",
    "SettingChange",
    "Severity",
    "Shift",
    "Silence",
    "StoredProcedure",
    "TemporaryChange",
    "Ticket",
    "TicketState",
    "TimelineEntry",
    "TriageState",
    "UpdatePhase",
]

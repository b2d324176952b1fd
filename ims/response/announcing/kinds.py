"""Which entries of a timeline the team's tools hear of."""

from ims.model import EntryKind, IncidentState

STATE_CHANGES = {
    EntryKind.MITIGATED: IncidentState.MITIGATED,
    EntryKind.RESOLVED: IncidentState.RESOLVED,
    EntryKind.REOPENED: IncidentState.OPEN,
    EntryKind.CLOSED: IncidentState.CLOSED,
    EntryKind.CANCELLED: IncidentState.CANCELLED,
}
MILESTONES = {
    *STATE_CHANGES,
    EntryKind.SEVERITY_SET,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.HANDED_OVER,
    EntryKind.RCA_CREATED,
    EntryKind.RCA_PUBLISHED,
    EntryKind.MEETING_PLANNED,
    EntryKind.MEETING_CALLED_OFF,
    EntryKind.MEETING_WAIVED,
}
SPOKEN = {
    *MILESTONES,
    EntryKind.ACKNOWLEDGED,
    EntryKind.ROLE_ASSIGNED,
    EntryKind.IMPACT_SET,
    EntryKind.FREQUENCY_SET,
    EntryKind.SCOPE_CHANGED,
    EntryKind.TICKET_OPENED,
    EntryKind.ROOM_OPENED,
    EntryKind.UPDATES_HELD,
    EntryKind.ALERT_RESOLVED,
    EntryKind.SILENCED,
    EntryKind.SILENCE_ENDED,
    EntryKind.NOTE,
    EntryKind.FINDING,
    EntryKind.REPLICATION,
    EntryKind.TEAM_INVOLVED,
    EntryKind.HANDOVER_OFFERED,
    EntryKind.DECIDED,
    EntryKind.CHANGE_MADE,
    EntryKind.CHANGE_SETTLED,
    EntryKind.NUDGED,
    EntryKind.DELIVERY_STOPPED,
}
CHANGES_HEAD = {
    *STATE_CHANGES,
    EntryKind.SEVERITY_SET,
    EntryKind.IMPACT_SET,
    EntryKind.ROLE_ASSIGNED,
    EntryKind.HANDED_OVER,
    EntryKind.SCOPE_CHANGED,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.UPDATES_HELD,
    EntryKind.UPDATES_RESUMED,
    EntryKind.ROOM_OPENED,
}
TAKES_PART = (EntryKind.ROLE_ASSIGNED, EntryKind.RESPONDER_JOINED, EntryKind.HANDED_OVER)
PAGER_RESTS = (EntryKind.RESOLVED, EntryKind.CANCELLED)
MAY_ANSWER = {*STATE_CHANGES, EntryKind.ACKNOWLEDGED, EntryKind.ROLE_ASSIGNED, EntryKind.ROLES_CONFIRMED}
ENDS = (EntryKind.CLOSED, EntryKind.CANCELLED)

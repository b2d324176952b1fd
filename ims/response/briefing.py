"""The briefing of a handover, after the Incident Briefing form of the Incident Command System (ICS-201)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ims.model import EntryKind, Incident, IncidentRole, Reference, TimelineEntry
from ims.model.coordination import Ask, AskState, TemporaryChange
from ims.response.command import ROLE_NAMES
from ims.sop.case import Case
from ims.sop.evaluation import StepState, StepStatus

MOST_ACTIONS = 30
_SETTLED_ASKS = (AskState.DONE, AskState.CALLED_OFF)
_ACTIONS = (
    EntryKind.FINDING,
    EntryKind.REPLICATION,
    EntryKind.TEAM_INVOLVED,
    EntryKind.MITIGATED,
    EntryKind.RESOLVED,
    EntryKind.REOPENED,
    EntryKind.DECIDED,
    EntryKind.CHANGE_MADE,
    EntryKind.CHANGE_SETTLED,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.SEVERITY_SET,
    EntryKind.NOTE,
    EntryKind.ASK_SETTLED,
)


@dataclass(frozen=True)
class Action:
    """Something that was done, with its time."""

    at: str
    who: str
    text: str


@dataclass(frozen=True)
class Briefing:
    """One page for the incomer. Times are ISO 8601 in UTC; it is kept as JSON, exactly as it was read.

    ``objectives`` are the steps that are due or late, ``open_risks`` what could go wrong while the role changes
    hands, ``to_undo`` the temporary changes that are still in place, ``places`` the addresses of where the team meets.
    """

    key: str
    title: str
    written_at: str
    situation: list[str]
    objectives: list[str]
    actions: list[Action]
    roles: dict[str, str]
    open_asks: list[str]
    open_risks: list[str]
    to_undo: list[str]
    impact: str
    next_update_due_at: str | None
    places: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return it for keeping."""
        return asdict(self)


def brief(
    case: Case,
    statuses: Sequence[StepStatus],
    holders: dict[IncidentRole, str],
    asks: Sequence[Ask],
    changes: Sequence[TemporaryChange],
    names: Mapping[int, str],
    places: Mapping[str, str],
    now: datetime,
) -> Briefing:
    """Write the briefing of an incident at a moment.

    ``holders`` names who holds each role, kept ones included; ``names`` those who were asked something, by their id.
    """
    incident = case.incident
    due_at = incident.next_update_due_at
    return Briefing(
        key=incident.key,
        title=incident.title,
        written_at=now.isoformat(),
        situation=_situation(case, now),
        objectives=[_objective(status) for status in statuses if status.state in (StepState.DUE, StepState.LATE)],
        actions=_actions(case),
        roles={ROLE_NAMES[role]: name for role, name in holders.items()},
        open_asks=[_asked(ask, names, now) for ask in asks if ask.state not in _SETTLED_ASKS],
        open_risks=_risks(case, statuses, now),
        to_undo=[f"{change.what}: {change.how_to_undo}" for change in changes if change.settled_at is None],
        impact=incident.impact_text or (incident.impact.value if incident.impact else "not yet defined"),
        next_update_due_at=due_at.isoformat() if due_at else None,
        places=dict(places),
    )


def meeting_places(incident: Incident, known: Mapping[str, Reference]) -> dict[str, str]:
    """Return where the team meets and writes, each by its name with its address, as far as there are any."""
    places = {"War room": incident.war_room}
    for name, reference in (("Channel", known.get("channel")), ("Ticket", known.get("ticket"))):
        if reference:
            places[f"{name} {reference.value}" if name == "Ticket" else name] = reference.url
    return {name: address for name, address in places.items() if address}


def _situation(case: Case, now: datetime) -> list[str]:
    incident = case.incident
    hours, minutes = divmod(int(incident.lasted_for(now).total_seconds()) // 60, 60)
    span = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    severity = incident.severity.label if incident.severity else "no severity yet"
    customers = ", ".join(customer.name for customer in case.customers) or "none named"
    return [
        f"{incident.state.value.capitalize()}, {severity}, for {span}",
        incident.summary or incident.title,
        f"Affected customers: {customers}",
    ]


def _objective(status: StepStatus) -> str:
    when = f", due {status.due_at:%Y-%m-%d %H:%M} UTC" if status.due_at else ""
    return f"{status.step.title}{when}" + (" (late)" if status.state is StepState.LATE else "")


def _actions(case: Case) -> list[Action]:
    entries = list(case.of_kind(*_ACTIONS))[-MOST_ACTIONS:]
    return [_action(entry) for entry in entries]


def _asked(ask: Ask, names: Mapping[int, str], now: datetime) -> str:
    heard = "acknowledged" if ask.acknowledged_at else "not acknowledged yet"
    late = ", time is up" if ask.due_at <= now else ""
    return f"{names.get(ask.person_id, 'somebody')}: {ask.text} (until {ask.due_at:%H:%M} UTC, {heard}{late})"


def _action(entry: TimelineEntry) -> Action:
    return Action(entry.occurred_at.isoformat(), entry.author, entry.text)


def _risks(case: Case, statuses: Sequence[StepStatus], now: datetime) -> list[str]:
    risks = [f"“{status.step.title}” is late" for status in statuses if status.state is StepState.LATE]
    risks += [f"{customer.name}: {gap}" for customer in case.customers for gap in customer.gaps()]
    held_until = case.incident.updates_held_until
    if held_until and held_until > now:
        risks.append(f"Customer updates are held until {held_until:%H:%M} UTC: {case.incident.updates_hold_reason}")
    return risks

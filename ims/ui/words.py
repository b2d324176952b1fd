"""Words for values: durations, times in the viewer's zone, labels and colours of states."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from ims.model import (
    DeliveryState,
    FollowUpKind,
    FollowUpState,
    Frequency,
    Impact,
    Incident,
    IncidentRole,
    IncidentState,
    Severity,
    UpdatePhase,
)
from ims.sop.evaluation import StepState

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

SEVERITY: dict[Severity, str] = {severity: severity.label for severity in Severity}
_CHIP = {  # text on fill, each at least 4.5 : 1, the same in light and dark
    Severity.SEV1: ("#ffffff", "#b42318"),
    Severity.SEV2: ("#ffffff", "#b84a00"),
    Severity.SEV3: ("#2b2100", "#f2c94c"),
    Severity.SEV4: ("#ffffff", "#2f6bc9"),
    None: ("#ffffff", "#5f6b7a"),
}
STATE: dict[IncidentState, str] = {state: state.value.capitalize() for state in IncidentState}
STATE_COLOUR: dict[IncidentState, Colour] = {
    IncidentState.OPEN: "red",
    IncidentState.MITIGATED: "orange",
    IncidentState.RESOLVED: "green",
    IncidentState.CLOSED: "gray",
    IncidentState.CANCELLED: "gray",
}
IMPACT = {
    Impact.OUTAGE: "Outage: customers cannot work",
    Impact.DEGRADED: "Degraded: customers work with difficulty",
    Impact.MINOR: "Minor: few notice",
    Impact.NONE: "None so far",
}
FREQUENCY = {
    Frequency.CONSTANT: "All the time",
    Frequency.FREQUENT: "Often",
    Frequency.RARE: "Now and then",
    Frequency.ONCE: "Once",
}
ROLE = {
    IncidentRole.COMMANDER: "Incident Commander",
    IncidentRole.COMMUNICATIONS: "Communications Lead",
    IncidentRole.OPERATIONS: "Operations Lead",
}
PHASE = {
    UpdatePhase.INVESTIGATING: "We are investigating",
    UpdatePhase.IDENTIFIED: "We know the cause",
    UpdatePhase.MITIGATED: "It works again, we are watching",
    UpdatePhase.RESOLVED: "It is resolved",
}
DELIVERY = {
    DeliveryState.WAITING: "Waiting",
    DeliveryState.SENT: "Sent",
    DeliveryState.FAILING: "Failing, will be tried again",
    DeliveryState.STOPPED: "Stopped, needs a person",
    DeliveryState.GIVEN_UP: "Given up",
}
FOLLOW_UP_STATE = {
    FollowUpState.OPEN: "Open",
    FollowUpState.IN_PROGRESS: "In progress",
    FollowUpState.DONE: "Done",
    FollowUpState.DROPPED: "Dropped",
}
FOLLOW_UP_KIND = {kind: kind.value.capitalize() for kind in FollowUpKind}
STEP_STATE = {
    StepState.DONE: "Done",
    StepState.DUE: "Due",
    StepState.LATE: "Late",
    StepState.OPEN: "To do",
    StepState.LATER: "Later",
    StepState.AS_NEEDED: "As needed",
    StepState.WAIVED: "Waived",
    StepState.NOT_NEEDED: "Not needed",
}


DRILL = ":violet-badge[:material/exercise: Drill]"


def incident_chip(incident: Incident) -> str:
    """Say what stands before an incident's key, in Markdown: its severity, or that it is only a drill."""
    return DRILL if incident.drill else severity_chip(incident.severity)


def severity_chip(severity: Severity | None) -> str:
    """Say a severity as a filled chip, in Markdown."""
    ink, fill = _CHIP[severity]
    word = SEVERITY[severity] if severity else "No severity"
    return f':color[**{word}**]{{foreground="{ink}" background="{fill}"}}'


def counted(number: int, one: str, many: str = "") -> str:
    """Say a number with its noun: ``1 alert``, ``3 alerts``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(span: timedelta) -> str:
    """Say a duration in its two largest units: ``2 d 3 h``, ``1 h 5 min``, ``40 s``."""
    seconds = int(abs(span).total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def zone() -> ZoneInfo:
    """Return the viewer's time zone, as their browser tells it; UTC where it does not."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment(at: datetime, *, seconds: bool = False) -> str:
    """Say a time in the viewer's zone: ``23 Nov 2026, 14:20``."""
    return at.astimezone(zone()).strftime("%d %b %Y, %H:%M:%S" if seconds else "%d %b %Y, %H:%M")


def clock_time(at: datetime) -> str:
    """Say only the hour of a time in the viewer's zone: ``14:20``."""
    return at.astimezone(zone()).strftime("%H:%M")


def utc(at: datetime) -> str:
    """Say a time in UTC, for the hover text beside a local time."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

"""What an incident needs next: the one thing that its page offers first. Pure, from its state and its procedure."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from ims.model import EntryKind, IncidentState, UpdatePhase
from ims.sop.case import Case
from ims.sop.evaluation import StepStatus
from ims.sop.procedure import Rule

SOON = timedelta(minutes=10)  # a promised customer update this near goes before everything but the acknowledgement


class NextAction(StrEnum):
    """The acts that an incident can need next, in the order of its life."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM_ROLES = "confirm_roles"
    DEFINE = "define"
    NAME_CUSTOMERS = "name_customers"
    TELL_FIRST = "tell_first"
    TELL_AGAIN = "tell_again"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    TELL_RESOLVED = "tell_resolved"
    CREATE_RCA = "create_rca"
    PLAN_MEETING = "plan_meeting"
    HOLD_MEETING = "hold_meeting"
    FILE_FOLLOW_UPS = "file_follow_ups"
    SETTLE_CHANGES = "settle_changes"
    CLOSE = "close"
    NOTHING = "nothing"


def next_action(case: Case, statuses: Sequence[StepStatus], now: datetime) -> NextAction:
    """Return the next thing an incident needs.

    A step that the procedure does not have, or that was waived or is not needed, is never asked for.
    """
    state = case.incident.state
    if case.incident.is_active:
        return _while_it_burns(case, statuses, now)
    return _afterwards(case, statuses) if state is IncidentState.RESOLVED else NextAction.NOTHING


def _while_it_burns(case: Case, statuses: Sequence[StepStatus], now: datetime) -> NextAction:
    incident = case.incident
    if incident.acknowledged_at is None:
        return NextAction.ACKNOWLEDGE
    customers = _customers_need(case, statuses)
    promised = incident.next_update_due_at
    if customers and promised and promised - now <= SOON:
        return customers
    if _asks(statuses, _by_rule(Rule.ROLES_HELD)):
        return NextAction.CONFIRM_ROLES
    if _asks(statuses, _by_kind(EntryKind.IMPACT_SET, EntryKind.FREQUENCY_SET, EntryKind.SEVERITY_SET)):
        return NextAction.DEFINE
    if customers and customers is not NextAction.TELL_AGAIN:
        return customers
    return NextAction.MITIGATE if incident.state is IncidentState.OPEN else NextAction.RESOLVE


def _afterwards(case: Case, statuses: Sequence[StepStatus]) -> NextAction:
    if _asks(statuses, _by_rule(Rule.CUSTOMERS_TOLD_RESOLVED)) and not _wrote_resolved(case):
        return NextAction.TELL_RESOLVED if case.customers else NextAction.NAME_CUSTOMERS
    planned = _is_planned(case)
    for kind, action in (
        (EntryKind.RCA_CREATED, NextAction.CREATE_RCA),
        (EntryKind.MEETING_HELD, NextAction.HOLD_MEETING if planned else NextAction.PLAN_MEETING),
        (EntryKind.FOLLOW_UPS_FILED, NextAction.FILE_FOLLOW_UPS),
    ):
        if _asks(statuses, _by_kind(kind)):
            return action
    return NextAction.SETTLE_CHANGES if _left_changed(case) else NextAction.CLOSE


def _is_planned(case: Case) -> bool:
    """Whether the root-cause meeting has a time, which it loses when it is called off."""
    said = list(case.of_kind(EntryKind.MEETING_PLANNED, EntryKind.MEETING_CALLED_OFF))
    return bool(said) and said[-1].kind is EntryKind.MEETING_PLANNED


def _customers_need(case: Case, statuses: Sequence[StepStatus]) -> NextAction | None:
    """Return what the customers need while it lasts; ``None`` where nobody needs to be told."""
    if not _asks(statuses, _by_rule(Rule.CUSTOMERS_UPDATED)):
        return None
    if not case.customers:
        return NextAction.NAME_CUSTOMERS
    return NextAction.TELL_AGAIN if case.first(EntryKind.UPDATE_WRITTEN) else NextAction.TELL_FIRST


def _wrote_resolved(case: Case) -> bool:
    """Whether the message is written and only its deliveries are under way; those have their own place."""
    written = (entry for entry in case.since_reopened if entry.kind is EntryKind.UPDATE_WRITTEN)
    return any(entry.data.get("phase") == UpdatePhase.RESOLVED.value for entry in written)


def _left_changed(case: Case) -> bool:
    """Whether a temporary change still waits to be undone, which keeps the incident from being closed."""
    settled = {entry.data.get("change_id") for entry in case.of_kind(EntryKind.CHANGE_SETTLED)}
    return any(entry.data.get("change_id") not in settled for entry in case.of_kind(EntryKind.CHANGE_MADE))


def _asks(statuses: Sequence[StepStatus], is_it: Callable[[StepStatus], bool]) -> bool:
    return any(is_it(status) and not status.is_finished for status in statuses)


def _by_rule(rule: Rule) -> Callable[[StepStatus], bool]:
    return lambda status: status.step.done_when is not None and status.step.done_when.rule is rule


def _by_kind(*kinds: EntryKind) -> Callable[[StepStatus], bool]:
    def completes(status: StepStatus) -> bool:
        done_when = status.step.done_when
        return done_when is not None and bool({*done_when.all, *done_when.any} & set(kinds))

    return completes

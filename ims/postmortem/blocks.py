"""The blocks that the portal writes: each a table made of the facts, with a sentence where there are none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ims.model import DeliveryState, EntryKind, FollowUp, IncidentRole
from ims.postmortem.facts import RcaFacts
from ims.postmortem.template import Block
from ims.postmortem.wording import duration, label, moment, since

EMPTY_ROWS = 5
FOLLOW_UP_HEADER = ("ID", "Action", "Owner", "Due date", "Kind", "State", "Ticket")
_FACT = ("Fact", "What IMS knows")
_FACT_WIDTHS = (4.5, 12.5)
_AFTERWARDS = (
    EntryKind.RCA_CREATED,
    EntryKind.RCA_READ,
    EntryKind.FOLLOW_UP_ADDED,
    EntryKind.FOLLOW_UP_CHANGED,
)


@dataclass(frozen=True)
class Grid:
    """A table: its header, its rows, the widths of its columns in centimetres, and what is said when it is empty."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    empty: str = ""


def impact(facts: RcaFacts) -> Grid:
    """Say who felt it, how badly, and for how long."""
    incident = facts.incident
    lasted = duration(incident.lasted_for(facts.written_at))
    rows = [
        ("Customers", ", ".join(facts.customers) or "none named"),
        ("Services", ", ".join(facts.services) or "none named"),
        ("Service level", "affected" if incident.affects_sla else "not affected, as declared"),
        ("Impact", _with(label(incident.impact), incident.impact_text)),
        ("Began", moment(incident.began_at)),
        ("Mitigated", since(incident.began_at, incident.mitigated_at)),
        ("Resolved", since(incident.began_at, incident.resolved_at)),
        ("Lasted", lasted if incident.resolved_at else f"{lasted} so far"),
    ]
    return Grid(_FACT, rows, _FACT_WIDTHS)


def frequency(facts: RcaFacts) -> Grid:
    """Say how often customers met it, and which earlier incidents look alike."""
    incident = facts.incident
    often = _with(label(incident.frequency), incident.frequency_text)
    times = len(facts.similar)
    seen = f"{times} {'time' if times == 1 else 'times'} in the 90 days before"
    alike = [(each.key, f"{each.title} ({moment(each.declared_at)})") for each in facts.similar]
    return Grid(_FACT, [("While it lasted", often), ("Seen before", seen), *alike], _FACT_WIDTHS)


def severity(facts: RcaFacts) -> Grid:
    """Say which severity was decided when, by whom and why."""
    rows = [
        (moment(entry.occurred_at), entry.text, entry.author)
        for entry in facts.timeline
        if entry.kind is EntryKind.SEVERITY_SET
    ]
    return Grid(("Time", "Decision", "Who"), rows, (4.0, 9.5, 3.5), "No severity was decided.")


def detection(facts: RcaFacts) -> Grid:
    """Say when we knew, and from which alerts."""
    incident = facts.incident
    alerts = [entry.text for entry in facts.timeline if entry.kind is EntryKind.ALERT_ATTACHED]
    rows = [
        ("Began", moment(incident.began_at)),
        ("Detected", since(incident.began_at, incident.detected_at)),
        ("Declared", since(incident.began_at, incident.declared_at)),
        ("Acknowledged", since(incident.began_at, incident.acknowledged_at)),
        ("First customer update", since(incident.began_at, incident.first_update_at)),
        ("Alerts", "\n".join(alerts) or "none; a person declared it"),
    ]
    return Grid(_FACT, rows, _FACT_WIDTHS)


def timeline(facts: RcaFacts) -> Grid:
    """Say what happened, in order, up to the work on this document itself."""
    rows = [
        (moment(entry.occurred_at), entry.text, entry.author)
        for entry in facts.timeline
        if entry.kind not in _AFTERWARDS
    ]
    return Grid(("Time", "What happened", "Who"), rows, (4.0, 9.5, 3.5), "Nothing is in the timeline.")


def follow_ups(facts: RcaFacts) -> Grid:
    """List the follow-ups, then empty rows for people to fill in."""
    rows = [_follow_up(facts, each) for each in facts.follow_ups]
    blank = [("",) * len(FOLLOW_UP_HEADER)] * EMPTY_ROWS
    return Grid(FOLLOW_UP_HEADER, [*rows, *blank], (1.4, 5.6, 2.8, 2.3, 1.7, 1.7, 1.5))


def updates(facts: RcaFacts) -> Grid:
    """Say what customers were told, when, and to how many of them it was delivered."""
    rows = [
        (moment(each.written_at), f"{each.number}. {each.subject}\n{each.body}", _delivered(facts, each.id))
        for each in facts.updates
    ]
    return Grid(("Time", "Update", "Delivered"), rows, (4.0, 9.5, 3.5), "No customer update was written.")


def roles(facts: RcaFacts) -> Grid:
    """Say who held which role, from when until when."""
    rows = [
        (label(each.role), facts.name_of(each.person_id), moment(each.from_at), moment(each.until_at))
        for each in facts.roles
    ]
    held = {each.role for each in facts.roles}
    kept = [label(role) for role in IncidentRole if role not in held]
    if rows and kept:
        rows.append((" and ".join(kept), "kept by the Incident commander", "–", "–"))
    return Grid(("Role", "Held by", "From", "Until"), rows, (4.2, 4.8, 4.0, 4.0), "Nobody held a role.")


def procedure(facts: RcaFacts) -> Grid:
    """Say how each step of the procedure stands, and how late it was."""
    rows = [
        (
            status.step.title,
            label(status.state),
            f"{duration(status.late_by)} late" if status.late_by else "–",
            _with(moment(status.done_at), status.evidence) if status.done_at else status.evidence or "–",
        )
        for status in facts.steps
    ]
    return Grid(("Step", "State", "Late by", "Done, with evidence"), rows, (5.0, 2.2, 2.6, 7.2))


GRIDS: Mapping[Block, Callable[[RcaFacts], Grid]] = {
    Block.IMPACT: impact,
    Block.FREQUENCY: frequency,
    Block.SEVERITY: severity,
    Block.DETECTION: detection,
    Block.TIMELINE: timeline,
    Block.FOLLOW_UPS: follow_ups,
    Block.UPDATES: updates,
    Block.ROLES: roles,
    Block.PROCEDURE: procedure,
}


def _follow_up(facts: RcaFacts, follow_up: FollowUp) -> Sequence[str]:
    owner = facts.name_of(follow_up.owner_id) if follow_up.owner_id else follow_up.owner_name
    return (
        follow_up.row_id,
        follow_up.text,
        owner,
        follow_up.due_on.isoformat() if follow_up.due_on else "",
        label(follow_up.kind) if follow_up.kind else "",
        label(follow_up.state),
        facts.ticket_keys.get(follow_up.ticket_id or 0, ""),
    )


def _delivered(facts: RcaFacts, update_id: int) -> str:
    asked = [each for each in facts.deliveries if each.update_id == update_id]
    sent = [each for each in asked if each.state is DeliveryState.SENT]
    return f"{len(sent)} of {len(asked)}"


def _with(word: str, text: str) -> str:
    return f"{word}. {text}" if text else word

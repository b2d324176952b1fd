"""The blocks that the portal writes: each a table made of the facts, with a sentence where there are none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ims.model import DeliveryState, EntryKind, FollowUp, Incident, IncidentRole
from ims.postmortem.content import sources
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Block
from ims.postmortem.content.usual import FROM, measure
from ims.postmortem.content.wording import duration, label, moment, since

EMPTY_ROWS = 5
FOLLOW_UP_HEADER = ("ID", "Action", "Owner", "Due date", "Kind", "State", "Ticket")
_FACT = ("Fact", "What IMS knows", "Source")
_FACT_WIDTHS = (3.7, 8.8, 4.5)
_TIMED_WIDTHS = (4.0, 9.8, 3.2)  # a time fits on one line in any font
ABOUT_DOCUMENT = "document"  # what a note's data says where it is about the document, not about the incident
_AFTERWARDS = (
    EntryKind.RCA_CREATED,
    EntryKind.RCA_READ,
    EntryKind.RCA_REFRESHED,
    EntryKind.RCA_IN_REVIEW,
    EntryKind.RCA_PUBLISHED,
    EntryKind.FOLLOW_UP_CHECKED,
    EntryKind.HAPPENED_AGAIN,
    EntryKind.FOLLOW_UP_ADDED,
    EntryKind.FOLLOW_UP_CHANGED,
)
_TOLD_ELSEWHERE = (EntryKind.UPDATE_DELIVERED,)  # the appendix says of each update to whom it was delivered


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
        ("Customers", ", ".join(facts.customers) or "none named", sources.of_scope(facts)),
        ("Services", ", ".join(facts.services) or "none named", sources.of_scope(facts)),
        ("Service level", "affected" if incident.affects_sla else "not affected", sources.of_declaration(facts)),
        (
            "Impact",
            _with(label(incident.impact), incident.impact_text),
            sources.of_decision(facts, EntryKind.IMPACT_SET),
        ),
        _time(facts, "Began", "began_at"),
        _time(facts, "Mitigated", "mitigated_at"),
        _time(facts, "Resolved", "resolved_at"),
        ("Lasted", lasted if incident.resolved_at else f"{lasted} so far", sources.COUNTED),
    ]
    return Grid(_FACT, rows, _FACT_WIDTHS)


def _time(facts: RcaFacts, said: str, name: str) -> Sequence[str]:
    incident = facts.incident
    return said, since(incident.began_at, getattr(incident, name)), sources.of_time(facts, name)


def frequency(facts: RcaFacts) -> Grid:
    """Say how often customers met it, and whether it was seen before."""
    incident = facts.incident
    often = _with(label(incident.frequency), incident.frequency_text)
    times = len(facts.similar)
    seen = f"{times} {'time' if times == 1 else 'times'} in the 90 days before"
    rows = [
        ("While it lasted", often, sources.of_decision(facts, EntryKind.FREQUENCY_SET)),
        ("Seen before", seen, sources.COUNTED),
    ]
    return Grid(_FACT, rows, _FACT_WIDTHS)


def severity(facts: RcaFacts) -> Grid:
    """Say which severity was decided when, by whom and why."""
    rows = [
        (moment(entry.occurred_at), entry.text, entry.author) for entry in facts.case.of_kind(EntryKind.SEVERITY_SET)
    ]
    return Grid(("Time", "Decision", "Who"), rows, _TIMED_WIDTHS, "No severity was decided.")


def detection(facts: RcaFacts) -> Grid:
    """Say when we knew, and from which alerts."""
    alerts = [entry.text for entry in facts.case.of_kind(EntryKind.ALERT_ATTACHED)]
    rows = [
        _time(facts, "Began", "began_at"),
        _time(facts, "Detected", "detected_at"),
        _time(facts, "Declared", "declared_at"),
        _time(facts, "Acknowledged", "acknowledged_at"),
        _time(facts, "First customer update", "first_update_at"),
        ("Alerts", "\n".join(alerts) or "none; a person declared it", "Alertmanager" if alerts else ""),
    ]
    return Grid(_FACT, rows, _FACT_WIDTHS)


def timeline(facts: RcaFacts) -> Grid:
    """Say what happened, in order, up to the work on this document itself."""
    rows = [
        (moment(entry.occurred_at), entry.text, entry.author)
        for entry in facts.timeline
        if entry.kind not in (*_AFTERWARDS, *_TOLD_ELSEWHERE) and entry.data.get("about") != ABOUT_DOCUMENT
    ]
    return Grid(("Time", "What happened", "Who"), rows, _TIMED_WIDTHS, "Nothing is in the timeline.")


def picture(facts: RcaFacts) -> Grid:
    """Say in words what the drawn timeline shows; it stands below, where an editor can show pictures."""
    said = [f"{name} {moment(at)}" for name, at in milestones(facts.incident)]
    return Grid((), (), (), f"Times in UTC: {', '.join(said)}.")


def milestones(incident: Incident) -> Sequence[tuple[str, datetime]]:
    """Return the times every incident has, as far as they are known, in the order in which they are passed."""
    times = (
        ("began", incident.began_at),
        ("detected", incident.detected_at),
        ("declared", incident.declared_at),
        ("acknowledged", incident.acknowledged_at),
        ("first update", incident.first_update_at),
        ("mitigated", incident.mitigated_at),
        ("resolved", incident.resolved_at),
    )
    return sorted(((name, at) for name, at in times if at), key=lambda each: each[1])


def durations(facts: RcaFacts) -> Grid:
    """Say how long each part took, and how long it usually takes."""
    severity_word = label(facts.incident.severity) if facts.incident.severity else "this severity"
    rows = [
        (f"{name}, {FROM[name]}", duration(took) if took is not None else "–", *_usual(facts, name))
        for name, took in measure(facts.incident).items()
    ]
    header = ("Duration", "This incident", f"Usual for {severity_word} (median)", "Of how many")
    return Grid(header, rows, (6.8, 3.4, 4.4, 2.4))


def _usual(facts: RcaFacts, name: str) -> tuple[str, str]:
    known = facts.usual.get(name)
    if known is None or known.median is None:
        return "too few to say", str(known.n if known else 0)
    return duration(known.median), str(known.n)


def similar(facts: RcaFacts) -> Grid:
    """List the earlier incidents that look alike, each with what the team promised then and has not finished."""
    rows = [
        (each.key, each.title, f"{each.declared_at:%Y-%m-%d}", "\n".join(_still_open(facts, each)) or "none")
        for each in facts.similar
    ]
    header = ("Incident", "Title", "Declared", "Open follow-ups")
    return Grid(header, rows, (1.8, 5.6, 2.2, 7.4), "No incident of the 90 days before looks like it.")


def _still_open(facts: RcaFacts, incident: Incident) -> Sequence[str]:
    return [
        f"{each.row_id} {each.text} ({facts.owner_of(each) or 'no owner'}, {_due(each)})"
        for each in facts.still_open
        if each.incident_id == incident.id
    ]


def _due(follow_up: FollowUp) -> str:
    return f"due {follow_up.due_on}" if follow_up.due_on else "no due date"


def follow_ups(facts: RcaFacts) -> Grid:
    """List the follow-ups, then empty rows for people to fill in."""
    rows = [_follow_up(facts, each) for each in facts.follow_ups]
    blank = [("",) * len(FOLLOW_UP_HEADER)] * EMPTY_ROWS
    return Grid(FOLLOW_UP_HEADER, [*rows, *blank], (1.3, 5.2, 2.7, 2.2, 1.8, 1.8, 2.0))


def updates(facts: RcaFacts) -> Grid:
    """Say what customers were told, when, and to how many of them it was delivered."""
    rows = [
        (moment(each.written_at), f"{each.number}. {each.subject}\n{each.body}", _delivered(facts, each.id))
        for each in facts.updates
    ]
    return Grid(("Time", "Update", "Delivered"), rows, _TIMED_WIDTHS, "No customer update was written.")


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
    Block.PICTURE: picture,
    Block.DURATIONS: durations,
    Block.SIMILAR: similar,
    Block.FOLLOW_UPS: follow_ups,
    Block.UPDATES: updates,
    Block.ROLES: roles,
    Block.PROCEDURE: procedure,
}


def _follow_up(facts: RcaFacts, follow_up: FollowUp) -> Sequence[str]:
    return (
        follow_up.row_id,
        follow_up.text,
        facts.owner_of(follow_up),
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

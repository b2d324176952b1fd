"""Words for drills: the sentence of a score card, what became of a step, how an event looks in the timeline."""

from datetime import timedelta
from html import escape

from sqlmodel import Session

from ims.model import Incident, TimelineEntry
from ims.model.drill import DrillEventKind
from ims.sop.case import Case
from ims.sop.rehearsal import event_kind
from ims.sop.score import ScoreCard, ScoredStep, Verdict
from ims.store import incidents
from ims.ui import words

EVENT = {
    DrillEventKind.ALERT: ("notifications_active", "Alert"),
    DrillEventKind.ALERT_RESOLVED: ("notifications_off", "Alert over"),
    DrillEventKind.QUESTION: ("contact_support", "Question"),
    DrillEventKind.FINDING: ("search", "Finding"),
    DrillEventKind.NOTE: ("sticky_note_2", "News"),
}
_VERDICT = {
    Verdict.IN_TIME: "In time",
    Verdict.LATE: "Late by",
    Verdict.NOT_DONE: "Not done",
    Verdict.DONE: "Done",
    Verdict.NOT_REACHED: "Not due before the end",
    Verdict.WAIVED: "Waived",
    Verdict.NOT_NEEDED: "Not needed",
}


def case_of(session: Session, incident: Incident) -> Case:
    """Return what the procedure of a drill is evaluated against."""
    entries = incidents.timeline(session, incident.id)
    return Case(incident, entries, incidents.customers_of(session, incident.id))


def sentence(card: ScoreCard) -> str:
    """Say how a drill went: ``9 of 11 steps in time; first customer update 4 min late; 2 of 3 questions answered.``."""
    said = [f"{card.in_time} of {words.counted(card.timed, 'step')} in time" if card.timed else "no step was due"]
    if card.first_update_missing:
        said.append("customers were never told")
    elif card.first_update_late_by is not None:
        late = card.first_update_late_by
        said.append(f"first customer update {words.duration(late)} late" if late else "first customer update in time")
    if card.questions:
        said.append(f"{card.answered} of {words.counted(card.questions, 'question')} answered")
    whole = "; ".join(said)
    return f"{whole[0].upper()}{whole[1:]}."


def verdict(step: ScoredStep) -> str:
    """Say what became of a step."""
    late = words.duration(step.late_by) if step.late_by > timedelta() else ""
    if step.verdict is Verdict.NOT_DONE and late:
        return f"Not done, {late} late at the end"
    return f"{_VERDICT[step.verdict]} {late}".strip()


def mark(entry: TimelineEntry) -> tuple[str, str] | None:
    """Return the icon of a drill's event and its chip as HTML; ``None`` for any other entry."""
    kind = event_kind(entry)
    if kind is None:
        return None
    icon, word = EVENT[kind]
    return icon, f'<span class="ims-drill">Drill · {escape(word)}</span>'

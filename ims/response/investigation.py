"""Finding out and fixing: notes, findings, replication, teams brought in, and the steps people tick."""

from ims.errors import Refusal
from ims.model import EntryKind, TimelineEntry
from ims.response.wording import line, needed, prose
from ims.sop.procedure import Procedure, Rule, Step
from ims.store.work import Work


def note(work: Work, incident_id: int, text: str) -> TimelineEntry:
    """Write a free note into the timeline."""
    return work.record(work.incident(incident_id), EntryKind.NOTE, needed(text, "Write a note"))


def finding(work: Work, incident_id: int, text: str) -> TimelineEntry:
    """Write down what was found out."""
    return work.record(work.incident(incident_id), EntryKind.FINDING, needed(text, "Write what you found"))


def replication(work: Work, incident_id: int, *, incognito: bool, seen: bool, text: str = "") -> TimelineEntry:
    """Record a try to replicate: in an incognito window or not, seen or not."""
    how = "in an incognito window" if incognito else "not in an incognito window, so cached content may mislead"
    sentence = f"{'Replicated' if seen else 'Could not replicate'} {how}"
    words = prose(text)
    full = f"{sentence}. {words}" if words else sentence
    return work.record(
        work.incident(incident_id),
        EntryKind.REPLICATION,
        full,
        incognito=incognito,
        seen=seen,
    )


def involve_team(work: Work, incident_id: int, team: str, reason: str = "") -> TimelineEntry:
    """Record that another team was brought in."""
    name, why = line(needed(team, "Write which team")), prose(reason)
    text = f"Brought in {name}: {why}" if why else f"Brought in {name}"
    return work.record(work.incident(incident_id), EntryKind.TEAM_INVOLVED, text, team=name)


def need_no_team(work: Work, incident_id: int) -> TimelineEntry:
    """Record that no other team is needed."""
    return work.record(work.incident(incident_id), EntryKind.NO_TEAM_NEEDED, "No other team is needed")


def tick_step(work: Work, incident_id: int, procedure: Procedure, step_key: str, text: str) -> TimelineEntry:
    """Tick a step of the procedure by hand, with a note that says what was done.

    Raises:
        Refusal: the step is the portal's own, unknown, or the note is missing.
    """
    step = next((step for step in procedure.steps if step.key == step_key), None)
    if step is None or not step.by_hand:
        raise Refusal("This step completes itself when the portal has done it; waive it with a reason instead.")
    reason = needed(text, "Write what was done, so that others can trust the tick")
    return _decide(work, incident_id, EntryKind.STEP_DONE, f"{step.title}: {reason}", step, reason)


def waive_step(work: Work, incident_id: int, procedure: Procedure, step_key: str, reason: str) -> TimelineEntry:
    """Decide that a step will not be done, and say why.

    Raises:
        Refusal: the step is unknown, or the reason is missing.
    """
    step = next((step for step in procedure.steps if step.key == step_key), None)
    if step is None:
        raise Refusal("The procedure has no such step.")
    why = needed(reason, "Write why the step is waived")
    return _decide(work, incident_id, EntryKind.STEP_WAIVED, f"Waived “{step.title}”: {why}", step, why)


def _decide(work: Work, incident_id: int, kind: EntryKind, text: str, step: Step, reason: str) -> TimelineEntry:
    incident = work.incident(incident_id)
    is_last_word = step.done_when is not None and step.done_when.rule is Rule.CUSTOMERS_TOLD_RESOLVED
    if is_last_word and not incident.is_active:
        incident.next_update_due_at = None  # nobody is to be reminded of it any more
    return work.record(incident, kind, text, step=step.key, reason=reason)

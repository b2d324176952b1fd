"""Asks, decisions, temporary changes and sub-teams: who does what by when, who decided, what must be undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ims.errors import Refusal
from ims.model import EntryKind, Incident, IncidentRole, IncidentState, Person
from ims.model.coordination import (
    Ask,
    AskDraft,
    AskState,
    Decision,
    DecisionDraft,
    DecisionState,
    Responder,
    TemporaryChange,
    TemporaryChangeDraft,
)
from ims.response.handover import nudge
from ims.response.wording import line, needed, prose
from ims.store import coordination
from ims.store.work import Work

SPAN_OF_CONTROL = 7  # ICS: more than seven people to one supervisor need sub-teams


@dataclass(frozen=True)
class Formation:
    """Who works on an incident and to whom they report, by the ids of people.

    Those in no sub-team report to the Incident Commander, and so does whoever joined a sub-team first: they lead it.
    """

    commander_id: int | None
    direct: Sequence[int]
    sub_teams: Mapping[str, Sequence[int]]

    @cached_property
    def reporting(self) -> int:
        """How many people report to the Incident Commander."""
        return len(self.direct) + len(self.sub_teams)

    @property
    def is_too_wide(self) -> bool:
        """Whether more people report to the Incident Commander than one person can lead."""
        return self.reporting > SPAN_OF_CONTROL


def formation(
    responders: Iterable[Responder], roles: Mapping[IncidentRole, int], asks: Iterable[Ask] = ()
) -> Formation:
    """Return who works on an incident: who has joined, who holds a role, and who is asked for something unsettled."""
    commander_id = roles.get(IncidentRole.COMMANDER)
    working = {each.person_id: each.sub_team for each in responders}
    for person_id in (*roles.values(), *(each.person_id for each in asks if each.settled_at is None)):
        working.setdefault(person_id, "")
    working.pop(commander_id or 0, None)
    sub_teams: dict[str, list[int]] = {}
    for person_id, sub_team in working.items():
        sub_teams.setdefault(sub_team, []).append(person_id)
    return Formation(commander_id, sub_teams.pop("", []), sub_teams)


def ask(work: Work, incident_id: int, draft: AskDraft) -> Ask:
    """Ask one named person for one thing within a time. While it is unsettled, the same ask is not made twice.

    Raises:
        Refusal: the incident is over, or the person is no longer active.
    """
    incident = _unclosed(work, incident_id)
    person = work.get(Person, draft.person_id)
    if not person.active:
        raise Refusal(f"{person.name} is no longer active; ask somebody else.")
    for present in coordination.asks(work.session, incident_id):
        if present.settled_at is None and (present.person_id, present.text) == (person.id, draft.text):
            return present
    asked = work.add(
        Ask(
            incident_id=incident_id,
            text=draft.text,
            person_id=person.id,
            asked_by=work.actor.name,
            asked_at=work.now,
            due_at=work.now + draft.within,
        )
    )
    text = f"Asked {person.name} until {asked.due_at:%H:%M} UTC: {draft.text}"
    work.record(incident, EntryKind.ASKED, text, ask_id=asked.id)
    nudge(work, incident, person, f"{work.actor.name} asks: {draft.text}", f"ask:{asked.id}")
    return asked


def acknowledge_ask(work: Work, ask_id: int) -> Ask:
    """Say that one has heard and is on it. Repeating it changes nothing.

    Raises:
        Refusal: somebody else was asked, or it is settled.
    """
    asked, incident = _open_ask(work, ask_id)
    if work.actor.person_id != asked.person_id:
        raise Refusal("Only the one who was asked can acknowledge it.")
    if asked.acknowledged_at is None:
        asked.acknowledged_at, asked.state = work.now, AskState.ACKNOWLEDGED
        work.record(incident, EntryKind.ASK_ACKNOWLEDGED, f"{work.actor.name} is on it: {asked.text}", ask_id=ask_id)
    return asked


def settle_ask(work: Work, ask_id: int, outcome: str, *, called_off: bool = False) -> Ask:
    """Say what came of it, or that it is no longer needed.

    Raises:
        Refusal: no outcome is given, or it is settled.
    """
    asked, incident = _open_ask(work, ask_id)
    asked.outcome = needed(outcome, "Say what came of it, in a few words")
    asked.state = AskState.CALLED_OFF if called_off else AskState.DONE
    asked.settled_at = work.now
    word = "Called off" if called_off else "Done"
    work.record(incident, EntryKind.ASK_SETTLED, f"{word}: {asked.text}. {asked.outcome}", ask_id=ask_id)
    return asked


def remind_of_ask(work: Work, asked: Ask) -> None:
    """Remind the one who was asked that the time is up. The worker's clock calls this, once an ask."""
    incident, person = work.incident(asked.incident_id), work.get(Person, asked.person_id)
    nudge(work, incident, person, f"Time is up: {asked.text}. Say how it stands.", f"ask:{asked.id}:due")


def propose(work: Work, incident_id: int, draft: DecisionDraft) -> Decision:
    """Put a proposal on the table, with its risks and what speaks against it; the same one lies there once."""
    incident = _unclosed(work, incident_id)
    for present in coordination.decisions(work.session, incident_id):
        if present.state is DecisionState.PROPOSED and present.proposal == draft.proposal:
            return present
    proposal = Decision(
        **draft.model_dump(), incident_id=incident_id, proposed_by=work.actor.name, proposed_at=work.now
    )
    decision = work.add(proposal)
    work.record(incident, EntryKind.DECISION_PROPOSED, f"Proposed: {draft.proposal}", decision_id=decision.id)
    return decision


def object_to(work: Work, decision_id: int, text: str) -> Decision:
    """Say what speaks against a proposal, before it is decided; repeating the same words changes nothing.

    Raises:
        Refusal: nothing is said, or it is decided already.
    """
    decision, incident = _undecided(work, decision_id)
    said = f"{work.actor.name}: {needed(text, 'Say what speaks against it')}"
    if said not in decision.objections.split("\n"):
        decision.objections = f"{decision.objections}\n{said}" if decision.objections else said
        objection = f"Objection to “{decision.proposal}” by {said}"
        work.record(incident, EntryKind.NOTE, objection, decision_id=decision_id)
    return decision


def decide(work: Work, decision_id: int, *, agreed: bool, reason: str = "") -> Decision:
    """Decide a proposal; a rejection needs its reason.

    Raises:
        Refusal: it is decided already, or rejected without a reason.
    """
    decision, incident = _undecided(work, decision_id)
    why = prose(reason) if agreed else needed(reason, "Say why it is rejected")
    decision.state = DecisionState.AGREED if agreed else DecisionState.REJECTED
    decision.decided_by, decision.decided_at, decision.reason = work.actor.name, work.now, why
    text = f"{'Agreed' if agreed else 'Rejected'}: {decision.proposal}"
    full = f"{text}. {why}" if why else text
    work.record(incident, EntryKind.DECIDED, full, decision_id=decision_id, agreed=agreed)
    return decision


def make_change(work: Work, incident_id: int, draft: TemporaryChangeDraft) -> TemporaryChange:
    """Note a change made for now; until it is settled, the incident cannot be closed. The same one is noted once."""
    incident = _unclosed(work, incident_id)
    for present in coordination.temporary_changes(work.session, incident_id, unsettled_only=True):
        if (present.what, present.how_to_undo) == (draft.what, draft.how_to_undo):
            return present
    change = work.add(
        TemporaryChange(**draft.model_dump(), incident_id=incident_id, made_by=work.actor.name, made_at=work.now)
    )
    work.record(incident, EntryKind.CHANGE_MADE, f"Changed for now: {draft.what}", change_id=change.id)
    return change


def settle_change(work: Work, change_id: int, outcome: str) -> TemporaryChange:
    """Say that a temporary change is undone, or why it stays.

    Raises:
        Refusal: nothing is said, or it is settled.
    """
    change = work.get(TemporaryChange, change_id)
    incident = work.incident(change.incident_id)
    work.session.refresh(change)
    if change.settled_at is not None:
        raise Refusal(f"{change.settled_by} settled this already: {change.outcome}")
    said = needed(outcome, "Say that it is undone, or why it stays")
    change.settled_by, change.settled_at, change.outcome = work.actor.name, work.now, said
    work.record(incident, EntryKind.CHANGE_SETTLED, f"{change.what}: {change.outcome}", change_id=change_id)
    return change


def join(work: Work, incident_id: int, person_id: int, sub_team: str = "") -> Responder:
    """Bring somebody in, or move them to another sub-team.

    Raises:
        Refusal: the incident is over, or the person is no longer active.
    """
    incident, person, wanted = _unclosed(work, incident_id), work.get(Person, person_id), line(sub_team)
    if not person.active:
        raise Refusal(f"{person.name} is no longer active; bring in somebody else.")
    present = coordination.present_responder(work.session, incident_id, person_id)
    if present and present.sub_team == wanted:
        return present
    if present:
        present.left_at = work.now
        work.session.flush()
    responder = work.add(Responder(incident_id=incident_id, person_id=person_id, sub_team=wanted, joined_at=work.now))
    where = f" in {wanted}" if wanted else ""
    work.record(incident, EntryKind.RESPONDER_JOINED, f"{person.name} works on it{where}", person_id=person_id)
    return responder


def leave(work: Work, incident_id: int, person_id: int) -> None:
    """Let somebody go; repeating it changes nothing."""
    incident, person = work.incident(incident_id), work.get(Person, person_id)
    present = coordination.present_responder(work.session, incident_id, person_id)
    if present:
        present.left_at = work.now
        work.record(incident, EntryKind.RESPONDER_LEFT, f"{person.name} has left", person_id=person_id)


def _open_ask(work: Work, ask_id: int) -> tuple[Ask, Incident]:
    asked = work.get(Ask, ask_id)
    incident = work.incident(asked.incident_id)
    work.session.refresh(asked)  # whoever waited for the incident's lock sees what the other one did
    if asked.settled_at is not None:
        raise Refusal(f"This is settled already: {asked.outcome}")
    return asked, incident


def _undecided(work: Work, decision_id: int) -> tuple[Decision, Incident]:
    decision = work.get(Decision, decision_id)
    incident = _unclosed(work, decision.incident_id)
    work.session.refresh(decision)
    if decision.state is not DecisionState.PROPOSED:
        raise Refusal(f"{decision.decided_by} decided this already.")
    return decision, incident


def _unclosed(work: Work, incident_id: int) -> Incident:
    incident = work.incident(incident_id)
    if incident.state in (IncidentState.CLOSED, IncidentState.CANCELLED):
        raise Refusal(f"{incident.key} is {incident.state.value}; reopen it first.")
    return incident

"""Whatever people do, in any order, at any time: the promises of the procedure hold."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import select

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.errors import Refusal
from ims.model import (
    Actor,
    CustomerUpdateDraft,
    Delivery,
    Frequency,
    Impact,
    IncidentDraft,
    IncidentRole,
    RoleAssignment,
    Severity,
    TimelineEntry,
)
from ims.model.coordination import AskDraft, TemporaryChangeDraft
from ims.model.handover import Handover
from ims.response import (
    cadence,
    command,
    coordination,
    corrections,
    customers,
    definition,
    handover,
    investigation,
    states,
)
from ims.response.declare import declare
from ims.sop.evaluation import StepState, evaluate
from ims.sop.replay import explained_state, known_at, roles_at
from ims.store import coordination as kept
from ims.store import incidents
from ims.store.work import Work
from tests.conftest import HandClock, Team, make_team
from tests.databases import started_postgres_url, started_sqlite_url

words = st.text(min_size=0, max_size=40)
people = st.sampled_from(["ada", "bob"])
roles = st.sampled_from(list(IncidentRole))
REPLAYED = (
    *("state", "severity", "impact", "impact_text", "frequency", "frequency_text", "owner_id", "next_update_due_at"),
    *(*corrections.TIMES, "first_update_at"),
)


class Incidents(RuleBasedStateMachine):
    """Two people, two incidents at most, every verb; what is refused is refused whole."""

    portal: Portal
    clock: HandClock
    team: Team

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.open_portal(started_sqlite_url(Path(self.folder.name)))

    def open_portal(self, url: str) -> None:
        self.clock = HandClock()
        self.portal = build(Settings(database_url=url), self.clock)
        self.portal.start()
        self.team = make_team(self.portal)
        self.ids: list[int] = []

    def teardown(self) -> None:
        self.portal.database.close()
        self.folder.cleanup()

    def act(self, who: str, verb: Callable[[Work], Any]) -> Any:
        """Do something as somebody; a refusal is an answer."""
        actor: Actor = getattr(self.team, f"as_{who}")
        try:
            with self.portal.work(actor) as work:
                return verb(work)
        except Refusal:
            return None

    def on(self, choice: int) -> int:
        return self.ids[choice % len(self.ids)]

    @initialize(sla=st.booleans(), told=st.booleans())
    def first(self, sla: bool, told: bool) -> None:
        self.declared(sla, told)

    def declared(self, sla: bool, told: bool) -> None:
        named = [self.team.acme.id] if told else []
        draft = IncidentDraft(title="Something broke", affects_customers=True, affects_sla=sla, customer_ids=named)
        with self.portal.work(self.team.as_ada) as work:
            self.ids.append(declare(work, draft, self.portal.procedure).id)

    @rule(minutes=st.integers(0, 200))
    def time_passes(self, minutes: int) -> None:
        self.clock.forward(timedelta(minutes=minutes))
        self.portal.watch.round()
        self.portal.worker.run_due()

    @rule(who=people, n=st.integers(0, 1), lead=st.booleans())
    def acknowledge(self, who: str, n: int, lead: bool) -> None:
        self.act(who, lambda work: command.acknowledge(work, self.on(n), take_communications=lead))

    @rule(who=people, n=st.integers(0, 1), role=roles, to=people)
    def assign(self, who: str, n: int, role: IncidentRole, to: str) -> None:
        person = getattr(self.team, to)
        self.act(who, lambda work: command.assign_role(work, self.on(n), role, person.id))

    @rule(who=people, n=st.integers(0, 1), role=roles)
    def take_back(self, who: str, n: int, role: IncidentRole) -> None:
        self.act(who, lambda work: command.take_back_role(work, self.on(n), role))

    @rule(who=people, n=st.integers(0, 1), role=roles, to=people)
    def offer(self, who: str, n: int, role: IncidentRole, to: str) -> None:
        person = getattr(self.team, to)
        self.act(who, lambda work: handover.offer(work, self.on(n), role, person.id))

    @rule(who=people, n=st.integers(0, 1), role=roles, end=st.sampled_from(["accept", "decline", "withdraw"]))
    def settle_handover(self, who: str, n: int, role: IncidentRole, end: str) -> None:
        with self.portal.reading() as session:
            offered = kept.unsettled_handover(session, self.on(n), role)
            due_at = incidents.by_key(session, str(self.on(n))).next_update_due_at
        if offered is None:
            return
        if end == "accept":
            self.act(who, lambda work: handover.read_briefing(work, offered.id, self.portal.procedure))
            self.act(who, lambda work: handover.read_back(work, offered.id, "bad", due_at))
            self.act(who, lambda work: handover.accept(work, offered.id))
        elif end == "decline":
            self.act(who, lambda work: handover.decline(work, offered.id, "no"))
        else:
            self.act(who, lambda work: handover.withdraw(work, offered.id, "no"))

    @rule(who=people, n=st.integers(0, 1), severity=st.sampled_from(list(Severity)), reason=words)
    def define(self, who: str, n: int, severity: Severity, reason: str) -> None:
        self.act(who, lambda work: definition.define_impact(work, self.on(n), Impact.OUTAGE, reason))
        self.act(who, lambda work: definition.define_frequency(work, self.on(n), Frequency.ONCE, reason))
        self.act(who, lambda work: definition.decide_severity(work, self.on(n), severity, reason))

    @rule(
        who=people,
        n=st.integers(0, 1),
        phase=st.sampled_from(["investigating", "mitigated", "resolved"]),
        number=st.integers(1, 4),
        after=st.integers(-5, 90),
    )
    def tell(self, who: str, n: int, phase: str, number: int, after: int) -> None:
        draft = CustomerUpdateDraft.model_validate(
            {
                "phase": phase,
                "subject": "s",
                "body": "b",
                "next_update_at": self.clock.now + timedelta(minutes=after),
            }
        )
        self.act(who, lambda work: customers.send_update(work, self.on(n), draft, number=number))

    @rule(who=people, n=st.integers(0, 1), minutes=st.integers(-10, 2000), reason=words)
    def hold(self, who: str, n: int, minutes: int, reason: str) -> None:
        until = self.clock.now + timedelta(minutes=minutes)
        self.act(who, lambda work: cadence.hold(work, self.on(n), until, reason))

    @rule(who=people, n=st.integers(0, 1))
    def resume(self, who: str, n: int) -> None:
        self.act(who, lambda work: cadence.resume(work, self.on(n)))

    @rule(who=people, n=st.integers(0, 1), text=words, incognito=st.booleans())
    def investigate(self, who: str, n: int, text: str, incognito: bool) -> None:
        self.act(who, lambda work: investigation.finding(work, self.on(n), text))
        self.act(who, lambda work: investigation.replication(work, self.on(n), incognito=incognito, seen=True))

    @rule(who=people, n=st.integers(0, 1), minutes=st.integers(1, 60))
    def ask_and_change(self, who: str, n: int, minutes: int) -> None:
        ask = AskDraft(text="Look", person_id=self.team.bob.id, within=timedelta(minutes=minutes))
        change = TemporaryChangeDraft(what="Limit off", how_to_undo="Limit on")
        self.act(who, lambda work: coordination.ask(work, self.on(n), ask))
        self.act(who, lambda work: coordination.make_change(work, self.on(n), change))

    @rule(
        who=people,
        n=st.integers(0, 1),
        move=st.sampled_from(["mitigate", "resolve", "reopen", "cancel", "close", "override"]),
        back=st.integers(0, 30),
        text=words,
    )
    def move(self, who: str, n: int, move: str, back: int, text: str) -> None:
        at, procedure = self.clock.now - timedelta(minutes=back), self.portal.procedure
        verbs: dict[str, Callable[[Work], Any]] = {
            "mitigate": lambda work: states.mitigate(work, self.on(n), text, at=at),
            "resolve": lambda work: states.resolve(work, self.on(n), text, procedure, at=at),
            "reopen": lambda work: states.reopen(work, self.on(n), text, procedure),
            "cancel": lambda work: states.cancel(work, self.on(n), text),
            "close": lambda work: states.close(work, self.on(n), procedure),
            "override": lambda work: states.close(work, self.on(n), procedure, override_reason=text),
        }
        self.act(who, verbs[move])

    @rule(who=people, n=st.integers(0, 1), which=st.integers(0, 40), minutes=st.integers(-40, 5), text=words)
    def correct_an_entry(self, who: str, n: int, which: int, minutes: int, text: str) -> None:
        with self.portal.reading() as session:
            entries = incidents.timeline(session, self.on(n))
        entry = entries[which % len(entries)]
        at = entry.occurred_at + timedelta(minutes=minutes)
        self.act(
            who, lambda work: corrections.correct_entry(work, entry.id, text=text, occurred_at=at, reason="as it was")
        )

    @rule(who=people, n=st.integers(0, 1), name=st.sampled_from(list(corrections.TIMES)), back=st.integers(0, 90))
    def correct_a_time(self, who: str, n: int, name: str, back: int) -> None:
        at = self.clock.now - timedelta(minutes=back)
        self.act(who, lambda work: corrections.correct_time(work, self.on(n), name, at, "as it was"))

    @invariant()
    def every_incident_has_exactly_one_commander_who_is_its_owner(self) -> None:
        for incident_id in self.ids:
            with self.portal.reading() as session:
                commander = incidents.current_roles(session, incident_id)[IncidentRole.COMMANDER]
                assert incidents.by_key(session, str(incident_id)).owner_id == commander.person_id

    @invariant()
    def command_passes_without_gap_or_overlap(self) -> None:
        for incident_id in self.ids:
            with self.portal.reading() as session:
                history: list[RoleAssignment] = [
                    held for held in incidents.role_history(session, incident_id) if held.role is IncidentRole.COMMANDER
                ]
            ends = [held.until_at for held in history]
            assert ends[:-1] == [held.from_at for held in history[1:]]
            assert ends[-1:] == [None]

    @invariant()
    def times_are_in_order_and_the_timeline_explains_the_state(self) -> None:
        for incident_id in self.ids:
            with self.portal.reading() as session:
                incident = incidents.by_key(session, str(incident_id))
                entries = incidents.timeline(session, incident_id)
            times = [incident.began_at, incident.mitigated_at, incident.resolved_at]
            known = [moment for moment in times if moment is not None]
            assert known == sorted(known)
            assert explained_state(entries) is incident.state

    @invariant()
    def what_is_known_now_is_what_the_timeline_tells(self) -> None:
        for incident_id in self.ids:
            with self.portal.reading() as session:
                work = Work(session, self.clock.now, Actor("Reader"))
                case = states.case_of(work, incidents.by_key(session, str(incident_id)))
                held = incidents.current_roles(session, incident_id)
            known = known_at(case, self.clock.now)
            assert {name: getattr(known.incident, name) for name in REPLAYED} == {
                name: getattr(case.incident, name) for name in REPLAYED
            }
            assert roles_at(known) == {role: assignment.person_id for role, assignment in held.items()}
            assert {each.id for each in known.customers} == {each.id for each in case.customers}

    @invariant()
    def no_delivery_is_without_its_cause(self) -> None:
        with self.portal.reading() as session:
            caused = {entry.incident_id for entry in session.exec(select(TimelineEntry))}
            for delivery in session.exec(select(Delivery)):
                assert delivery.incident_id in caused

    @invariant()
    def at_most_one_handover_of_a_role_is_under_way(self) -> None:
        with self.portal.reading() as session:
            under_way = [
                (each.incident_id, each.role) for each in session.exec(select(Handover)) if each.settled_at is None
            ]
        assert len(under_way) == len(set(under_way))

    @invariant()
    def the_evaluation_never_contradicts_itself(self) -> None:
        for incident_id in self.ids:
            with self.portal.reading() as session:
                work = Work(session, self.clock.now, Actor("Reader"))
                statuses = evaluate(
                    self.portal.procedure, states.case_of(work, incidents.by_key(session, str(incident_id))), work.now
                )
            for status in statuses:
                assert (status.done_at is not None) == (status.state in (StepState.DONE, StepState.WAIVED))
                assert (status.late_by > timedelta()) <= (status.state in (StepState.DONE, StepState.LATE))
                assert status.state is not StepState.LATE or (status.due_at and status.due_at < work.now)


class IncidentsOnPostgres(Incidents):
    """The same on PostgreSQL."""

    def open_portal(self, url: str) -> None:
        self.server = started_postgres_url()
        super().open_portal(self.server.__enter__())

    def teardown(self) -> None:
        super().teardown()
        self.server.__exit__(None, None, None)


def _runs(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        stateful_step_count=25,
        # Finding the shortest counterexample would take minutes; the steps of the first one are printed.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )


TestOnSqlite = Incidents.TestCase
TestOnSqlite.settings = _runs(20)
TestOnPostgres = IncidentsOnPostgres.TestCase
TestOnPostgres.settings = _runs(6)
pytestmark = pytest.mark.timeout(300)

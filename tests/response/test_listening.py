"""Reading again and again what outside systems know, and going on when they are away."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from ims.bootstrap import Portal
from ims.integrations.builtin.twins import OwnTickets
from ims.model import EntryKind, Incident, Ticket, TicketState
from ims.ports import Answer, DeliveryError, OnCallShift, PageAnswer, TicketStatus
from ims.response import command
from ims.response.listening import (
    ANSWERS,
    ANSWERS_EVERY,
    COMMANDS,
    COMMANDS_EVERY,
    LATER_ANSWERS_EVERY,
    ON_CALL_EVERY,
    TICKETS_EVERY,
    Listening,
)
from ims.store import incidents, on_call, readings
from ims.store.on_call import TRUSTED_FOR
from tests.conftest import START, HandClock, Team, make_team
from tests.response.conftest import reloaded, timeline

Known = TypeVar("Known")
HOUR = timedelta(hours=1)


@dataclass
class Outside(OwnTickets):
    """A schedule, a switchboard and a ticket system that answer as a test says, or are away."""

    on_call: list[OnCallShift] = field(default_factory=list)
    answered: list[PageAnswer] = field(default_factory=list)
    standing: list[TicketStatus] = field(default_factory=list)
    away: bool = False
    calls: list[object] = field(default_factory=list)

    def shifts(self, starts_at: datetime, ends_at: datetime) -> Sequence[OnCallShift]:
        return self._said((starts_at, ends_at), self.on_call)

    def answers(self, incident_keys: Sequence[str]) -> Sequence[PageAnswer]:
        return self._said(list(incident_keys), self.answered)

    def states(self, keys: Sequence[str]) -> Sequence[TicketStatus]:
        return self._said(list(keys), self.standing)

    def _said(self, call: object, answer: Known) -> Known:
        self.calls.append(call)
        if self.away:
            raise DeliveryError("it is away", permanent=False)
        return answer


@pytest.fixture
def outside() -> Outside:
    return Outside()


def listening(portal: Portal, outside: Outside) -> Listening:
    ports = replace(
        portal.ports, schedule=outside, switchboard=outside, tickets=outside, configured=frozenset({"tickets"})
    )
    return Listening(portal.database, ports, lambda ability: f"the {ability}", portal.announce, portal.clock)


def first_on_call(portal: Portal, at: datetime) -> list[int]:
    with portal.reading() as session:
        return on_call.escalation_list(session, at)


def test_the_outside_schedule_says_who_is_on_call_and_the_own_rota_who_follows(
    both_portals: Portal, outside: Outside
) -> None:
    team = make_team(both_portals)
    outside.on_call = [OnCallShift("bob@example.com", START - HOUR, START + HOUR)]
    assert listening(both_portals, outside).who_is_on_call()
    assert first_on_call(both_portals, START) == [team.bob.id, team.ada.id]
    assert first_on_call(both_portals, START + 2 * HOUR) == [team.ada.id, team.bob.id]


def test_when_the_schedule_is_away_its_last_word_counts_for_a_while_and_then_the_own_rota(
    portal: Portal, team: Team, outside: Outside, clock: HandClock
) -> None:
    outside.on_call = [OnCallShift("bob@example.com", START - HOUR, START + 9 * HOUR)]
    listener = listening(portal, outside)
    listener.who_is_on_call()
    outside.away = True
    clock.forward(TRUSTED_FOR)
    assert listener.who_is_on_call()
    assert first_on_call(portal, clock.now)[0] == team.bob.id
    clock.forward(timedelta(seconds=1))
    assert first_on_call(portal, clock.now)[0] == team.ada.id
    with portal.reading() as session:
        reading = readings.last(session, on_call.READING)
    assert reading
    assert (reading.problem, reading.failed_at, reading.read_at) == ("it is away", START + TRUSTED_FOR, START)


def test_people_whom_the_portal_does_not_know_are_passed_over(portal: Portal, team: Team, outside: Outside) -> None:
    outside.on_call = [OnCallShift("eve@example.com", START - HOUR, START + HOUR)]
    listening(portal, outside).who_is_on_call()
    assert first_on_call(portal, START) == [team.ada.id, team.bob.id]


def problem_at(portal: Portal, at: datetime) -> str:
    with portal.reading() as session:
        return on_call.schedule_problem(session, at)


def test_why_the_own_rota_counts_is_said(portal: Portal, team: Team, outside: Outside, clock: HandClock) -> None:
    listener = listening(portal, outside)
    assert problem_at(portal, START) == ""
    outside.on_call = [
        OnCallShift("Eve@example.com", START - HOUR, START + HOUR),
        OnCallShift("", START - HOUR, START + HOUR),
        OnCallShift("bob@example.com", START + 2 * HOUR, START + 3 * HOUR),
    ]
    listener.who_is_on_call()
    assert problem_at(portal, START) == (
        "The schedule names eve@example.com and somebody without an e-mail address, who is not in the portal, "
        "so its own rota counts: add them in the settings."
    )
    clock.forward(2 * HOUR - ON_CALL_EVERY)
    listener.who_is_on_call()
    assert problem_at(portal, clock.now) == "The schedule names nobody for now, so the portal's own rota counts."
    assert problem_at(portal, clock.now + ON_CALL_EVERY) == ""
    outside.away = True
    clock.forward(HOUR)
    listener.who_is_on_call()
    assert problem_at(portal, clock.now) == (
        "The schedule could not be read since 2026-11-23 04:59 UTC, so the portal's own rota counts. it is away"
    )


def test_a_schedule_without_any_shift_is_none(portal: Portal, team: Team, outside: Outside) -> None:
    listening(portal, outside).who_is_on_call()
    assert problem_at(portal, START) == ""


def test_capitals_in_an_address_of_the_schedule_do_not_matter(portal: Portal, team: Team, outside: Outside) -> None:
    outside.on_call = [OnCallShift("Bob@Example.com", START - HOUR, START + HOUR)]
    listening(portal, outside).who_is_on_call()
    assert first_on_call(portal, START)[0] == team.bob.id


def test_of_two_shifts_at_once_the_one_that_began_last_counts(portal: Portal, team: Team, outside: Outside) -> None:
    outside.on_call = [
        OnCallShift("ada@example.com", START - 5 * HOUR, START + HOUR),
        OnCallShift("bob@example.com", START - HOUR, START + HOUR),
    ]
    listening(portal, outside).who_is_on_call()
    assert first_on_call(portal, START) == [team.bob.id, team.ada.id]


def test_several_processes_read_once_in_an_interval(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    make_team(both_portals)
    listeners = [listening(both_portals, outside) for _ in range(3)]
    assert [each.who_is_on_call() for each in listeners] == [True, False, False]
    clock.forward(ON_CALL_EVERY)
    assert [each.who_is_on_call() for each in listeners] == [True, False, False]
    assert len(outside.calls) == 2


def test_a_missed_webhook_is_healed_by_reading_who_answered(
    portal: Portal, incident: Incident, outside: Outside, clock: HandClock
) -> None:
    clock.forward(HOUR)
    outside.answered = [PageAnswer(incident.name_everywhere, Answer.ACKNOWLEDGED, START + HOUR / 2, "bob@example.com")]
    assert listening(portal, outside).who_answered()
    assert outside.calls == [[incident.name_everywhere]]
    assert reloaded(portal, incident).acknowledged_at == START + HOUR / 2


def test_a_missed_word_that_the_page_is_resolved_is_healed_also_when_the_incident_was_taken(
    portal: Portal, incident: Incident, team: Team, outside: Outside, clock: HandClock
) -> None:
    with portal.work(team.as_bob) as work:
        command.acknowledge(work, incident.id, take_communications=True)
    listener = listening(portal, outside)
    assert listener.who_answered()
    outside.answered = [PageAnswer(incident.name_everywhere, Answer.RESOLVED, clock.now, "bob@example.com")]
    clock.forward(LATER_ANSWERS_EVERY - timedelta(seconds=1))
    assert not listener.who_answered(), "nobody waits for it, so it is asked for less often"
    clock.forward(timedelta(seconds=1))
    assert listener.who_answered()
    (resolved,) = timeline(portal, incident, EntryKind.PAGE_RESOLVED)
    assert resolved.text == "Bob Kahn resolved the alert in the pager; the incident stays open"
    clock.forward(LATER_ANSWERS_EVERY)
    assert not listener.who_answered(), "the pager has nothing more to say"


def test_nobody_is_asked_about_pages_while_no_incident_waits_for_an_answer(portal: Portal, outside: Outside) -> None:
    assert not listening(portal, outside).who_answered()
    assert outside.calls == []


def test_an_error_is_kept_until_it_can_be_read_again(
    portal: Portal, incident: Incident, outside: Outside, clock: HandClock
) -> None:
    outside.away, listener = True, listening(portal, outside)
    listener.who_answered()
    problems = []
    for away in (True, False):
        outside.away = away
        clock.forward(ANSWERS_EVERY)
        listener.who_answered()
        with portal.reading() as session:
            reading = readings.last(session, ANSWERS)
        problems.append(reading.problem if reading else None)
    assert problems == ["it is away", ""]


def test_how_a_ticket_stands_outside_is_kept_beside_what_the_portal_says(
    portal: Portal, incident: Incident, outside: Outside, clock: HandClock
) -> None:
    with portal.database.writing() as session:
        ticket = incidents.main_ticket(session, incident.id)
        assert ticket
        ticket.key, ticket.system = "OPS-1", "the tickets"
    outside.standing = [TicketStatus("OPS-1", TicketState.IN_PROGRESS, "Doing", "Bob Kahn", "bob@example.com")]
    assert listening(portal, outside).how_tickets_stand()
    with portal.reading() as session:
        kept = session.get_one(Ticket, ticket.id)
    assert (kept.state, kept.outside_state, kept.outside_status) == (
        TicketState.OPEN,
        TicketState.IN_PROGRESS,
        "Doing",
    )
    assert (kept.outside_assignee, kept.outside_read_at) == ("Bob Kahn", clock.now)
    outside.standing = [TicketStatus("OPS-1", TicketState.DONE, "Done")]
    clock.forward(TICKETS_EVERY)
    listening(portal, outside).how_tickets_stand()
    clock.forward(TICKETS_EVERY)
    assert not listening(portal, outside).how_tickets_stand(), "what is done there is not asked for again"


@dataclass
class Line:
    """A connection by which commands come."""

    trouble: str = ""


def test_whether_commands_come_is_noted_by_one_process_at_a_time(
    portal: Portal, outside: Outside, clock: HandClock
) -> None:
    line, listener = Line("Slack's line cannot be reached."), listening(portal, outside)
    assert listener.whether_commands_come("messenger", line)
    assert not listener.whether_commands_come("messenger", line)
    with portal.reading() as session:
        noted = readings.last(session, COMMANDS)
    assert noted
    assert (noted.system, noted.problem, noted.read_at) == ("the messenger", line.trouble, None)
    clock.forward(COMMANDS_EVERY)
    line.trouble = ""
    assert listener.whether_commands_come("messenger", line)
    with portal.reading() as session:
        noted = readings.last(session, COMMANDS)
    assert noted
    assert (noted.problem, noted.read_at) == ("", START + COMMANDS_EVERY)

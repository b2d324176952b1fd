"""Reading again and again what outside systems know: who is on call, who answered a page, how tickets stand.

Each thing is read by one process at a time, outside of any transaction, and what was read last stays when a system is
down. Where a system also calls the portal by webhook, this heals what was missed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from ims.clock import Clock
from ims.model import PORTAL, EntryKind, Incident
from ims.ports import DeliveryError, OnCallShift, PageAnswer, Ports, TicketStatus
from ims.response.answers import take_answer
from ims.response.escalation import is_answered
from ims.store import incidents, on_call, readings, tickets, timeline
from ims.store.database import Database
from ims.store.work import Work

Known = TypeVar("Known")
ON_CALL_EVERY = timedelta(minutes=1)
ANSWERS_EVERY = timedelta(seconds=20)
LATER_ANSWERS_EVERY = timedelta(minutes=2)  # once nobody is paged any more
TICKETS_EVERY = timedelta(minutes=2)
LOOK_BACK, LOOK_AHEAD = timedelta(days=2), timedelta(days=14)
COMMANDS_EVERY = timedelta(seconds=15)
ANSWERS, TICKETS, COMMANDS = "page_answers", "tickets", "commands"


class CommandLine(Protocol):
    """A connection by which commands come; ``trouble`` says in words why none do."""

    trouble: str


@dataclass(frozen=True)
class Listening:
    """Reads what is due; any number may run on one database. ``announce`` is told of each work that it did."""

    database: Database
    ports: Ports
    systems: Callable[[str], str]
    announce: Callable[[Work], None]
    clock: Clock

    def who_is_on_call(self) -> bool:
        """Read the shifts of the outside schedule; return whether it was this process's turn."""
        schedule, now = self.ports.schedule, self.clock()
        if schedule is None:
            return False

        def keep(work: Work, shifts: Sequence[OnCallShift]) -> None:
            rows = [
                [shift.person_email.lower(), shift.starts_at.isoformat(), shift.ends_at.isoformat()] for shift in shifts
            ]
            readings.succeeded(work.session, on_call.READING, work.now, rows)

        def ask() -> Sequence[OnCallShift]:
            return schedule.shifts(now - LOOK_BACK, now + LOOK_AHEAD)

        return self._read(on_call.READING, "schedule", ON_CALL_EVERY, ask, keep)

    def who_answered(self) -> bool:
        """Read who answered pages, often while somebody is paged; return whether it was this process's turn."""
        switchboard, paged = self.ports.switchboard, self._paged()
        if switchboard is None or not paged:
            return False
        every = ANSWERS_EVERY if any(paged.values()) else LATER_ANSWERS_EVERY

        def keep(work: Work, answers: Sequence[PageAnswer]) -> None:
            readings.succeeded(work.session, ANSWERS, work.now, None)
            for answer in answers:
                take_answer(work, answer)

        return self._read(ANSWERS, "switchboard", every, lambda: switchboard.answers(list(paged)), keep)

    def how_tickets_stand(self) -> bool:
        """Read the states and assignees of tickets; return whether it was this process's turn."""
        keys = self._outside_tickets()
        if "tickets" not in self.ports.configured or not keys:
            return False

        def keep(work: Work, found: Sequence[TicketStatus]) -> None:
            readings.succeeded(work.session, TICKETS, work.now, None)
            tickets.keep_outside(work.session, self.systems("tickets"), found, work.now)

        return self._read(TICKETS, "tickets", TICKETS_EVERY, lambda: self.ports.tickets.states(keys), keep)

    def whether_commands_come(self, ability: str, line: CommandLine) -> bool:
        """Note how the line stands by which a system of an ability brings commands, for people to see."""

        def ask() -> None:
            if line.trouble:
                raise DeliveryError(line.trouble, permanent=False)

        def keep(work: Work, _: None) -> None:
            readings.succeeded(work.session, COMMANDS, work.now, None)

        return self._read(COMMANDS, ability, COMMANDS_EVERY, ask, keep)

    def _read(
        self,
        name: str,
        ability: str,
        every: timedelta,
        ask: Callable[[], Known],
        keep: Callable[[Work, Known], None],
    ) -> bool:
        now = self.clock()
        with self.database.reading() as session:  # an idle portal never takes SQLite's writer's place
            if not readings.is_due(session, name, now, every):
                return False
        with self.database.writing() as session:
            if not readings.take_turn(session, name, self.systems(ability), now, every):
                return False
        try:
            known = ask()
        except DeliveryError as error:
            with self.database.writing() as session:
                readings.failed(session, name, self.clock(), str(error))
            return True
        with self.database.writing() as session:
            work = Work(session, self.clock(), PORTAL)
            keep(work, known)
            self.announce(work)
        return True

    def _paged(self) -> dict[str, bool]:
        """Return the incidents of which the pager may have news, and whether each still pages."""
        with self.database.reading() as session:
            work = Work(session, self.clock(), PORTAL)
            active = [each for each in incidents.active(session) if _may_be_answered(work, each)]
            return {each.name_everywhere: not is_answered(work, each) for each in active}

    def _outside_tickets(self) -> list[str]:
        with self.database.reading() as session:
            return tickets.keys_outside(session, self.systems("tickets"))


def _may_be_answered(work: Work, incident: Incident) -> bool:
    """Whether the pager may have news: until its alert is resolved, also when somebody has taken the incident."""
    is_over = timeline.has_entry(work.session, incident.id, EntryKind.PAGE_RESOLVED)
    return not (is_over and is_answered(work, incident))

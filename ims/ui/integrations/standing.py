"""How each ability stands: who serves it, whether that works, what failed last. Read anew each time; no widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ims import check
from ims.check import Problem
from ims.delivery.dispatch import kinds_of
from ims.integrations import registry
from ims.integrations.frame import System
from ims.integrations.registry import SYSTEMS
from ims.model import Delivery, DeliveryState, Reading
from ims.response import listening
from ims.store import on_call, readings, standings
from ims.store.database import Session

ASKED_LATELY = timedelta(minutes=10)  # what nobody asks for any more, as after an incident, fails no more


@dataclass(frozen=True)
class Purpose:
    """What an outside system is for. ``without`` is what people do, or need not do, where none serves it.

    ``reads`` names what is read from it again and again.
    """

    name: str
    title: str
    abilities: tuple[str, ...]
    without: str
    reads: tuple[str, ...] = ()


PURPOSES = (
    Purpose(
        "pager",
        "Wakes people",
        ("pager", "switchboard"),
        "A page is kept here: call whoever it names.",
        (listening.ANSWERS,),
    ),
    Purpose(
        "schedule",
        "Knows who is on call",
        ("schedule",),
        "The rota on the page Settings counts.",
        (on_call.READING,),
    ),
    Purpose(
        "messenger",
        "Writes in Slack, to the team and to customers",
        ("messenger", "channels"),
        "Posts are kept here, to be copied into the customer's channel.",
        (listening.COMMANDS,),
    ),
    Purpose("mailer", "E-mails customers", ("mailer",), "Letters are kept here, to be sent by hand."),
    Purpose("rooms", "Opens war rooms", ("rooms",), "Open a room yourself, and put its link on the incident's page."),
    Purpose("meetings", "Invites to meetings", ("meetings",), "The meeting's page offers an .ics file to send."),
    Purpose(
        "tickets",
        "Keeps tickets",
        ("tickets",),
        "The portal keeps tickets of its own, T-1 and on.",
        (listening.TICKETS,),
    ),
    Purpose(
        "documents",
        "Keeps root-cause documents",
        ("documents",),
        "The root-cause page offers a Word file, and reads it when it comes back.",
    ),
    Purpose("silences", "Silences alerts", ("silences",), "Silence them in your Alertmanager yourself."),
)


class State(StrEnum):
    """How an ability stands, what needs a person first."""

    STOPPED = "stopped"
    HALF = "half configured"
    FAILING = "failing"
    UNTRIED = "untried"
    WORKS = "works"
    BUILT_IN = "built in"


@dataclass(frozen=True)
class Standing:
    """How one purpose stands now. ``system`` is ``None`` where the portal itself serves it.

    ``unsent`` counts by kind and state what should be delivered and is not; ``problems`` are those of the settings;
    ``unread`` are those of ``reads`` that fail now. ``trouble`` is unsent still, ``failed`` may have been sent since.
    """

    purpose: Purpose
    system: System | None
    unsent: Mapping[str, Mapping[DeliveryState, int]] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    sent: Delivery | None = None
    trouble: Delivery | None = None
    failed: Delivery | None = None
    reads: Sequence[Reading] = ()
    unread: Sequence[Reading] = ()

    @property
    def state(self) -> State:
        """Return the worst that is known."""
        counted = {state for states in self.unsent.values() for state in states}
        if DeliveryState.STOPPED in counted:
            return State.STOPPED
        if self.problems:
            return State.HALF
        if DeliveryState.FAILING in counted or self.unread:
            return State.FAILING
        if self.system is None:
            return State.BUILT_IN
        return State.WORKS if self.sent or any(reading.read_at for reading in self.reads) else State.UNTRIED

    @property
    def candidates(self) -> list[System]:
        """Return the systems that could serve it, whichever does."""
        return [system for system in SYSTEMS if set(system.abilities) & set(self.purpose.abilities)]


def standings_of(session: Session, now: datetime) -> list[Standing]:
    """Return how every purpose stands, what needs a person first."""
    serving, unsent = registry.serving(), standings.unsent(session, now)
    found = [_standing(session, now, purpose, serving, unsent) for purpose in PURPOSES]
    worst_first = list(State)
    return sorted(found, key=lambda standing: worst_first.index(standing.state))


def reads_of(session: Session, system: System, names: Sequence[str]) -> list[Reading]:
    """Return what was last read from a system, of some names."""
    return [each for each in readings.every(session) if each.system == system.name and each.name in names]


def _standing(
    session: Session,
    now: datetime,
    purpose: Purpose,
    serving: Mapping[str, System],
    unsent: Mapping[str, Mapping[DeliveryState, int]],
) -> Standing:
    system = next((serving[ability] for ability in purpose.abilities if ability in serving), None)
    kinds = kinds_of(*purpose.abilities)
    able = [system] if system else Standing(purpose, system).candidates
    reads = reads_of(session, system, purpose.reads) if system else []
    return Standing(
        purpose,
        system,
        {kind: unsent[kind] for kind in kinds if kind in unsent},
        [problem for each in able for problem in check.of_system(each)],
        standings.last_sent(session, kinds, system.name) if system else None,
        standings.last_problem(session, kinds),
        standings.last_failed(session, kinds),
        reads,
        [each for each in reads if each.problem and each.asked_at > now - ASKED_LATELY],
    )

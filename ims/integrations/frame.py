"""What every outside system has in common: its settings, its abilities, its adapter, a way to try it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from pydantic_settings import BaseSettings

from ims.clock import Clock
from ims.ports import Command, PageAnswer


class SystemSettings(BaseSettings):
    """The settings of one system, ``IMS_<SYSTEM>_…``. Each needs a title and a description for people.

    One of those that ``begins_with`` names is what puts the system to use; the others alone do nothing.
    """

    begins_with: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def is_configured(self) -> bool:
        """Whether there is a system to talk to; without it the built-in twin serves."""


class Adapter(Protocol):
    """The part of an adapter that does not depend on its abilities."""

    def ping(self) -> str:
        """Ask the system whether it can be used, change nothing there, and say in words what answered.

        Raises:
            DeliveryError: it cannot be used as it is configured.
        """


class Unreadable(ValueError):
    """A body that is no message of the system; the sentence says why."""


class Receiver(Protocol):
    """Hears what a system posts to ``/hooks/<name>``."""

    def why_refused(self, headers: Mapping[str, str], body: bytes) -> str:
        """Say why a caller may not post, or return an empty text if they may. ``headers`` have lower-case names."""

    def read(self, body: bytes) -> Sequence[PageAnswer]:
        """Return what a body says; nothing, where it says nothing that the portal needs.

        Raises:
            Unreadable: it is no message of the system.
        """


Handler = Callable[[Command], str]


class Listener(Protocol):
    """Keeps a connection open through which people command the portal.

    ``trouble`` says in words why no commands come, and is empty while they do.
    """

    trouble: str

    def start(self) -> None:
        """Connect, in threads of its own, and keep connected; a system that is down is tried again."""

    def stop(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True)
class Pace:
    """The most that a system takes: so many calls in a span of time, by all workers together."""

    calls: int
    per: timedelta


@dataclass(frozen=True)
class System:
    """One line of the registry. ``abilities`` are the fields of ``ims.ports.Ports`` that its adapter serves.

    ``hears`` and ``listens`` are for systems that also call the portal; they get the settings.
    What ``listens`` may find that it is configured without commands.
    """

    name: str
    title: str
    abilities: tuple[str, ...]
    settings: type[SystemSettings]
    build: Callable[[Any, Clock], Adapter]
    pace: Pace | None = None
    hears: Callable[[Any], Receiver] | None = None
    listens: Callable[[Any, Handler], Listener | None] | None = None

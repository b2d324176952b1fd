"""What every outside system has in common: its settings, its abilities, its adapter, a way to try it."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic_settings import BaseSettings

from ims.clock import Clock


class SystemSettings(BaseSettings):
    """The settings of one system, ``IMS_<SYSTEM>_…``. Each needs a title and a description for people."""

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


@dataclass(frozen=True)
class System:
    """One line of the registry. ``abilities`` are the fields of ``ims.ports.Ports`` that its adapter serves."""

    name: str
    title: str
    abilities: tuple[str, ...]
    settings: type[SystemSettings]
    build: Callable[[Any, Clock], Adapter]

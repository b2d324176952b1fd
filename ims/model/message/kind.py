"""What every kind of message has in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict


class Message(BaseModel, ABC):
    """A message of some kind; ``recipient`` is how a person would name who gets it."""

    model_config = ConfigDict(frozen=True)
    kind: ClassVar[str]
    found_later: ClassVar[tuple[str, ...]] = ()

    def located(self, references: Mapping[str, str]) -> Self:
        """Return the message with the fields filled in that are known only now, from the incident's references."""
        known = {name: references[name] for name in self.found_later if name in references}
        return self.model_copy(update=known) if known else self

    @property
    @abstractmethod
    def recipient(self) -> str:
        """Return who gets it, in words."""

"""Google Meet's state: the spaces that were opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.google.contract import Call


@dataclass
class FakeMeet:
    """``spaces`` in the order in which they were opened."""

    spaces: list[dict[str, Any]] = field(default_factory=list)

    def handlers(self) -> Mapping[str, Callable[[Call], Any]]:
        """Return what answers each method."""
        return {"meet.spaces.create": self._create}

    def _create(self, call: Call) -> dict[str, Any]:
        number = len(self.spaces)
        code = f"war-room-{'abcdefghij'[number % 10] * 3}"
        config = {"accessType": "RESTRICTED", "entryPointAccess": "ALL", **call.body.get("config", {})}
        space = {
            "name": f"spaces/s{number}",
            "meetingUri": f"https://meet.google.example/{code}",
            "meetingCode": code,
            "config": config,
        }
        self.spaces.append(space)
        return space

"""What keeps alerts quiet."""

from typing import ClassVar

from ims.model.message.kind import Message


class SilenceRequest(Message):
    """Ask the alerting system to keep quiet about some alerts until ``ends_at``; ``matchers`` are label and value."""

    kind: ClassVar[str] = "silence"
    silence_id: int
    incident_key: str
    matchers: dict[str, str]
    starts_at: str
    ends_at: str
    author: str
    comment: str

    @property
    def recipient(self) -> str:
        return ", ".join(f"{label}={value}" for label, value in self.matchers.items())


class SilenceEnd(Message):
    """Ask the alerting system to speak again before a silence ends by itself; ``silence`` is its own id of it."""

    kind: ClassVar[str] = "silence_end"
    silence_id: int
    incident_key: str
    silence: str

    @property
    def recipient(self) -> str:
        return f"silence {self.silence}"

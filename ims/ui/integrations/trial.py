"""Asking a system whether it can be used, in a thread of its own: whoever asked may go elsewhere meanwhile."""

from datetime import datetime
from threading import Thread

from ims.clock import Clock
from ims.errors import SettingProblem
from ims.integrations import registry
from ims.integrations.frame import System
from ims.ports import DeliveryError

_MEND = "Waiting does not help: mend that first."
_WAIT = "It may pass: what is to be sent is tried again by itself."


class Trial:
    """One question and, once there is one, its answer. ``passed`` says whether the system can be used."""

    def __init__(self, system: System, clock: Clock) -> None:
        self.system = system
        self.passed = False
        self.answer = ""
        self.answered_at: datetime | None = None
        self.began_at = clock()
        self._clock = clock
        self._thread = Thread(target=self._ask, name=f"trial-{system.name}", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the system has not answered yet."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait for the answer, but not longer."""
        self._thread.join(seconds)

    def _ask(self) -> None:
        try:
            self.answer = self._ping()
        except DeliveryError as error:
            self.answer = f"{error} {_MEND if error.permanent else _WAIT}"
        except SettingProblem as problem:
            self.answer = f"{problem} {problem.hint}"
        except Exception as error:  # what an adapter did not foresee; its message may hold a secret
            self.answer = f"Unexpected: {type(error).__name__}."
        else:
            self.passed = True
        self.answered_at = self._clock()

    def _ping(self) -> str:
        adapter = registry.configured(self.system, self._clock)
        if adapter is None:
            raise DeliveryError(f"{self.system.title} is not configured.", permanent=True)
        return adapter.ping()

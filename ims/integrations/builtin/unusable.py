"""What stands in for a system that is configured by half."""

from collections.abc import Callable
from typing import NoReturn

from ims.ports import DeliveryError


class Unusable:
    """Refuses whatever is asked of it, with the setting to mend; so nothing is silently done without the system.

    It has the methods of every port.
    """

    def __init__(self, title: str, problem: str) -> None:
        self._sentence = f"{title} is configured by half. {problem} Mend that, and start the portal again."

    def __getattr__(self, verb: str) -> Callable[..., NoReturn]:
        if verb.startswith("_"):
            raise AttributeError(verb)
        return self._refuse

    def _refuse(self, *_asked: object) -> NoReturn:
        raise DeliveryError(self._sentence, permanent=True)

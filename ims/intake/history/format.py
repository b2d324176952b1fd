"""What a format of past incidents is: a way to recognise its files, and a way to find the incidents in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ims.intake.history.content import Content
from ims.intake.history.found import RawIncident


@dataclass(frozen=True)
class Format:
    """A format. ``key`` becomes the ``origin`` of its incidents; ``remarks`` say what its files do not tell."""

    key: str
    title: str
    recognises: Callable[[Content], bool]
    find: Callable[[Content], Sequence[RawIncident]]
    remarks: tuple[str, ...] = ()

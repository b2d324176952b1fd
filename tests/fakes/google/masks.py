"""The masks with which a client of Google's asks for some fields of an answer only."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tests.fakes.google.violation import Violation


class Mask:
    """A ``fields`` mask: ``id,items(id,start/dateTime)``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = re.findall(r"[\w*$-]+|[(),/]|.", text)

    def fields(self) -> Iterator[tuple[str, ...]]:
        """Return every path that it names."""
        found = list(self._list(()))
        if self._tokens:
            raise self._wrong()
        yield from found

    def _list(self, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield from self._path(above)
        while self._tokens and self._tokens[0] == ",":
            self._tokens.pop(0)
            yield from self._path(above)

    def _path(self, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        name = self._tokens.pop(0) if self._tokens else ""
        if not re.fullmatch(r"[\w$-]+|\*", name):
            raise self._wrong()
        here = (*above, name)
        following = self._tokens[0] if self._tokens else ""
        if following == "/":
            self._tokens.pop(0)
            yield from self._path(here)
        elif following == "(":
            self._tokens.pop(0)
            yield from self._list(here)
            if not self._tokens or self._tokens.pop(0) != ")":
                raise self._wrong()
        else:
            yield here

    def _wrong(self) -> Violation:
        return Violation(f"Invalid field selection {self._text}", reason="invalidParameter")


def only(answer: Any, paths: Sequence[tuple[str, ...]]) -> Any:
    """Return of an answer what some paths name."""
    if not paths or not all(paths):
        return answer
    if isinstance(answer, list):
        return [only(each, paths) for each in answer]
    if not isinstance(answer, dict):
        return answer
    found = {}
    for name, value in answer.items():
        inner = [path[1:] for path in paths if path[0] in (name, "*")]
        if inner:
            found[name] = only(value, inner if all(inner) else [])
    return found

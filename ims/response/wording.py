"""What people type into a verb: made storable, trimmed, and refused when it is missing or endless."""

from pydantic import TypeAdapter, ValidationError

from ims.errors import Refusal
from ims.model.types import LINE_LENGTH, PROSE_LENGTH, OptionalLine, OptionalProse

_LINE: TypeAdapter[str] = TypeAdapter(OptionalLine)
_PROSE: TypeAdapter[str] = TypeAdapter(OptionalProse)


def prose(text: str) -> str:
    """Return a text of any number of lines, trimmed, its control codes made visible.

    Raises:
        Refusal: it is longer than the portal keeps.
    """
    try:
        return _PROSE.validate_python(text)
    except ValidationError as error:
        raise Refusal(f"That is longer than {PROSE_LENGTH:,} characters; keep it elsewhere and link to it.") from error


def line(text: str) -> str:
    """Return a text on one line, trimmed, its control codes made visible.

    Raises:
        Refusal: it is longer than a line may be.
    """
    try:
        return _LINE.validate_python(text)
    except ValidationError as error:
        raise Refusal(f"That is longer than {LINE_LENGTH} characters; shorten it.") from error


def needed(text: str, what: str) -> str:
    """Return a text that must be there.

    Raises:
        Refusal: it is empty; the sentence asks for ``what``.
    """
    wanted = prose(text)
    if not wanted:
        raise Refusal(f"{what}.")
    return wanted

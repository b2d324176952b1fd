"""Which row of a document is which follow-up of the portal."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ims.model import FollowUp
from ims.postmortem.reading.understood import ReadFollowUp


def pairs(
    rows: Sequence[ReadFollowUp], left: dict[int, FollowUp], notes: list[str]
) -> list[tuple[ReadFollowUp, FollowUp | None]]:
    """Match rows with follow-ups, first all by id, then the rest by text; what is matched leaves ``left``."""
    by_id = []
    for read in _originals_first(rows, left):
        follow_up = left.pop(_number(read), None)
        if read.row_id and follow_up is None:
            notes.append(f"{read.row_id} is not known here, or stands in the document twice; it is read by its words.")
        by_id.append((read, follow_up))
    return [(read, follow_up or _with_same_text(read, left)) for read, follow_up in by_id]


def as_kept(text: str) -> str:
    """Return a text in one line, as follow-ups are kept."""
    return " ".join(text.split("\n")).replace("\t", " ").strip()


def _originals_first(rows: Sequence[ReadFollowUp], known: Mapping[int, FollowUp]) -> Sequence[ReadFollowUp]:
    """Return the rows in order, but where an id stands twice the copy last: people copy a row to write a new one."""
    times = Counter(map(_number, rows))

    def is_copy(read: ReadFollowUp) -> bool:
        follow_up = known.get(_number(read))
        return follow_up is not None and times[follow_up.number] > 1 and not _is_same(read, follow_up)

    return sorted(rows, key=is_copy)


def _with_same_text(read: ReadFollowUp, left: dict[int, FollowUp]) -> FollowUp | None:
    number = next((number for number, each in left.items() if _is_same(read, each)), None)
    return left.pop(number) if number is not None else None


def _is_same(read: ReadFollowUp, follow_up: FollowUp) -> bool:
    return as_kept(read.text).casefold() == follow_up.text.casefold()


def _number(read: ReadFollowUp) -> int:
    return int(read.row_id.removeprefix("FU-")) if read.row_id else 0

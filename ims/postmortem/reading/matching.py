"""Which row of a document is which follow-up of the portal."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ims.model import EntryKind, FollowUp, TimelineEntry
from ims.model.types import LINE_LENGTH, legible
from ims.postmortem.content.block_words import one_line
from ims.postmortem.reading.understood import ReadFollowUp

EarlierWords = Mapping[int, Collection[str]]  # by the id of a follow-up


def pairs(
    rows: Sequence[ReadFollowUp], left: dict[int, FollowUp], notes: list[str], earlier: EarlierWords
) -> list[tuple[ReadFollowUp, FollowUp | None]]:
    """Match rows with follow-ups; what is matched leaves ``left``.

    First come the ids, then the words of today, then those that a follow-up had before it was reworded here. Such a row
    is only older: it is returned with the words of today. What only repeats a row that has an id is left out, and said.
    """
    by_id = []
    for read in _originals_first(rows, left):
        follow_up = left.pop(_number(read), None)
        if read.row_id and follow_up is None:
            notes.append(f"{read.row_id} is not known here, or stands in the document twice; it is read by its words.")
        by_id.append((read, follow_up))
    by_words = [(read, follow_up or _with_same_text(read, left)) for read, follow_up in by_id]
    found = [(read, mine) if mine else _with_earlier_text(read, left, earlier) for read, mine in by_words]
    with_id = [mine for _, mine in by_id if mine]
    return [(read, mine) for read, mine in found if mine or not _repeats(read, with_id, earlier, notes)]


def as_kept(text: str) -> str:
    """Return a text in one line, as follow-ups are kept."""
    return " ".join(text.split("\n")).replace("\t", " ").strip()


def as_cut(text: str) -> str:
    """Return as much of a text as a follow-up keeps."""
    return as_kept(text)[:LINE_LENGTH].strip()


def is_same(said: str, text: str) -> bool:
    """Return whether a document says the words that a follow-up keeps."""
    return one_line(str(legible(as_cut(said)))).casefold() == one_line(text).casefold()


def had_words(follow_up: FollowUp, said: str, earlier: EarlierWords) -> bool:
    """Return whether a document says words that a follow-up had before."""
    return any(is_same(said, words) for words in earlier.get(follow_up.id, ()))


def earlier_words(entries: Iterable[TimelineEntry]) -> EarlierWords:
    """Return the words that each follow-up had before somebody reworded it, as the timeline tells."""
    found: dict[int, list[str]] = {}
    for entry in entries:
        if entry.kind is EntryKind.FOLLOW_UP_CHANGED and "text" in entry.data.get("changes", {}):
            found.setdefault(int(entry.data.get("follow_up_id", 0)), []).append(entry.data["changes"]["text"][0])
    return found


def _originals_first(rows: Sequence[ReadFollowUp], known: Mapping[int, FollowUp]) -> Sequence[ReadFollowUp]:
    """Return the rows in order, but where an id stands twice the copy last: people copy a row to write a new one."""
    times = Counter(map(_number, rows))

    def is_copy(read: ReadFollowUp) -> bool:
        follow_up = known.get(_number(read))
        return follow_up is not None and times[follow_up.number] > 1 and not is_same(read.text, follow_up.text)

    return sorted(rows, key=is_copy)


def _with_same_text(read: ReadFollowUp, left: dict[int, FollowUp]) -> FollowUp | None:
    number = next((number for number, each in left.items() if is_same(read.text, each.text)), None)
    return left.pop(number) if number is not None else None


def _with_earlier_text(
    read: ReadFollowUp, left: dict[int, FollowUp], earlier: EarlierWords
) -> tuple[ReadFollowUp, FollowUp | None]:
    for number, each in left.items():
        if had_words(each, read.text, earlier):
            return replace(read, text=each.text), left.pop(number)
    return read, None


def _repeats(read: ReadFollowUp, with_id: Iterable[FollowUp], earlier: EarlierWords, notes: list[str]) -> bool:
    twin = next(
        (each for each in with_id if is_same(read.text, each.text) or had_words(each, read.text, earlier)), None
    )
    if twin:
        notes.append(
            f"“{read.text[:60]}” stands in the document twice, once as {twin.row_id}, and only that was read. Take the "
            "other out, or change its words if more is to be done."
        )
    return twin is not None


def _number(read: ReadFollowUp) -> int:
    return int(read.row_id.removeprefix("FU-")) if read.row_id else 0

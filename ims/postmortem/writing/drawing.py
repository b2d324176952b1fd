"""The drawn timeline: a strip from when it began to when it was over, as a picture for the document.

Only words of the portal's own are drawn, never text that somebody typed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from ims.model import EntryKind, Incident
from ims.postmortem.content.blocks import milestones
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.lulls import lulls
from ims.postmortem.content.wording import duration

WIDTH_CM = 17.0
_WIDTH, _DPI = WIDTH_CM / 2.54, 160  # inches, dots an inch
# Inches: for labels above and below the strip, and for the key. Every picture is equally high, so that a new one fits
# in the place of an old one in a document that people have edited.
_ABOVE, _BELOW, _KEY = 1.05, 0.9, 0.4
_WIDEST_ROW = 0.25  # inches; rows of labels move together where there are many
_MOST_ROWS = 6
_LETTERS = ImageFont.load_default(9 / 72 * _DPI)  # nine points high
_STRIP, _THIN = 0.16, 0.0125  # inches
_MOST_EVENTS = 12
_INK, _GREY, _LINE = "#1f2937", "#5f6368", "#bfc5cd"
_UNSEEN, _FELT, _EASED = "not yet detected", "felt by customers", "mitigated"
_COLOURS = {_UNSEEN: "#f59e0b", _FELT: "#dc2626", _EASED: "#60a5fa"}
_EVENTS = {
    EntryKind.SEVERITY_SET: "severity decided",
    EntryKind.REPLICATION: "reproduced",
    EntryKind.TEAM_INVOLVED: "team involved",
    EntryKind.HANDED_OVER: "handed over",
    EntryKind.DECIDED: "decision",
    EntryKind.CHANGE_MADE: "change made",
    EntryKind.UPDATE_WRITTEN: "update",
    EntryKind.REOPENED: "reopened",
}


@dataclass(frozen=True)
class Strip:
    """All that is drawn. Two incidents with the same strip have the same picture."""

    began_at: datetime
    ended_at: datetime
    is_over: bool
    detected_at: datetime
    mitigated_at: datetime | None
    times: tuple[tuple[str, datetime], ...]
    events: tuple[tuple[str, datetime], ...]
    lulls: tuple[tuple[datetime, datetime], ...] = ()


def picture(facts: RcaFacts) -> bytes:
    """Return the drawn timeline as PNG, the same bytes for the same facts."""
    return draw(strip(facts))


def strip(facts: RcaFacts) -> Strip:
    """Choose what is drawn: the times every incident has, and the entries that changed its course."""
    incident = facts.incident
    times = tuple(milestones(incident))
    ended_at = _end(incident, facts.written_at)
    events = [
        (_EVENTS[entry.kind], entry.occurred_at)
        for entry in facts.timeline
        if entry.kind in _EVENTS and times[0][1] <= entry.occurred_at <= ended_at
    ]
    return Strip(
        began_at=times[0][1],
        ended_at=ended_at,
        is_over=incident.resolved_at is not None,
        detected_at=incident.detected_at,
        mitigated_at=incident.mitigated_at,
        times=times,
        events=tuple(_fewer(events)),
        lulls=tuple(lulls(facts.timeline)),
    )


def _end(incident: Incident, now: datetime) -> datetime:
    last = max(at for _, at in milestones(incident))
    return max(last, incident.resolved_at or now, incident.began_at + timedelta(minutes=1))


def _fewer(events: Sequence[tuple[str, datetime]]) -> Sequence[tuple[str, datetime]]:
    """Of very many events draw some, evenly chosen, the first and the last among them."""
    if len(events) <= _MOST_EVENTS:
        return events
    step = (len(events) - 1) / (_MOST_EVENTS - 1)
    return [events[round(number * step)] for number in range(_MOST_EVENTS)]


@dataclass(frozen=True)
class _Label:
    """A label in a row above (positive) or below (negative) the strip; ``left`` and ``at`` in inches."""

    text: str
    at: float
    left: float
    row: int


def _labels(drawn: Strip, named: Sequence[tuple[str, datetime]]) -> list[tuple[str, float]]:
    """Return each label with its place; those of the same minute share one."""
    names: dict[str, list[str]] = {}
    places: dict[str, float] = {}
    for name, at in named:
        hour = _hour(drawn, at)
        if name not in names.setdefault(hour, []):
            names[hour].append(name)
        places.setdefault(hour, _inches(drawn, at))
    return [(f"{hour} {', '.join(said)}", places[hour]) for hour, said in names.items()]


def width_of(text: str) -> float:
    """Return how wide a text is drawn, in inches."""
    return _LETTERS.getlength(text) / _DPI


def _place(labels: Sequence[tuple[str, float]], sign: int) -> list[_Label]:
    """Give each label the row nearest to the strip in which it hides no other; lines pass behind labels."""
    ends: list[float] = []
    placed: list[_Label] = []
    for text, at in reversed(labels):  # a label stands right of its line, so rows fill up from the right
        width = width_of(text) + 0.08
        left = min(at + 0.04, _WIDTH - width)
        row = next((number for number, free in enumerate(ends) if left + width <= free), len(ends))
        ends[row : row + 1] = [min(at, left)]
        placed.append(_Label(text, at, left, sign * (row + 1)))
    return placed


@lru_cache(maxsize=32)
def draw(drawn: Strip, *, is_tight: bool = False) -> bytes:
    """Draw a strip as PNG; a tight one is only as high as its labels need, for documents that are not refreshed."""
    above = _place(_labels(drawn, drawn.times), 1)
    below = [label for label in _place(_labels(drawn, drawn.events), -1) if label.row >= -_MOST_ROWS]
    over, under = (_needed(above), _needed(below)) if is_tight else (_ABOVE, _BELOW)
    paper = _Paper(_STRIP + over, under + _KEY)
    _draw_strip(paper, drawn)
    _draw_key(paper, drawn, -under - _KEY + 0.16)
    for labels, space in ((above, over), (below, under)):
        pitch = min(_WIDEST_ROW, space / max(_rows(labels), 1))
        for label in labels:  # every line before every label, which hides the lines behind it
            _draw_line(paper, label, pitch)
        for label in labels:
            paper.write(label.left, _middle(label, pitch), label.text, _INK if label.row > 0 else _GREY)
    return paper.png()


class _Paper:
    """A white picture on which everything stands in inches, to the right and up from the left foot of the strip."""

    def __init__(self, above: float, below: float) -> None:
        self._above = above
        self._image = Image.new("RGB", (round(_WIDTH * _DPI), round((above + below) * _DPI)), "white")
        self._pen = ImageDraw.Draw(self._image)

    def fill(self, left: float, foot: float, width: float, height: float, colour: str) -> None:
        """Fill a box."""
        (x, top), (right, bottom) = self._at(left, foot + height), self._at(left + width, foot)
        self._pen.rectangle((x, top, max(right - 1, x), max(bottom - 1, top)), fill=colour)

    def write(self, left: float, middle: float, text: str, colour: str) -> None:
        """Write a line of text on a box of white."""
        spot = self._at(left, middle)
        x, top, right, bottom = self._pen.textbbox(spot, text, font=_LETTERS, anchor="lm")
        self._pen.rectangle((x - 2, top - 2, right + 2, bottom + 2), fill="white")
        self._pen.text(spot, text, fill=colour, font=_LETTERS, anchor="lm")

    def png(self) -> bytes:
        """Return the picture as a file."""
        file = BytesIO()
        about = PngInfo()
        about.add_text("Software", "IMS")  # by which a document's picture is known as the portal's own
        self._image.save(file, format="png", pnginfo=about)
        return file.getvalue()

    def _at(self, right: float, up: float) -> tuple[int, int]:
        return round(right * _DPI), round((self._above - up) * _DPI)


def _rows(labels: Sequence[_Label]) -> int:
    return max((abs(label.row) for label in labels), default=0)


def _needed(labels: Sequence[_Label]) -> float:
    return _rows(labels) * _WIDEST_ROW


def _draw_strip(paper: _Paper, drawn: Strip) -> None:
    for phase, start, end in _phases(drawn):
        left, right = _inches(drawn, start), _inches(drawn, end)
        paper.fill(left, 0, max(right - left, 0.02), _STRIP, _COLOURS[phase])


def _draw_key(paper: _Paper, drawn: Strip, middle: float) -> None:
    lasted: dict[str, timedelta] = {}
    for phase, start, end in _phases(drawn):
        lasted[phase] = lasted.get(phase, timedelta()) + (end - start)
    left = 0.06
    for phase, span in lasted.items():
        key = f"{phase} {duration(span)}"
        paper.fill(left, middle - 0.07, 0.14, 0.14, _COLOURS[phase])
        paper.write(left + 0.2, middle, key, _INK)
        left += 0.45 + width_of(key)
    said = f"{drawn.began_at.astimezone(UTC):%Y-%m-%d}, times in UTC"
    paper.write(_WIDTH - 0.04 - width_of(said), middle, said, _GREY)


def _phases(drawn: Strip) -> Iterator[tuple[str, datetime, datetime]]:
    eased_at = drawn.mitigated_at or drawn.ended_at
    known_at = min(max(drawn.detected_at, drawn.began_at), eased_at)
    spans = [(_UNSEEN, drawn.began_at, known_at)]
    at = known_at
    for start, end in ((max(start, known_at), min(end, eased_at)) for start, end in drawn.lulls):
        if end > start:
            spans += [(_FELT, at, start), (_EASED, start, end)]
            at = end
    spans += [(_FELT, at, eased_at), (_EASED, eased_at, drawn.ended_at)]
    yield from (span for span in spans if span[2] > span[1])


def _draw_line(paper: _Paper, label: _Label, pitch: float) -> None:
    """Draw the line from the strip to a label."""
    middle = _middle(label, pitch)
    foot, height = (_STRIP, middle - _STRIP) if label.row > 0 else (middle, -middle)
    paper.fill(label.at, foot, _THIN, height, _GREY if label.row > 0 else _LINE)


def _middle(label: _Label, pitch: float) -> float:
    return _STRIP + (label.row - 0.4) * pitch if label.row > 0 else (label.row + 0.4) * pitch


def _inches(drawn: Strip, at: datetime) -> float:
    """Return where a moment stands on the strip, inches from the left."""
    whole = (drawn.ended_at - drawn.began_at).total_seconds()
    return 0.03 + (at - drawn.began_at).total_seconds() / whole * (_WIDTH - 0.06)


def _hour(drawn: Strip, at: datetime) -> str:
    days = (at.astimezone(UTC).date() - drawn.began_at.astimezone(UTC).date()).days
    return f"{at.astimezone(UTC):%H:%M}" + (f" +{days} d" if days else "")

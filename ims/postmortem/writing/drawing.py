"""The drawn timeline: a strip from when it began to when it was over, as a picture for the document.

Matplotlib is imported when the first picture is drawn, because it costs half a second and 40 MB that most processes
never need. Only words of the portal's own are drawn, never text that somebody typed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

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
_LETTER = 0.068  # inches; the mean width of a letter at the labels' size
_STRIP = 0.16  # inches
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


def _place(labels: Sequence[tuple[str, float]], sign: int) -> list[_Label]:
    """Give each label the row nearest to the strip in which it hides no other; lines pass behind labels."""
    ends: list[float] = []
    placed: list[_Label] = []
    for text, at in reversed(labels):  # a label stands right of its line, so rows fill up from the right
        width = len(text) * _LETTER + 0.08
        left = min(at + 0.04, _WIDTH - width)
        row = next((number for number, free in enumerate(ends) if left + width <= free), len(ends))
        ends[row : row + 1] = [min(at, left)]
        placed.append(_Label(text, at, left, sign * (row + 1)))
    return placed


@lru_cache(maxsize=32)
def draw(drawn: Strip, *, is_tight: bool = False) -> bytes:
    """Draw a strip as PNG; a tight one is only as high as its labels need, for documents that are not refreshed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  dear; see above
    from matplotlib.figure import Figure  # noqa: PLC0415

    above = _place(_labels(drawn, drawn.times), 1)
    below = [label for label in _place(_labels(drawn, drawn.events), -1) if label.row >= -_MOST_ROWS]
    over, under = (_needed(above), _needed(below)) if is_tight else (_ABOVE, _BELOW)
    figure = Figure(figsize=(_WIDTH, over + _STRIP + under + _KEY), dpi=_DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(-under - _KEY, _STRIP + over)
    axes.set_axis_off()
    _draw_strip(axes, drawn)
    _draw_key(axes, drawn, -under - _KEY + 0.16)
    for labels, space in ((above, over), (below, under)):
        pitch = min(_WIDEST_ROW, space / max(_rows(labels), 1))
        for label in labels:
            _draw_label(axes, label, pitch)
    file = BytesIO()
    figure.savefig(file, format="png", metadata={"Software": "IMS"})
    return file.getvalue()


def _rows(labels: Sequence[_Label]) -> int:
    return max((abs(label.row) for label in labels), default=0)


def _needed(labels: Sequence[_Label]) -> float:
    return _rows(labels) * _WIDEST_ROW


def _draw_strip(axes: Any, drawn: Strip) -> None:
    for phase, start, end in _phases(drawn):
        left, right = _inches(drawn, start), _inches(drawn, end)
        width = max(right - left, 0.02)
        axes.barh(_STRIP / 2, width, height=_STRIP, left=left, color=_COLOURS[phase], linewidth=0)


def _draw_key(axes: Any, drawn: Strip, height: float) -> None:
    lasted: dict[str, timedelta] = {}
    for phase, start, end in _phases(drawn):
        lasted[phase] = lasted.get(phase, timedelta()) + (end - start)
    foot = 0.06
    for phase, span in lasted.items():
        key = f"{phase} {duration(span)}"
        axes.barh(height, 0.14, height=0.14, left=foot, color=_COLOURS[phase], linewidth=0)
        axes.text(foot + 0.2, height, key, fontsize=8, color=_INK, va="center_baseline", parse_math=False)
        foot += 0.45 + len(key) * _LETTER
    said = f"{drawn.began_at.astimezone(UTC):%Y-%m-%d}, times in UTC"
    axes.text(_WIDTH - 0.04, height, said, fontsize=8, color=_GREY, va="center_baseline", ha="right")


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


def _draw_label(axes: Any, label: _Label, pitch: float) -> None:
    is_above = label.row > 0
    start = _STRIP if is_above else 0
    middle = _STRIP + (label.row - 0.4) * pitch if is_above else (label.row + 0.4) * pitch
    axes.plot([label.at, label.at], [start, middle], color=_GREY if is_above else _LINE, linewidth=0.8, zorder=1)
    axes.text(
        label.left,
        middle,
        label.text,
        fontsize=8,
        color=_INK if is_above else _GREY,
        va="center_baseline",
        parse_math=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        zorder=2,
    )


def _inches(drawn: Strip, at: datetime) -> float:
    """Return where a moment stands on the strip, inches from the left."""
    whole = (drawn.ended_at - drawn.began_at).total_seconds()
    return 0.03 + (at - drawn.began_at).total_seconds() / whole * (_WIDTH - 0.06)


def _hour(drawn: Strip, at: datetime) -> str:
    days = (at.astimezone(UTC).date() - drawn.began_at.astimezone(UTC).date()).days
    return f"{at.astimezone(UTC):%H:%M}" + (f" +{days} d" if days else "")

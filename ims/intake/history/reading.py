"""From what a format found to a preview: times read column by column, every doubt said row by row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from ims.intake.history.content import Content
from ims.intake.history.format import Format
from ims.intake.history.found import DayOrder, PastIncident, Preview, Problem, ProblemKind, RawIncident
from ims.intake.history.moments import Evidence, UnreadableTime, evidence, is_missing, read_moment
from ims.model import IncidentState
from ims.model.types import LINE_LENGTH, PROSE_LENGTH, legible

_FIELD_NAMES = {
    "opened_at": "start",
    "acknowledged_at": "acknowledgement",
    "resolved_at": "resolution",
    "closed_at": "closing",
}
UNLIKELY_LENGTH = timedelta(days=30)
UNLIKELY_TIMES_MEDIAN = 50
LONGEST_SPAN_SECONDS = 10 * 366 * 86_400


@dataclass
class _Reader:
    """One reading of one file: the order of each column, and the problems met so far."""

    format: Format
    zone: ZoneInfo
    orders: dict[str, DayOrder]
    problems: list[Problem] = field(default_factory=list)

    def complain(self, raw: RawIncident, kind: ProblemKind, sentence: str, name: str = "") -> None:
        self.problems.append(Problem(raw.row, raw.key[:LINE_LENGTH], kind, sentence, name))

    def moment(self, raw: RawIncident, name: str) -> datetime | None:
        try:
            return read_moment(raw.times.get(name, ""), self.zone, self.orders.get(name, DayOrder.DAY_FIRST))
        except UnreadableTime as error:
            if name != "opened_at":
                self.complain(raw, ProblemKind.UNREADABLE_TIME, f"{_FIELD_NAMES[name].capitalize()} {error}.", name)
                return None
            self.complain(
                raw, ProblemKind.NO_START, f"Start {error}. Without a start it cannot be imported.", "opened_at"
            )
            return None

    def after(self, raw: RawIncident, name: str, opened_at: datetime) -> datetime | None:
        """Return a time that is written out, or else as seconds since the start."""
        written = self.moment(raw, name)
        text = raw.seconds.get(name, "")
        if written or is_missing(text):
            return written
        seconds = _seconds(text)
        if seconds is None:
            sentence = f"{_FIELD_NAMES[name].capitalize()} “{text[:40]}”: this is no number of seconds."
            self.complain(raw, ProblemKind.UNREADABLE_TIME, sentence, name)
            return None
        return opened_at + timedelta(seconds=seconds)


def understand(
    known: Format, content: Content, raw: Sequence[RawIncident], zone: ZoneInfo, order: DayOrder | None
) -> Preview:
    """Read the times of what was found, and say what is doubtful."""
    found = {name: evidence([each.times.get(name, "") for each in raw]) for name in _FIELD_NAMES}
    whole = sum(found.values(), Evidence())
    fallback = order or whole.order or DayOrder.DAY_FIRST
    reader = _Reader(known, zone, {name: order or each.order or fallback for name, each in found.items()})
    incidents = list(_unique(reader, list(_incidents(reader, raw))))
    _doubt_lengths(reader, incidents)
    return Preview(
        format=known.key,
        title=known.title,
        rows=len(content.rows) or len(raw),
        incidents=incidents,
        problems=sorted(reader.problems, key=lambda problem: problem.row),
        remarks=[*content.remarks, *known.remarks, *_remarks(reader, whole, order, raw)],
        order=fallback if whole.undecided or whole.example else None,
        order_is_guessed=bool(whole.undecided) and whole.order is None and order is None,
    )


def _incidents(reader: _Reader, raw: Sequence[RawIncident]) -> Iterator[PastIncident]:
    for each in raw:
        opened_at = reader.moment(each, "opened_at")
        if opened_at is not None:
            yield _incident(reader, each, opened_at)
        elif is_missing(each.times.get("opened_at", "")):
            sentence = "There is no start. Without a start it cannot be imported."
            reader.complain(each, ProblemKind.NO_START, sentence, "opened_at")


def _incident(reader: _Reader, raw: RawIncident, opened_at: datetime) -> PastIncident:
    title = _line(raw.title) or "Without a title"
    resolved_at = reader.after(raw, "resolved_at", opened_at)
    if resolved_at and resolved_at < opened_at:
        sentence = f"It was resolved ({_say(resolved_at)}) before it started ({_say(opened_at)})."
        reader.complain(raw, ProblemKind.BACKWARDS, sentence, "resolved_at")
    if resolved_at == opened_at:
        sentence = "It ended in the minute it started; it may have been written down afterwards."
        reader.complain(raw, ProblemKind.NO_LENGTH, sentence, "resolved_at")
    return PastIncident(
        origin=reader.format.key,
        key=_line(raw.key) or _line(f"{opened_at.isoformat()} {title}"),
        row=raw.row,
        title=title,
        opened_at=opened_at,
        acknowledged_at=reader.after(raw, "acknowledged_at", opened_at),
        resolved_at=resolved_at,
        closed_at=reader.after(raw, "closed_at", opened_at),
        severity=raw.severity,
        state=raw.state or _state(raw),
        services=tuple(dict.fromkeys(filter(None, map(_line, raw.services)))),
        summary=str(legible(raw.summary)).strip()[:PROSE_LENGTH],
        sla_met=raw.sla_met,
        planned=raw.planned,
        time_zone=reader.zone.key,
        notes=tuple(_notes(reader, raw)),
    )


def _state(raw: RawIncident) -> IncidentState:
    """Where the file keeps no state: it is over if it says anything about an end."""
    ended = [raw.times.get("resolved_at", ""), raw.seconds.get("resolved_at", ""), raw.times.get("closed_at", "")]
    return IncidentState.OPEN if all(map(is_missing, ended)) else IncidentState.RESOLVED


def _notes(reader: _Reader, raw: RawIncident) -> Iterator[tuple[datetime, str]]:
    for when, text in raw.notes:
        try:
            at = read_moment(when, reader.zone, DayOrder.DAY_FIRST)
        except UnreadableTime:
            at = None
        if at:
            yield at, str(legible(text)).strip()[:PROSE_LENGTH]


def _unique(reader: _Reader, incidents: list[PastIncident]) -> Iterator[PastIncident]:
    """Keep the last of several rows with the same number, and say which were passed over."""
    last = {incident.key: incident for incident in incidents}
    for incident in incidents:
        kept = last[incident.key]
        if kept is incident:
            yield incident
        else:
            sentence = f"Row {kept.row} has the same number; that one counts."
            reader.problems.append(Problem(incident.row, incident.key, ProblemKind.REPEATED, sentence))


def _doubt_lengths(reader: _Reader, incidents: Sequence[PastIncident]) -> None:
    """Point out incidents that last months where the others last hours: often one wrong month."""
    lengths = [each.resolved_at - each.opened_at for each in incidents if each.resolved_at]
    if not lengths:
        return
    typical = timedelta(seconds=median(length.total_seconds() for length in lengths))
    limit = max(UNLIKELY_LENGTH, typical * UNLIKELY_TIMES_MEDIAN)
    for each in incidents:
        if each.resolved_at and each.resolved_at - each.opened_at > limit:
            days = (each.resolved_at - each.opened_at).days
            sentence = f"It lasts {days} days ({_say(each.opened_at)} to {_say(each.resolved_at)}); is a month wrong?"
            reader.problems.append(Problem(each.row, each.key, ProblemKind.UNLIKELY, sentence, "resolved_at"))


def _remarks(reader: _Reader, whole: Evidence, order: DayOrder | None, raw: Sequence[RawIncident]) -> Iterator[str]:
    yield f"Times without a zone are read as {reader.zone.key}."
    used = Counter(reader.orders.values())
    words = "day" if used[DayOrder.DAY_FIRST] >= used[DayOrder.MONTH_FIRST] else "month"
    if order:
        yield f"Dates are read {words} first, as you said."
    elif whole.example:
        yield f"Dates are written {words} first; “{whole.example}” shows it."
    elif whole.undecided:
        yield "Nothing in the file shows whether the day or the month comes first in its dates. Please choose."
    planned = sum(each.planned for each in raw)
    if planned:
        yield f"{planned} of them are maintenance planned beforehand."


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if abs(seconds) <= LONGEST_SPAN_SECONDS else None


def _line(text: str) -> str:
    return " ".join(str(legible(text)).split())[:LINE_LENGTH]


def _say(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")

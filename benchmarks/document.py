"""The root-cause document of a long incident: written, read, refreshed, beside python-docx opening and saving it."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from os import getloadavg
from pathlib import Path
from statistics import median
from time import perf_counter

import docx

from ims.model import EntryKind, FollowUp, FollowUpKind, FollowUpState, Incident, Severity, TimelineEntry
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Template, read_template
from ims.postmortem.reading.reader import read
from ims.postmortem.refreshing.planning import plan
from ims.postmortem.refreshing.word_file import WordFile
from ims.postmortem.writing import drawing
from ims.postmortem.writing.writer import write
from ims.web import memory

ENTRIES, FOLLOW_UPS = 500, 50
ROUNDS = 15
BARE = "python-docx opens and saves it"
_BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)


def run() -> None:
    """Print the medians in milliseconds, and the ratio to the bare library."""
    facts, template = long_incident(), read_template(Path("data"))
    file = write(facts, template)
    newer = _a_day_later(facts)
    acts: dict[str, Callable[[int], object]] = {
        BARE: lambda _: _open_and_save(file),
        "written": lambda _: write(facts, template),
        "written, with a new picture": lambda number: write(_later(facts, number), template),
        "read back": lambda _: read(file),
        "compared, nothing new": lambda _: _refresh(file, facts, template),
        "refreshed, a day later": lambda _: _refresh(file, newer, template),
    }
    print(f"load {getloadavg()[0]:.1f}; {ENTRIES} entries, {FOLLOW_UPS} follow-ups, {len(file) // 1000} kB")
    medians = _medians(acts)
    for name, measured in medians.items():
        ratio = "" if name == BARE else f"   {measured / medians[BARE]:4.1f}x   goal 3x"
        print(f"{name:<33} {measured:6.1f} ms{ratio}")


def long_incident() -> RcaFacts:
    """Return the facts of an incident with a long timeline and many follow-ups."""
    incident = Incident(
        id=1,
        title="Card payments fail",
        severity=Severity.SEV1,
        began_at=_BEGAN,
        detected_at=_BEGAN + timedelta(minutes=4),
        declared_at=_BEGAN + timedelta(minutes=6),
        resolved_at=_BEGAN + timedelta(hours=9),
    )
    entries = [_entry(number) for number in range(ENTRIES)]
    follow_ups = [_follow_up(number) for number in range(1, FOLLOW_UPS + 1)]
    written_at = _BEGAN + timedelta(days=1)
    return RcaFacts(incident=incident, written_at=written_at, timeline=entries, follow_ups=follow_ups)


def _entry(number: int) -> TimelineEntry:
    at = _BEGAN + timedelta(minutes=number)
    return TimelineEntry(
        id=number + 1,
        incident_id=1,
        kind=EntryKind.FINDING if number % 9 else EntryKind.UPDATE_WRITTEN,
        text=f"The gateway answered with 502 for one request in {number + 2}, as the dashboard shows.",
        occurred_at=at,
        recorded_at=at,
        author="Ada Lovelace",
    )


def _follow_up(number: int) -> FollowUp:
    return FollowUp(
        id=number,
        incident_id=1,
        number=number,
        text=f"Alert when one request in {number} fails",
        owner_name="Ada Lovelace",
        due_on=_BEGAN.date() + timedelta(days=number),
        kind=FollowUpKind.DETECT,
        created_at=_BEGAN,
    )


def _later(facts: RcaFacts, number: int) -> RcaFacts:
    """Return the facts with another end, so that the picture is drawn anew."""
    drawing.draw.cache_clear()
    ended_at = _BEGAN + timedelta(hours=9, minutes=number)
    return replace(facts, incident=facts.incident.model_copy(update={"resolved_at": ended_at}))


def _a_day_later(facts: RcaFacts) -> RcaFacts:
    """Return the facts with new entries, corrected ones, and follow-ups that are done."""
    timeline = [
        each.model_copy(update={"text": f"Corrected: {each.text}"}) if number % 50 == 0 else each
        for number, each in enumerate(facts.timeline)
    ]
    done = [each.model_copy(update={"state": FollowUpState.DONE}) for each in facts.follow_ups[::2]]
    return replace(
        facts,
        timeline=[*timeline, *(_entry(ENTRIES + number) for number in range(20))],
        follow_ups=sorted([*done, *facts.follow_ups[1::2]], key=lambda each: each.number),
        written_at=facts.written_at + timedelta(days=1),
    )


def _refresh(file: bytes, facts: RcaFacts, template: Template) -> bytes:
    opened = WordFile(file)
    return opened.write(plan(opened.items, facts, template, anchors=opened.anchors), {})


def _open_and_save(file: bytes) -> None:
    docx.Document(BytesIO(file)).save(BytesIO())


def _medians(acts: Mapping[str, Callable[[int], object]]) -> dict[str, float]:
    """Return the median milliseconds of each; all in turns, since a machine is not always equally quick."""
    memory.set_aside()  # as in the portal's process
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(-1, ROUNDS):
        for name, act in acts.items():
            gc.collect()  # nobody pays for the garbage of the one before
            started = perf_counter()
            act(number)
            if number >= 0:  # the first fills the caches
                taken[name].append((perf_counter() - started) * 1000)
    return {name: median(times) for name, times in taken.items()}

"""The drawn timeline: the same picture for the same facts, small, readable, and dear only where it is drawn."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image

from ims.model import EntryKind, Incident, TimelineEntry
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.writing import drawing

BEGAN = datetime(2026, 11, 23, 23, 40, tzinfo=UTC)


def facts(entries: int = 0, **times: datetime | None) -> RcaFacts:
    incident = Incident(id=1, title="$\\frac{$ \U0001f525 \u202e", began_at=BEGAN, detected_at=BEGAN, declared_at=BEGAN)
    for name, at in times.items():
        setattr(incident, name, at)
    timeline = [
        TimelineEntry(
            incident_id=1,
            kind=EntryKind.UPDATE_WRITTEN,
            text="$x_1$ told",
            occurred_at=BEGAN + timedelta(minutes=each),
            recorded_at=BEGAN,
            author="Ada",
        )
        for each in range(entries)
    ]
    return RcaFacts(incident=incident, written_at=BEGAN + timedelta(hours=9), timeline=timeline)


@pytest.fixture(scope="module")
def usual() -> RcaFacts:
    return facts(
        3,
        detected_at=BEGAN + timedelta(minutes=4),
        acknowledged_at=BEGAN + timedelta(minutes=6),
        mitigated_at=BEGAN + timedelta(hours=1),
        resolved_at=BEGAN + timedelta(hours=2),
    )


def test_the_same_facts_give_the_same_bytes(usual: RcaFacts) -> None:
    first = drawing.picture(usual)
    drawing.draw.cache_clear()
    assert drawing.picture(usual) == first


def test_other_times_give_another_picture(usual: RcaFacts) -> None:
    assert drawing.picture(usual) != drawing.picture(facts(3))


@pytest.mark.parametrize("entries", [0, 3, 500])
def test_it_is_as_wide_as_the_page_always_equally_high_and_small_as_a_file(entries: int) -> None:
    picture = drawing.picture(facts(entries))
    width, height = Image.open(BytesIO(picture)).size
    assert width / drawing._DPI == pytest.approx(drawing._WIDTH, abs=0.01)
    assert height / drawing._DPI == pytest.approx(2.51, abs=0.01)
    assert len(picture) < 100_000


def test_an_incident_of_no_length_and_one_of_a_month_are_drawn() -> None:
    at_once = facts(resolved_at=BEGAN)
    assert drawing.strip(at_once).ended_at == BEGAN + timedelta(minutes=1)
    assert drawing.picture(at_once).startswith(b"\x89PNG")
    assert drawing.picture(facts(resolved_at=BEGAN + timedelta(days=30))).startswith(b"\x89PNG")


def test_between_a_mitigation_that_did_not_hold_and_the_reopening_nothing_was_felt() -> None:
    known = facts(mitigated_at=BEGAN + timedelta(hours=3), resolved_at=BEGAN + timedelta(hours=4))
    kinds = ((60, EntryKind.MITIGATED), (80, EntryKind.RESOLVED), (150, EntryKind.REOPENED), (180, EntryKind.MITIGATED))
    timeline = [
        TimelineEntry(
            incident_id=1,
            kind=kind,
            text="",
            occurred_at=BEGAN + timedelta(minutes=at),
            recorded_at=BEGAN,
            author="Ada",
        )
        for at, kind in kinds
    ]
    phases = drawing._phases(drawing.strip(replace(known, timeline=timeline)))
    assert [(name, (end - start) / timedelta(minutes=1)) for name, start, end in phases] == [
        ("felt by customers", 60),
        ("mitigated", 90),
        ("felt by customers", 30),
        ("mitigated", 60),
    ]


def test_a_picture_for_customers_is_only_as_high_as_its_labels(usual: RcaFacts) -> None:
    strip = drawing.strip(usual)
    tight = drawing.draw(replace(strip, events=()), is_tight=True)
    assert Image.open(BytesIO(tight)).size[1] < 0.7 * Image.open(BytesIO(drawing.draw(strip))).size[1]


def test_times_that_were_corrected_out_of_order_are_drawn() -> None:
    odd = facts(resolved_at=BEGAN + timedelta(hours=1), detected_at=BEGAN - timedelta(hours=1))
    assert drawing.strip(odd).began_at == BEGAN - timedelta(hours=1)
    assert drawing.picture(odd).startswith(b"\x89PNG")


def test_the_strip_is_cut_into_what_was_not_seen_what_was_felt_and_what_was_mitigated(usual: RcaFacts) -> None:
    assert [(name, end - start) for name, start, end in drawing._phases(drawing.strip(usual))] == [
        ("not yet detected", timedelta(minutes=4)),
        ("felt by customers", timedelta(minutes=56)),
        ("mitigated", timedelta(hours=1)),
    ]


def test_a_time_after_midnight_says_so(usual: RcaFacts) -> None:
    said = [text for text, _ in drawing._labels(drawing.strip(usual), drawing.strip(usual).times)]
    assert said == [
        "23:40 began, declared",
        "23:44 detected",
        "23:46 acknowledged",
        "00:40 +1 d mitigated",
        "01:40 +1 d resolved",
    ]


def test_labels_of_a_row_do_not_hide_each_other_and_stay_on_the_picture() -> None:
    placed = drawing._place([(f"09:{minute:02} something happened", minute / 10) for minute in range(60)], 1)
    for row in {label.row for label in placed}:
        lefts = sorted((label.left, label.left + drawing.width_of(label.text)) for label in placed if label.row == row)
        assert all(end <= start for (_, end), (start, _) in pairwise(lefts))
    assert max(label.left + drawing.width_of(label.text) for label in placed) <= drawing._WIDTH


def test_of_many_events_the_first_and_the_last_are_drawn() -> None:
    drawn = drawing.strip(facts(500)).events
    assert len(drawn) == drawing._MOST_EVENTS
    assert (drawn[0][1], drawn[-1][1]) == (BEGAN, BEGAN + timedelta(minutes=499))

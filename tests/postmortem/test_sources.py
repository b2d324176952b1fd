"""Every fact of the portal's says where it is from, and the timeline of the document holds what changed its course."""

from datetime import UTC, datetime, timedelta

from ims.model import EntryKind, EntrySource, Impact, Incident, TimelineEntry
from ims.postmortem.content import blocks
from ims.postmortem.content.facts import RcaFacts

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def entry(
    minutes: int, kind: EntryKind, author: str, source: EntrySource = EntrySource.PERSON, **data: object
) -> TimelineEntry:
    return TimelineEntry(
        incident_id=7,
        kind=kind,
        text=f"{kind} by {author}",
        occurred_at=at(minutes),
        recorded_at=at(minutes),
        author=author,
        source=source,
        data=data,
    )


def facts(*timeline: TimelineEntry) -> RcaFacts:
    incident = Incident(
        id=7,
        title="Payments fail",
        declared_by="Ada",
        began_at=at(0),
        detected_at=at(0),
        declared_at=at(5),
        acknowledged_at=at(6),
        mitigated_at=at(30),
        impact=Impact.OUTAGE,
    )
    return RcaFacts(incident=incident, written_at=at(60), timeline=timeline)


def sources(grid: blocks.Grid) -> dict[str, str]:
    return {row[0]: row[2] for row in grid.rows}


KNOWN = facts(
    entry(0, EntryKind.ALERT_ATTACHED, "Ada", EntrySource.ALERTMANAGER),
    entry(5, EntryKind.DECLARED, "Ada"),
    entry(6, EntryKind.ACKNOWLEDGED, "Bob"),
    entry(7, EntryKind.IMPACT_SET, "Ada"),
    entry(8, EntryKind.SCOPE_CHANGED, "Cleo"),
    entry(9, EntryKind.IMPACT_SET, "Bob"),
    entry(30, EntryKind.MITIGATED, "Dora", correction="a typing error"),
)


def test_each_fact_of_the_impact_says_who_said_so() -> None:
    assert sources(blocks.impact(KNOWN)) == {
        "Customers": "Changed by Cleo",
        "Services": "Changed by Cleo",
        "Service level": "Declared by Ada",
        "Impact": "Decided by Bob",
        "Began": "An alert",
        "Mitigated": "Corrected by Dora",
        "Resolved": "",
        "Lasted": "Counted by IMS",
    }


def test_each_time_of_the_detection_says_where_it_is_from() -> None:
    found = sources(blocks.detection(KNOWN))
    assert found["Detected"] == "An alert"
    assert found["Declared"] == "Declared by Ada"
    assert found["Acknowledged"] == "Acknowledged by Bob"
    assert found["First customer update"] == ""


def test_a_corrected_time_an_imported_incident_and_one_without_entries_say_so() -> None:
    corrected = facts(entry(50, EntryKind.TIME_CORRECTED, "Eve", time="began_at"))
    assert sources(blocks.impact(corrected))["Began"] == "Corrected by Eve"
    imported = facts(entry(5, EntryKind.DECLARED, "Ada", EntrySource.IMPORT))
    assert sources(blocks.impact(imported))["Customers"] == "Imported by Ada"
    assert sources(blocks.impact(facts()))["Customers"] == "Declared by Ada"
    assert sources(blocks.frequency(facts())) == {"While it lasted": "", "Seen before": "Counted by IMS"}


def test_each_delivery_of_an_update_is_told_once_in_the_appendix_and_not_in_the_timeline() -> None:
    known = facts(entry(9, EntryKind.UPDATE_WRITTEN, "Ada"), entry(10, EntryKind.UPDATE_DELIVERED, "IMS"))
    assert [row[1] for row in blocks.timeline(known).rows] == ["update_written by Ada"]

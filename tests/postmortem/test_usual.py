"""How long things took beside how long they usually take, and what is still open from similar incidents."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from ims.bootstrap import Portal
from ims.model import FollowUp, FollowUpState, Incident, IncidentState, Severity
from ims.postmortem.content.blocks import durations, similar
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.usual import FEWEST, Usual, measure, usual
from ims.store import past
from tests.conftest import Team

BEGAN = datetime(2026, 11, 1, 9, tzinfo=UTC)


def incident(**given: Any) -> Incident:
    times = {"began_at": BEGAN, "detected_at": BEGAN, "declared_at": BEGAN}
    return Incident(**{"title": "Payments fail", "severity": Severity.SEV2, **times, **given})


def minutes(*each: int) -> Iterable[datetime]:
    return (BEGAN + timedelta(minutes=minute) for minute in each)


def test_each_duration_runs_between_the_times_of_the_figure_of_that_name() -> None:
    detected, declared, taken, told, eased, over = minutes(3, 5, 9, 25, 60, 90)
    lived = incident(
        detected_at=detected,
        declared_at=declared,
        acknowledged_at=taken,
        first_update_at=told,
        mitigated_at=eased,
        resolved_at=over,
    )
    assert [span.total_seconds() / 60 for span in measure(lived).values() if span] == [3, 4, 20, 60, 90]


def test_what_is_not_known_or_lies_before_its_start_is_not_measured() -> None:
    [early] = minutes(-5)
    assert set(measure(incident(detected_at=early)).values()) == {None}


def test_an_incident_without_a_time_of_mitigation_was_mitigated_when_it_was_resolved() -> None:
    [over] = minutes(40)
    assert measure(incident(resolved_at=over))["Time to mitigate"] == timedelta(minutes=40)


def test_the_usual_is_the_median_and_too_few_say_nothing() -> None:
    lived = [incident(resolved_at=end) for end in minutes(10, 20, 30, 40, 500)]
    assert usual(lived)["Time to resolve"] == Usual(5, timedelta(minutes=30))
    assert usual(lived[: FEWEST - 1])["Time to resolve"] == Usual(FEWEST - 1)
    assert usual(lived)["Time to acknowledge"] == Usual(0)


def test_the_table_says_the_usual_or_that_it_is_too_early_to_say() -> None:
    [over] = minutes(90)
    facts = RcaFacts(
        incident=incident(resolved_at=over),
        written_at=over,
        usual={"Time to resolve": Usual(7, timedelta(minutes=44)), "Time to detect": Usual(3)},
    )
    grid = durations(facts)
    assert grid.header[2] == "Usual for SEV2 (median)"
    assert list(grid.rows[0]) == ["Time to detect, since it began", "0 s", "too few to say", "3"]
    assert list(grid.rows[1]) == ["Time to acknowledge, since the declaration", "–", "too few to say", "0"]
    assert list(grid.rows[4]) == ["Time to resolve, since it began", "1 h 30 min", "44 min", "7"]


def test_the_past_is_of_the_same_severity_before_it_and_no_drill(portal: Portal, team: Team) -> None:
    def kept(days: int, **given: Any) -> Incident:
        owner = {"owner_id": team.ada.id}
        return incident(**{**owner, "declared_at": BEGAN - timedelta(days=days), **given})

    counted = [kept(1), kept(3)]
    left_out = [
        kept(-1),
        kept(2, severity=Severity.SEV1),
        kept(2, drill=True),
        kept(2, planned=True),
        kept(2, state=IncidentState.CANCELLED),
    ]
    now = kept(0)
    with portal.work(team.as_ada) as work:
        for each in (*counted, *left_out, now):
            work.add(each)
        found = past.of_severity(work.session, Severity.SEV2, BEGAN, excluding=now.id)
        assert [each.id for each in found] == [each.id for each in counted]
        assert len(past.of_severity(work.session, Severity.SEV2, BEGAN, excluding=now.id, limit=1)) == 1


def test_similar_incidents_name_what_is_still_open_from_them() -> None:
    alike = [incident(id=3, title="Payments failed"), incident(id=4, title="Payments fail again")]
    still_open = [
        FollowUp(
            incident_id=3,
            number=2,
            text="Alert on it",
            owner_name="Ada",
            due_on=BEGAN.date(),
            state=FollowUpState.OPEN,
            created_at=BEGAN,
        ),
        FollowUp(incident_id=3, number=5, text="Write it down", created_at=BEGAN),
    ]
    grid = similar(RcaFacts(incident=incident(), written_at=BEGAN, similar=alike, still_open=still_open))
    assert [list(row) for row in grid.rows] == [
        [
            "INC-3",
            "Payments failed",
            "2026-11-01",
            "FU-2 Alert on it (Ada, due 2026-11-01)\nFU-5 Write it down (no owner, no due date)",
        ],
        ["INC-4", "Payments fail again", "2026-11-01", "none"],
    ]


def test_only_unfinished_follow_ups_of_those_incidents_are_asked_for(portal: Portal, team: Team) -> None:
    with portal.work(team.as_ada) as work:
        mine = work.add(incident(owner_id=team.ada.id))
        other = work.add(incident(owner_id=team.ada.id))
        for number, (of, state) in enumerate(
            ((mine, FollowUpState.OPEN), (mine, FollowUpState.DONE), (other, FollowUpState.OPEN)), start=1
        ):
            work.add(FollowUp(incident_id=of.id, number=number, text="Do it", state=state, created_at=BEGAN))
        assert [each.number for each in past.unfinished_follow_ups(work.session, [mine.id])] == [1]

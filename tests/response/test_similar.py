"""Has it been seen before?"""

from datetime import timedelta

from ims.bootstrap import Portal
from ims.model import Incident
from ims.response.similar import similar
from tests.conftest import START, HandClock


def _titled(portal: Portal, clock: HandClock, *titles: str, days_ago: int = 1, drill: bool = False) -> None:
    at = clock.now - timedelta(days=days_ago)
    with portal.database.writing() as session:
        session.add_all(
            Incident(title=title, origin="test", began_at=at, detected_at=at, declared_at=at, drill=drill)
            for title in titles
        )


def _found(portal: Portal, title: str, excluding: int | None = None) -> list[str]:
    with portal.reading() as session:
        return [each.incident.title for each in similar(session, title, START, excluding=excluding)]


def test_titles_that_share_most_words_are_found_and_others_are_not(both_portals: Portal, clock: HandClock) -> None:
    _titled(both_portals, clock, "Payments fail with 502", "The search is slow")
    assert _found(both_portals, "payments FAIL with 502 again") == ["Payments fail with 502"]


def test_drills_itself_and_what_is_older_than_ninety_days_are_left_out(portal: Portal, clock: HandClock) -> None:
    _titled(portal, clock, "Payments fail", days_ago=91)
    _titled(portal, clock, "Payments fail", drill=True)
    _titled(portal, clock, "Payments fail")
    assert _found(portal, "Payments fail", excluding=3) == []
    assert _found(portal, "Payments fail") == ["Payments fail"]


def test_a_title_of_a_few_letters_is_like_nothing(portal: Portal, clock: HandClock) -> None:
    _titled(portal, clock, "abc")
    assert _found(portal, "abc") == []

"""The library finds post-mortems by their words, on both databases alike."""

from datetime import UTC, date, datetime

import pytest

from ims.bootstrap import Portal
from ims.model import PORTAL, IncidentDraft, LibraryEntry
from ims.response.declare import declare
from ims.store import library
from ims.store.library import BEGINS, ENDS, Asked
from tests.conftest import make_team

NOW = datetime(2026, 11, 23, tzinfo=UTC)
Entry = tuple[str, str, str, date | None, str]
ENTRIES: tuple[Entry, ...] = (
    ("Payments time out", "payments, search", "capacity", date(2026, 3, 1), "The connection pool was exhausted."),
    ("Search is slow", "search", "deploy", date(2026, 5, 1), "A release removed an index; queries timed out."),
    ("Certificates expired", "edge", "", None, "Nobody renewed the certificate of the edge."),
)


@pytest.fixture
def filled(both_portals: Portal) -> Portal:
    add(both_portals, *ENTRIES)
    return both_portals


def add(portal: Portal, *entries: Entry) -> None:
    with portal.work(PORTAL) as work:
        for title, services, cause, day, text in entries:
            work.add(
                LibraryEntry(
                    source=f"{title}.md",
                    title=title,
                    services=services,
                    cause=cause,
                    occurred_on=day,
                    text=text,
                    kept_at=NOW,
                )
            )


def titles(portal: Portal, asked: Asked) -> list[str]:
    with portal.reading() as session:
        found = library.search(session, asked)
        assert library.count(session, asked) == len(found)
    return [each.entry.title for each in found]


def test_a_word_is_found_in_another_form_and_by_its_beginning(filled: Portal) -> None:
    assert titles(filled, Asked("expiring")) == ["Certificates expired"]
    assert titles(filled, Asked("certific")) == ["Certificates expired"]
    assert titles(filled, Asked("renew")) == ["Certificates expired"]


def test_all_words_must_be_there_and_where_nothing_has_them_all_any_of_them_will_do(filled: Portal) -> None:
    assert titles(filled, Asked("connection pool")) == ["Payments time out"]
    assert set(titles(filled, Asked("pool index"))) == {"Payments time out", "Search is slow"}


def test_a_title_counts_for_more_than_the_text(filled: Portal) -> None:
    assert titles(filled, Asked("search"))[0] == "Search is slow"


def test_without_words_the_newest_come_first_and_those_without_a_day_last(filled: Portal) -> None:
    assert titles(filled, Asked()) == ["Search is slow", "Payments time out", "Certificates expired"]


def test_service_cause_and_days_narrow_it_down(filled: Portal) -> None:
    assert titles(filled, Asked(service="search")) == ["Search is slow", "Payments time out"]
    assert titles(filled, Asked(service="sea")) == []
    assert titles(filled, Asked("time", cause="capacity")) == ["Payments time out"]
    assert titles(filled, Asked(since=date(2026, 4, 1))) == ["Search is slow"]
    assert titles(filled, Asked(until=date(2026, 4, 1))) == ["Payments time out"]


def test_the_place_of_the_words_is_shown(filled: Portal) -> None:
    with filled.reading() as session:
        (found,) = library.search(session, Asked("exhausted"))
    assert f"{BEGINS}exhausted{ENDS}" in found.snippet


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ('"', ""),
        ("'", ""),
        ("&|!", ""),
        ("\\", ""),
        ("\N{COLLISION SYMBOL}", ""),
        ('"pool', "pool"),
        ("POOL AND INDEX", "pool and index"),
        ("pool NOT connection", "pool not connection"),
        ("pool OR index", "pool or index"),
        ("-pool", "pool"),
        ("title:pool", "title pool"),
        ("NEAR(pool index)", "near pool index"),
        ("pool | index", "pool index"),
        ("x" * 5000, "nowhere"),
        ("a " * 500 + "pool", "a " * 500),
    ],
)
def test_nothing_that_people_type_is_an_operator(filled: Portal, typed: str, meant: str) -> None:
    assert titles(filled, Asked(typed)) == titles(filled, Asked(meant))


def test_what_is_changed_or_removed_is_found_no_more(filled: Portal) -> None:
    with filled.database.writing() as session:
        first, second = library.search(session, Asked(service="search"))
        second.entry.text = "Nothing was wrong."
        session.delete(first.entry)
    assert titles(filled, Asked("exhausted")) == titles(filled, Asked("release")) == []
    assert titles(filled, Asked("wrong")) == ["Payments time out"]


def test_similar_ones_share_words_with_the_title_and_services(filled: Portal) -> None:
    with filled.reading() as session:
        (found,) = library.search(session, Asked("Payments"))
        assert [each.title for each in library.similar(session, found.entry)] == ["Search is slow"]


def test_the_causes_and_services_that_can_be_chosen(filled: Portal) -> None:
    with filled.reading() as session:
        assert library.causes(session) == ["capacity", "deploy"]
        assert library.services(session) == ["edge", "payments", "search"]


def test_ss_and_sharp_s_are_found_by_each_other(filled: Portal) -> None:
    add(
        filled,
        ("Straßenschluss dark", "", "", None, "At Hauptstraße."),
        ("GROSSE LAST", "", "", None, "In Hafenstrasse."),
    )
    for typed in ("straßenschluß", "STRASSENSCHLUSS", "strass", "Hauptstrasse dark"):
        assert titles(filled, Asked(typed)) == ["Straßenschluss dark"]
    assert titles(filled, Asked("Hafenstraße große")) == ["GROSSE LAST"]
    assert titles(filled, Asked("missississippiss")) == []


@pytest.mark.parametrize("typed", ["INC-{id}", "inc-{id}", "index after INC-{id}?"])
def test_the_entry_of_the_incident_that_is_asked_for_comes_first(filled: Portal, typed: str) -> None:
    team = make_team(filled)
    draft = IncidentDraft.model_validate(
        {"title": "Disk is full", "affects_customers": True, "customer_ids": [team.acme.id]}
    )
    with filled.work(team.as_ada) as work:
        incident = declare(work, draft, filled.procedure)
    key = incident.key
    add(filled, (f"Index after {key}, {key} again", key, "", None, f"{key} {key} index"))
    with filled.work(PORTAL) as work:
        own = LibraryEntry(incident_id=incident.id, source="portal", title="Disk is full", text="", kept_at=NOW)
        own.text = f"# Root cause of {key}\n\n" + "An index after index grew. " * 50
        work.add(own)
    add(filled, (f"Index after {key}", "", "", None, f"{key} once more"))
    first, *others = titles(filled, Asked(typed.format(id=incident.id)))
    assert first == "Disk is full"
    assert {f"Index after {key}, {key} again", f"Index after {key}"} <= {*others}

"""The library's pages: searching, reading, and showing what people wrote literally."""

from datetime import date

import pytest

from ims.bootstrap import Portal
from ims.model import PORTAL, LibraryEntry
from ims.ui.library.page import highlighted
from tests.conftest import START
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import words_on

MARKUP = "# <b>Certificates</b> expired :material/home: $x$"


@pytest.fixture
def filled(portal: Portal) -> LibraryEntry:
    with portal.work(PORTAL) as work:
        work.add(
            LibraryEntry(
                source="slow.md",
                title="Search is slow",
                services="search",
                cause="deploy",
                occurred_on=date(2026, 5, 1),
                text="A release removed an index.",
                follow_ups=[{"text": "Test <i>it</i>", "owner": "", "due": None, "state": "in_progress"}],
                kept_at=START,
            )
        )
        hostile = LibraryEntry(source="x.md", title=MARKUP, text=f"{MARKUP} and [a](http://x)", kept_at=START)
        return work.add(hostile)


def test_an_empty_library_says_how_something_comes_in(open_page: OpenPage) -> None:
    assert "ims import-rca" in words_on(open_page("library"))


@pytest.mark.usefixtures("filled")
def test_everything_is_listed_and_words_narrow_it_down(open_page: OpenPage) -> None:
    app = open_page("library")
    assert "2 post-mortems, the newest first" in words_on(app)
    app.text_input(key="library_words").set_value("removed").run()
    assert "1 post-mortem, the fittest first" in words_on(app)
    assert ":primary-background[removed]" in words_on(app)
    app.text_input(key="library_words").set_value("volcano").run()
    assert "Nothing fits" in words_on(app)


@pytest.mark.usefixtures("filled")
def test_filters_narrow_it_down(open_page: OpenPage) -> None:
    app = open_page("library")
    app.selectbox(key="library_service").set_value("search").run()
    app.selectbox(key="library_cause").set_value("deploy").run()
    app.selectbox(key="library_year").set_value("2026").run()
    assert "1 post-mortem" in words_on(app)
    app.selectbox(key="library_year").set_value("2025").run()
    assert "Nothing fits" in words_on(app)


def test_one_is_read_whole_with_its_follow_ups(open_page: OpenPage, filled: LibraryEntry) -> None:
    app = open_page("library", entry=str(filled.id - 1))
    assert app.title[0].value == "Search is slow"
    assert app.code[0].value == "A release removed an index."
    assert "2026-05-01 · search · deploy · from slow.md" in words_on(app)


def test_what_is_not_known_of_one_leaves_no_gap(open_page: OpenPage, filled: LibraryEntry) -> None:
    app = open_page("library", entry=str(filled.id))
    assert [caption.value for caption in app.caption] == ["no date · from x.md"]
    app = open_page("library", entry=str(filled.id - 1))
    assert app.dataframe[0].value.iloc[0].to_dict() == {
        "Action": "Test <i>it</i>",
        "Owner": "–",
        "Due": "–",
        "State": "In progress",
    }


def test_what_people_wrote_is_no_markup(open_page: OpenPage, filled: LibraryEntry) -> None:
    app = open_page("library", entry=str(filled.id))
    assert app.title[0].value.startswith("\\# \\<b\\>Certificates")
    assert app.code[0].value.startswith(MARKUP)


@pytest.mark.parametrize("number", ["999", "0", "99999999999999999999", "x"])
def test_an_entry_that_is_not_there_is_said(open_page: OpenPage, number: str) -> None:
    assert "no such post-mortem" in words_on(open_page("library", entry=number))


def test_only_found_words_are_marked() -> None:
    assert highlighted("a ⟪b⟫ *c* ⟪d") == "a :primary-background[b] \\*c\\* d"

"""The document as LibreOffice lays it out: pages, running heads, repeated table heads, and nothing cut off."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ims.model import EntryKind, FollowUp, Incident, TimelineEntry
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Template, read_template
from ims.postmortem.writing import pdf
from ims.postmortem.writing.customer_copy import customer_copy
from ims.postmortem.writing.writer import write

pytestmark = pytest.mark.skipif(not pdf.is_possible(), reason="LibreOffice is not installed (libreoffice-writer)")

BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)
LONG_WORD = "x" * 9_000 + "END-OF-IT"


def entry(number: int, text: str) -> TimelineEntry:
    at = BEGAN + timedelta(minutes=number)
    return TimelineEntry(
        incident_id=1, kind=EntryKind.NOTE, text=text, occurred_at=at, recorded_at=at, author="Ada Lovelace"
    )


@pytest.fixture(scope="module")
def facts() -> RcaFacts:
    incident = Incident(
        id=7,
        title="Card payments fail",
        began_at=BEGAN,
        detected_at=BEGAN,
        declared_at=BEGAN,
        resolved_at=BEGAN + timedelta(hours=9),
    )
    follow_ups = [
        FollowUp(incident_id=7, number=number, text=f"Do the thing number {number}", created_at=BEGAN)
        for number in range(1, 51)
    ]
    entries = [entry(number, f"Entry number {number}") for number in range(500)]
    entries[250] = entry(250, LONG_WORD)
    return RcaFacts(incident=incident, written_at=BEGAN + timedelta(days=1), timeline=entries, follow_ups=follow_ups)


@pytest.fixture(scope="module")
def pages(facts: RcaFacts, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], list[str]]:
    folder = tmp_path_factory.mktemp("pages")

    def of(file: bytes) -> list[str]:
        (folder / "document.pdf").write_bytes(pdf.convert(file))
        return text_of(folder / "document.pdf").split("\f")[:-1]

    return of


def text_of(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def long_document(facts: RcaFacts, pages: Callable[[bytes], list[str]]) -> list[str]:
    return pages(write(facts, read_template(Path(__file__).parents[2] / "data")))


def test_every_page_has_the_key_the_state_and_its_number(long_document: list[str]) -> None:
    count = len(long_document)
    assert 10 < count < 60
    for number, page in enumerate(long_document, start=1):
        assert "INC-7 · Open" in page.splitlines()[0] + page.splitlines()[1]
        assert f"Page {number} of {count}" in page


def test_the_contents_on_the_first_page_name_every_section(long_document: list[str]) -> None:
    for title in ("Contents", "At a glance", "How long it took", "Follow-up actions", "Appendix: customer updates"):
        assert title in long_document[0]


def test_every_entry_and_follow_up_is_on_some_page(long_document: list[str]) -> None:
    said = " ".join(" ".join(long_document).split())
    assert [number for number in range(500) if number != 250 and f"Entry number {number} " not in said] == []
    assert [number for number in range(1, 51) if f"FU-{number} " not in said] == []


def test_a_word_longer_than_a_page_is_broken_and_shown_to_its_end(long_document: list[str]) -> None:
    letters = re.sub(r"[^xENDOFIT-]", "", "".join(long_document))
    assert "END-OF-IT" in letters.replace("\n", "")


def test_the_head_of_a_table_stands_on_each_of_its_pages(long_document: list[str]) -> None:
    inside = [page for page in long_document if page.count("Entry number") > 10]
    assert len(inside) > 8
    assert all(re.search(r"Time +What happened +Who", page) for page in inside)


def test_the_customer_version_fits_one_page(
    facts: RcaFacts, template: Template, pages: Callable[[bytes], list[str]]
) -> None:
    known = replace(facts, written={"summary": "Payments failed.", "customers": "We raised a limit."})
    [page] = pages(customer_copy(known, template).file)
    assert "Incident report" in page
    assert "We raised a limit." in page
    assert "Entry number" not in page

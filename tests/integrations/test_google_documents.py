"""Root-cause documents in Google Docs: made once, shared, read with all that people put in, refreshed in place."""

import base64
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import docx
import pytest

from ims.clock import utc_now
from ims.integrations.google.settings import GoogleSettings
from ims.integrations.google.workspace import GoogleWorkspace
from ims.model.message import DocumentRefresh, DocumentRequest, DocumentShare, NewBlock, NewRow
from ims.model.outline import Cell as ReadCell
from ims.model.outline import Grid, Text
from ims.ports import DeliveryError, Receipt
from tests.fakes.google import Cell, FakeDocument, FakeGoogle, Paragraph, Run, Tab, Table, Trouble

ADA, BOB = "ada@example.com", "bob@example.com"
CAPTION = "Written by IMS; refreshed from the incident. As of 2026-11-23 03:00:00 UTC."
LATER = "Written by IMS; refreshed from the incident. As of 2026-11-23 04:00:00 UTC. Seal 12ab34cd."
HEADER = ["Time", "What happened", "Who"]
ROWS = [["03:00", "Declared", "Ada"], ["03:10", "Rolled back", "Bob"]]


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as fake:
        yield fake
        assert fake.violations == []


def portal_at(google: FakeGoogle, **settings: object) -> GoogleWorkspace:
    return GoogleWorkspace(GoogleSettings.model_validate(google.oauth_settings() | settings), utc_now)


def word_file() -> bytes:
    """Return a document as the portal writes one, in small."""
    document = docx.Document()
    document.add_paragraph("Root cause analysis of INC-7", style="Title")
    document.add_heading("Summary", level=1)
    document.add_paragraph("The pool was too small 🙂.")
    document.add_heading("Timeline", level=1)
    document.add_paragraph(CAPTION)
    table = document.add_table(rows=0, cols=3)
    for row in (HEADER, *ROWS):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_paragraph("")
    document.add_heading("Customer updates", level=1)
    document.add_paragraph(CAPTION)
    document.add_heading("What we learnt", level=1)
    document.add_paragraph("To ask earlier.")
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def request(**changes: object) -> DocumentRequest:
    content = base64.b64encode(word_file()).decode()
    known = {"incident_key": "INC-7", "mark": "ims-rca-7", "title": "INC-7 Root cause", "content": content}
    return DocumentRequest.model_validate(known | {"share_with": [ADA, BOB]} | changes)


def create(google: FakeGoogle, **settings: object) -> Receipt:
    return portal_at(google, **settings).create(request(), "k")


def made(google: FakeGoogle) -> FakeDocument:
    create(google)
    [document] = google.docs.documents.values()
    return document


def read(google: FakeGoogle, document: FakeDocument) -> Sequence[Text | Grid]:
    return portal_at(google).read(document.name).outline


def block(rows: Sequence[NewRow], **changes: object) -> NewBlock:
    known = {"heading": "Timeline", "seen_caption": CAPTION, "seen_rows": [HEADER, *ROWS], "caption": LATER}
    return NewBlock.model_validate(known | {"rows": rows} | changes)


def row(*cells: str, was: int | None = None) -> NewRow:
    return NewRow(cells=cells, was=was)


SAME = [row(*cells, was=number) for number, cells in enumerate([HEADER, *ROWS])]


def refresh(google: FakeGoogle, document: FakeDocument, *blocks: NewBlock) -> Receipt:
    asked = DocumentRefresh(incident_key="INC-7", blocks=list(blocks), document=document.name)
    return portal_at(google).refresh(asked, "k")


def test_a_word_file_becomes_a_google_document_in_which_those_involved_write(google: FakeGoogle) -> None:
    google.drive.folders["0Folder"] = "Post-mortems"
    receipt = create(google, folder="https://drive.google.com/drive/folders/0Folder?usp=sharing")
    [file] = google.drive.files.values()
    assert (file["name"], file["parents"]) == ("INC-7 Root cause", ["0Folder"])
    assert file["mimeType"] == "application/vnd.google-apps.document"
    assert google.docs.documents[file["id"]].lines[:3] == [
        "Root cause analysis of INC-7",
        "Summary",
        "The pool was too small 🙂.",
    ]
    assert google.drive.writers(file["id"]) == [ADA, BOB]
    assert (receipt.url, receipt.reference) == (file["webViewLink"], file["id"])
    assert receipt.references == {"document": file["id"]}
    assert receipt.proof == f"In Google Docs. Shared with {ADA}, {BOB}."


def test_asking_twice_makes_one_document(google: FakeGoogle) -> None:
    assert create(google) == create(google)
    assert len(google.drive.files) == 1


def test_a_document_whose_answer_was_lost_is_found_again(google: FakeGoogle) -> None:
    portal = portal_at(google)
    portal.ping()
    google.fail_next(None, Trouble.DROPPED)  # the look for it, then its making
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        portal.create(request(), "k")
    assert not caught.value.permanent
    assert portal.create(request(), "k").references == {"document": next(iter(google.drive.files))}
    assert len(google.drive.files) == 1
    assert google.drive.writers(next(iter(google.drive.files))) == [ADA, BOB]


def test_the_documents_of_two_incidents_are_not_mixed_up(google: FakeGoogle) -> None:
    portal = portal_at(google)
    marks = ["ims-rca-7", "ims-rca-70", "it's \\ odd"]
    names = {portal.create(request(mark=mark), "k").reference for mark in (*marks, *marks)}
    assert len(names) == len(google.drive.files) == 3


def test_a_document_in_the_bin_is_made_anew(google: FakeGoogle) -> None:
    first = create(google).reference
    google.drive.trash(first)
    assert create(google).reference != first


def test_a_domain_may_write_or_nobody_yet(google: FakeGoogle) -> None:
    shared = create(google, share_with="domain", domain="example.com")
    assert google.drive.writers(shared.reference) == ["example.com"]
    google.drive.purge(shared.reference)
    alone = create(google, share_with="nobody")
    assert google.drive.writers(alone.reference) == []
    assert alone.proof == "In Google Docs."


def test_whom_google_refuses_is_said_and_the_others_may_write(google: FakeGoogle) -> None:
    google.drive.strangers.add(ADA)
    receipt = create(google)
    assert google.drive.writers(receipt.reference) == [BOB]
    assert f"Shared with {BOB}. Google does not share it with {ADA}: You are trying to invite" in receipt.proof


def test_somebody_who_comes_later_may_write_too(google: FakeGoogle) -> None:
    document = made(google)
    share = DocumentShare(incident_key="INC-7", share_with=["eve@example.com"], document=document.name)
    for _ in range(2):
        assert portal_at(google).share(share, "k").proof == "Shared with eve@example.com."
    assert google.drive.writers(document.name) == [ADA, BOB, "eve@example.com"]


def test_a_folder_that_the_portal_may_not_use_names_its_setting(google: FakeGoogle) -> None:
    with pytest.raises(DeliveryError, match="IMS_GOOGLE_FOLDER") as caught:
        create(google, folder="0Other")
    assert caught.value.permanent
    with pytest.raises(DeliveryError, match="IMS_GOOGLE_FOLDER"):
        portal_at(google, folder="0Other").ping()


def test_what_was_written_is_read(google: FakeGoogle) -> None:
    copy = portal_at(google).read(made(google).name)
    assert copy.outline[:3] == [
        Text("Root cause analysis of INC-7", level=1),
        Text("Summary", level=1),
        Text("The pool was too small 🙂."),
    ]
    assert Grid([[ReadCell(cell) for cell in cells] for cells in (HEADER, *ROWS)]) in copy.outline
    assert (copy.title, copy.revision) == ("INC-7 Root cause", next(iter(google.docs.documents.values())).revision)


CHIPS: dict[str, tuple[dict[str, Any], str]] = {
    "person": ({"person": {"personProperties": {"name": "Ada Lovelace", "email": ADA}}}, "Ada Lovelace"),
    "person without a name": ({"person": {"personProperties": {"email": ADA}}}, ADA),
    "day": (
        {
            "dateElement": {
                "dateElementProperties": {
                    "timestamp": "2026-12-01T23:30:00Z",
                    "timeZoneId": "Europe/Zurich",
                    "displayText": "Dec 2",
                }
            }
        },
        "2026-12-02",
    ),
    "day as shown": ({"dateElement": {"dateElementProperties": {"displayText": "Dec 2, 2026"}}}, "Dec 2, 2026"),
    "day of an unknown zone": (
        {
            "dateElement": {
                "dateElementProperties": {
                    "timestamp": "2026-12-01T23:30:00Z",
                    "timeZoneId": "Mars/Base",
                    "displayText": "Dec 1, 2026",
                }
            }
        },
        "Dec 1, 2026",
    ),
    "link": ({"richLink": {"richLinkProperties": {"title": "Runbook", "uri": "https://x.example"}}}, "Runbook"),
    "bare link": ({"richLink": {"richLinkProperties": {"uri": "https://x.example"}}}, "https://x.example"),
    "dropdown": ({"dropdown": {"dropdownProperties": {"displayValue": "In progress"}}}, "In progress"),
    "picture": ({"inlineObjectElement": {"inlineObjectId": "kix.1"}}, ""),
    "footnote": ({"footnoteReference": {"footnoteId": "kix.2"}}, ""),
    "equation": ({"equation": {}}, ""),
}


@pytest.mark.parametrize(("chip", "words"), CHIPS.values(), ids=CHIPS)
def test_a_chip_reads_as_the_words_it_shows(google: FakeGoogle, chip: dict[str, object], words: str) -> None:
    document = made(google)
    document.caption("What we learnt").runs = [Run("See "), Run(chip=chip), Run(" there")]
    assert Text(f"See {words} there") in read(google, document)


def test_a_picture_alone_is_not_an_empty_line(google: FakeGoogle) -> None:
    document = made(google)
    document.caption("What we learnt").runs = [Run(chip=CHIPS["picture"][0])]
    assert Text("[picture]") in read(google, document)


def test_a_cell_knows_the_address_of_its_person_and_of_its_link(google: FakeGoogle) -> None:
    document = made(google)
    table = document.table("Timeline")
    table.rows[1][2].blocks = [Paragraph([Run(chip=CHIPS["person"][0])])]
    table.rows[2][2].blocks = [Paragraph([Run("Bob", {"link": {"url": f"mailto:{BOB}?subject=x"}})])]
    [grid] = [each for each in read(google, document) if isinstance(each, Grid)]
    assert grid.rows[1][2] == ReadCell("Ada Lovelace", ADA)
    assert grid.rows[2][2] == ReadCell("Bob", BOB)


def test_items_of_lists_are_known_and_a_person_in_one_is_named_by_their_address(google: FakeGoogle) -> None:
    document = made(google)
    learnt = document.caption("What we learnt")
    learnt.list_id, learnt.depth = "kix.list", 1
    learnt.runs = [Run("Raise the limit "), Run(chip=CHIPS["person"][0])]
    assert Text(f"Raise the limit @{ADA}", is_item=True, depth=1) in read(google, document)


def test_only_what_is_crossed_out_from_end_to_end_counts_as_crossed_out(google: FakeGoogle) -> None:
    document = made(google)
    learnt = document.caption("What we learnt")
    learnt.runs = [Run("Done", {"strikethrough": True}), Run(" "), Run("all", {"strikethrough": True, "bold": True})]
    assert Text("Done all", is_struck=True) in read(google, document)
    learnt.runs.append(Run(" but this"))
    assert Text("Done all but this") in read(google, document)
    cell = document.table("Timeline").rows[1][1]
    cell.blocks = [Paragraph([Run("Declared", {"strikethrough": True})])]
    [grid] = [each for each in read(google, document) if isinstance(each, Grid)]
    assert grid.rows[1][1] == ReadCell("Declared", is_struck=True)


def test_suggestions_read_as_if_they_were_accepted(google: FakeGoogle) -> None:
    document = made(google)
    document.caption("What we learnt").runs = [
        Run("To ask "),
        Run("late", suggested="deletion"),
        Run("early", suggested="insertion"),
    ]
    assert Text("To ask early") in read(google, document)


def test_every_tab_is_read_and_starts_with_its_title(google: FakeGoogle) -> None:
    document = made(google)
    inner = Tab("Open questions", [Paragraph([Run("Who owns it?")])], "t.2")
    document.tabs.append(Tab("Notes", [Paragraph([Run("Ask Bob")])], "t.1", [inner]))
    assert read(google, document)[-4:] == [
        Text("Notes", level=1),
        Text("Ask Bob"),
        Text("Open questions", level=1),
        Text("Who owns it?"),
    ]


@pytest.mark.parametrize("covered_are_listed", [True, False])
def test_merged_cells_are_filled_up_so_that_columns_stay_columns(google: FakeGoogle, covered_are_listed: bool) -> None:
    document = made(google)
    table = document.table("Timeline")
    table.rows[0][0].span = (1, 2)
    table.rows[1][2].span = (2, 1)
    if not covered_are_listed:
        del table.rows[0][1], table.rows[2][2]
        table.rows.append([Cell(), Cell(), Cell()])
    [grid] = [each for each in read(google, document) if isinstance(each, Grid)]
    assert grid.rows[0] == [ReadCell("Time"), ReadCell(joins_left=True), ReadCell("Who")]
    assert grid.rows[1][2] == ReadCell("Ada")
    assert grid.rows[2][2] == ReadCell("Ada", joins_above=True)
    assert [len(each) for each in grid.rows] == [3] * len(grid.rows)


def test_a_table_inside_a_cell_reads_as_its_words(google: FakeGoogle) -> None:
    document = made(google)
    inner = Table([[Cell([Paragraph([Run("deep")])])]])
    document.table("Timeline").rows[1][1].blocks = [Paragraph([Run("outer")]), inner, Paragraph()]
    [grid] = [each for each in read(google, document) if isinstance(each, Grid)]
    assert grid.rows[1][1] == ReadCell("outer\ndeep")


def test_it_is_exported_as_a_word_file(google: FakeGoogle) -> None:
    document = made(google)
    found = docx.Document(BytesIO(portal_at(google).download(document.name)))
    assert found.paragraphs[0].text == "Root cause analysis of INC-7"
    assert found.tables[0].rows[1].cells[1].text == "Declared"

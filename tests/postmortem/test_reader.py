"""A document comes back from people, from Word and from Google Docs."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ims.config import ROOT
from ims.model import FollowUp, FollowUpDraft, FollowUpKind, FollowUpState, Incident
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import read_template
from ims.postmortem.reading.reader import read
from ims.postmortem.writing.writer import write
from tests.conftest import START
from tests.postmortem.conftest import WriteDocument, edit, fill_row, follow_up_table

TEMPLATE = read_template(ROOT / "data")


def document_of(build: Callable[[Document], None]) -> bytes:
    """Write a document that the portal has never seen."""
    document = docx.Document()
    build(document)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def add_table(document: Document, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def with_table(*rows: Sequence[str], heading: str = "Follow-up actions") -> bytes:
    def build(document: Document) -> None:
        document.add_heading(heading, level=1)
        add_table(document, rows)

    return document_of(build)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=300), st.text(max_size=40), st.dates(date(2000, 1, 1), date(2099, 1, 1))
        ),
        max_size=5,
    )
)
@example([("\x00\x0b\ufffe <b>=1+1</b> \u202eabc\u202c **x** \ud800", "@mia\t", date(2026, 12, 1))])
def test_follow_ups_survive_the_way_through_the_document(rows: list[tuple[str, str, date]]) -> None:
    follow_ups = []
    for number, (text, owner, due) in enumerate(rows, start=1):
        try:
            draft = FollowUpDraft.model_validate({"text": text, "owner_name": owner, "due_on": due})
        except ValueError:  # nothing is left of a text of blanks
            continue
        follow_ups.append(FollowUp(**draft.model_dump(), id=number, incident_id=1, number=number, created_at=START))
    incident = Incident(id=1, title="Any", began_at=START, detected_at=START, declared_at=START)
    came_back = read(write(RcaFacts(incident, START, follow_ups=follow_ups), TEMPLATE))
    wanted = [
        (each.row_id, each.text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"), each.due_on)
        for each in follow_ups
    ]
    assert [(each.row_id, each.text, each.due) for each in came_back.follow_ups] == wanted
    assert came_back.not_understood == []


def test_ten_kilobytes_of_arabic_and_markup_are_written_and_read_word_for_word() -> None:
    words = "\n".join(["مرحبا <script> **bold** =cmd|' \u202e"] * 300)
    incident = Incident(id=1, title="Any", began_at=START, detected_at=START, declared_at=START)
    came_back = read(write(RcaFacts(incident, START, written={"root_cause": words}), TEMPLATE))
    assert dict(came_back.sections)["Root cause and contributing factors"].split() == words.split()


def test_rows_typed_in_the_meeting_are_read(written: WriteDocument) -> None:
    file = edit(
        written(),
        lambda document: fill_row(document, 1, action="Alert on queue depth", owner="Bob Kahn", due="1 Dec 2026"),
    )
    [follow_up] = read(file).follow_ups
    assert (follow_up.text, follow_up.owner, follow_up.due, follow_up.done) == (
        "Alert on queue depth",
        "Bob Kahn",
        date(2026, 12, 1),
        False,
    )


def test_columns_may_change_places_and_have_company() -> None:
    file = with_table(
        ("Prio", "DUE DATE (UTC)", "Owner:", "Notes", "Action", "Done"),
        ("1", "Dec 1, 2026", "@ada", "soon", "Add a test", "✓"),
    )
    [follow_up] = read(file).follow_ups
    assert (follow_up.text, follow_up.owner, follow_up.due, follow_up.done) == (
        "Add a test",
        "@ada",
        date(2026, 12, 1),
        True,
    )


@pytest.mark.parametrize(
    ("owner", "due"),
    [
        ("Owner / Verantwortlich", "Due Date / ETA"),
        ("Assign", "Target completion"),
        ("Assigned", "Deadline / time"),
        ("Who/Wer", "Fällig / Due by"),
    ],
)
def test_columns_have_names_in_two_languages_or_in_few_letters(owner: str, due: str) -> None:
    reading = read(with_table(("Action", owner, due), ("Add a test", "Ada", "2026-12-01")))
    assert [(each.owner, each.due) for each in reading.follow_ups] == [("Ada", date(2026, 12, 1))]
    assert reading.not_understood == []


@pytest.mark.parametrize("both", ["Owner / Due date", "Who / When"])
def test_a_column_that_was_not_read_is_named_once(both: str) -> None:
    def build(document: Document) -> None:
        document.add_heading("Follow-up actions", level=1)
        header = ("#", "Action", both, "Ticket", "State", "Notes", "Cost", "")
        for kind in ("Detect", "Prevent"):
            document.add_heading(kind, level=2)
            rows = [("1", "Add a test", "Ada / 2026-12-01", "OPS-1", "open", "soon", "n/a", "P1")] * 2
            add_table(document, [header, *rows])
        document.add_heading("Costs", level=1)
        add_table(document, [("Item", "Costs"), ("Disks", "5 €")])

    assert read(document_of(build)).not_understood == [
        f"The column “{both}” of the follow-up table was not read.",
        "The column “Notes” of the follow-up table was not read.",
        "A column without a name of the follow-up table was not read.",
    ]


def test_a_column_that_only_numbers_the_rows_needs_no_word() -> None:
    reading = read(with_table(("", "Action", "Owner", "Due"), ("1.", "Test", "Ada", ""), ("2.", "Write", "Bob", "")))
    assert reading.not_understood == []


def test_a_time_beside_an_action_in_two_languages_is_a_timeline() -> None:
    reading = read(with_table(("Zeit / Time", "Action", "Who"), ("14:00", "Restarted", "Ada")))
    assert reading.follow_ups == []


def wrap(element: Any) -> None:
    """Put an element into a content control, as Google's export does with everything."""
    control = parse_xml(f'<w:sdt {nsdecls("w")}><w:sdtPr><w:tag w:val="goog_rdk_1"/></w:sdtPr><w:sdtContent/></w:sdt>')
    element.addprevious(control)
    control.find(qn("w:sdtContent")).append(element)


def test_a_google_export_wrapped_in_content_controls_is_read(written: WriteDocument) -> None:
    def as_google(document: Document) -> None:
        fill_row(document, 1, action="Cache less", owner="Ada Lovelace", due="2026-12-01")
        body = document.element.body
        for tag in ("w:r", "w:p", "w:tc", "w:tr", "w:tbl"):
            for element in list(body.iter(qn(tag))):
                wrap(element)

    [follow_up] = read(edit(written(), as_google)).follow_ups
    assert (follow_up.text, follow_up.owner, follow_up.due) == ("Cache less", "Ada Lovelace", date(2026, 12, 1))


def test_tracked_changes_count_as_accepted(written: WriteDocument) -> None:
    def suggest(document: Document) -> None:
        fill_row(document, 1, action="Alert on ", owner="Ada Lovelace")
        paragraph = follow_up_table(document).rows[1].cells[1].paragraphs[0]._p
        for tag, text, element in (("w:ins", "latency", "w:t"), ("w:del", "memory", "w:delText")):
            change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(element)
            words.text = text
            run.append(words)
            change.append(run)
            paragraph.append(change)

    [follow_up] = read(edit(written(), suggest)).follow_ups
    assert follow_up.text == "Alert on latency"


def test_a_row_deleted_as_a_suggestion_is_gone() -> None:
    def delete(document: Document) -> None:
        add_table(document, [("Action", "Owner", "Due"), ("Stay", "Ada", ""), ("Go", "Ada", "")])
        properties = document.tables[0].rows[2]._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:del"))

    assert [each.text for each in read(document_of(delete)).follow_ups] == ["Stay"]


def test_a_timeline_is_no_list_of_follow_ups() -> None:
    file = with_table(("Time", "Action", "Who"), ("14:00", "Restarted", "Ada"), heading="Timeline")
    assert read(file).follow_ups == []


def test_the_table_under_its_heading_is_preferred_and_the_other_one_named() -> None:
    def build(document: Document) -> None:
        document.add_heading("Ideas", level=1)
        add_table(document, [("Action", "Owner", "Due date"), ("Perhaps", "", "")])
        document.add_heading("Follow-up actions", level=1)
        document.add_heading("Prevent", level=2)
        add_table(document, [("Action", "Owner", "Due date"), ("Surely", "", "")])

    reading = read(document_of(build))
    assert [each.text for each in reading.follow_ups] == ["Surely"]
    assert any("“Ideas”" in sentence for sentence in reading.not_understood)


@pytest.mark.parametrize("nothing", ["N/A", "none", "-", "None."])
def test_a_lone_not_applicable_is_no_follow_up(nothing: str) -> None:
    reading = read(with_table(("Action", "Owner", "Due date"), (nothing, "", "")))
    assert (reading.follow_ups, reading.not_understood) == ([], [])


@pytest.mark.parametrize("due", ["01/12/2026", "tomorrow", "Q1", "31/02/2026", "2026-13-01"])
def test_a_date_that_can_mean_two_days_or_none_is_said_and_not_guessed(due: str) -> None:
    reading = read(with_table(("Action", "Owner", "Due date"), ("Add a test", "Ada", due)))
    assert reading.follow_ups[0].due is None
    assert due in reading.not_understood[0]


@pytest.mark.parametrize(
    "due",
    [
        "2026-12-13",
        "13 Dec 2026",
        "13 December 2026",
        "Dec 13, 2026",
        "December 13th, 2026",
        "13/12/2026",
        "13.12.2026",
        "Sun, 13 Dec 2026",
        "2026-12-13T00:00:00Z",
        "13-Dec-2026",
        "Dec-13-2026",
        "2026\u201112\u201113",
        "\u200e13\u00a0Dec\u00a0２０２６",
        "٢٠٢٦-١٢-١٣",
        "2026年12月13日",
    ],
)
def test_the_usual_spellings_of_a_day_are_read(due: str) -> None:
    reading = read(with_table(("Action", "Owner", "Due date"), ("Add a test", "Ada", due)))
    assert (reading.follow_ups[0].due, reading.not_understood) == (date(2026, 12, 13), [])


def test_signs_that_nobody_sees_do_no_harm() -> None:
    header = ("ID", "Ac\u00adtion", "Ow\u00adner", "Due\u00a0date")
    reading = read(with_table(header, ("FU\u20117", "Add a test", "Ada", "")))
    assert [(each.row_id, each.text, each.owner) for each in reading.follow_ups] == [("FU-7", "Add a test", "Ada")]


def test_a_table_that_somebody_split_is_read_to_its_end() -> None:
    def build(document: Document) -> None:
        document.add_heading("Follow-up actions", level=1)
        for rows in ((("ID", "Action", "Owner"), ("FU-1", "Test", "Ada")), (("FU-2", "Write", "Bob"),)):
            table = document.add_table(len(rows), 3)
            for row, words in zip(table.rows, rows, strict=True):
                for cell, said in zip(row.cells, words, strict=True):
                    cell.text = said
            document.add_paragraph()

    reading = read(document_of(build))
    assert [(each.row_id, each.owner) for each in reading.follow_ups] == [("FU-1", "Ada"), ("FU-2", "Bob")]
    assert reading.not_understood == []


def split_behind(document: Document, row: int) -> None:
    """Split the follow-up table behind a row, as Word does."""
    table = follow_up_table(document)
    rest = deepcopy(table._tbl)
    for each in list(rest.iterchildren(qn("w:tr")))[: row + 1]:
        rest.remove(each)
    for each in list(table._tbl.iterchildren(qn("w:tr")))[row + 1 :]:
        table._tbl.remove(each)
    table._tbl.addnext(rest)
    rest.addprevious(OxmlElement("w:p"))


def test_rows_typed_in_the_meeting_are_read_behind_a_split(written: WriteDocument) -> None:
    def split(document: Document) -> None:
        for row, action in enumerate(("Add a test", "Write a runbook", "Alert on depth"), start=1):
            fill_row(document, row, action=action, owner="Ada", due="2026-12-01" if row < 3 else "")
        split_behind(document, 1)

    reading = read(edit(written(), split))
    assert [each.text for each in reading.follow_ups] == ["Add a test", "Write a runbook", "Alert on depth"]
    assert [each.due for each in reading.follow_ups] == [date(2026, 12, 1), date(2026, 12, 1), None]
    assert reading.not_understood == []


@pytest.mark.parametrize("due", ["Friday", "01/12/2026", ""])
def test_the_rest_of_a_split_table_may_begin_with_a_date_that_is_none(due: str) -> None:
    def build(document: Document) -> None:
        document.add_heading("Ideas", level=1)
        add_table(document, [("Action", "Owner", "Due"), ("Test", "Ada", "")])
        document.add_paragraph()
        add_table(document, [("Write", "Bob", due)])

    assert [each.text for each in read(document_of(build)).follow_ups] == ["Test", "Write"]


@pytest.mark.parametrize(
    ("second", "between"),
    [
        ((("Risk", "Who sees it", "How bad"), ("Disk full", "Ada", "very")), ""),
        ((("Write", "Bob", "2026-12-01"),), "Costs so far:"),
        ((("Write", "Bob"),), ""),
    ],
)
def test_another_table_behind_the_follow_ups_is_not_a_part_of_them(
    second: Sequence[Sequence[str]], between: str
) -> None:
    def build(document: Document) -> None:
        document.add_heading("Follow-up actions", level=1)
        add_table(document, [("Action", "Owner", "Due"), ("Test", "Ada", "")])
        document.add_paragraph(between)
        add_table(document, second)

    reading = read(document_of(build))
    assert [each.text for each in reading.follow_ups] == ["Test"]
    assert any("was not read" in sentence for sentence in reading.not_understood)


@pytest.mark.parametrize("mark", ["Done", "x", "✓", "☑", "☒", "yes", "DONE", "completed"])
def test_marks_that_mean_done(mark: str) -> None:
    reading = read(with_table(("Action", "Owner", "Due", "State"), ("Add a test", "Ada", "", mark)))
    assert reading.follow_ups[0].done


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Closed - won't fix", FollowUpState.DROPPED),
        ("Resolved: won't do", FollowUpState.DROPPED),
        ("Closed as duplicate", FollowUpState.DROPPED),
        ("Done partially", FollowUpState.IN_PROGRESS),
        ("Done (partly)", FollowUpState.IN_PROGRESS),
        ("Done 80 %", FollowUpState.IN_PROGRESS),
        ("Not done", FollowUpState.OPEN),
        ("Done in #12, tests too", FollowUpState.DONE),
        ("Fixed: rejected calls are not an error any more", FollowUpState.DONE),
        ("Done 100 % by Bob", FollowUpState.DONE),
        ("Done as planned (was due 2026-12-01)", FollowUpState.DONE),
    ],
)
def test_a_state_is_read_to_its_end(said: str, state: FollowUpState) -> None:
    reading = read(with_table(("Action", "Owner", "Due", "State"), ("Add a test", "Ada", "", said)))
    assert (reading.follow_ups[0].state, reading.not_understood) == (state, [])


@pytest.mark.parametrize(
    "said",
    [
        "Closed, not done",
        "Completed: no",
        "Done?",
        "done except tests",
        "Fixed, not deployed",
        "Fixed, isn't deployed",
        "Completed by end of 2026",
        "✅ but not deployed",
    ],
)
def test_a_state_that_takes_itself_back_is_not_done_and_is_said(said: str) -> None:
    reading = read(with_table(("Action", "Owner", "Due", "State"), ("Add a test", "Ada", "", said)))
    assert reading.follow_ups[0].state is None
    assert [said in sentence for sentence in reading.not_understood] == [True]


def test_a_state_that_nobody_knows_is_said() -> None:
    reading = read(with_table(("Action", "Owner", "Due", "State"), ("Add a test", "Ada", "", "blocked")))
    assert not reading.follow_ups[0].done
    assert "blocked" in reading.not_understood[0]


def test_an_owner_without_an_action_is_said() -> None:
    reading = read(with_table(("Action", "Owner", "Due"), ("", "Ada", "2026-12-01"), ("", "", "")))
    assert reading.follow_ups == []
    assert "Ada" in reading.not_understood[0]


def test_a_check_list_is_read_with_owner_and_due_date() -> None:
    def build(document: Document) -> None:
        document.add_heading("Action items", level=2)
        document.add_paragraph("[x] Raise the limit (owner: Ada Lovelace, due: 2026-12-01)", style="List Bullet")
        document.add_paragraph("☐ Write a runbook @bob by 5 Dec 2026")
        document.add_paragraph("Somebody should think about it.")
        document.add_heading("Notes", level=2)
        document.add_paragraph("Not an action", style="List Bullet")

    reading = read(document_of(build))
    assert [(each.text, each.owner, each.due, each.done) for each in reading.follow_ups] == [
        ("Raise the limit", "Ada Lovelace", date(2026, 12, 1), True),
        ("Write a runbook", "bob", date(2026, 12, 5), False),
    ]
    assert any("Somebody should think" in sentence for sentence in reading.not_understood)


def test_kind_and_row_id_come_back() -> None:
    file = with_table(("ID", "Action", "Owner", "Due date", "Kind"), ("FU-7", "Add a test", "", "", "Prevent"))
    [follow_up] = read(file).follow_ups
    assert (follow_up.row_id, follow_up.kind, follow_up.state) == ("FU-7", FollowUpKind.PREVENT, None)


def test_an_action_crossed_out_is_done() -> None:
    def build(document: Document) -> None:
        add_table(document, [("Action", "Owner", "Due"), ("", "Ada", "")])
        document.tables[0].rows[1].cells[0].paragraphs[0].add_run("Old thing").font.strike = True

    assert read(document_of(build)).follow_ups[0].state is FollowUpState.DONE

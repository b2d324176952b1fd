"""What the portal wrote comes back through the editors that people use."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from pathlib import Path

from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import Table, _Row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ims.config import ROOT
from ims.model import FollowUp, FollowUpDraft, FollowUpKind, FollowUpState, Incident
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import read_template
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.understood import NOTHING, ReadFollowUp
from ims.postmortem.writing.writer import write
from tests.conftest import START
from tests.postmortem.conftest import edit, follow_up_table
from tests.servers import absent

TEMPLATE = read_template(ROOT / "data")
OFFICE = shutil.which("soffice")
TYPED = [
    ("Alert on the depth of the queue", "Ada Lovelace", date(2026, 12, 1), FollowUpKind.DETECT, FollowUpState.OPEN),
    ("Raise the limit | of <b>pods</b>", "bob@example.com", None, None, FollowUpState.IN_PROGRESS),
    ("Write a runbook", "", date(2027, 1, 31), FollowUpKind.PROCESS, FollowUpState.DONE),
]
Row = tuple[str, str, date | None, FollowUpKind | None, FollowUpState]


def incident() -> Incident:
    return Incident(id=1, title="Payments fail", began_at=START, detected_at=START, declared_at=START)


def written(rows: Sequence[Row] = TYPED) -> bytes:
    follow_ups = [
        FollowUp(
            **FollowUpDraft(text=text, owner_name=owner, due_on=due, kind=kind).model_dump(),
            id=number,
            incident_id=1,
            number=number,
            state=state,
            created_at=START,
        )
        for number, (text, owner, due, kind, state) in enumerate(rows, start=1)
    ]
    return write(RcaFacts(incident(), START, follow_ups=follow_ups), TEMPLATE)


def rows_of(follow_ups: Sequence[ReadFollowUp]) -> list[tuple[object, ...]]:
    return [(each.text, each.owner, each.due, each.kind, each.state) for each in follow_ups]


def change(alter: Callable[[Table], object]) -> Sequence[ReadFollowUp]:
    """Let somebody change the follow-up table in Word, and read the document again."""

    def in_table(document: Document) -> None:
        alter(follow_up_table(document))

    return read(edit(written(), in_table)).follow_ups


def line() -> st.SearchStrategy[str]:
    alphabet = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
    text = st.text(alphabet, max_size=80).map(lambda words: " ".join(words.split()))
    return text.filter(lambda words: words.casefold() not in NOTHING)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            line().filter(bool),
            line() | st.just(""),
            st.none() | st.dates(date(2000, 1, 1), date(2099, 1, 1)),
            st.none() | st.sampled_from(FollowUpKind),
            st.sampled_from(FollowUpState),
        ),
        max_size=4,
    )
)
def test_whatever_follow_ups_say_comes_back(rows: list[Row]) -> None:
    reading = read(written(rows))
    assert rows_of(reading.follow_ups) == [(text.strip(), owner.strip(), *rest) for text, owner, *rest in rows]
    assert [each.row_id for each in reading.follow_ups] == [f"FU-{number + 1}" for number in range(len(rows))]
    assert reading.not_understood == []


def move_up(table: Table) -> None:
    table.rows[1]._tr.addprevious(table.rows[3]._tr)


def test_rows_that_people_move_keep_their_words() -> None:
    assert [each.row_id for each in change(move_up)] == ["FU-3", "FU-1", "FU-2"]


def insert_row(table: Table) -> _Row:
    """Insert a row below the first, as people do with the row they stand in."""
    new = parse_xml(f"<w:tr {nsdecls('w')}>{'<w:tc><w:p/></w:tc>' * len(table.columns)}</w:tr>")
    table.rows[1]._tr.addnext(new)
    return table.rows[2]


def test_a_row_inserted_between_others_is_new_and_in_its_place() -> None:
    def insert(table: Table) -> None:
        row = insert_row(table)
        row.cells[1].text, row.cells[2].text, row.cells[3].text = "Cache less", "@mia", "1 Dec 2026"

    read_back = change(insert)
    assert [each.row_id for each in read_back] == ["FU-1", "", "FU-2", "FU-3"]
    assert (read_back[1].text, read_back[1].owner, read_back[1].due) == ("Cache less", "@mia", date(2026, 12, 1))


def test_an_id_merged_with_its_action_loses_neither() -> None:
    read_back = change(lambda table: table.cell(1, 0).merge(table.cell(1, 1)))
    assert (read_back[0].row_id, read_back[0].text) == ("FU-1", TYPED[0][0])


def test_an_owner_merged_over_two_rows_owns_both() -> None:
    def merge(table: Table) -> None:
        table.cell(2, 2).text = ""
        table.cell(1, 2).merge(table.cell(2, 2))

    assert [each.owner for each in change(merge)] == ["Ada Lovelace", "Ada Lovelace", ""]


def test_an_action_merged_over_two_new_rows_is_one_and_the_rest_is_said() -> None:
    def merge(document: Document) -> None:
        table = follow_up_table(document)
        table.cell(4, 1).merge(table.cell(5, 1)).text = "Test the failover"
        table.cell(4, 2).text, table.cell(5, 2).text = "Ada", "Bob"

    reading = read(edit(written(), merge))
    assert [(each.text, each.owner) for each in reading.follow_ups[3:]] == [("Test the failover", "Ada")]
    assert any("Bob" in sentence for sentence in reading.not_understood)


def test_a_title_through_the_whole_table_groups_and_gives_the_kind() -> None:
    def group(table: Table) -> None:
        row = insert_row(table)
        row.cells[0].merge(row.cells[-1]).text = "Mitigate"

    assert [each.kind for each in change(group)] == [FollowUpKind.DETECT, FollowUpKind.MITIGATE, FollowUpKind.PROCESS]


def test_line_breaks_and_links_in_a_cell_are_read() -> None:
    def fill(document: Document) -> None:
        table = follow_up_table(document)
        table.cell(1, 1).paragraphs[0].add_run().add_break()
        table.cell(1, 1).paragraphs[0].add_run("and its age")
        table.cell(1, 2).text = ""
        target = document.part.relate_to(
            "mailto:ada@example.com?subject=x",
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
            is_external=True,
        )
        link = parse_xml(f'<w:hyperlink {nsdecls("w", "r")} r:id="{target}"><w:r><w:t>Ada</w:t></w:r></w:hyperlink>')
        table.cell(1, 2).paragraphs[0]._p.append(link)

    [first, *_] = read(edit(written(), fill)).follow_ups
    assert (first.text, first.owner, first.owner_email) == (f"{TYPED[0][0]}\nand its age", "Ada", "ada@example.com")


def test_columns_may_be_moved_and_added() -> None:
    def alter(table: Table) -> None:
        for row in table.rows:
            cells = row._tr.findall(qn("w:tc"))
            cells[0].addprevious(cells[3])
            cells[-1].addnext(parse_xml(f"<w:tc {nsdecls('w')}><w:p><w:r><w:t>P1</w:t></w:r></w:p></w:tc>"))

    assert rows_of(change(alter)) == rows_of(read(written()).follow_ups)


def test_text_pasted_from_the_web_is_read_as_words() -> None:
    def paste(table: Table) -> None:
        table.cell(4, 1).text = ""
        table.cell(4, 1).paragraphs[0]._p.append(
            parse_xml(
                f'<w:r {nsdecls("w")}><w:rPr><w:color w:val="FF0000"/></w:rPr>'
                '<w:t xml:space="preserve">\u00a0Use </w:t>'
                "<w:noBreakHyphen/><w:t>quotas\u200b</w:t><w:br/><w:t>everywhere</w:t></w:r>"
            )
        )

    assert change(paste)[3].text == "Use -quotas\u200b\neverywhere"


def tracked(kind: str, content: str) -> str:
    return f'<w:{kind} {nsdecls("w")} w:id="9" w:author="Ada" w:date="2026-11-01T10:00:00Z">{content}</w:{kind}>'


def test_a_move_and_a_changed_row_count_once_and_as_they_are_now() -> None:
    def suggest(table: Table) -> None:
        for row, kind in ((4, "moveFrom"), (5, "moveTo")):
            run = "<w:r><w:t>Shed load early</w:t></w:r>"
            table.cell(row, 1).paragraphs[0]._p.append(parse_xml(tracked(kind, run)))
        for row, kind in ((1, "del"), (2, "ins")):
            table.rows[row]._tr.get_or_add_trPr().append(parse_xml(tracked(kind, "")))

    assert [each.text for each in change(suggest)] == [TYPED[1][0], TYPED[2][0], "Shed load early"]


def test_two_lines_joined_by_a_suggestion_are_one() -> None:
    def join(table: Table) -> None:
        cell = table.cell(4, 1)
        cell.text = "Alert on "
        end = parse_xml(f"<w:pPr {nsdecls('w')}><w:rPr>{tracked('del', '')}</w:rPr></w:pPr>")
        first = cell.paragraphs[0]._p
        if first.pPr is not None:
            first.remove(first.pPr)
        first.insert(0, end)
        cell.add_paragraph("latency")

    assert change(join)[3].text == "Alert on latency"


def wrapped_as_google_does(document: Document) -> None:
    """Put every run, paragraph, cell, row and table into a content control with Google's tag."""
    numbers = count()
    for tag in ("w:r", "w:p", "w:tc", "w:tr", "w:tbl"):
        for element in list(document.element.body.iter(qn(tag))):
            _wrap(element, next(numbers))


def _wrap(element: BaseOxmlElement, number: int) -> None:
    control = parse_xml(
        f'<w:sdt {nsdecls("w")}><w:sdtPr><w:id w:val="{number}"/><w:tag w:val="goog_rdk_{number}"/></w:sdtPr>'
        "<w:sdtContent/></w:sdt>"
    )
    element.addprevious(control)
    control.find(qn("w:sdtContent")).append(element)


def test_a_document_wrapped_as_google_exports_it_reads_the_same() -> None:
    def as_google(document: Document) -> None:
        for mark in [*document.element.body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))]:
            mark.getparent().remove(mark)  # Google's export loses them
        wrapped_as_google_does(document)

    before, after = read(written()), read(edit(written(), as_google))
    assert after == before
    assert len(after.follow_ups) == len(TYPED)


def test_a_document_saved_by_libreoffice_as_odt_and_back_reads_the_same(tmp_path: Path) -> None:
    if not OFFICE:
        absent("LibreOffice", "apt-get install libreoffice-writer-nogui")
    (tmp_path / "rca.docx").write_bytes(written())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for source, wanted, folder in (("rca.docx", "odt", "odt"), ("odt/rca.odt", "docx", "docx")):
        subprocess.run(
            [OFFICE, profile, "--headless", "--convert-to", wanted, "--outdir", str(tmp_path / folder), source],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            timeout=120,
        )
    before, after = read(written()), read((tmp_path / "docx" / "rca.docx").read_bytes())
    assert rows_of(after.follow_ups) == rows_of(before.follow_ups)
    assert (after.incident_key, after.written_at) == (before.incident_key, before.written_at)
    assert dict(after.sections).keys() == dict(before.sections).keys()
    assert after.not_understood == []


def test_a_check_box_of_word_says_whether_it_is_done() -> None:
    def tick(document: Document) -> None:
        for at, checked in ((4, "1"), (5, "0")):
            cell = follow_up_table(document).cell(at, 5)
            follow_up_table(document).cell(at, 1).text = f"Row {at}"
            cell.paragraphs[0]._p.append(
                parse_xml(
                    f'<w:sdt {nsdecls("w", "w14")}><w:sdtPr><w14:checkbox><w14:checked w14:val="{checked}"/>'
                    "</w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:sym w:font='Custom' w:char='F041'/></w:r>"
                    "</w:sdtContent></w:sdt>"
                )
            )

    assert [each.state for each in read(edit(written(), tick)).follow_ups[3:]] == [
        FollowUpState.DONE,
        FollowUpState.OPEN,
    ]


def test_a_table_kept_in_a_frame_or_a_text_box_is_read() -> None:
    def frame(document: Document) -> None:
        table = follow_up_table(document)._tbl
        outer = parse_xml(f"<w:tbl {nsdecls('w')}><w:tr><w:tc/></w:tr></w:tbl>")
        table.addprevious(outer)
        outer.find(f"{qn('w:tr')}/{qn('w:tc')}").append(table)
        box = OxmlElement("w:txbxContent")
        paragraph = document.add_paragraph("Beside it: ")._p
        run = OxmlElement("w:r")
        run.append(box)
        paragraph.append(run)
        box.append(document.add_paragraph("Only a remark")._p)

    reading = read(edit(written(), frame))
    assert len(reading.follow_ups) == len(TYPED)
    assert any("Beside it:\nOnly a remark" in text for _, text in reading.sections)

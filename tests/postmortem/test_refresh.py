"""A refresh writes the portal's blocks anew, and every character that people wrote stays."""

import struct
import zlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st

from ims.model import FollowUpState, Person
from ims.postmortem.content.block_words import CAPTION
from ims.postmortem.content.block_words import text_of as text_of_block
from ims.postmortem.reading.reader import read
from ims.postmortem.refreshing.planning import Answer, Standing
from ims.postmortem.refreshing.word_file import WordFile
from tests.postmortem.documents import (
    edited,
    entry,
    facts,
    follow_up,
    later,
    of_people,
    part,
    parts,
    planned,
    refreshed,
    table_of,
    text_of,
    words,
    written,
)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


# One grey pixel.
PNG = b"".join(
    (
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\0\x80")),
        _chunk(b"IEND", b""),
    )
)

PNG_OF_OURS = PNG + b"Software\0IMS"


def standings(file: bytes, later_facts: Any) -> dict[str, Standing]:
    return {each.now.key: each.standing for each in planned(file, later_facts).blocks}


def caption(document: Document, number: int) -> Any:
    return [each for each in document.paragraphs if each.text.startswith(CAPTION)][number]


def block_of(document: Document, header: str) -> tuple[Any, Any]:
    """The caption and the table of a block, as elements."""
    table = table_of(document, header)._tbl
    return table.getprevious(), table


def test_what_was_just_written_has_nothing_to_refresh() -> None:
    before = facts()
    assert set(standings(written(before), before).values()) == {Standing.FRESH}


def test_only_the_blocks_that_say_something_else_change() -> None:
    found = standings(written(facts()), later(facts()))
    changing = {key for key, standing in found.items() if standing is Standing.CHANGES}
    assert changing == {"front", "picture", "durations", "impact", "timeline"}


def test_a_refreshed_document_says_what_the_portal_knows_now() -> None:
    new = refreshed(written(facts()), later(facts()))
    assert words(new, "What happened")[-1] == ["2026-11-23 03:04 UTC", "Something happened, number 4", "Ada Lovelace"]
    assert set(standings(new, later(facts())).values()) == {Standing.FRESH}
    assert refreshed(new, later(facts())) == new


def test_what_was_right_already_is_said_to_be_so_as_of_now() -> None:
    new = refreshed(edited(written(facts()), _retell), later(facts()))
    stamps = {
        each.text.split(" UTC")[0] for each in docx.Document(BytesIO(new)).paragraphs if each.text.startswith(CAPTION)
    }
    assert sorted(stamp[-8:] for stamp in stamps) == ["03:00:00", "05:00:00"]
    assert read(new).written_at == later(facts()).written_at  # that of the follow-ups counts, not of the block kept


def test_rows_that_say_the_same_are_not_touched() -> None:
    file = edited(written(facts()), lambda document: _bold(table_of(document, "What happened").rows[2].cells[1]))
    before = table_of(docx.Document(BytesIO(file)), "What happened").rows[2]._tr
    after = table_of(docx.Document(BytesIO(refreshed(file, later(facts())))), "What happened").rows[2]._tr
    assert deepcopy(after).xml == deepcopy(before).xml


def _bold(cell: Any) -> None:
    cell.paragraphs[0].runs[0].bold = True


# Anything that people may put between two blocks.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)


def a_paragraph(text: str) -> Callable[[Document], Any]:
    return lambda document: document.add_paragraph(text)._p


def a_formatted_paragraph(text: str) -> Callable[[Document], Any]:
    def build(document: Document) -> Any:
        paragraph = document.add_paragraph(style="List Bullet")
        paragraph.add_run(text).bold = True
        paragraph.add_run(text[::-1]).italic = True
        return paragraph._p

    return build


def a_table(text: str) -> Callable[[Document], Any]:
    def build(document: Document) -> Any:
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).text, table.cell(1, 1).text = text, text
        table.cell(0, 0).merge(table.cell(0, 1))
        return table._tbl

    return build


def a_picture(text: str) -> Callable[[Document], Any]:
    def build(document: Document) -> Any:
        paragraph = document.add_paragraph(text)
        paragraph.add_run().add_picture(BytesIO(PNG))
        return paragraph._p

    return build


def a_comment(text: str) -> Callable[[Document], Any]:
    def build(document: Document) -> Any:
        paragraph = document.add_paragraph(text)
        document.add_comment(paragraph.runs, text=text, author="Bob")
        return paragraph._p

    return build


def a_tracked_change(text: str) -> Callable[[Document], Any]:
    def build(document: Document) -> Any:
        paragraph = document.add_paragraph(text)._p
        inserted = OxmlElement("w:ins")
        inserted.set(qn("w:id"), "77")
        inserted.set(qn("w:author"), "Bob")
        inserted.append(paragraph.r_lst[0])
        paragraph.append(inserted)
        return paragraph

    return build


def a_control(text: str) -> Callable[[Document], Any]:
    def build(document: Document) -> Any:
        inside = document.add_paragraph(text)._p
        control = parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtPr><w:tag w:val='goog_rdk_1'/></w:sdtPr><w:sdtContent/></w:sdt>"
        )
        inside.addprevious(control)
        control[1].append(inside)
        return control

    return build


contents = st.one_of(
    *(
        texts.map(make)
        for make in (
            a_paragraph,
            a_formatted_paragraph,
            a_table,
            a_picture,
            a_comment,
            a_tracked_change,
            a_control,
        )
    )
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(contents, st.integers(0, 10_000)), max_size=6))
def test_whatever_people_put_anywhere_survives_byte_for_byte(
    added: list[tuple[Callable[[Document], Any], int]],
) -> None:
    def put_in(document: Document) -> None:
        for build, at in added:
            element = build(document)
            places = [each for each in document.element.body if each is not element and each.tag != qn("w:sectPr")]
            # between a caption and its table is no place to look for what is theirs: both are looked for together
            apart = [each for each in places if not text_of(each).startswith(CAPTION)]
            apart[at % len(apart)].addnext(element)

    file = edited(written(facts()), put_in)
    new = refreshed(file, later(facts()))
    assert of_people(new) == of_people(file)
    assert parts(new) == parts(file)
    assert set(standings(new, later(facts())).values()) == {Standing.FRESH}


def test_words_between_a_caption_and_its_table_and_right_behind_it_stay() -> None:
    def type_around(document: Document) -> None:
        above, table = block_of(document, "What happened")
        for element, text in ((above, "Between the two"), (table, "Right behind")):
            paragraph = document.add_paragraph(text)._p
            element.addnext(paragraph)

    new = refreshed(edited(written(facts()), type_around), later(facts()))
    said = [each.text for each in docx.Document(BytesIO(new)).paragraphs]
    assert "Between the two" in said
    assert "Right behind" in said
    assert len(words(new, "What happened")) == 5


def test_a_table_of_people_below_a_caption_is_not_taken_for_the_blocks() -> None:
    def replace_table(document: Document) -> None:
        above, table = block_of(document, "What happened")
        table.getparent().remove(table)
        mine = document.add_table(rows=1, cols=2)
        mine.cell(0, 0).text, mine.cell(0, 1).text = "Server", "Load"
        above.addnext(mine._tbl)

    file = edited(written(facts()), replace_table)
    assert standings(file, later(facts()))["timeline"] is Standing.EDITED
    new = refreshed(file, later(facts()), timeline=Answer.OURS)
    assert words(new, "Load") == [["Server", "Load"]]
    assert len(words(new, "What happened")) == 5


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 9), max_size=8), st.lists(st.integers(1, 9), max_size=8), st.text(max_size=40))
def test_a_refreshed_table_says_what_a_new_one_would(before: list[int], after: list[int], text: str) -> None:
    retold = [entry(number).model_copy(update={"text": f"{number} {text}"}) for number in after]
    was = replace(facts(), timeline=[entry(number) for number in before])
    now = replace(later(was), timeline=retold)
    new = refreshed(written(was), now)
    assert table_words(new) == table_words(written(now))
    assert set(standings(new, now).values()) == {Standing.FRESH}


def table_words(file: bytes) -> list[list[list[str]]]:
    tables = docx.Document(BytesIO(file)).tables
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]


def test_a_block_that_says_what_the_portal_wrote_last_is_not_edited_whatever_its_seal() -> None:
    file = edited(written(facts()), _retell)
    told = {each.now.key: each for each in planned(file, facts()).blocks}["timeline"]
    assert told.standing is Standing.EDITED
    assert told.seen is not None
    rows = told.seen.rows
    as_written = text_of_block("", rows[0], rows[1:])
    found = {each.now.key: each.standing for each in planned(file, later(facts()), {"timeline": as_written}).blocks}
    assert found["timeline"] is Standing.CHANGES


def _retell(document: Document) -> None:
    table_of(document, "What happened").rows[1].cells[1].text = "It was the cat"


def test_a_block_that_people_edited_is_asked_about_and_stays_without_an_answer() -> None:
    file = edited(written(facts()), _retell)
    [asked] = planned(file, later(facts())).asked
    assert (asked.now.key, asked.standing) == ("timeline", Standing.EDITED)
    assert any("It was the cat" in before for before, _ in asked.changed_rows)
    assert words(refreshed(file, later(facts())), "What happened") == words(file, "What happened")


def test_taking_ours_writes_the_block_anew() -> None:
    new = refreshed(edited(written(facts()), _retell), later(facts()), timeline=Answer.OURS)
    assert words(new, "What happened")[1][1] == "Something happened, number 1"
    assert standings(new, later(facts()))["timeline"] is Standing.FRESH


def test_taking_both_leaves_theirs_below_as_their_own_text() -> None:
    file = edited(written(facts()), _retell)
    new = refreshed(file, later(facts()), timeline=Answer.BOTH)
    document = docx.Document(BytesIO(new))
    tables = [each for each in document.tables if each.rows[0].cells[1].text == "What happened"]
    assert [table.rows[1].cells[1].text for table in tables] == ["Something happened, number 1", "It was the cat"]
    assert standings(new, later(facts()))["timeline"] is Standing.FRESH
    assert any("people had changed it" in each.text for each in document.paragraphs)


def test_a_column_that_people_took_out_is_back_once_ours_is_taken() -> None:
    def without_who(document: Document) -> None:
        for row in table_of(document, "What happened").rows:
            row._tr.remove(row.cells[2]._tc)

    file = edited(written(facts()), without_who)
    assert standings(file, facts())["timeline"] is Standing.EDITED
    new = refreshed(file, facts(), timeline=Answer.OURS)
    assert words(new, "What happened") == words(written(facts()), "What happened")
    assert set(standings(new, facts()).values()) == {Standing.FRESH}
    assert of_people(new) == of_people(file)


def test_a_picture_pasted_into_a_block_counts_as_an_edit() -> None:
    def paste(document: Document) -> None:
        table_of(document, "What happened").rows[1].cells[1].paragraphs[0].add_run().add_picture(BytesIO(PNG))

    assert standings(edited(written(facts()), paste), later(facts()))["timeline"] is Standing.EDITED


def test_words_typed_into_a_caption_are_not_swallowed() -> None:
    file = edited(written(facts()), lambda document: caption(document, 0).add_run(" Bob was here."))
    assert standings(file, later(facts()))["front"] is Standing.EDITED
    said = [each.text for each in docx.Document(BytesIO(refreshed(file, later(facts()), front=Answer.BOTH))).paragraphs]
    assert any("Bob was here." in each and not each.startswith(CAPTION) for each in said)


def test_a_block_that_was_deleted_is_left_out_or_put_back() -> None:
    def delete(document: Document) -> None:
        for element in block_of(document, "What happened"):
            element.getparent().remove(element)

    file = edited(written(facts()), delete)
    assert standings(file, later(facts()))["timeline"] is Standing.MISSING
    left_out = refreshed(file, later(facts()))
    assert all(table.rows[0].cells[1].text != "What happened" for table in docx.Document(BytesIO(left_out)).tables)
    back = refreshed(file, later(facts()), timeline=Answer.OURS)
    assert len(words(back, "What happened")) == 5
    assert standings(back, later(facts()))["timeline"] is Standing.FRESH
    widths = [
        [cell.width.cm for cell in table_of(docx.Document(BytesIO(each)), "What happened").rows[0].cells]
        for each in (back, written(facts()))
    ]
    assert widths[0] == pytest.approx(widths[1], abs=0.01)


def test_the_drawn_timeline_is_put_back_with_its_drawing_and_comes_to_date_afterwards() -> None:
    def delete(document: Document) -> None:
        drawn = next(each._p for each in document.paragraphs if each._p.xpath(".//pic:pic"))
        drawn.getparent().remove(drawn)

    file = edited(written(facts()), delete)
    opened = WordFile(file)
    back = opened.write(planned(file, facts()), {"picture": Answer.OURS}, PNG_OF_OURS)
    [shape] = docx.Document(BytesIO(back)).inline_shapes
    assert (shape.width.cm, shape.height.cm) == pytest.approx((17, 17), abs=0.01)
    assert shape._inline.docPr.get("descr").startswith("Times in UTC: began")
    assert PNG_OF_OURS in parts(back).values()
    assert standings(back, facts())["picture"] is Standing.FRESH
    again = WordFile(back)
    assert PNG_OF_OURS + b"new" in parts(again.write(planned(back, later(facts())), {}, PNG_OF_OURS + b"new")).values()


def test_a_block_whose_heading_is_gone_too_is_left_out_and_said() -> None:
    def delete(document: Document) -> None:
        above, table = block_of(document, "What happened")
        for element in (above.getprevious(), above, table):
            element.getparent().remove(element)

    found = planned(edited(written(facts()), delete), later(facts()))
    assert "timeline" not in [each.now.key for each in found.asked]
    assert any("“Timeline” is gone" in remark for remark in found.remarks)


def test_a_translated_caption_is_not_found_and_its_table_stays() -> None:
    def translate(document: Document) -> None:
        above, _ = block_of(document, "What happened")
        next(each for each in document.paragraphs if each._p is above).text = "Von IMS geschrieben."

    file = edited(written(facts()), translate)
    assert standings(file, later(facts()))["timeline"] is Standing.MISSING
    assert words(refreshed(file, later(facts())), "What happened") == words(file, "What happened")


def test_of_a_block_that_was_copied_the_first_is_refreshed_and_it_is_said() -> None:
    def copy(document: Document) -> None:
        above, table = block_of(document, "What happened")
        for element in (table, above):
            document.paragraphs[-1]._p.addnext(deepcopy(element))

    file = edited(written(facts()), copy)
    assert any("twice" in remark for remark in planned(file, later(facts())).remarks)
    document = docx.Document(BytesIO(refreshed(file, later(facts()))))
    tables = [each for each in document.tables if each.rows[0].cells[1].text == "What happened"]
    assert [len(table.rows) for table in tables] == [5, 4]


@pytest.mark.parametrize("with_bookmarks", [True, False])
def test_a_block_that_was_moved_is_refreshed_where_it_is_now(with_bookmarks: bool) -> None:
    def move(document: Document) -> None:
        above, table = block_of(document, "What happened")
        document.paragraphs[1]._p.addnext(table)
        document.paragraphs[1]._p.addnext(above)
        for mark in [] if with_bookmarks else list(document.element.body.iter(qn("w:bookmarkStart"))):
            mark.getparent().remove(mark)

    new = refreshed(edited(written(facts()), move), later(facts()))
    document = docx.Document(BytesIO(new))
    places = [table.rows[0].cells[1].text for table in document.tables]
    assert places[0] == "What happened"
    assert len(words(new, "What happened")) == 5
    assert standings(new, later(facts()))["timeline"] is Standing.FRESH


def in_controls(document: Document) -> None:
    """Wrap as Google's export does: tables, rows, cells and paragraphs, without a bookmark left."""
    body = document.element.body
    for mark in list(body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
        mark.getparent().remove(mark)
    for tag in ("w:p", "w:tc", "w:tr", "w:tbl"):
        for number, element in enumerate(list(body.iter(qn(tag)))):
            control = parse_xml(
                f"<w:sdt {nsdecls('w')}><w:sdtPr><w:tag w:val='goog_rdk_{number}'/></w:sdtPr><w:sdtContent/></w:sdt>"
            )
            element.addprevious(control)
            control[1].append(element)


def test_blocks_inside_content_controls_are_refreshed() -> None:
    new = refreshed(edited(written(facts()), in_controls), later(facts()))
    assert set(standings(new, later(facts())).values()) == {Standing.FRESH}
    assert read(new).not_understood == []


def test_columns_that_people_moved_or_added_are_no_edit_and_keep_their_words() -> None:
    def rearrange(document: Document) -> None:
        table = table_of(document, "What happened")
        for number, row in enumerate(table.rows):
            cells = row._tr.tc_lst
            cells[0].addprevious(cells[2])
            mine = deepcopy(cells[0])
            row._tr.append(mine)
            for text in mine.iter(qn("w:t")):
                text.text = "Remark" if number == 0 else f"Beside {number}"

    file = edited(written(facts()), rearrange)
    assert standings(file, later(facts()))["timeline"] is Standing.CHANGES
    now = replace(later(facts()), timeline=[entry(1), replace_text(2), entry(3), entry(4)])
    new = refreshed(file, now)
    rows = [[cell.text for cell in row.cells] for row in table_of(docx.Document(BytesIO(new)), "Time").rows]
    assert rows[2] == ["Ada Lovelace", "2026-11-23 03:02 UTC", "Corrected", "Beside 2"]
    assert rows[4] == ["Ada Lovelace", "2026-11-23 03:04 UTC", "Something happened, number 4", ""]


def replace_text(number: int) -> Any:
    return entry(number).model_copy(update={"text": "Corrected"})


def test_a_row_that_goes_stays_where_people_wrote_beside_it() -> None:
    def remark(document: Document) -> None:
        table = table_of(document, "What happened")
        for number, row in enumerate(table.rows):
            mine = deepcopy(row._tr.tc_lst[0])
            row._tr.append(mine)
            for text in mine.iter(qn("w:t")):
                text.text = "Remark" if number == 0 else ("Ask Bob" if number == 3 else "")

    file = edited(written(facts()), remark)
    now = replace(later(facts()), timeline=[entry(1), entry(2)])
    assert any("Ask Bob" in said for said in planned(file, now).remarks)
    assert words(refreshed(file, now), "What happened")[3][3] == "Ask Bob"


def test_merged_cells_are_taken_apart_when_ours_is_taken() -> None:
    def merge(document: Document) -> None:
        table = table_of(document, "What happened")
        table.cell(1, 2).merge(table.cell(3, 2))
        table.cell(2, 0).merge(table.cell(2, 1))

    new = refreshed(edited(written(facts()), merge), later(facts()), timeline=Answer.OURS)
    assert words(new, "What happened") == words(refreshed(written(facts()), later(facts())), "What happened")


def test_a_comment_on_a_row_that_goes_moves_to_the_caption() -> None:
    def comment(document: Document) -> None:
        document.add_comment(table_of(document, "What happened").rows[3].cells[1].paragraphs[0].runs, text="Really?")

    file = edited(written(facts()), comment)
    new = refreshed(file, replace(later(facts()), timeline=[entry(1), entry(2)]))
    above, _ = block_of(docx.Document(BytesIO(new)), "What happened")
    assert above.findall(f".//{qn('w:commentReference')}")
    assert part(new, "word/comments.xml") == part(file, "word/comments.xml")


def test_a_comment_on_a_cell_that_changes_stays_on_it() -> None:
    def comment(document: Document) -> None:
        document.add_comment(table_of(document, "What happened").rows[3].cells[1].paragraphs[0].runs, text="Really?")

    new = refreshed(
        edited(written(facts()), comment), replace(later(facts()), timeline=[entry(1), entry(2), replace_text(3)])
    )
    cell = table_of(docx.Document(BytesIO(new)), "What happened").rows[3].cells[1]
    assert cell.text == "Corrected"
    assert [child.tag for child in cell.paragraphs[0]._p][1] == qn("w:commentRangeStart")


def drawings(file: bytes) -> dict[str, bytes]:
    return {name: content for name, content in parts(file).items() if "/media/" in name}


def test_the_portals_picture_is_drawn_anew_and_no_other() -> None:
    def put_in(document: Document) -> None:
        document.add_paragraph("Mine").add_run().add_picture(BytesIO(PNG))

    file = edited(written(facts()), put_in)
    opened = WordFile(file)
    new = opened.write(planned(file, later(facts())), {}, b"drawn anew")
    assert sorted(drawings(new).values()) == sorted([PNG, b"drawn anew"])


def test_a_picture_that_people_put_in_place_of_the_portals_stays() -> None:
    def swap(document: Document) -> None:
        picture = next(each for each in document.paragraphs if each._p.findall(f".//{qn('w:drawing')}"))
        for run in picture.runs[1:]:
            run._r.getparent().remove(run._r)
        picture.add_run().add_picture(BytesIO(PNG))

    file = edited(written(facts()), swap)
    opened = WordFile(file)
    new = opened.write(planned(file, later(facts())), {}, b"drawn anew")
    assert b"drawn anew" not in drawings(new).values()
    assert PNG in drawings(new).values()


# The follow-up table


def test_rows_of_people_get_their_ids_states_and_tickets_and_keep_their_spelling() -> None:
    def add(document: Document) -> None:
        cells = table_of(document, "Action").rows[3].cells
        cells[1].text, cells[2].text, cells[3].text = "Alert on depth", "zoe", "5 Dec 2026"

    taken_in = follow_up(3, "Alert on depth").model_copy(update={"owner_name": "Zoe", "ticket_id": 9})
    taken_in.due_on = (facts().written_at + timedelta(days=12)).date()
    now = replace(facts(), follow_ups=[*facts().follow_ups, taken_in], ticket_keys={9: "PAY-9"})
    new = refreshed(edited(written(facts()), add), now)
    assert words(new, "Action")[3] == ["FU-3", "Alert on depth", "zoe", "5 Dec 2026", "", "Open", "PAY-9"]


def test_a_row_that_was_not_taken_in_yet_stays_and_is_said() -> None:
    def add(document: Document) -> None:
        table_of(document, "Action").rows[3].cells[1].text = "Something else"

    file = edited(written(facts()), add)
    now = replace(facts(), follow_ups=[follow_up(1, state=FollowUpState.DONE), follow_up(2)])
    assert any("Something else" in remark for remark in planned(file, now).remarks)
    rows = words(refreshed(file, now), "Action")
    assert (rows[1][5], rows[3][1]) == ("Done", "Something else")


def test_a_follow_up_that_the_document_lacks_is_put_before_the_empty_rows() -> None:
    now = replace(facts(), follow_ups=[*facts().follow_ups, follow_up(3), follow_up(4, state=FollowUpState.DROPPED)])
    rows = words(refreshed(written(facts()), now), "Action")
    assert [row[0] for row in rows] == ["ID", "FU-1", "FU-2", "FU-3", "", "", "", "", ""]


def test_an_address_behind_a_link_means_its_owner_and_stays_a_link() -> None:
    def link(document: Document) -> None:
        cell = table_of(document, "Action").rows[1].cells[2]
        target = document.part.relate_to("mailto:ada@example.com", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        chip = parse_xml(
            f"<w:hyperlink {nsdecls('w', 'r')} r:id='{target}'><w:r><w:t>Ada from payments</w:t></w:r></w:hyperlink>"
        )
        cell.paragraphs[0]._p.append(chip)

    ada = Person(id=7, name="Ada Lovelace", email="ada@example.com")
    mine = follow_up(1, state=FollowUpState.DONE).model_copy(update={"owner_id": 7})
    now = replace(facts(follow_ups=1), follow_ups=[mine], people={7: ada})
    new = refreshed(edited(written(facts(follow_ups=1)), link), now)
    row = table_of(docx.Document(BytesIO(new)), "Action").rows[1]
    assert row.cells[5].text == "Done"
    assert [each.text for each in row.cells[2].paragraphs[0].hyperlinks] == ["Ada from payments"]


def test_a_change_of_theirs_that_is_tracked_in_a_row_stays_tracked() -> None:
    def track(document: Document) -> None:
        cell = table_of(document, "Action").rows[1].cells[1]
        run = cell.paragraphs[0].runs[0]._r
        deleted = parse_xml(
            f"<w:del {nsdecls('w')} w:id='90' w:author='Bob'><w:r><w:delText>Did worse</w:delText></w:r></w:del>"
        )
        run.addprevious(deleted)

    now = replace(facts(), follow_ups=[follow_up(1, state=FollowUpState.DONE), follow_up(2)])
    new = refreshed(edited(written(facts()), track), now)
    row = table_of(docx.Document(BytesIO(new)), "Action").rows[1]
    assert row.cells[5].text == "Done"
    assert row._tr.findall(f".//{qn('w:delText')}")


def test_the_follow_up_table_is_read_back_after_each_kind_of_edit() -> None:
    def rearrange(document: Document) -> None:
        table = table_of(document, "Action")
        table.rows[2]._tr.addprevious(table.rows[1]._tr)
        table.rows[1]._tr.addprevious(table.rows[2]._tr)
        for row in table.rows:
            row._tr.tc_lst[0].addprevious(row._tr.tc_lst[2])
        table.rows[1].cells[2].paragraphs[0].add_run("\nin two lines")
        table.cell(3, 4).merge(table.cell(3, 6))

    file = edited(written(facts()), rearrange)
    now = replace(facts(), follow_ups=[*facts().follow_ups, follow_up(3)])
    new = refreshed(file, now)
    assert [each.row_id for each in read(new).follow_ups] == ["FU-2", "FU-1", "FU-3"]

"""The same file, or one that was refreshed meanwhile, comes back and doubles nothing."""

from copy import deepcopy

import pytest
from docx.document import Document

from ims.postmortem.refreshing.planning import Answer
from tests.postmortem.conftest import WriteDocument, edit, fill_row, follow_up_table
from tests.postmortem.meeting import Meeting

LONG = "  ".join(["word"] * 70) + " END"


@pytest.mark.parametrize("ending", [".docx", ".md"])
def test_an_action_longer_than_the_portal_keeps_is_known_again(
    meeting: Meeting, written: WriteDocument, ending: str
) -> None:
    as_text = f"# Next steps\n\n- {LONG}\n".encode()
    file = as_text if ending == ".md" else edit(written(), lambda document: fill_row(document, 1, action=LONG))
    meeting.takes_in(file, f"rca{ending}")
    again = meeting.takes_in(file + b"\n" if ending == ".md" else file, f"rca{ending}")
    assert (again.changes.are_none, again.changes.missing) == (True, [])
    assert len(meeting.actions) == 1


def test_a_refresh_gives_a_long_action_its_id_and_no_second_row(meeting: Meeting, written: WriteDocument) -> None:
    meeting.takes_in(edit(written(), lambda document: fill_row(document, 1, action=LONG)))
    again = meeting.takes_in(meeting.refreshes())
    assert [each.row_id for each in again.reading.follow_ups] == ["FU-1"]
    assert len(meeting.actions) == 1


@pytest.mark.parametrize("is_refreshed", [False, True])
def test_a_row_that_was_reworded_on_the_page_is_known_by_its_earlier_words(
    meeting: Meeting, written: WriteDocument, is_refreshed: bool
) -> None:
    file = edit(written(), lambda document: fill_row(document, 1, action="Alert on depht", owner="bob kahn"))
    meeting.takes_in(file)
    meeting.rewords(1, "Alert on depth")
    again = meeting.takes_in(meeting.refreshes() if is_refreshed else file)
    assert (again.changes.are_none, again.changes.missing) == (True, [])
    assert meeting.actions == ["Alert on depth"]


def test_a_text_without_a_stamp_does_not_undo_a_rewording_however_often_it_comes(meeting: Meeting) -> None:
    text = b"# Next steps\n\n- Alert on depht\n"
    meeting.takes_in(text, "notes.md")
    meeting.rewords(1, "Alert on depth")
    meeting.takes_in(text + b"- Cache less\n", "notes.md")
    meeting.takes_in(text + b"- Cache less\n", "notes.md")
    assert meeting.actions == ["Alert on depth", "Cache less"]


def test_words_that_another_follow_up_has_today_mean_that_one(meeting: Meeting) -> None:
    meeting.takes_in(b"# Next steps\n\n- Cache less\n", "notes.md")
    meeting.rewords(1, "Alert on depth")
    meeting.takes_in(b"# Next steps\n\n- Alert on depth\n- Cache more\n", "notes.md")
    meeting.rewords(2, "Cache less")
    again = meeting.takes_in(b"# Next steps\n\n- Cache less\n- Alert on depth\n", "notes.md")
    assert (again.changes.are_none, meeting.actions) == (True, ["Alert on depth", "Cache less"])


def list_an_action(document: Document) -> None:
    heading = next(each for each in document.paragraphs if each.text == "Follow-up actions")
    item = document.add_paragraph("Alert on depth (owner: Ada, due: 2026-12-01)", style="List Bullet")
    heading._p.addnext(item._p)


def take_out_the_table(document: Document) -> None:
    table = follow_up_table(document)._tbl
    table.getparent().remove(table)


def split_the_table(document: Document) -> None:
    """Cut the table below its first row, and put a line between the two halves."""
    table = follow_up_table(document)._tbl
    rest = deepcopy(table)
    for row in rest.tr_lst[:2]:
        rest.remove(row)
    for row in table.tr_lst[2:]:
        table.remove(row)
    between = document.add_paragraph("")._p
    table.addnext(between)
    between.addnext(rest)


def test_an_item_of_a_list_is_not_doubled_by_refreshing_and_taking_in(meeting: Meeting, written: WriteDocument) -> None:
    meeting.takes_in(edit(written(), list_an_action))
    for _ in range(2):
        again = meeting.takes_in(meeting.refreshes())
        assert (again.changes.are_none, again.not_understood) == (True, [])
    assert meeting.actions == ["Alert on depth"]


def test_an_item_of_a_list_that_is_true_no_more_gets_a_row_and_counts_no_more(
    meeting: Meeting, written: WriteDocument
) -> None:
    meeting.takes_in(edit(written(), list_an_action))
    meeting.rewords(1, "Alert on depth and age")
    again = meeting.takes_in(meeting.refreshes())
    assert again.changes.are_none
    assert meeting.actions == ["Alert on depth and age"]
    assert "stands in the document twice, once as FU-1" in again.not_understood[0]


def test_the_second_half_of_a_split_table_counts_where_it_stands(meeting: Meeting, written: WriteDocument) -> None:
    def fill(document: Document) -> None:
        fill_row(document, 1, action="Cache less")
        fill_row(document, 2, action="Alert on depth")

    meeting.takes_in(edit(written(), fill))
    meeting.takes_in(edit(meeting.refreshes(), split_the_table))
    meeting.rewords(1, "Cache nothing")
    again = meeting.takes_in(meeting.refreshes())
    assert [each.row_id for each in again.reading.follow_ups] == ["FU-1", "FU-2"]
    assert (again.changes.are_none, meeting.actions) == (True, ["Cache nothing", "Alert on depth"])


def test_a_table_that_is_put_back_leaves_out_what_stands_in_a_list(meeting: Meeting, written: WriteDocument) -> None:
    def change(document: Document) -> None:
        list_an_action(document)
        take_out_the_table(document)

    meeting.takes_in(edit(written(), change))
    meeting.takes_in(b"# Next steps\n\n- Cache less\n", "notes.md")
    again = meeting.takes_in(meeting.refreshes(follow_ups=Answer.OURS))
    assert again.changes.are_none
    assert [each.text for each in again.reading.follow_ups] == ["Alert on depth", "Cache less"]
    assert meeting.actions == ["Alert on depth", "Cache less"]


def test_a_line_that_repeats_a_row_with_an_id_is_said_and_not_read_again(
    meeting: Meeting, written: WriteDocument
) -> None:
    meeting.takes_in(edit(written(), lambda document: fill_row(document, 1, action="Alert on depth")))
    again = meeting.takes_in(edit(meeting.refreshes(), list_an_action))
    assert again.changes.new == []
    assert any("once as FU-1" in remark for remark in again.remarks)

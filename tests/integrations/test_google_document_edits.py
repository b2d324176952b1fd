"""Refreshing a Google document: the portal's blocks say what they should, and nothing that people wrote is touched."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ims.integrations.google import edits
from ims.integrations.google.reading import places
from ims.integrations.google.rewriting import kept
from ims.model.message import DocumentRefresh, NewBlock, NewRow
from ims.model.outline import Grid
from ims.ports import DeliveryError
from tests.fakes.google import Cell, FakeDocs, FakeDocument, FakeGoogle, Paragraph, Run, Tab, Table, Trouble
from tests.fakes.google.contract import Call
from tests.fakes.google.word import from_word
from tests.integrations.test_google_documents import (
    CAPTION,
    HEADER,
    LATER,
    ROWS,
    SAME,
    block,
    made,
    portal_at,
    read,
    refresh,
    row,
    word_file,
)


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as fake:
        yield fake
        assert fake.violations == []


def but_for_the_timeline(document: FakeDocument) -> list[object]:
    timeline = document.below("Timeline")
    return [deepcopy(each) for each in document.blocks if not any(each is own for own in timeline)]


def words(document: FakeDocument) -> list[list[str]]:
    return document.table("Timeline").words


def test_a_new_row_a_changed_cell_and_the_caption_are_written(google: FakeGoogle) -> None:
    document = made(google)
    before = but_for_the_timeline(document)
    receipt = refresh(
        google, document, block([*SAME[:2], row("03:05", "Paged"), row("03:10", "Rolled back to 4.2", "Bob", was=2)])
    )
    assert words(document) == [HEADER, ROWS[0], ["03:05", "Paged", ""], ["03:10", "Rolled back to 4.2", "Bob"]]
    assert document.caption("Timeline").words == LATER
    assert but_for_the_timeline(document) == before
    assert receipt.proof == "Written anew: Timeline."
    assert receipt.reference == document.revision


def test_rows_before_between_and_after_others_keep_their_order(google: FakeGoogle) -> None:
    document = made(google)
    new = [[str(number), f"new\n{number} 🙂", "x"] for number in range(6)]
    rows = [
        SAME[0],
        row(*new[0]),
        row(*new[1]),
        SAME[1],
        row(*new[2]),
        row(*new[3]),
        SAME[2],
        row(*new[4]),
        row(*new[5]),
    ]
    refresh(google, document, block(rows))
    wanted = [HEADER, new[0], new[1], ROWS[0], new[2], new[3], ROWS[1], new[4], new[5]]
    assert words(document) == [[cell.replace("\n", "\v") for cell in cells] for cells in wanted]
    assert document.table("Timeline").rows[1][0].blocks[0].runs[0].style["fontSize"] == {"magnitude": 9, "unit": "PT"}  # type: ignore[union-attr]


def test_rows_that_are_not_wanted_any_more_go(google: FakeGoogle) -> None:
    document = made(google)
    refresh(google, document, block([SAME[0], row("03:20", "Instead", "Eve"), SAME[2]]))
    assert words(document) == [HEADER, ["03:20", "Instead", "Eve"], ROWS[1]]


def test_a_table_goes_with_its_last_row_and_comes_with_its_first(google: FakeGoogle) -> None:
    document = made(google)
    before = but_for_the_timeline(document)
    refresh(google, document, block([], caption=CAPTION))
    assert [each.words for each in document.below("Timeline")] == [CAPTION, ""]
    refresh(google, document, block([row(*HEADER), row(*ROWS[0]), row("", "only", "")], seen_rows=[]))
    assert words(document) == [HEADER, ROWS[0], ["", "only", ""]]
    assert document.table("Timeline").rows[0][0].blocks[0].runs[0].style["bold"] is True  # type: ignore[union-attr]
    assert document.table("Timeline").rows[1][0].blocks[0].runs[0].style["bold"] is False  # type: ignore[union-attr]
    assert but_for_the_timeline(document) == before


def test_two_blocks_are_written_at_once_whatever_their_order(google: FakeGoogle) -> None:
    document = made(google)
    updates = block([row("Time", "Update"), row("03:30", "We are on it")], heading="Customer updates", seen_rows=[])
    receipt = refresh(google, document, updates, block([*SAME, row("03:40", "Mitigated", "Ada")]))
    assert words(document)[-1] == ["03:40", "Mitigated", "Ada"]
    assert document.table("Customer updates").words == [["Time", "Update"], ["03:30", "We are on it"]]
    assert document.lines[-2:] == ["What we learnt", "To ask earlier."]
    assert receipt.proof == "Written anew: Timeline, Customer updates."
    assert len([call for call in google.calls if call.method == "docs.documents.batchUpdate"]) == 1


def test_only_what_differs_in_a_cell_is_replaced_so_formats_around_it_stay(google: FakeGoogle) -> None:
    document = made(google)
    cell = document.table("Timeline").rows[1][1]
    cell.blocks = [Paragraph([Run("Declared by "), Run("Ada", {"italic": True}), Run(" in haste")])]
    seen = [HEADER, ["03:00", "Declared by Ada in haste", "Ada"], ROWS[1]]
    refresh(
        google,
        document,
        block([SAME[0], row("03:00", "Declared by Ada Lovelace in haste", "Ada", was=1), SAME[2]], seen_rows=seen),
    )
    assert words(document)[1][1] == "Declared by Ada Lovelace in haste"
    [paragraph] = document.table("Timeline").rows[1][1].blocks
    assert isinstance(paragraph, Paragraph)
    assert [run.text for run in paragraph.runs if run.style.get("italic")] == ["Ada"]


def test_a_chip_that_says_another_thing_gives_way_to_words(google: FakeGoogle) -> None:
    document = made(google)
    person = {"person": {"personProperties": {"name": "Ada", "email": "ada@example.com"}}}
    document.table("Timeline").rows[1][2].blocks = [Paragraph([Run(chip=person)])]
    refresh(google, document, block([SAME[0], row("03:00", "Declared", "Bob", was=1), SAME[2]]))
    assert words(document)[1] == ["03:00", "Declared", "Bob"]


def test_a_cell_of_several_paragraphs_becomes_what_it_should_say(google: FakeGoogle) -> None:
    document = made(google)
    document.table("Timeline").rows[1][1].blocks = [Paragraph([Run("one")]), Paragraph([Run("two")]), Paragraph()]
    seen = [HEADER, ["03:00", "one\ntwo", "Ada"], ROWS[1]]
    refresh(google, document, block([SAME[0], row("03:00", "one\ntwo\nthree", "Ada", was=1), SAME[2]], seen_rows=seen))
    [grid] = [each for each in read(google, document) if not hasattr(each, "level")]
    assert grid.rows[1][1].words == "one\ntwo\nthree"


def test_a_picture_between_caption_and_table_stays(google: FakeGoogle) -> None:
    document = made(google)
    caption = document.caption("Timeline")
    at = next(place for place, each in enumerate(document.blocks) if each is caption)
    document.blocks.insert(at + 1, Paragraph([Run(chip={"inlineObjectElement": {"inlineObjectId": "kix.1"}})]))
    refresh(google, document, block([*SAME, row("03:40", "Mitigated", "Ada")]))
    assert words(document)[-1] == ["03:40", "Mitigated", "Ada"]
    assert any(isinstance(each, Paragraph) and each.runs and each.runs[0].chip for each in document.blocks)


def test_a_block_in_another_tab_is_written_there(google: FakeGoogle) -> None:
    document = made(google)
    document.tabs.insert(0, Tab("Cover", [Paragraph([Run("🙂" * 30)])], "t.1"))
    refresh(google, document, block([*SAME, row("03:40", "Mitigated", "Ada")]))
    table = next(each for each in document.tabs[1].blocks if isinstance(each, Table))
    assert table.words[-1] == ["03:40", "Mitigated", "Ada"]


def test_a_table_with_other_columns_takes_the_place_of_the_one_that_was_seen(google: FakeGoogle) -> None:
    document = made(google)
    before = but_for_the_timeline(document)
    wider = [row(*HEADER, "Source"), row("03:00", "Declared", "Ada", "An alert")]
    assert refresh(google, document, block(wider)).proof == "Written anew: Timeline."
    assert words(document) == [[*HEADER, "Source"], ["03:00", "Declared", "Ada", "An alert"]]
    assert but_for_the_timeline(document) == before


def without_the_timeline(google: FakeGoogle) -> FakeDocument:
    document = made(google)
    gone = document.below("Timeline")[:2]
    document.tabs[0].blocks = [each for each in document.blocks if not any(each is one for one in gone)]
    return document


def put_back(*rows: NewRow) -> NewBlock:
    return block([row(*HEADER), *rows], seen_caption="", seen_rows=[])


def test_a_block_is_put_back_below_its_heading_and_only_once(google: FakeGoogle) -> None:
    document = without_the_timeline(google)
    contents = Paragraph([Run("Timeline")])
    document.blocks.insert(1, contents)
    before = [each.words for each in document.blocks]
    assert refresh(google, document, put_back(row(*ROWS[0]))).proof == "Written anew: Timeline."
    assert words(document) == [HEADER, ROWS[0]]
    caption = document.caption("Timeline")
    assert (caption.words, caption.style) == (LATER, "NORMAL_TEXT")
    assert [run.style["fontSize"] for run in caption.runs if run.text] == [{"magnitude": 8.5, "unit": "PT"}]
    added = [LATER, [HEADER, ROWS[0]], ""]
    at = before.index("Timeline", 2) + 1
    assert [each.words for each in document.blocks] == [*before[:at], *added, *before[at:]]
    assert refresh(google, document, put_back(row(*ROWS[0]))).proof == "Nothing had to be written."
    again = refresh(google, document, put_back(row(*ROWS[0]), row(*ROWS[1])))
    assert again.proof == "Nothing had to be written. “Timeline” was left alone: somebody changed it meanwhile."


def test_what_people_made_of_a_block_stays_below_the_one_written_anew(google: FakeGoogle) -> None:
    document = made(google)
    table = document.table("Timeline")
    table.rows[2][0].span = (1, 2)  # merged cells of theirs do not matter
    seen = [HEADER, ROWS[0], ["03:10", "", "Bob"]]
    both = block([row(*HEADER), row(*ROWS[0])], seen_rows=seen).model_copy(update={"kept": ["Kept:", "two"]})
    refresh(google, document, both)
    assert words(document) == [HEADER, ROWS[0]]
    below = [each.words for each in document.below("Timeline")]
    assert [said for said in below if isinstance(said, str)][:4] == [LATER, "", "Kept:", "two"]
    assert any(each is table or each == table for each in document.below("Timeline")[2:])
    assert refresh(google, document, both).proof == "Nothing had to be written."


def test_doing_it_again_after_a_lost_answer_changes_nothing_more(google: FakeGoogle) -> None:
    document = made(google)
    wanted = block([*SAME, row("03:40", "Mitigated", "Ada")])
    portal_at(google).ping()
    google.fail_next(None, None, Trouble.DROPPED)  # the sign-in, the reading, then the writing
    with pytest.raises(DeliveryError, match="cannot be reached"):
        refresh(google, document, wanted)
    after = deepcopy(document.tabs)
    assert refresh(google, document, wanted).proof == "Nothing had to be written."
    assert document.tabs == after


def _retype(document: FakeDocument) -> None:
    document.table("Timeline").rows[1][1] = Cell([Paragraph([Run("Declared, I think")])])


def _rename(document: FakeDocument) -> None:
    heading = next(each for each in document.blocks if isinstance(each, Paragraph) and each.words == "Timeline")
    heading.runs = [Run("What happened")]


def _annotate(document: FakeDocument) -> None:
    document.caption("Timeline").runs.append(Run(" (wrong!)"))


@pytest.mark.parametrize("edit", [_retype, _rename, _annotate])
def test_a_block_that_somebody_changed_since_it_was_shown_is_left_alone(
    google: FakeGoogle, edit: Callable[[FakeDocument], None]
) -> None:
    document = made(google)
    edit(document)
    before = deepcopy(document.tabs)
    updates = block([], heading="Customer updates", seen_rows=[])
    receipt = refresh(google, document, block([*SAME, row("x", "y", "z")]), updates)
    assert receipt.proof == "Written anew: Customer updates. “Timeline” was left alone: somebody changed it meanwhile."
    document.caption("Customer updates").runs = [Run(CAPTION)]
    assert [each.words for each in document.blocks] == [each.words for each in before[0].blocks]


def test_a_block_with_open_suggestions_is_left_alone(google: FakeGoogle) -> None:
    document = made(google)
    document.table("Timeline").rows[1][1].blocks = [
        Paragraph([Run("Declared"), Run(" late", suggested="deletion")]),
    ]
    before = deepcopy(document.tabs)
    assert "accept or reject them first" in refresh(google, document, block([*SAME, row("x", "y", "z")])).proof
    assert document.tabs == before


def test_a_table_with_merged_cells_is_left_alone(google: FakeGoogle) -> None:
    document = made(google)
    document.table("Timeline").rows[2][0].span = (1, 2)
    document.table("Timeline").rows[2][1].blocks = [Paragraph()]
    seen = [HEADER, ROWS[0], ["03:10", "", "Bob"]]
    assert "merged" in refresh(google, document, block([*SAME, row("x", "y", "z")], seen_rows=seen)).proof


def test_somebody_who_writes_at_the_same_moment_is_not_written_over(google: FakeGoogle) -> None:
    document = made(google)

    def types(document: FakeDocument) -> None:
        document.caption("What we learnt").runs.append(Run(" And sooner."))
        document.touch()

    google.docs.before_write = types
    wanted = block([*SAME, row("03:40", "Mitigated", "Ada")])
    with pytest.raises(DeliveryError, match="read and tried again") as caught:
        refresh(google, document, wanted)
    assert not caught.value.permanent
    assert len(words(document)) == 3
    refresh(google, document, wanted)
    assert len(words(document)) == 4
    assert document.lines[-1] == "To ask earlier. And sooner."


def test_a_refusal_that_is_no_conflict_stops_and_says_what_google_says(google: FakeGoogle) -> None:
    document = made(google)
    google.fail_next(None, None)
    google.refuse_next(400, "badRequest", "Invalid requests[0]")
    with pytest.raises(DeliveryError, match=r"refuses \(400\): Invalid requests") as caught:
        refresh(google, document, block([*SAME, row("x", "y", "z")]))
    assert caught.value.permanent


def test_a_document_that_is_gone_says_what_to_do(google: FakeGoogle) -> None:
    document = made(google)
    google.drive.purge(document.name)
    for ask in (
        lambda: refresh(google, document, block(SAME)),
        lambda: read(google, document),
        lambda: portal_at(google).download(document.name),
    ):
        with pytest.raises(DeliveryError, match="create it anew") as caught:
            ask()
        assert caught.value.permanent


def test_a_document_that_may_only_be_read_says_so(google: FakeGoogle) -> None:
    document = made(google)
    document.may_write = False
    with pytest.raises(DeliveryError, match="not write in it") as caught:
        refresh(google, document, block([*SAME, row("x", "y", "z")]))
    assert caught.value.permanent
    assert read(google, document)


TEXTS = st.text(max_size=12)
CELLS = st.tuples(TEXTS, TEXTS, TEXTS)
BLOCKS = from_word(word_file())


@settings(deadline=None)
@given(
    present=st.lists(CELLS, max_size=4),
    wishes=st.lists(st.tuples(st.booleans(), CELLS), max_size=8),
    human=st.text(max_size=20),
)
def test_any_table_becomes_any_other_and_every_letter_of_people_stays(
    present: list[tuple[str, ...]], wishes: list[tuple[bool, tuple[str, ...]]], human: str
) -> None:
    document = FakeDocument("d1", "Any", [Tab("Tab 1", deepcopy(BLOCKS))])
    docs = FakeDocs({"d1": document})
    for cells in present:
        document.table("Timeline").rows.append([cell_of(text) for text in cells])
    document.caption("What we learnt").runs = [Run(kept(human).replace("\n", "\v"))]
    before = but_for_the_timeline(document)
    rows = [row(*HEADER, was=0)]
    left = iter(range(1, len(present) + 3))
    rows += [row(*cells, was=next(left, None) if stays else None) for stays, cells in wishes]
    asked = DocumentRefresh(incident_key="INC-7", blocks=[block(rows, seen_rows=grid_of(docs))], document="d1")
    made = edits.plan(told(docs), asked)
    if made.requests:
        answer(docs, "docs.documents.batchUpdate", edits.batch(made.requests, document.revision))
    assert grid_of(docs) == [[kept(cell) for cell in wanted.cells] for wanted in rows]
    assert document.caption("Timeline").words == LATER
    assert but_for_the_timeline(document) == before


def cell_of(text: str) -> Cell:
    return Cell([Paragraph([Run(kept(text).replace("\n", "\v"))])])


def answer(docs: FakeDocs, method: str, body: object = None) -> dict[str, Any]:
    """Ask the fake without the way over the network."""
    query = {"includeTabsContent": True}
    found: dict[str, Any] = docs.handlers()[method](Call(method, {"documentId": "d1"}, query, body))
    return found


def told(docs: FakeDocs) -> dict[str, Any]:
    return answer(docs, "docs.documents.get")


def grid_of(docs: FakeDocs) -> list[list[str]]:
    [grid] = [place.block for place in places(told(docs)) if isinstance(place.block, Grid)]
    return [[cell.words for cell in cells] for cells in grid.rows]

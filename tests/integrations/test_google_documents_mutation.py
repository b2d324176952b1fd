"""Whether one wrong field name about documents, towards Google or from it, would be noticed."""

from collections.abc import Callable
from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest

from ims.integrations.google import edits, files, reading, rewriting
from ims.model.message import DocumentRefresh, NewBlock
from ims.model.outline import Cell as ReadCell
from ims.model.outline import Grid, Text
from tests.fakes.google import Cell, FakeDocs, FakeDocument, FakeGoogle, Paragraph, Run, Tab, Table
from tests.fakes.google.contract import Call, contract
from tests.fakes.google.word import from_word
from tests.integrations.test_google_documents import (
    ADA,
    BOB,
    CAPTION,
    CHIPS,
    HEADER,
    LATER,
    SAME,
    block,
    portal_at,
    request,
    row,
    word_file,
)
from tests.mutation import assert_every_mutant_dies

PICTURE = {"inlineObjectElement": {"inlineObjectId": "kix.1"}}
BLOCKS = from_word(word_file())


def exercise_files() -> None:
    """Make documents, and look at what Google holds and what the portal is told."""
    with FakeGoogle() as google:
        google.drive.folders["0F"] = "Post-mortems"
        portal = portal_at(google, folder="0F")
        receipt = portal.create(request(), "k")
        assert portal.create(request(), "k") == receipt
        [file] = google.drive.files.values()
        assert (file["name"], file["parents"]) == ("INC-7 Root cause", ["0F"])
        assert file["appProperties"] == {"imsMark": "ims-rca-7"}
        assert (receipt.reference, receipt.url) == (file["id"], file["webViewLink"])
        assert receipt.references == {"document": file["id"]}
        assert google.drive.writers(file["id"]) == [ADA, BOB]
        second = portal_at(google, share_with="domain", domain="example.com").create(request(mark="2"), "k")
        assert google.drive.writers(second.reference) == ["example.com"]
        [search, *_] = [call.query for call in google.calls if call.method == "drive.files.list"]
        assert (search["orderBy"], search["pageSize"]) == ("createdTime", 1)
        assert search["supportsAllDrives"]
        assert search["includeItemsFromAllDrives"]
        assert google.violations == []


class World:
    """One document, asked without the way over the network, but as strictly."""

    def __init__(self) -> None:
        self.document = FakeDocument("d1", "Any", [Tab("Tab 1", deepcopy(BLOCKS))])
        self.docs = FakeDocs({"d1": self.document})

    def ask(self, verb: str, path: str, query: str = "", body: Any = None) -> dict[str, Any]:
        api = contract("docs", "v1")
        method, values = api.method_of(verb, path)
        call: Call = api.call_of(method, values, query, body, "")
        answer: dict[str, Any] = self.docs.handlers()[method.id](call)
        return answer

    @property
    def told(self) -> dict[str, Any]:
        return self.ask("GET", "/v1/documents/d1", "includeTabsContent=true")

    @property
    def outline(self) -> list[Text | Grid]:
        return [place.block for place in reading.places(self.told)]

    def refresh(self, *blocks: NewBlock) -> edits.Plan:
        made = edits.plan(self.told, DocumentRefresh(incident_key="INC-7", blocks=list(blocks)))
        if made.requests:
            body = edits.batch(made.requests, self.document.revision)
            self.ask("POST", "/v1/documents/d1:batchUpdate", body=body)
        return made


def exercise_edits() -> None:
    """Write every kind of change, and try what must be left alone."""
    world = World()
    document = world.document
    document.tabs.insert(0, Tab("Cover", [Paragraph([Run("Cover")])], "t.9"))
    tab = document.tabs[1]
    timeline = next(each for each in tab.blocks if isinstance(each, Table))
    caption = next(each for each in tab.blocks if isinstance(each, Paragraph) and each.words == CAPTION)
    caption.runs.append(Run(chip=PICTURE))
    caption.runs[0].style = timeline.rows[1][1].blocks[0].runs[0].style = {"italic": True}  # type: ignore[union-attr]
    rows = [SAME[0], row("03:00", "Declared: it fails", "", was=1), row("new", "two\nlines", "x")]
    updates = block([row("Time", "Update"), row("03:30", "On it")], heading="Customer updates", seen_rows=[])
    required = world.refresh(block(rows), updates)
    assert required.written == ["Timeline", "Customer updates"]
    tables = [each for each in document.tabs[1].blocks if isinstance(each, Table)]
    assert tables[0].words == [HEADER, ["03:00", "Declared: it fails", ""], ["new", "two\vlines", "x"]]
    assert tables[1].words == [["Time", "Update"], ["03:30", "On it"]]
    captions = [each for each in document.tabs[1].blocks if isinstance(each, Paragraph) and each.words == LATER]
    assert captions[0].runs[-1].chip == PICTURE
    assert len(captions) == 2
    assert [captions[0].runs[0].style, _style(tables[0].rows[1][1])] == [{"italic": True}] * 2
    styles = [_style(tables[1].rows[number][0]) for number in (0, 1)]
    assert [style["bold"] for style in styles] == [True, False]
    assert styles[0]["fontSize"] == {"magnitude": 9, "unit": "PT"}
    assert world.refresh(block(rows), updates) == edits.Plan()
    seen = [["Time", "Update"], ["03:30", "On it"]]
    world.refresh(block([], heading="Customer updates", seen_caption=LATER, seen_rows=seen, caption=CAPTION))
    assert len([each for each in document.tabs[1].blocks if isinstance(each, Table)]) == 1
    assert timeline is not tables[0]
    _revision_counts(world)
    _left_alone()
    _put_back_and_kept()


def _revision_counts(world: World) -> None:
    with pytest.raises(Exception, match="does not match"):
        world.ask("POST", "/v1/documents/d1:batchUpdate", body=edits.batch([], "older"))


def _put_back_and_kept() -> None:
    """Write a block anew above what people made of it, and put one back, in a tab that is not the first."""
    world = World()
    world.document.tabs.insert(0, Tab("Cover", [Paragraph([Run("Cover")])], "t.9"))
    anew = block([row(*HEADER)]).model_copy(update={"kept": ["Kept:"]})
    assert world.refresh(anew).written == ["Timeline"]
    assert [len(each.rows) for each in world.document.tabs[1].blocks if isinstance(each, Table)] == [1, 3]
    assert any(isinstance(each, Paragraph) and each.words == "Kept:" for each in world.document.tabs[1].blocks)
    world.document.tabs[1].blocks[:] = [
        each for each in deepcopy(BLOCKS) if not isinstance(each, Table) and each.words != CAPTION
    ]
    assert world.refresh(block([row(*HEADER)], seen_caption="", seen_rows=[])).written == ["Timeline"]
    blocks = world.document.tabs[1].blocks
    [caption] = [each for each in blocks if isinstance(each, Paragraph) and each.words == LATER]
    style = caption.runs[0].style if caption.runs[0].text else caption.runs[1].style
    assert caption.style == "NORMAL_TEXT"
    assert (style["bold"], style["fontSize"]) == (False, {"magnitude": 8.5, "unit": "PT"})
    assert {round(255 * part) for part in style["foregroundColor"]["color"]["rgbColor"].values()} == {95, 99, 104}
    assert [each.words for each in blocks if isinstance(each, Table)] == [[HEADER]]


def _style(cell: Cell) -> dict[str, Any]:
    paragraph = cell.blocks[0]
    assert isinstance(paragraph, Paragraph)
    return paragraph.runs[0].style


def _left_alone() -> None:
    """Merge a cell, put a table into one, suggest a change: each time the block is left alone."""
    for change in (_merge_right, _merge_down, _nest, _leave_out, _suggest):
        world = World()
        change(world.document.table("Timeline"))
        grid = next(each for each in world.outline if isinstance(each, Grid))
        seen = [[cell.words for cell in cells] for cells in grid.rows]
        made = world.refresh(block([row(*HEADER, was=0)], seen_rows=seen))
        assert (made.requests, list(made.left_alone)) == ([], ["Timeline"])
        assert ("suggests" in made.left_alone["Timeline"]) == (change is _suggest)
        assert "meanwhile" not in made.left_alone["Timeline"]


def _merge_right(table: Table) -> None:
    table.rows[1][1].span = (1, 2)


def _merge_down(table: Table) -> None:
    table.rows[1][1].span = (2, 1)


def _nest(table: Table) -> None:
    table.rows[1][1].blocks = [Table([[Cell()]]), Paragraph()]


def _leave_out(table: Table) -> None:
    del table.rows[2][2]


def _suggest(table: Table) -> None:
    table.rows[1][1].blocks = [Paragraph([Run("x", suggested="deletion")])]


def exercise_reading() -> None:
    """Read everything that people put into a document."""
    world = World()
    document = world.document
    learnt = document.caption("What we learnt")
    for chip, words in CHIPS.values():
        learnt.runs = [Run("See "), Run(chip=chip)]
        assert Text(f"See {words}".strip()) in world.outline
    learnt.runs = [Run(chip=PICTURE)]
    assert Text("[picture]") in world.outline
    learnt.runs = [Run("Ask "), Run("late", suggested="deletion"), Run("soon", {"bold": True}), Run(" \ue907")]
    assert Text("Ask soon") in world.outline
    learnt.runs, learnt.list_id, learnt.depth = [Run("Do it", {"bold": True}), Run(chip=CHIPS["person"][0])], "kix.1", 2
    assert Text(f"Do it@{ADA}", is_item=True, depth=2, is_bold=True) in world.outline
    learnt.runs = [Run("Done", {"strikethrough": True})]
    assert Text("Done", is_item=True, depth=2, is_struck=True) in world.outline
    for level in range(1, 7):
        document.blocks.append(Paragraph([Run(f"Deep {level}")], f"HEADING_{level}"))
        assert Text(f"Deep {level}", level=level) in world.outline
    document.blocks.append(Paragraph([Run("Under it")], "SUBTITLE"))
    assert Text("Under it", level=1) in world.outline
    assert world.outline[0] == Text("Root cause analysis of INC-7", level=1)
    document.tabs.append(Tab("Notes", [Paragraph([Run("Ask Bob")])], "t.1", [Tab("More", [Paragraph()], "t.2")]))
    assert world.outline[-4:-1] == [Text("Notes", level=1), Text("Ask Bob"), Text("More", level=1)]
    assert [place.tab for place in reading.places(world.told)][-3:] == ["t.1", "", "t.2"]
    spans = [(place.start, place.end) for place in reading.places(world.told)]
    assert spans[0] == (1, len("Root cause analysis of INC-7") + 2)
    assert spans[1][0] == spans[0][1]
    _read_table(world, document.table("Timeline"))
    _read_what_is_struck_and_suggested()


def _read_table(world: World, table: Table) -> None:
    table.rows[1][0].blocks = [Paragraph([Run("Bob", {"link": {"url": f"mailto:{BOB}"}})])]
    table.rows[1][1].blocks = [Paragraph([Run(chip=CHIPS["person"][0])])]
    table.rows[1][2].blocks = [Table([[Cell([Paragraph([Run("deep", {"strikethrough": True})])])]]), Paragraph()]
    table.rows[0][0].span, table.rows[2][0].span = (1, 2), (2, 1)
    table.rows.append([Cell() for _ in HEADER])
    grid = next(each for each in world.outline if isinstance(each, Grid))
    assert grid.rows[0][:2] == [ReadCell("Time"), ReadCell(joins_left=True)]
    assert grid.rows[1] == [ReadCell("Bob", BOB), ReadCell("Ada Lovelace", ADA), ReadCell("deep", is_struck=True)]
    assert grid.rows[3][0] == ReadCell("03:10", joins_above=True)
    del table.rows[0][1]
    grid = next(each for each in world.outline if isinstance(each, Grid))
    assert grid.rows[0] == [ReadCell("Time"), ReadCell(joins_left=True), ReadCell("Who")]


def _read_what_is_struck_and_suggested() -> None:
    """Read what this fake does not tell: a ticked item's bullet, and rows and tables that are suggested to go."""
    run = {"textRun": {"content": "Do it\n"}}
    item = {"elements": [run], "bullet": {"textStyle": {"strikethrough": True}}}
    cells = [{"content": [{"paragraph": {"elements": [run]}}]}]
    gone = {"suggestedDeletionIds": ["s.1"]}
    rows = [{"tableCells": cells}, {"tableCells": cells, **gone}]
    content = [
        {"paragraph": item},
        {"table": {"columns": 1, "tableRows": rows}},
        {"table": {"columns": 1, "tableRows": rows, **gone}},
    ]
    told = {"tabs": [{"documentTab": {"body": {"content": content}}}]}
    assert [place.block for place in reading.places(told)] == [
        Text("Do it", is_item=True, is_struck=True),
        Grid([[ReadCell("Do it")]]),
    ]


@pytest.mark.parametrize(
    ("module", "exercise", "spare"),
    [
        (files, exercise_files, ()),
        (reading, exercise_reading, ()),
        (edits, exercise_edits, ()),
        (rewriting, exercise_edits, ()),
    ],
    ids=["files", "reading", "edits", "rewriting"],
)
def test_no_field_name_can_be_wrong_unseen(
    module: ModuleType, exercise: Callable[[], None], spare: tuple[str, ...]
) -> None:
    assert_every_mutant_dies(module, exercise, spare)

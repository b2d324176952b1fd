"""Google Docs' state: what stands in each document, and the edits that Google takes."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.google.contract import Call
from tests.fakes.google.paper import Block, Cell, Paragraph, Run, Spot, Table, as_json, spots
from tests.fakes.google.violation import Refused, Violation

FIRST_TAB = "t.0"
_BODY_STARTS = 1  # after the section break
_TAKEN_OUT = re.compile("[\x00-\x08\x0c-\x1f\ue000-\uf8ff]")


@dataclass
class Tab:
    """A tab of a document."""

    title: str
    blocks: list[Block]
    tab_id: str = FIRST_TAB
    inside: list["Tab"] = field(default_factory=list)


@dataclass
class FakeDocument:
    """A document. Whoever edits it as a person does calls ``touch`` after it, which makes a new revision."""

    name: str
    title: str
    tabs: list[Tab]
    may_write: bool = True
    _revisions: int = 1

    @property
    def revision(self) -> str:
        return f"ALm37B{self._revisions:04}-{self.name}"

    @property
    def blocks(self) -> list[Block]:
        """The blocks of the first tab."""
        return self.tabs[0].blocks

    @property
    def lines(self) -> list[str]:
        """The words of the paragraphs outside of tables."""
        return [block.words for block in self.blocks if isinstance(block, Paragraph)]

    def touch(self) -> None:
        self._revisions += 1

    def below(self, heading: str) -> list[Block]:
        """Return the blocks from a heading to the next one."""
        found: list[Block] = []
        inside = False
        for block in self.blocks:
            is_heading = isinstance(block, Paragraph) and block.style.startswith(("HEADING", "TITLE"))
            if is_heading:
                inside = block.words == heading
            elif inside:
                found.append(block)
        return found

    def table(self, heading: str) -> Table:
        """Return the first table below a heading."""
        return next(block for block in self.below(heading) if isinstance(block, Table))

    def caption(self, heading: str) -> Paragraph:
        """Return the first paragraph below a heading."""
        return next(block for block in self.below(heading) if isinstance(block, Paragraph))


@dataclass
class FakeDocs:
    """``documents`` by id. ``before_write`` is called before an edit is taken: what somebody else does meanwhile."""

    documents: dict[str, FakeDocument] = field(default_factory=dict)
    before_write: Callable[[FakeDocument], object] | None = None

    def handlers(self) -> Mapping[str, Callable[[Call], Any]]:
        """Return what answers each method."""
        return {"docs.documents.get": self._get, "docs.documents.batchUpdate": self._update}

    def _document(self, call: Call) -> FakeDocument:
        document = self.documents.get(call.path["documentId"])
        if document is None:
            raise Refused("Requested entity was not found.", 404, "notFound")
        return document

    def _get(self, call: Call) -> dict[str, Any]:
        document = self._document(call)
        if not call.query.get("includeTabsContent") and "fields" not in call.query:
            raise Violation("This fake tells documents with their tabs only.")
        told: dict[str, Any] = {"documentId": document.name, "title": document.title}
        told |= {"revisionId": document.revision} if document.may_write else {}
        told["suggestionsViewMode"] = call.query.get("suggestionsViewMode", "DEFAULT_FOR_CURRENT_ACCESS")
        return told | {"tabs": [_tab(tab, place, 0) for place, tab in enumerate(document.tabs)]}

    def _update(self, call: Call) -> dict[str, Any]:
        document = self._document(call)
        if not document.may_write:
            raise Violation("The caller does not have permission", 403, "PERMISSION_DENIED")
        if self.before_write:
            hook, self.before_write = self.before_write, None
            hook(document)
        required = call.body.get("writeControl", {}).get("requiredRevisionId")
        if required is not None and required != document.revision:
            raise Refused(f"The required revision ID '{required}' does not match the latest revision.", 400)
        requests = call.body.get("requests", [])
        changed = deepcopy(document.tabs)  # all of them or none
        for request in requests:
            _apply(changed, request)
        document.tabs = changed
        document.touch()
        return {
            "documentId": document.name,
            "replies": [{} for _ in requests],
            "writeControl": {"requiredRevisionId": document.revision},
        }


def _tab(tab: Tab, place: int, depth: int) -> dict[str, Any]:
    section = {"endIndex": 1, "sectionBreak": {"sectionStyle": {"sectionType": "CONTINUOUS"}}}
    inside = [_tab(each, number, depth + 1) for number, each in enumerate(tab.inside)]
    return {
        "tabProperties": {"tabId": tab.tab_id, "title": tab.title, "index": place, "nestingLevel": depth},
        "documentTab": {"body": {"content": [section, *as_json(tab.blocks, _BODY_STARTS)]}},
        **({"childTabs": inside} if inside else {}),
    }


def _apply(tabs: list[Tab], request: Mapping[str, Any]) -> None:
    if len(request) != 1:
        raise Violation("A request has exactly one member.")
    [(kind, asked)] = request.items()
    edits: dict[str, Callable[[list[Tab], Mapping[str, Any]], None]] = {
        "insertText": _insert_text,
        "deleteContentRange": _delete,
        "insertTable": _insert_table,
        "insertTableRow": _insert_row,
        "deleteTableRow": _delete_row,
        "updateTextStyle": _style,
        "updateParagraphStyle": _paragraph_style,
    }
    if kind not in edits:
        raise Violation(f"the fake does not do {kind}", 501, "notImplemented")
    edits[kind](tabs, asked)


def _body(tabs: list[Tab], where: Mapping[str, Any]) -> list[Block]:
    every = [*tabs, *(inner for tab in tabs for inner in tab.inside)]
    wanted = where.get("tabId") or every[0].tab_id
    tab = next((tab for tab in every if tab.tab_id == wanted), None)
    if tab is None or where.get("segmentId"):
        raise Violation(f"There is no tab {wanted}.")
    return tab.blocks


def _paragraph_at(tabs: list[Tab], where: Mapping[str, Any]) -> Spot:
    index = where["index"]
    for spot in spots(_body(tabs, where), _BODY_STARTS):
        if isinstance(spot.block, Paragraph) and spot.start <= index < spot.end:
            return spot
    raise Violation(f"The insertion index {index} must be inside the bounds of an existing paragraph.")


def _insert_text(tabs: list[Tab], asked: Mapping[str, Any]) -> None:
    text = _TAKEN_OUT.sub("", asked.get("text", ""))
    if not text:
        raise Violation("Insert text requests must specify text to insert.")
    spot = _paragraph_at(tabs, asked["location"])
    paragraph = spot.block
    assert isinstance(paragraph, Paragraph)
    before, after = paragraph.split(asked["location"]["index"] - spot.start)
    style = dict((before or after or [Run()])[-1 if before else 0].style)
    first, *more = text.split("\n")
    paragraph.runs = [*before, Run(first, style)]
    added = [Paragraph([Run(line, style)], paragraph.style, paragraph.list_id) for line in more]
    spot.within[spot.place + 1 : spot.place + 1] = added
    (added[-1] if added else paragraph).runs += after


def _delete(tabs: list[Tab], asked: Mapping[str, Any]) -> None:
    where = asked["range"]
    start, end = where["startIndex"], where["endIndex"]
    if start >= end:
        raise Violation("The range should not be empty.")
    _delete_in(_body(tabs, where), _BODY_STARTS, start, end)


def _delete_in(blocks: list[Block], at: int, start: int, end: int) -> None:
    met = [spot for spot in spots(blocks, at) if spot.within is blocks and spot.start < end and spot.end > start]
    if not met or start < met[0].start or end > met[-1].end:
        raise Violation(f"The range {start} to {end} is outside of the document.")
    if len(met) == 1 and isinstance(met[0].block, Table):
        if (start, end) != (met[0].start, met[0].end):
            return _delete_in_cell(met[0], start, end)
        del blocks[met[0].place]
        return None
    if end == sum(block.length for block in blocks) + at:
        raise Violation("Cannot delete the last newline of a segment.")
    torn = [spot for spot in met if isinstance(spot.block, Table) and (spot.start < start or spot.end > end)]
    last = met[-1]
    following = blocks[last.place + 1] if last.place + 1 < len(blocks) else None
    if torn or (end == last.end and isinstance(following, Table)):
        raise Violation("Cannot delete a table's start or end, or the newline before one.")
    first = met[0].block
    before = first.split(start - met[0].start)[0] if isinstance(first, Paragraph) else []
    into = blocks[last.place] if end < last.end else following
    rest = (
        into.split(end - last.start)[1] if isinstance(into, Paragraph) and end < last.end else getattr(into, "runs", [])
    )
    kept = Paragraph([*before, *rest], getattr(first, "style", "NORMAL_TEXT"), getattr(first, "list_id", ""))
    blocks[met[0].place : last.place + (1 if end < last.end else 2)] = [kept]
    return None


def _delete_in_cell(spot: Spot, start: int, end: int) -> None:
    table = spot.block
    assert isinstance(table, Table)
    at = spot.start + 1
    for row in table.rows:
        at += 1
        for cell in row:
            if at < start and end <= at + cell.length:
                return _delete_in(cell.blocks, at + 1, start, end)
            at += cell.length
    raise Violation("Cannot delete individual rows or cells of a table.")


def _insert_table(tabs: list[Tab], asked: Mapping[str, Any]) -> None:
    spot = _paragraph_at(tabs, asked["location"])
    paragraph = spot.block
    assert isinstance(paragraph, Paragraph)
    if asked["rows"] < 1 or asked["columns"] < 1:
        raise Violation("A table needs rows and columns.")
    before, after = paragraph.split(asked["location"]["index"] - spot.start)
    table = Table([[Cell() for _ in range(asked["columns"])] for _ in range(asked["rows"])])
    paragraph.runs = before
    spot.within[spot.place + 1 : spot.place + 1] = [table, Paragraph(after, paragraph.style)]


def _paragraph_style(tabs: list[Tab], asked: Mapping[str, Any]) -> None:
    where = asked["range"]
    if asked.get("fields") != "namedStyleType" or where["startIndex"] >= where["endIndex"]:
        raise Violation("Invalid field mask or range.")
    for spot in spots(_body(tabs, where), _BODY_STARTS):
        if isinstance(spot.block, Paragraph) and spot.start < where["endIndex"] and spot.end > where["startIndex"]:
            spot.block.style = asked["paragraphStyle"]["namedStyleType"]


def _row_at(tabs: list[Tab], where: Mapping[str, Any]) -> tuple[Table, int, Spot]:
    start = where["tableStartLocation"]
    for spot in spots(_body(tabs, start), _BODY_STARTS):
        if isinstance(spot.block, Table) and spot.start == start["index"]:
            if not 0 <= where.get("rowIndex", 0) < len(spot.block.rows):
                raise Violation("There is no such row.")
            return spot.block, where.get("rowIndex", 0), spot
    raise Violation(f"Invalid table start location. No table starts at {start['index']}.")


def _insert_row(tabs: list[Tab], asked: Mapping[str, Any]) -> None:
    table, row, _ = _row_at(tabs, asked["tableCellLocation"])
    table.rows.insert(row + bool(asked.get("insertBelow")), [Cell() for _ in table.rows[row]])


def _delete_row(tabs: list[Tab], asked: Mapping[str, Any]) -> None:
    table, row, spot = _row_at(tabs, asked["tableCellLocation"])
    del table.rows[row]
    if not table.rows:
        del spot.within[spot.place]


def _style(tabs: list[Tab], asked: Mapping[str, Any]) -> None:
    where, names = asked["range"], asked.get("fields", "")
    if not names or set(names.split(",")) - {"bold", "italic", "fontSize", "strikethrough", "foregroundColor"}:
        raise Violation("Invalid field mask.")
    start, end = where["startIndex"], where["endIndex"]
    spot = _paragraph_at(tabs, {**where, "index": start})
    paragraph = spot.block
    assert isinstance(paragraph, Paragraph)
    if not start < end <= spot.end:
        raise Violation("The range should be inside of a paragraph.")
    before, rest = paragraph.split(start - spot.start)
    middle, after = Paragraph(rest).split(end - start)
    style = {name: asked["textStyle"][name] for name in names.split(",") if name in asked["textStyle"]}
    changed = [Run(run.text, run.style | style, run.chip, run.suggested) for run in middle]
    paragraph.runs = [*before, *changed, *after]

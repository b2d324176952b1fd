"""The neutral outline of a Markdown file, as CommonMark and GitHub read it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ims.errors import BadFile
from ims.model.outline import Cell, Grid, Text
from ims.postmortem.reading import html

LARGEST_TEXT = 500_000  # bytes; a post-mortem of two hundred pages stays under it
_MOST_WORK = 10_000_000  # marks times the length of their paragraph: what looking for their other end may cost
_MOST_LINES = 20_000
_MOST_COLUMNS = 500
_MARKS = "[]*_`~<&\\!"
_MOST_FACTS = 100  # lines before the text begins
_LONGEST_FRONT = 10_000  # characters; YAML of half a megabyte takes seconds
_DEEPEST = 60  # lists and quotes inside each other, each list counting twice
_FACTS = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FACT = re.compile(r"^([A-Za-z][\w -]{0,40}?)\s*:\s*(.*?)\s*$")
_SAYS_NOTHING = {"issue", "issues", "pr", "pull request", "link", "link to issue", "here", "ticket", "see issue here"}
_KINDS = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"{\\rtf": "an RTF document"}


def decoded(file: bytes) -> str:
    """Return the text of a file.

    Raises:
        BadFile: it is too large, or no text; the sentence says which.
    """
    if len(file) > LARGEST_TEXT:
        raise BadFile(
            f"The file has {len(file) / 1_000_000:.1f} MB of text; at most {LARGEST_TEXT / 1_000_000} MB are read."
        )
    kind = next((kind for start, kind in _KINDS.items() if file.startswith(start)), "")
    if kind:
        raise BadFile(f"This is {kind}; save the text as .docx or Markdown.")
    try:
        text = file.decode("utf-16" if file.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("The file is no text in UTF-8; save it with that encoding.") from error
    if "\0" in text:
        raise BadFile("The file is no text: it has zeros in it.")
    typed = text.split("\n")
    if len(typed) > _MOST_LINES or any(line.count("|") > _MOST_COLUMNS for line in typed):
        raise BadFile("The file has more lines, or more columns, than a text can need; it was not read.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def facts(text: str) -> Mapping[str, str]:
    """Return what the file says of itself between two lines of dashes at its top, by name in lower case."""
    front = _FACTS.match(text)
    said = front[1].split("\n")[:_MOST_FACTS] if front else []
    found = [match for match in map(_FACT.match, said) if match]
    by_line = {match[1].casefold(): match[2].strip("\"'") for match in found}
    return {**by_line, **_of_yaml("\n".join(said)[:_LONGEST_FRONT])}


def _of_yaml(front: str) -> Mapping[str, str]:
    """Return the facts of a front that is YAML, a list as “a, b”; nothing where it is none, or says things deeper."""
    try:
        said = yaml.load(front, Loader=yaml.BaseLoader)  # noqa: S506  makes texts, lists and mappings, nothing else
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):  # the latter two of letters that are none
        return {}
    words = ((name, _plain(value)) for name, value in said.items()) if isinstance(said, dict) else ()
    return {name.casefold(): value for name, value in words if isinstance(name, str) and value is not None}


def _plain(value: object) -> str | None:
    items = value if isinstance(value, list) else [value]
    texts = ["" if item in ("null", "~") else " ".join(item.split()) for item in items if isinstance(item, str)]
    return ", ".join(texts) if len(texts) == len(items) else None


def lines(text: str) -> Iterator[str]:
    """Go through the lines of the paragraphs as they are typed, without the marks of bold, italics and code.

    The outline joins them, as a reader sees them; people write “Date: …” and “Services: …” on lines of their own.
    """
    for token in _parser().parse(_FACTS.sub("", text, count=1)):
        if token.type == "inline":
            yield from (re.sub(r"[*`]|\b_|_\b", "", line).strip() for line in token.content.split("\n"))


def outline(text: str) -> Iterator[Text | Grid]:
    """Go through the blocks of a file; comments and what it says of itself are left out.

    Raises:
        BadFile: its lists are too deep, or it has so much markup that looking for its ends would take minutes.
    """
    parser = _parser()
    definitions: dict[str, Any] = {}
    tokens = parser.parse(_FACTS.sub("", text, count=1), definitions)
    if any(token.level >= _DEEPEST - 2 for token in tokens):  # the parser leaves out what is deeper
        raise BadFile("The file has lists or quotes inside each other deeper than anybody reads; it was not read.")
    if sum(map(_work, tokens)) > _MOST_WORK:
        raise BadFile("The file has more markup than a text can need; it was not read.")
    for token in tokens:
        if token.type == "inline":
            token.children = []
            parser.inline.parse(token.content, parser, definitions, token.children)
    yield from _Walk().through(tokens)


def _parser() -> MarkdownIt:
    """Return a parser that leaves the words within a paragraph alone."""
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    parser.core.ruler.disable("inline")
    return parser


def _work(token: Token) -> int:
    words = token.content if token.type == "inline" else ""
    return len(words) * sum(map(words.count, _MARKS))


class _Walk:
    """Goes through the tokens once, remembering the lists and the table it is in."""

    def __init__(self) -> None:
        self.lists = 0
        self.level = 0
        self.is_first = False  # the next paragraph is the first of its item
        self.rows: list[list[Cell]] = []
        self.html: list[str] = []  # of a table that goes on in the next block
        self.open_tables = 0

    def through(self, tokens: Sequence[Token]) -> Iterator[Text | Grid]:
        for token in tokens:
            if token.type in ("bullet_list_open", "ordered_list_open", "bullet_list_close", "ordered_list_close"):
                self.lists += token.nesting
            elif token.type == "list_item_open":
                self.is_first = True
            elif token.type in ("heading_open", "heading_close"):
                self.level = int(token.tag[1:]) if token.nesting > 0 else 0
            elif token.type == "table_open":
                self.rows = []
            elif token.type == "tr_open":
                self.rows.append([])
            elif token.type in ("th_open", "td_open"):
                self.rows[-1].append(Cell())
            elif token.type == "table_close":
                yield Grid(self.rows)
                self.rows = []
            else:
                yield from self._content(token)
        yield from self._html("</table>" * self.open_tables)

    def _content(self, token: Token) -> Iterator[Text | Grid]:
        if token.type == "inline" and self.rows:
            self.rows[-1][-1] = _cell(token.children or [])
        elif token.type == "inline":
            yield self._text(_words(token.children or []), token.children or [])
        elif token.type in ("fence", "code_block"):
            yield Text(token.content.strip(), is_code=True)
        elif token.type == "html_block":
            yield from self._html(token.content)

    def _html(self, content: str) -> Iterator[Text | Grid]:
        """Return what stands in a block of HTML; an empty line ends the block, but not the table in it."""
        self.html.append(content)
        self.open_tables += html.tables_left_open(content)
        if self.open_tables <= 0:
            pieces, self.html, self.open_tables = self.html, [], 0
            for block in html.blocks("".join(pieces)):
                yield block if isinstance(block, Grid) else self._placed(block)

    def _placed(self, text: Text) -> Text:
        """Return a paragraph of HTML where it stands, perhaps inside a list in Markdown."""
        if not self.lists or text.level:
            return text
        if text.is_item:
            self.is_first = False
            return replace(text, depth=text.depth + self.lists)
        return replace(self._text(text.words, []), is_struck=text.is_struck)

    def _text(self, words: str, tokens: Sequence[Token]) -> Text:
        """Return a paragraph; one that follows the first of an item only continues it."""
        continues = self.lists > 0 and not self.is_first
        self.is_first = False
        return Text(
            words,
            self.level,
            self.lists > 0 and not continues,
            _is_all(tokens, "s"),
            max(self.lists - 1, 0) + continues,
            _is_all(tokens, "strong"),
        )


def _cell(tokens: Sequence[Token]) -> Cell:
    targets = [str(token.attrGet("href") or "") for token in tokens if token.type == "link_open"]
    emails = [target.removeprefix("mailto:").split("?")[0] for target in targets if target.startswith("mailto:")]
    return Cell(_words(tokens), emails[0] if emails else "", _is_all(tokens, "s"))


def _words(tokens: Sequence[Token]) -> str:
    """Return words without their markup. A link that says only “issue” says where it leads."""
    pieces: list[str] = []
    opened: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == "link_open":
            opened.append((len(pieces), str(token.attrGet("href") or "")))
        elif token.type == "link_close" and opened:
            start, target = opened.pop()
            if "".join(pieces[start:]).strip().casefold() in _SAYS_NOTHING:
                pieces[start:] = [target]
        else:
            pieces.append(_piece(token))
    return "".join(pieces).strip()


def _piece(token: Token) -> str:
    if token.type in ("text", "text_special", "code_inline"):
        return token.content
    if token.type == "html_inline":
        return html.of_inline(token.content)
    return {"softbreak": " ", "hardbreak": "\n", "image": ""}.get(token.type, "")


def _is_all(tokens: Sequence[Token], mark: str) -> bool:
    """Return whether every word stands between the opening and the closing of a mark."""
    inside = 0
    words = [False]
    for token in tokens:
        if token.type in (f"{mark}_open", f"{mark}_close"):
            inside += token.nesting
        elif token.content.strip():
            words.append(inside > 0)
    return len(words) > 1 and all(words[1:])

"""Opening a ``.docx`` from outside: checked before it is unpacked, and never trusted.

The file is a zip of XML parts. Only the parts that hold text are unpacked, each up to a limit, without entities.
"""

import posixpath
import zlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ims.errors import BadFile
from ims.postmortem.word.accepting import accept_changes
from ims.postmortem.word.paragraph_styles import PLAIN, Style, styles_of
from ims.postmortem.word.vocabulary import W

LARGEST_FILE = 20_000_000  # bytes; Google exports at most 10 MB
LARGEST_PART = 25_000_000  # bytes unpacked; a text of a thousand pages stays under it
LARGEST_WHOLE = 200_000_000  # bytes unpacked, pictures included
LARGE_PART = 1_000_000  # bytes unpacked; smaller ones may compress as they like
HIGHEST_RATIO = 400  # unpacked to packed; text compresses to a tenth, a bomb to a thousandth
MOST_PARTS = 5_000
MOST_TAGS = 1_500_000  # in a part; each costs memory, however short it is
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the older Office container, also around encrypted files
_ENCRYPTED_FLAG = 0x1
_STRICT = "{http://purl.oclc.org/ooxml/"  # names of a stricter edition of the format, which only Word writes
_OFFICE_DOCUMENT = "/officeDocument"
_MAPPED = (f"{W}p", f"{W}tbl", f"{W}tr")
_Opened = TypeVar("_Opened")


@dataclass(frozen=True)
class OpenedDocument:
    """What a reader needs of a ``.docx``: its body, its styles by id, the targets of its links by id."""

    body: Any
    styles: dict[str, Style] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def style_of(self, paragraph: Any) -> Style:
        """Return the style of a paragraph."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return self.styles.get(style.get(f"{W}val", ""), PLAIN) if style is not None else PLAIN


@dataclass(frozen=True)
class PackageParts:
    """What it takes to change a ``.docx`` in place: all its parts as they are, and the tree of the one with the text.

    ``accepted`` is the same text as it reads; ``originals`` leads from its paragraphs, tables and
    rows to those of ``root``.
    """

    parts: list[tuple[ZipInfo, bytes]]
    main: str
    root: Any
    accepted: OpenedDocument
    originals: dict[Any, Any]

    def target_of(self, relation_id: str) -> str:
        """Return the part that the text refers to by a relation's id."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.main), self.accepted.links[relation_id]))


def open_document(file: bytes) -> OpenedDocument:
    """Open a ``.docx`` as it reads once all changes are accepted: insertions kept, deletions gone, controls unwrapped.

    Raises:
        BadFile: it is too large, damaged, protected, has macros, or is no Word document; the sentence says which.
    """
    return _checked(file, _open)


def open_parts(file: bytes) -> PackageParts:
    """Open a ``.docx`` to change its text in place.

    Raises:
        BadFile: as ``open_document``.
    """
    return _checked(file, _open_parts)


def _checked(file: bytes, opening: Callable[[ZipFile], _Opened]) -> _Opened:
    _check_outside(file)
    try:
        with ZipFile(BytesIO(file)) as archive:
            _check_inside(archive)
            return opening(archive)
    except (BadZipFile, EOFError, zlib.error, NotImplementedError, OSError, ValueError) as error:
        raise BadFile("The file is damaged or cut off; download or save it again as .docx.") from error


def check_size(size: int) -> None:
    """Refuse a file by its size, which is known before it is read.

    Raises:
        BadFile: it is too large.
    """
    if size > LARGEST_FILE:
        raise BadFile(
            f"The file has {size // 1_000_000} MB; at most {LARGEST_FILE // 1_000_000} MB are read. "
            "Take large pictures out and try again."
        )


def _check_outside(file: bytes) -> None:
    check_size(len(file))
    if file.startswith(_COMPOUND_FILE):
        raise BadFile("The file is protected by a password, or an old .doc; save it as .docx without a password.")
    if not file.startswith(b"PK"):
        raise BadFile("This is no Word document; save or download it as .docx.")


def _open(archive: ZipFile) -> OpenedDocument:
    main = _main_part(archive, set(archive.namelist()))
    return _accepted(archive, main, _parse(archive, main))


def _open_parts(archive: ZipFile) -> PackageParts:
    main = _main_part(archive, set(archive.namelist()))
    root = _parse(archive, main, as_it_is=True)
    copied = deepcopy(root)
    originals = dict(zip(copied.iter(*_MAPPED), root.iter(*_MAPPED), strict=True))
    accepted = _accepted(archive, main, copied)
    parts = [(part, archive.read(part)) for part in archive.infolist()]
    return PackageParts(parts, main, root, accepted, originals)


def _accepted(archive: ZipFile, main: str, root: Any) -> OpenedDocument:
    names = set(archive.namelist())
    folder, name = posixpath.split(main)
    body = root.find(f"{W}body")
    if body is None and str(root.tag).startswith(_STRICT):
        raise BadFile("The file is a “Strict Open XML Document”; save it as “Word Document (.docx)”.")
    if body is None:
        raise BadFile("This is no Word document: it has no text. Save or export it as .docx.")
    accept_changes(body)
    links = _relations(archive, posixpath.join(folder, "_rels", f"{name}.rels"), names)
    styles = posixpath.join(folder, "styles.xml")
    return OpenedDocument(
        body,
        styles_of(_parse(archive, styles)) if styles in names else {},
        {relation_id: target for relation_id, _, target in links},
    )


def _check_inside(archive: ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_WHOLE:
        raise BadFile("The file unpacks to more than a document can need; it was not read.")
    for part in parts:
        if part.flag_bits & _ENCRYPTED_FLAG:
            raise BadFile("The file is protected by a password; save it without one.")
        if part.filename.lower().endswith("vbaproject.bin"):
            raise BadFile("The file contains macros; save it as a plain .docx without them.")
        if part.file_size > LARGE_PART and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1):
            raise BadFile("The file unpacks to more than a document can need; it was not read.")


def _main_part(archive: ZipFile, names: set[str]) -> str:
    for _, kind, target in _relations(archive, "_rels/.rels", names):
        if kind.endswith(_OFFICE_DOCUMENT) and target.lstrip("/") in names:
            return target.lstrip("/")
    if "word/document.xml" in names:
        return "word/document.xml"
    raise BadFile("This is a file of another kind, and no Word document is in it; save or export it as .docx.")


def _relations(archive: ZipFile, part: str, names: set[str]) -> list[tuple[str, str, str]]:
    if part not in names:
        return []
    return [(each.get("Id", ""), each.get("Type", ""), each.get("Target", "")) for each in _parse(archive, part)]


def _parse(archive: ZipFile, name: str, *, as_it_is: bool = False) -> Any:
    """Parse a part without entities or network. What the zip says of sizes may be a lie, so the limit is held here."""
    with archive.open(name) as part:
        text = part.read(LARGEST_PART + 1)
    if len(text) > LARGEST_PART or text.count(b"<") > MOST_TAGS:
        raise BadFile("The file unpacks to more than a document can need; it was not read.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=not as_it_is)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise BadFile("The text in the file is damaged; open it in Word or Google Docs and save it again.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadFile("The file declares entities, which Word documents never do; it was not read.")
    return root

"""Putting a picture into a ``.docx``: its part, what refers to it, and what stands in the text."""

import posixpath
import struct
from collections.abc import Container, Mapping
from itertools import count
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ims.postmortem.word.vocabulary import W

_TYPES = "[Content_Types].xml"
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_EMU_PER_TWIP = 635
_USUAL_WIDTH = 17 * 360_000  # between the margins of the portal's own page
_SIZE_AT = slice(16, 24)  # of a PNG: width and height, four bytes each


def new_parts(parts: Mapping[str, bytes], main: str, png: bytes) -> tuple[str, dict[str, bytes]]:
    """Return the relation's id that shows a picture, and the parts of the file that are new or change for it."""
    folder, name = posixpath.split(main)
    at = posixpath.join(folder, "_rels", f"{name}.rels")
    relations = _parsed(parts[at]) if at in parts else etree.Element(f"{{{_RELATIONS}}}Relationships")
    relation_id = _free("rIdIms{}", {each.get("Id") for each in relations})
    media = _free(posixpath.join(folder, "media/ims{}.png"), parts)
    target = posixpath.relpath(media, folder)
    etree.SubElement(relations, f"{{{_RELATIONS}}}Relationship", Id=relation_id, Type=f"{_OFFICE}/image", Target=target)
    types = _parsed(parts[_TYPES])
    tag = f"{{{_CONTENT_TYPES}}}Default"
    if not any(each.get("Extension", "").lower() == "png" for each in types.iter(tag)):
        types.insert(0, etree.Element(tag, Extension="png", ContentType="image/png"))
    return relation_id, {at: _bytes(relations), _TYPES: _bytes(types), media: png}


def run_with(relation_id: str, png: bytes, root: Any, said: str) -> Any:
    """Return a run that breaks the line and shows a picture as wide as the text of a document.

    ``said`` is read to those who do not see it.
    """
    wide, high = struct.unpack(">2I", png[_SIZE_AT])
    width = _text_width(root)
    shown = root.iter(f"{{{_DRAWING}/wordprocessingDrawing}}docPr")
    number = 1 + max((int(each.get("id", 0)) for each in shown), default=0)
    size = f'cx="{width}" cy="{round(width * high / wide)}"'
    return etree.fromstring(
        f'<w:r xmlns:w="{W[1:-1]}" xmlns:r="{_OFFICE}" xmlns:wp="{_DRAWING}/wordprocessingDrawing" '
        f'xmlns:a="{_DRAWING}/main" xmlns:pic="{_DRAWING}/picture"><w:br/><w:drawing>'
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="{number}" name="Timeline" descr={quoteattr(said)}/><a:graphic>'
        f'<a:graphicData uri="{_DRAWING}/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="timeline.png"/>'
        f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation_id}"/><a:stretch><a:fillRect/>'
        f'</a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def _text_width(root: Any) -> int:
    """Return the width between the margins of the last section; that of the portal's own page where it says none."""
    size = next(reversed(list(root.iter(f"{W}pgSz"))), None)
    margins = next(reversed(list(root.iter(f"{W}pgMar"))), None)
    if size is None or margins is None:
        return _USUAL_WIDTH
    twips = int(size.get(f"{W}w")) - int(margins.get(f"{W}left")) - int(margins.get(f"{W}right"))
    return min(twips * _EMU_PER_TWIP, _USUAL_WIDTH)


def _free(pattern: str, taken: Container[str]) -> str:
    """Return the first name that is not taken."""
    return next(name for number in count(1) if (name := pattern.format(number)) not in taken)


def _parsed(part: bytes) -> Any:
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _bytes(root: Any) -> bytes:
    found: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return found

"""Making a document read as if every suggestion was accepted and no content control were there."""

from typing import Any

from ims.postmortem.word.vocabulary import FALLBACK, W14, W, value_of

_UNWRAPPED = (f"{W}ins", f"{W}moveTo", f"{W}smartTag", f"{W}customXml")
_DROPPED = (f"{W}del", f"{W}moveFrom", f"{W}sdtPr", f"{W}sdtEndPr", f"{W}rt", FALLBACK)
_MARKS = (f"{W}sdt", f"{W}cellDel", *_UNWRAPPED, *_DROPPED)
_OF_WHOLE = (f"{W}trPr", f"{W}tcPr")
_CONTENTS = "Table of Contents"
_OFF = ("0", "false", "off")


def accept_changes(body: Any) -> None:
    """Keep insertions, take deletions out, and unwrap controls."""
    if next(body.iter(*_MARKS), None) is None:
        return
    for mark in list(body.iter(f"{W}del", f"{W}cellDel")):
        whole = mark.getparent().getparent()
        if whole is not None and whole.tag in (f"{W}tr", f"{W}tc") and mark.getparent().tag in _OF_WHOLE:
            _remove(whole)  # the row or cell itself is deleted
    without_end = [mark.getparent().getparent() for mark in body.iter(f"{W}del", f"{W}moveFrom") if _is_of_end(mark)]
    for control in list(body.iter(f"{W}sdt")):
        _read_control(control)
    for element in list(body.iter(*_DROPPED)):
        _remove(element)
    for element in list(body.iter(*_UNWRAPPED)):
        _unwrap(element, element)
    for element in list(body.iter(f"{W}sdt")):
        _unwrap(element, element.find(f"{W}sdtContent"))
    for properties in reversed(without_end):  # from the end, so that each word is moved once
        _join_next(properties.getparent())


def _is_of_end(mark: Any) -> bool:
    """Return whether the mark says that the end of its paragraph is deleted, so that the next one continues it."""
    parent = mark.getparent()
    within = parent.getparent()
    return bool(parent.tag == f"{W}rPr" and within is not None and within.tag == f"{W}pPr")


def _join_next(paragraph: Any) -> None:
    following = paragraph.getnext() if paragraph is not None else None
    if following is None or following.tag != f"{W}p":
        return
    first = next(following.iterchildren(), None)
    at = 1 if first is not None and first.tag == f"{W}pPr" else 0
    for each in reversed([each for each in paragraph if each.tag != f"{W}pPr"]):
        following.insert(at, each)
    _remove(paragraph)


def _read_control(control: Any) -> None:
    """Take a table of contents out, and write into a check box the sign that says how it stands."""
    gallery = value_of(control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery"))
    box = control.find(f"{W}sdtPr/{W14}checkbox")
    if gallery == _CONTENTS:
        _remove(control)
    elif box is not None:
        checked = box.find(f"{W14}checked")
        is_checked = checked is not None and checked.get(f"{W14}val", "1") not in _OFF
        _write(control.find(f"{W}sdtContent"), "☑" if is_checked else "☐")


def _write(content: Any, sign: str) -> None:
    run = next(content.iter(f"{W}r"), None) if content is not None else None
    if run is None:
        return
    for old in [*content.iter(f"{W}t", f"{W}sym")]:
        _remove(old)
    text = run.makeelement(f"{W}t")
    text.text = sign
    run.append(text)


def _remove(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _unwrap(element: Any, content: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    for each in list(content) if content is not None else ():
        element.addprevious(each)
    parent.remove(element)

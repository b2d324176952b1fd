"""Files that are no root-cause document are refused in a sentence, quickly and in little memory."""

import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ims.errors import BadFile
from ims.postmortem.reading.reader import read
from ims.postmortem.word.package import LARGEST_FILE

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def plain_docx() -> bytes:
    saved = BytesIO()
    docx.Document().save(saved)
    return saved.getvalue()


def zipped(**parts: str | bytes) -> bytes:
    saved = BytesIO()
    with ZipFile(saved, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return saved.getvalue()


def with_body(xml: str, before: str = "") -> bytes:
    return zipped(**{"word/document.xml": f"{before}<w:document {W}><w:body>{xml}</w:body></w:document>"})


# A reader waits two seconds at most; of the processor, each of these takes under 0.7 s where nothing else runs, and up
# to three times as much where two tests share a slow processor.
SECONDS = 4
MEGABYTES = 400  # of the whole process, while it reads
MEASURE = """
import os, sys
from ims.errors import BadFile
from ims.postmortem.reading.reader import read
for name in sys.argv[1:]:
    file = open(name, "rb").read()
    child = os.fork()
    if not child:
        try:
            read(file)
        except BadFile:
            os._exit(0)
        os._exit(1)
    _, status, used = os.wait4(child, 0)
    print(status, used.ru_maxrss // 1024)
"""
ROW = "<w:tr>" + "".join("<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>" for _ in range(3)) + "</w:tr>"
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "no Word document"),
    "a picture": (lambda: b"\x89PNG\r\n", "no Word document"),
    "text": (lambda: b"Action,Owner,Due date\n", "no Word document"),
    "cut off": (lambda: plain_docx()[:5000], "damaged"),
    "damaged inside": (lambda: _flip(plain_docx()), "damaged"),
    "a zip of something else": (lambda: zipped(**{"a.txt": "hello"}), "no Word document is in it"),
    "not XML": (lambda: zipped(**{"word/document.xml": "<w:document"}), "damaged"),
    "a text of LibreOffice": (lambda: zipped(**{"content.xml": "<a/>"}), "save or export it as .docx"),
    "a strict edition of the format": (
        lambda: zipped(**{"word/document.xml": '<document xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"/>'}),
        "“Word Document",
    ),
    "elements without end": (lambda: with_body("<w:p/>" * 1_600_000 + _noise()), "more than a document can need"),
    "XML of something else": (lambda: zipped(**{"word/document.xml": "<html/>"}), "no text"),
    "encrypted": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
    "macros": (lambda: zipped(**{"word/document.xml": "<a/>", "word/vbaProject.bin": "x"}), "macros"),
    "a zip bomb": (lambda: with_body("<w:p/>" * 20_000_000), "more than a document can need"),
    "too large": (lambda: b"PK\x03\x04" + os.urandom(50_000_000), "50 MB"),
    "an external entity": (
        lambda: with_body(
            "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        ),
        "entities",
    ),
    "entities that grow": (
        lambda: with_body("<w:p/>", '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'),
        "entities",
    ),
    "ten thousand follow-ups": (
        lambda: with_body(f"<w:tbl>{ROW.format('Action', 'Owner', 'Due')}{_rows(10_000)}</w:tbl>"),
        "more than 1,000 follow-ups",
    ),
    "XML inside XML without end": (lambda: with_body("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000), "damaged"),
    "tables inside tables without end": (
        lambda: with_body("<w:tbl><w:tr><w:tc>" * 5_000 + "</w:tc></w:tr></w:tbl>" * 5_000),
        "damaged",
    ),
    "a list of twenty thousand": (
        lambda: with_body(HEADING + "<w:p><w:r><w:t>- Do it</w:t></w:r></w:p>" * 20_000),
        "more than 1,000 follow-ups",
    ),
    "a hundred thousand paragraphs": (
        lambda: with_body("<w:p><w:r><w:t>So it went on</w:t></w:r></w:p>" * 100_000),
        "more than 30,000 paragraphs",
    ),
    "a table as wide as long": (
        lambda: with_body(f"<w:tbl>{('<w:tr>' + '<w:tc><w:p/></w:tc>' * 63 + '</w:tr>') * 5_000}{_noise()}</w:tbl>"),
        "more than 40,000 cells",
    ),
    "zeros": (lambda: b"\0" * 1_000_000, "no Word document"),
    "an old .doc": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"W" * 100_000, "old .doc"),
    "a table without end": (
        lambda: with_body(f"<w:tbl>{'<w:tr/>' * 30_000}</w:tbl>" + "".join(map(str, range(50_000)))),
        "more than 20,000 rows",
    ),
}


HEADING = "<w:p><w:r><w:t>Action items</w:t></w:r></w:p>"


def _noise() -> str:
    """Return what does not compress, so that the file is no zip bomb."""
    return f"<w:tr><w:tc><w:p><w:r><w:t>{os.urandom(200_000).hex()}</w:t></w:r></w:p></w:tc></w:tr>"


def _rows(count: int) -> str:
    return "".join(ROW.format(f"Do {number}", "Ada", "") for number in range(count))


def _flip(file: bytes) -> bytes:
    with ZipFile(BytesIO(file)) as archive:
        at = archive.getinfo("word/document.xml").header_offset + 60
    return file[:at] + bytes(255 - byte for byte in file[at : at + 50]) + file[at + 50 :]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_a_sentence(name: str) -> None:
    make, words = BAD[name]
    file = make()
    started = time.process_time()
    with pytest.raises(BadFile, match=words) as refused:
        read(file)
    assert time.process_time() - started < SECONDS
    assert str(refused.value).endswith(".")


HUNGRY = (
    "a zip bomb",
    "elements without end",
    "too large",
    "ten thousand follow-ups",
    "a list of twenty thousand",
    "a table without end",
)


def test_bad_files_take_little_memory(tmp_path: Path) -> None:
    files = [tmp_path / name for name in HUNGRY]
    for file in files:
        file.write_bytes(BAD[file.name][0]())
    command = [sys.executable, "-c", MEASURE, *map(str, files)]
    measured = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    taken = dict(zip(HUNGRY, (line.split() for line in measured.splitlines()), strict=True))
    assert {name for name, (status, megabytes) in taken.items() if status != "0" or int(megabytes) > MEGABYTES} == set()


ODD = {
    "controls": "<w:sdt><w:sdtContent><w:p><w:r><w:t>- Do it</w:t></w:r></w:p></w:sdtContent></w:sdt>" * 900,
    "insertions": f"<w:p>{'<w:ins><w:r><w:t>- Do</w:t></w:r></w:ins>' * 20_000}</w:p>",
    "deleted ends of lines": "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>- Do</w:t></w:r></w:p>" * 20_000,
    "boxes inside boxes": "<w:p><w:r><w:t>- Do it</w:t></w:r><w:r><w:txbxContent>" * 60
    + "<w:p/>"
    + "</w:txbxContent></w:r></w:p>" * 60,
}


@pytest.mark.parametrize(("name", "count"), [*zip(ODD, (900, 1, 1, 60), strict=True)])
def test_what_editors_wrap_words_in_costs_little(name: str, count: int) -> None:
    file = with_body(HEADING + ODD[name])
    started = time.process_time()
    assert len(read(file).follow_ups) == count
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("name", ["deep list", "long line"])
def test_odd_but_harmless_documents_are_read_quickly(name: str) -> None:
    deep = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
        "<w:r><w:t>Do it</w:t></w:r></w:p>"
        for level in range(5_000)
    )
    long = f"<w:p><w:r><w:t>- {'by 1 @a (done ' * 50_000}</w:t></w:r></w:p>"
    file = with_body(HEADING + {"deep list": deep, "long line": long}[name])
    started = time.process_time()
    assert len(read(file).follow_ups) == 1
    assert time.process_time() - started < SECONDS


def test_what_the_zip_says_of_sizes_is_not_believed() -> None:
    bomb = bytearray(with_body("<w:p/>" * 10_000_000))
    real = (len("<w:p/>") * 10_000_000).to_bytes(4, "little")
    at = bomb.rfind(b"PK\x01\x02") + 24
    assert abs(int.from_bytes(bomb[at : at + 4], "little") - int.from_bytes(real, "little")) < 1000
    bomb[at : at + 4] = (1000).to_bytes(4, "little")
    tracemalloc.start()
    with pytest.raises(BadFile):
        read(bytes(bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150_000_000


def test_the_largest_file_allowed_is_what_the_page_promises() -> None:
    assert LARGEST_FILE == 20_000_000


def test_an_empty_document_is_read_and_holds_nothing() -> None:
    reading = read(plain_docx())
    assert (reading.follow_ups, reading.not_understood) == ([], [])


TAGS = (
    "p r t tbl tr tc sdt sdtContent sdtPr ins del pPr rPr numPr ilvl numId tcPr trPr vMerge gridSpan gridBefore "
    "hyperlink txbxContent checkBox strike b moveFrom moveTo cellDel docPartObj sym pStyle"
)
STRANGE = st.recursive(
    st.sampled_from(["", "Actions", "Action", "Owner", "Due", "- x", "²"]),
    lambda inner: st.builds(
        lambda tag, value, parts: f'<w:{tag} w:val="{value}">{"".join(parts)}</w:{tag}>',
        st.sampled_from(TAGS.split()),
        st.sampled_from(["1", "²", "-1", "9" * 20, "restart"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=40,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STRANGE, max_size=4))
@example(["<w:trPr><w:del/></w:trPr>", "<w:tr><w:trPr><w:del/><w:del/></w:trPr></w:tr>"])
def test_parts_of_a_document_in_the_wrong_places_do_no_harm(parts: list[str]) -> None:
    reading = read(with_body("".join(parts)))
    assert all(each.text for each in reading.follow_ups)

"""Files that are none, or that somebody made to hurt: a sentence, never a traceback."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims.errors import BadFile
from ims.intake.history.registry import read_history


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("sheet.xml", "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"  \n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"number,opened_at,state\n", "no rows"),
        (_zip(), "zip archive"),
        (b"\x89PNG\r\n\x1a\n....", "picture"),
        (b"number,opened_at,state\nINC1,2016-01-01 10:00,\x00\x00\n", "control characters"),
        (bytes(range(128, 256)) * 40, "neither a table|control"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"started_at": "2024-01-01T10:00:00Z", "updates": []}\n{"broken', "Line 2 is not JSON"),
        (b"[1, 2, 3]", "none of the kinds"),
        (b'{"archive": [1, 2]}', "no incidents"),
        (b'{"archive": "x"}', "none of the kinds"),
        (b"a letter to my aunt", "neither a table"),
        (b"colour,taste\nred,sweet\n", "none of the kinds"),
        (b"Title,Started\n" + b'"' + b"x" * 2_000_000 + b'",2024-01-01 10:00\n', "broken near line"),
        (b"," * 5_000 + b"\n" + b"," * 5_000, "neither a table"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence):
        read_history(data)


def test_a_file_over_fifty_megabytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadFile, match="larger than 50 MB"):
        read_history(b"x" * 50_000_001)


def test_a_file_from_an_old_spreadsheet_is_read_and_the_guess_is_said() -> None:
    preview = read_history("Title,Started\nStörung,2024-01-01 10:00\n".encode("cp1252"))
    assert preview.incidents[0].title == "Störung"
    assert any("Windows-1252" in remark for remark in preview.remarks)


def test_utf_16_is_read() -> None:
    preview = read_history("Title\tStarted\nStörung\t2024-01-01 10:00\n".encode("utf-16"))
    assert preview.incidents[0].title == "Störung"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for head in (b"", b"Title,Started\n", b'{"archive": ['):
        with suppress(BadFile):
            assert read_history(head + data).incidents is not None

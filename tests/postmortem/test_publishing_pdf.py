"""The PDF is made by the LibreOffice that is installed, in a folder of its own, and never for longer than allowed."""

import os
import shutil
import time
from pathlib import Path

import pytest

from ims.errors import Refusal
from ims.postmortem.writing import pdf
from tests.postmortem.conftest import WriteDocument


def office(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a script be the LibreOffice that is installed."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_document_becomes_a_pdf(written: WriteDocument) -> None:
    made = pdf.convert(written())
    assert made.startswith(b"%PDF")
    assert len(made) > 10_000


def test_without_libreoffice_it_is_said_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not pdf.is_possible()
    with pytest.raises(Refusal, match="LibreOffice is not installed"):
        pdf.convert(b"")


def test_one_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    office(tmp_path, monkeypatch, f"sleep 300 &\necho $! > {tmp_path / 'child'}\nwait")
    began = time.monotonic()
    with pytest.raises(Refusal, match="longer than 2 seconds"):
        pdf.convert(b"", longest_seconds=2)
    assert time.monotonic() - began < 60, "it did not wait for the 300 seconds"
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(child)


def test_one_that_makes_nothing_is_said_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    office(tmp_path, monkeypatch, "exit 1")
    with pytest.raises(Refusal, match="could not make a PDF"):
        pdf.convert(b"")


def test_each_has_a_profile_of_its_own_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    office(tmp_path, monkeypatch, f'echo "$@" >> {tmp_path / "asked"}; printf %%PDF > "$(dirname "$9")/document.pdf"')
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert [pdf.convert(b""), pdf.convert(b"")] == [b"%PDF", b"%PDF"]
    first, second = ((tmp_path / "asked").read_text()).splitlines()
    assert first.split()[0].startswith("-env:UserInstallation=file:///")
    assert first.split()[0] != second.split()[0]
    assert not list(tmp_path.glob("ims-pdf-*"))


def _lives(process: int) -> bool:
    """Return whether a process runs; one that ended and waits to be counted by its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

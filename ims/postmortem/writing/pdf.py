"""A Word document as PDF, by the LibreOffice that is installed; in a folder and with a profile of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from ims.errors import Refusal

LONGEST_SECONDS = 60
_PROGRAMS = ("soffice", "libreoffice")
_NAME = "document"


def is_possible() -> bool:
    """Return whether LibreOffice is installed here."""
    return _program() is not None


def convert(docx: bytes, *, longest_seconds: float = LONGEST_SECONDS) -> bytes:
    """Return a document as PDF. It takes seconds: call it outside of a transaction.

    Raises:
        Refusal: LibreOffice is not installed here, took too long, or could not read the document.
    """
    program = _program()
    if program is None:
        raise Refusal(
            "LibreOffice is not installed on the portal's machine, so there is no PDF. Install it, or save the Word "
            "file as PDF yourself."
        )
    with tempfile.TemporaryDirectory(prefix="ims-pdf-") as folder:
        source = Path(folder) / f"{_NAME}.docx"
        source.write_bytes(docx)
        _run([program, *_arguments(folder), str(source)], folder, longest_seconds)
        made = source.with_suffix(".pdf")
        content = made.read_bytes() if made.exists() else b""
    if not content.startswith(b"%PDF"):
        raise Refusal("LibreOffice could not make a PDF of this document; save the Word file as PDF yourself.")
    return content


def _program() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def _arguments(folder: str) -> list[str]:
    """Two at once may not share a profile; each has its own, which goes with the folder."""
    profile = (Path(folder) / "profile").as_uri()
    return [
        f"-env:UserInstallation={profile}",
        "--headless",
        "--nologo",
        "--norestore",
        "--convert-to",
        "pdf",
        "--outdir",
        folder,
    ]


def _run(command: list[str], folder: str, longest_seconds: float) -> None:
    """Run LibreOffice in a session of its own, so that its children end with it."""
    process = subprocess.Popen(  # noqa: S603  our own command, no shell
        command,
        cwd=folder,
        env=os.environ | {"HOME": folder},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=longest_seconds)
    except subprocess.TimeoutExpired:
        raise Refusal(
            f"LibreOffice took longer than {longest_seconds:g} seconds and was stopped; try again, or save the Word "
            "file as PDF yourself."
        ) from None
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and whatever it started: the starter script leaves ``soffice.bin`` behind otherwise."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

"""``ims export``: everything the portal keeps, in one file."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from ims.bootstrap import portal
from ims.errors import Refusal
from ims.store.export import NOUNS, rows, snapshot


@click.command()
@click.option("--format", "_format", type=click.Choice(["json"]), default="json", show_default=True)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="The file to write; - is the standard output.",
)
def export(_format: str, out: Path) -> None:
    """Write everything the portal keeps as one JSON object with a list for each noun.

    A file is there whole, or not at all. Only its owner may read it: it holds names, addresses and messages.
    """
    if str(out) == "-":
        for piece in _pieces():
            click.echo(piece, nl=False)
    else:
        _write(out, _pieces())


def _pieces() -> Iterator[str]:
    """Go through the text of the export, a row at a time."""
    with snapshot(portal().database) as session:
        before = "{"
        for noun in NOUNS:
            yield f'{before}\n"{noun}": ['
            comma = ""
            for row in rows(session, noun):
                yield f"{comma}\n{json.dumps(row, ensure_ascii=False)}"
                comma = ","
            yield "]"
            before = ","
        yield "\n}\n"


def _write(out: Path, pieces: Iterator[str]) -> None:
    """Write beside the file and put it in its place when it is whole."""
    if not out.absolute().parent.is_dir():
        raise Refusal(f"There is no folder {out.parent}; make it, or choose another by --out.")
    with NamedTemporaryFile("w", encoding="utf-8", dir=out.absolute().parent, prefix=".ims-", delete=False) as file:
        try:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, out)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise

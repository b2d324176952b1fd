"""``ims backup`` and ``ims restore``: the whole portal in one file, while it runs, from either database into either."""

import json
from pathlib import Path

import click

from ims.bootstrap import build
from ims.config import read_settings
from ims.errors import Refusal
from ims.store import backup as backups
from ims.store import schema

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print an object with the rows of each table.")
def backup(file: Path, *, as_json: bool) -> None:
    """Write everything the portal keeps to FILE, consistent to one moment, while the portal runs.

    FILE is there whole, or not at all, and only its owner may read it. SQLite and PostgreSQL write the same.
    """
    if not file.absolute().parent.is_dir():
        raise Refusal(f"There is no folder {file.parent}; make it, or choose another.")
    wired = build(read_settings())
    if schema.peek(wired.database) is None:
        raise Refusal(f"There is no portal in {wired.database.in_words}; correct IMS_DATABASE_URL.")
    rows = backups.back_up(wired.database, file, wired.clock())
    wired.database.close()
    _say(f"Backed up to {file}", rows, as_json=as_json)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print an object with the rows of each table.")
def restore(file: Path, *, as_json: bool) -> None:
    """Fill an empty database from FILE, all or nothing, and bring an older schema up to date.

    The database is the one of IMS_DATABASE_URL. It is never overwritten: one that holds anything is refused.
    """
    database = build(read_settings()).database
    rows = backups.restore(database, file)
    _say(f"Restored into {database.in_words}", rows, as_json=as_json)
    database.close()


def _say(done: str, rows: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"rows": sum(rows.values()), "tables": rows}, indent=1))
        return
    told = (("incident", "incidents"), ("timeline_entry", "timeline entries"), ("delivery", "deliveries"))
    some = ", ".join(f"{rows.get(name, 0):,} {words}" for name, words in told)
    click.echo(f"{done}: {sum(rows.values()):,} rows, among them {some}.")

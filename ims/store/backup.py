"""Backup and restore: one file, the same for SQLite and PostgreSQL, so that it also moves between them.

The file is a zip: ``manifest.json`` (format, schema, time, rows and SHA-256 of each table) and one JSON object a line
for each row in ``tables/NAME.jsonl``. It is read in one transaction, so it is consistent while the portal runs.
"""

import base64
import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from ims.errors import BadFile, Refusal
from ims.store import schema
from ims.store.database import Database

FORMAT = 1
BATCH = 500
_MANIFEST = "manifest.json"
LONGEST_LINE = 256 * 2**20  # bytes; a row holds at most an uploaded document
# What a file that is no zip, or one that was cut or changed, makes its readers raise.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
_UNFIT = (AttributeError, DataError, IntegrityError, KeyError, StatementError, TypeError)


def back_up(database: Database, target: Path, now: datetime) -> dict[str, int]:
    """Write everything to a file and return the rows of each table. The file appears whole or not at all.

    A database of an older schema is written as it is; restoring brings it up to date.

    Raises:
        Refusal: there is no portal in the database.
    """
    handle, name = tempfile.mkstemp(dir=target.resolve().parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            rows = _write(database, file, now)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return rows


def restore(database: Database, source: Path) -> dict[str, int]:
    """Fill an empty database from a backup and return the rows of each table; all or nothing.

    Raises:
        BadFile: it is no backup, it is damaged, or a newer IMS wrote it.
        Refusal: the database holds something already.
        OSError: the file cannot be opened.
    """
    with source.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                manifest = _manifest(archive)
                _verify(archive, manifest)
                return _fill(database, archive, manifest)
        except Refusal:
            raise
        except (*_UNREADABLE, *_UNFIT) as error:
            raise BadFile(f"{source.name} is not a whole backup of IMS ({type(error).__name__}).") from error


def _write(database: Database, file: BinaryIO, now: datetime) -> dict[str, int]:
    tables: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, database.snapshot() as connection:
        revision = schema.revision_on(connection)
        if revision is None:
            raise Refusal(f"There is no portal in {database.in_words}; correct IMS_DATABASE_URL.")
        for each in schema.tables_on(connection):
            tables[each.name] = _write_table(archive, connection, each)
        manifest = {
            "format": FORMAT,
            "schema": revision,
            "taken_at": now.isoformat(),
            "tables": tables,
        }
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    return {name: int(described["rows"]) for name, described in tables.items()}


def _write_table(archive: zipfile.ZipFile, connection: Connection, each: Table) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    statement = select(each).order_by(*each.primary_key.columns)
    with archive.open(f"tables/{each.name}.jsonl", "w", force_zip64=True) as member:
        for row in connection.execution_options(yield_per=BATCH).execute(statement).mappings():
            line = (
                json.dumps({name: _encode(value) for name, value in row.items()}, ensure_ascii=False).encode() + b"\n"
            )
            digest.update(line)
            member.write(line)
            rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if manifest.get("format") != FORMAT:
        raise BadFile("This is no backup of IMS that this version can read.")
    if not schema.is_known(str(manifest["schema"])):
        raise BadFile(f"A newer IMS wrote this backup (schema {manifest['schema']}); restore it with that version.")
    return manifest


def _verify(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Read every table once before anything is written."""
    for name, described in manifest["tables"].items():
        digest, rows = hashlib.sha256(), 0
        for line in _lines(archive, name):
            digest.update(line)
            rows += 1
        if (rows, digest.hexdigest()) != (described["rows"], described["sha256"]):
            raise BadFile(f"The backup is damaged: the table {name} is not what was written.")


def _fill(database: Database, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> dict[str, int]:
    """Fill the schema that the backup was made of, then bring it up to date with everything in it."""
    revision = str(manifest["schema"])
    _prepare(database, revision)
    described = manifest["tables"]
    with database.writing() as session:
        connection = session.connection()
        present = schema.tables_on(connection)
        _refuse_full(connection, present)
        if unknown := set(described) - {each.name for each in present}:
            raise BadFile(f"The backup is damaged: schema {revision} has no table {min(unknown)}.")
        for each in present:
            if each.name in described:
                _fill_table(connection, archive, each)
                if not database.is_sqlite:
                    _continue_numbering(connection, each)
    schema.migrate(database)
    return {name: int(each["rows"]) for name, each in described.items()}


def _prepare(database: Database, revision: str) -> None:
    """Set an empty database up with the schema of the backup, also when it was set up with another one."""
    database.knock()
    with database.rebuilding() as connection:
        if schema.revision_on(connection) not in (None, revision):
            _refuse_full(connection, schema.tables_on(connection))
            schema.take_down(connection)
    schema.migrate(database, revision)


def _refuse_full(connection: Connection, present: Sequence[Table]) -> None:
    for each in present:
        if connection.execute(select(func.count()).select_from(each)).scalar():
            raise Refusal(f"The database is not empty (table {each.name}); restore into a new one.")


def _fill_table(connection: Connection, archive: zipfile.ZipFile, each: Table) -> None:
    batch: list[dict[str, Any]] = []
    for line in _lines(archive, each.name):
        batch.append({key: _decode(value) for key, value in json.loads(line).items()})
        if len(batch) == BATCH:
            connection.execute(insert(each), batch)
            batch = []
    if batch:
        connection.execute(insert(each), batch)


def _continue_numbering(connection: Connection, each: Table) -> None:
    """Let PostgreSQL number new rows after the restored ones."""
    if "id" in each.columns:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{each.name}', 'id'), "  # noqa: S608  names of our own tables
                f'coalesce((SELECT max(id) FROM "{each.name}"), 0) + 1, false)'
            )
        )


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(f"tables/{name}.jsonl") as member:
        while line := member.readline(LONGEST_LINE):
            yield line


def _encode(value: Any) -> Any:
    """Make a value JSON; what JSON does not have is an object with its type's name as the only key."""
    match value:
        case None | bool() | int() | float():
            return value
        case StrEnum():
            return value.value
        case str():
            return value
        case datetime() | date() | time():
            return {type(value).__name__: value.isoformat()}
        case timedelta():
            return {"timedelta": value / timedelta(microseconds=1)}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
    return {"json": value}


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    return _DECODERS[kind](content)


_DECODERS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda microseconds: timedelta(microseconds=microseconds),
    "bytes": base64.b64decode,
    "json": lambda content: content,
}

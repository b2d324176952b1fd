"""The schema: brought up to date by Alembic, at start and by ``ims migrate``."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, text
from sqlmodel import SQLModel

from ims.errors import SettingProblem
from ims.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"
_REVISIONS = "alembic_version"
_DERIVED, _DERIVED_BY = "library_words", "library_entry_words"  # of migration 0005
_ADVISORY_LOCK = 0x1A5  # any number that only IMS uses, so that replicas starting together migrate one at a time


def migrate(database: Database, revision: str | None = None) -> str:
    """Bring the schema up to date and return its revision; safe to repeat and to run from several processes.

    ``revision`` stops at an older one, as a restore of an older backup needs.

    Raises:
        SettingProblem: the database does not answer, or was written by a newer IMS.
    """
    database.knock()
    with database.rebuilding() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _refuse_newer(connection)
        wanted = revision or newest_revision()
        if revision_on(connection) != wanted:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, wanted)
    return wanted


def newest_revision() -> str:
    """Return the revision that this version of IMS writes."""
    return str(_scripts().get_current_head())


def is_known(revision: str) -> bool:
    """Return whether a revision is one of this version or an older one."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def current_revision(database: Database) -> str | None:
    """Return the revision of the database, ``None`` for an empty one."""
    with database.engine.connect() as connection:
        return revision_on(connection)


def revision_on(connection: Connection) -> str | None:
    """Return the revision that a connection sees, ``None`` for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def tables_on(connection: Connection) -> Sequence[Table]:
    """Return the tables that are there, those referred to before those that refer.

    They may be of an older schema. Their columns have the types of today's model where it still knows them.
    """
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != _REVISIONS and not is_derived(name))
    for each in found.sorted_tables:
        declared = SQLModel.metadata.tables.get(each.name)
        for column in each.columns:
            if declared is not None and column.name in declared.columns:
                column.type = declared.columns[column.name].type
    return found.sorted_tables


def is_derived(table: str) -> bool:
    """Return whether a table only repeats what other rows say, and is kept by the database itself."""
    return table.startswith(_DERIVED)


def take_down(connection: Connection) -> None:
    """Drop every table. The caller has seen that they are empty, and rebuilds."""
    connection.execute(text(f"DROP TABLE IF EXISTS {_DERIVED}"))
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"DROP FUNCTION IF EXISTS {_DERIVED_BY} CASCADE"))
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def peek(database: Database) -> str | None:
    """Return the revision of the database, ``None`` for an empty one, and create nothing by looking.

    Raises:
        SettingProblem: the database does not answer, or was written by a newer IMS.
    """
    file = database.engine.url.database
    if database.is_sqlite and not Path(str(file)).exists():
        return None
    database.knock()
    with database.engine.connect() as connection:
        _refuse_newer(connection)
        return revision_on(connection)


def differences(database: Database) -> list[object]:
    """Return how the migrated schema differs from the declared one; an empty list is right."""
    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or not is_derived(name)}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, SQLModel.metadata))


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _refuse_newer(connection: Connection) -> None:
    current = revision_on(connection)
    if current is not None and not is_known(current):
        raise SettingProblem(
            "IMS-103",
            f"The database was written by a newer IMS (schema {current}).",
            "Start that version again, or restore a backup made with this one.",
        )

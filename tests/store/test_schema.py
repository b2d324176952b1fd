"""The schema: migrated is declared, and migrating again changes nothing."""

from ims.store import schema
from ims.store.database import Database


def test_the_migrated_schema_is_the_declared_one(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert schema.current_revision(database) is None
    for _ in range(2):
        assert schema.migrate(database) == schema.current_revision(database) == schema.newest_revision()
        assert schema.differences(database) == []

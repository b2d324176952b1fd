"""The schema: migrated is declared."""

from ims.bootstrap import Portal
from ims.store import schema


def test_the_migrated_schema_is_the_declared_one(both_portals: Portal) -> None:
    assert schema.differences(both_portals.database) == []


def test_migrating_again_changes_nothing(both_portals: Portal) -> None:
    assert schema.migrate(both_portals.database) == schema.current_revision(both_portals.database)

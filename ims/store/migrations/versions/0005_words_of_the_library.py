"""The words of the library, for searching: FTS5 in SQLite, a text index in PostgreSQL, both derived from its rows."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A contentless index beside the rows, kept by triggers, so that whoever writes a row need not know of it.
SQLITE = (
    """CREATE VIRTUAL TABLE library_words USING fts5(
        title, services, text, content='library_entry', content_rowid='id', tokenize='porter unicode61'
    )""",
    """CREATE TRIGGER library_entry_added AFTER INSERT ON library_entry BEGIN
        INSERT INTO library_words(rowid, title, services, text)
        VALUES (new.id, new.title, new.services, new.text);
    END""",
    """CREATE TRIGGER library_entry_removed AFTER DELETE ON library_entry BEGIN
        INSERT INTO library_words(library_words, rowid, title, services, text)
        VALUES ('delete', old.id, old.title, old.services, old.text);
    END""",
    """CREATE TRIGGER library_entry_changed AFTER UPDATE ON library_entry BEGIN
        INSERT INTO library_words(library_words, rowid, title, services, text)
        VALUES ('delete', old.id, old.title, old.services, old.text);
        INSERT INTO library_words(rowid, title, services, text)
        VALUES (new.id, new.title, new.services, new.text);
    END""",
    "INSERT INTO library_words(library_words) VALUES ('rebuild')",
)
# A table beside the rows, because ranking reads the words of every hit. PostgreSQL refuses more than a megabyte.
POSTGRESQL = (
    """CREATE TABLE library_words (
        id integer PRIMARY KEY REFERENCES library_entry (id) ON DELETE CASCADE, words tsvector NOT NULL
    )""",
    "CREATE INDEX library_words_index ON library_words USING gin (words)",
    """CREATE FUNCTION library_entry_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO library_words (id, words) VALUES (
            NEW.id,
            setweight(to_tsvector('english', left(NEW.title, 1000)), 'A')
            || setweight(to_tsvector('english', left(NEW.services, 1000)), 'B')
            || to_tsvector('english', left(NEW.text, 200000))
        ) ON CONFLICT (id) DO UPDATE SET words = excluded.words;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER library_entry_kept AFTER INSERT OR UPDATE ON library_entry
        FOR EACH ROW EXECUTE FUNCTION library_entry_words()""",
    "UPDATE library_entry SET id = id",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP TRIGGER library_entry_kept ON library_entry")
        op.execute("DROP FUNCTION library_entry_words")
        op.execute("DROP TABLE library_words")
        return
    for name in ("added", "removed", "changed"):
        op.execute(f"DROP TRIGGER library_entry_{name}")
    op.execute("DROP TABLE library_words")

"""After the incident: where the document lives, its review, its published copies, the library, whether it worked."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = ("outside_id", "url", "revision", "cause", "review_by", "published_by")
MOMENTS = ("due_at", "review_at", "published_at")

# What was published stays as it was, whatever writes to the database. Rows may only be added.
STAYS = "a published copy never changes"
ON_SQLITE = [
    f"CREATE TRIGGER published_copy_no_{what} BEFORE {what} ON published_copy BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
    for what in ("update", "delete")
]
ON_POSTGRESQL = [
    "CREATE FUNCTION published_copy_stays() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{STAYS}'; END $$",
    "CREATE TRIGGER published_copy_stays BEFORE UPDATE OR DELETE ON published_copy "
    "FOR EACH ROW EXECUTE FUNCTION published_copy_stays()",
]


def upgrade() -> None:
    op.create_table(
        "published_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["rca_document.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("document_id", "edition", "format"),
    )
    with op.batch_alter_table("published_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_published_copy_document_id"), ["document_id"], unique=False)
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)

    op.create_table(
        "library_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("services", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("follow_ups", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("incident_id"),
        sa.UniqueConstraint("digest"),
    )
    with op.batch_alter_table("library_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_library_entry_occurred_on"), ["occurred_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_library_entry_cause"), ["cause"], unique=False)

    with op.batch_alter_table("rca_document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("written", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("accepted", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("home", sa.String(), nullable=False, server_default="portal"))
        for name in WORDS:
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name in MOMENTS:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("worked", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("worked_text", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        for name in ("worked_at", "worked_text", "worked", "ask_at"):
            batch_op.drop_column(name)

    with op.batch_alter_table("rca_document", schema=None) as batch_op:
        for name in (*MOMENTS, *WORDS, "home", "accepted", "written"):
            batch_op.drop_column(name)

    op.drop_table("library_entry")
    op.drop_table("published_copy")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION published_copy_stays()")

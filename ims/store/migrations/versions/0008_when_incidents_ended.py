"""An index of when incidents were resolved: whose document is due is asked on every look at the landing page."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_resolved_at"), ["resolved_at"], unique=False)
    with op.batch_alter_table("rca_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rca_document_due_at"), ["due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rca_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rca_document_due_at"))
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_resolved_at"))

"""What a system said when it failed last, kept after it took the message."""

import sqlalchemy as sa
from alembic import op

from ims.model.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failed_at", UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failure", sa.String(), nullable=False, server_default=""))
        batch_op.create_index("ix_delivery_failed", ["kind", "failed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_failed")
        batch_op.drop_column("failure")
        batch_op.drop_column("failed_at")

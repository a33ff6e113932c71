"""When a repeat of a push fetched its reply, so that no other process sends it a second time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound", sa.Column("fetched", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("inbound", "fetched")

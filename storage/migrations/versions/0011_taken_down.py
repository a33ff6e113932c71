"""How a case came where staff took it down; what a person has to bring by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("came", sa.Text(), server_default="", nullable=False))
    hand = sa.text("status = 'hand'")
    op.create_index("ix_deliveries_hand", "deliveries", ["number", "id"], sqlite_where=hand, postgresql_where=hand)


def downgrade() -> None:
    op.drop_index("ix_deliveries_hand", "deliveries")
    op.drop_column("cases", "came")

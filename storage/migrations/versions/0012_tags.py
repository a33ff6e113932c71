"""Tags of cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("tags", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_cases_tagged",
        "cases",
        ["unit", "opened"],
        unique=False,
        sqlite_where=sa.text("tags <> ''"),
        postgresql_where=sa.text("tags <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_tagged", table_name="cases")
    op.drop_column("cases", "tags")

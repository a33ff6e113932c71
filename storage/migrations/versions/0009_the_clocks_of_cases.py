"""The clocks of cases: when they fire next, and what has fired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("began", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fires", sa.BigInteger(), nullable=True),
        sa.Column("fired", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("climbed", sa.Text(), server_default="", nullable=False),
        sa.Column("contacts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("alarmed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("urged", sa.BigInteger(), nullable=True),
    )


def upgrade() -> None:
    for column in _columns():
        op.add_column("cases", column)
    # Every clock that runs is looked at once, at the first round.
    op.execute("UPDATE cases SET began = opened, fired = opened")
    op.execute(
        "UPDATE cases SET fires = opened "
        "WHERE status IN ('accepted', 'returned', 'working', 'raised', 'paused', 'answered')"
    )
    op.execute("UPDATE cases SET fired = answered WHERE status = 'answered' AND answered IS NOT NULL")
    op.create_index(
        "ix_cases_fires",
        "cases",
        ["fires", "number"],
        unique=False,
        sqlite_where=sa.text("fires IS NOT NULL"),
        postgresql_where=sa.text("fires IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_fires", table_name="cases")
    for column in reversed(_columns()):
        op.drop_column("cases", column.name)

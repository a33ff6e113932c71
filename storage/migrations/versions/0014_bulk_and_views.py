"""Acts on many cases at once, and lists to come back to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bulk_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_runs")),
    )
    op.create_table(
        "views",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("narrowed", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
    )
    op.create_index(op.f("ix_views_staff"), "views", ["staff"], unique=False)
    op.create_index(
        "ix_views_unit",
        "views",
        ["unit"],
        unique=False,
        sqlite_where=sa.text("unit <> ''"),
        postgresql_where=sa.text("unit <> ''"),
    )


def downgrade() -> None:
    op.drop_table("views")
    op.drop_table("bulk_runs")

"""Exported tables, and their files in sealed pieces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        _text("post"),
        _text("unit"),
        _text("source"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("wish", sa.LargeBinary(), nullable=True),
        _text("rights"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        _count("total"),
        _count("done"),
        sa.Column("bytes", sa.BigInteger(), server_default="0", nullable=False),
        _count("attempts"),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        _text("lease_by"),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        _text("words"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_staff_asked"), "exports", ["staff", "asked"], unique=False)
    still = sa.text("status IN ('waiting', 'claimed')")
    op.create_index(
        "ix_exports_open", "exports", ["status", "asked"], unique=False, sqlite_where=still, postgresql_where=still
    )
    op.create_table(
        "export_parts",
        sa.Column("export", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("export", "part", name=op.f("pk_export_parts")),
    )


def downgrade() -> None:
    op.drop_table("export_parts")
    op.drop_table("exports")

"""Why a case is where it is, groups of cases, and the books that routing goes by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = "status IN ('ready', 'claimed')"


def upgrade() -> None:
    for name in ("spot", "why"):
        op.add_column("cases", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("cases", sa.Column("book", sa.Integer(), server_default="0", nullable=False))
    for name in ("helpers", "main", "proposed"):
        op.add_column("cases", sa.Column(name, sa.Text(), server_default="", nullable=False))
    some = sa.text("main <> ''")
    op.create_index("ix_cases_main", "cases", ["main", "number"], sqlite_where=some, postgresql_where=some)
    op.create_table(
        "books",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "version", name=op.f("pk_books")),
    )
    op.create_table(
        "bringings",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("main", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_by", sa.Text(), server_default="", nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bringings")),
    )
    op.create_index(op.f("ix_bringings_main_id"), "bringings", ["main", "id"], unique=False)
    some = sa.text(_OPEN)
    op.create_index("ix_bringings_open", "bringings", ["status", "id"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_table("bringings")
    op.drop_table("books")
    op.drop_index("ix_cases_main", "cases")
    for name in ("book", "proposed", "main", "helpers", "why", "spot"):
        op.drop_column("cases", name)

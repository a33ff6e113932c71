"""Further posts of people, what became of them, stand-ins, clearances; the post that allowed an act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("case_events", sa.Column("post", sa.Text(), server_default="", nullable=False))
    op.add_column("case_events", sa.Column("stood_for", sa.Text(), server_default="", nullable=False))
    op.add_column("staff", sa.Column("one_time", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "posts_held",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts_held")),
    )
    op.create_index(op.f("ix_posts_held_staff"), "posts_held", ["staff"], unique=False)
    op.create_index(op.f("ix_posts_held_unit"), "posts_held", ["unit"], unique=False)
    op.create_table(
        "staff_changes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), server_default="", nullable=False),
        sa.Column("after", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_changes")),
    )
    op.create_index(op.f("ix_staff_changes_staff_id"), "staff_changes", ["staff", "id"], unique=False)
    op.create_table(
        "stand_ins",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("absent", sa.Text(), nullable=False),
        sa.Column("stand_in", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_ins")),
    )
    op.create_index(op.f("ix_stand_ins_absent"), "stand_ins", ["absent"], unique=False)
    op.create_index(op.f("ix_stand_ins_stand_in"), "stand_ins", ["stand_in"], unique=False)
    op.create_table(
        "clearances",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearances")),
    )
    op.create_index(op.f("ix_clearances_staff"), "clearances", ["staff"], unique=False)


def downgrade() -> None:
    for name in ("clearances", "stand_ins", "staff_changes", "posts_held"):
        op.drop_table(name)
    op.drop_column("staff", "one_time")
    op.drop_column("case_events", "stood_for")
    op.drop_column("case_events", "post")

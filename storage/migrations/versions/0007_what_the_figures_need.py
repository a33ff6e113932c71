"""What the figures need: where a case lay at each act and by when it was due, its first contact, what is left out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("contact_by", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("contacted", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("excluded", sa.Text(), nullable=False, server_default=""))
    op.add_column("case_events", sa.Column("unit", sa.Text(), nullable=False, server_default=""))
    op.add_column("case_events", sa.Column("answer_by", sa.BigInteger(), nullable=True))
    op.add_column("case_events", sa.Column("from_unit", sa.Text(), nullable=True))
    op.add_column("case_events", sa.Column("from_limit", sa.BigInteger(), nullable=True))
    # Older events do not say where their case lay and by when it was due: they count where it lies now.
    op.execute("UPDATE cases SET contact_by = answer_by")
    op.execute(
        "UPDATE cases SET contacted = (SELECT min(e.at) FROM case_events AS e WHERE e.number = cases.number "
        "AND e.by <> 'member' AND e.act IN ('write', 'answer', 'refer', 'pause'))"
    )
    op.execute(
        "UPDATE case_events SET "
        "unit = coalesce((SELECT c.unit FROM cases AS c WHERE c.number = case_events.number), ''), "
        "answer_by = (SELECT c.answer_by FROM cases AS c WHERE c.number = case_events.number)"
    )
    op.execute(
        "UPDATE case_events SET from_unit = CASE act WHEN 'open' THEN '' ELSE unit END, "
        "from_limit = CASE act WHEN 'open' THEN NULL ELSE answer_by END WHERE before <> after"
    )
    op.create_index(op.f("ix_cases_contact_by"), "cases", ["contact_by"], unique=False)
    op.create_index(op.f("ix_case_events_act_at_unit_number"), "case_events", ["act", "at", "unit", "number"])
    moved = sa.text("from_unit IS NOT NULL")
    op.create_index("ix_case_events_moved", "case_events", ["at"], sqlite_where=moved, postgresql_where=moved)
    secret = sa.text("confidential IS TRUE")
    op.create_index("ix_cases_confidential", "cases", ["number"], sqlite_where=secret, postgresql_where=secret)


def downgrade() -> None:
    op.drop_index("ix_cases_confidential", table_name="cases")
    op.drop_index("ix_case_events_moved", table_name="case_events")
    op.drop_index(op.f("ix_case_events_act_at_unit_number"), table_name="case_events")
    op.drop_index(op.f("ix_cases_contact_by"), table_name="cases")
    for column in ("from_limit", "from_unit", "answer_by", "unit"):
        op.drop_column("case_events", column)
    for column in ("excluded", "contacted", "contact_by"):
        op.drop_column("cases", column)

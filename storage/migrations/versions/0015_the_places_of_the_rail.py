"""The indexes of the desk's lists: all open cases, all answered ones and all filed ones, in the order of their list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_HURTS = "(CASE WHEN grade = 'red' THEN due - 100000000000000 ELSE due END)"
_INDEXES = (
    (
        "ix_cases_open",
        (
            sa.text(_HURTS),
            "number",
            "unit",
            "status",
            "due",
            "grade",
            "owner",
            "confidential",
            "climbed",
            "urged",
            "alarmed",
        ),
        "status IN ('accepted', 'returned', 'working', 'raised', 'paused')",
    ),
    (
        "ix_cases_answered",
        (sa.text(_HURTS), "number", "unit", "due", "grade", "confidential"),
        "status = 'answered'",
    ),
    (
        "ix_cases_filed",
        (sa.text("(-closed)"), "number", "unit", "closed", "confidential"),
        "closed IS NOT NULL",
    ),
)


def upgrade() -> None:
    for name, columns, where in _INDEXES:
        op.create_index(
            name,
            "cases",
            list(columns),
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    for name, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name="cases")

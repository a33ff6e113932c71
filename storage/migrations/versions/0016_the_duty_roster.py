"""The duty roster: what nobody has been proposed for yet, and what is proposed to a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_HURTS = "(CASE WHEN grade = 'red' THEN due - 100000000000000 ELSE due END)"
_INDEXES = (
    ("ix_cases_unproposed", (sa.text(_HURTS), "number"), "status = 'accepted' AND proposed = ''"),
    ("ix_cases_proposed", ("proposed", "number"), "proposed <> ''"),
)


def upgrade() -> None:
    for name, columns, where in _INDEXES:
        condition = sa.text(where)
        op.create_index(name, "cases", list(columns), sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    for name, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name="cases")

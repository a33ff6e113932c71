"""What Alembic runs: always on the connection that storage/migrate.py hands over."""

from __future__ import annotations

from alembic import context

from storage.grams import beside
from storage.partitions import is_partition
from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=False,
    include_name=lambda name, kind, _: kind != "table" or not (is_partition(name or "") or beside(name or "")),
)
with context.begin_transaction():
    context.run_migrations()

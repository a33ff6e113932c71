"""Where a SQLite database lies."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL


def sqlite_path(url: URL) -> Path:
    """Give the file of a SQLite address, its folder made if need be. Raises ValueError."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise ValueError("HONGYAN_DATABASE_URL is sqlite+aiosqlite:///PATH or postgresql+psycopg://…")
    path = Path(url.database).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    return path

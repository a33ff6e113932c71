"""The schema's history, one file a revision; storage/migrate.py runs it."""

from __future__ import annotations

from storage.migrate import migrate, pending

__all__ = ["migrate", "pending"]

"""Addresses of servers, read before anything is opened; and what a database's refusal is called.

What a driver says of a bad address, or a server of a bad password, quotes either: so nothing of it is passed on.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def readable(url: str) -> bool:
    """Tell whether the driver of a PostgreSQL or Redis address can read it, and reads it as it was meant."""
    try:
        return url.count("@") <= 1 and (_postgresql(url) if url.startswith("postgresql") else _redis(url))
    except Exception:  # noqa: BLE001  drivers raise what they like: ValueError, TypeError, errors of their own
        return False


def _postgresql(url: str) -> bool:
    from sqlalchemy import make_url  # here and below: a driver is loaded only where it is used

    where = make_url(url)
    return bool(where.host or where.database or where.query)


def _redis(url: str) -> bool:
    from redis.asyncio import ConnectionPool

    where = urlsplit(url)
    served = where.scheme == "unix" or (where.hostname and re.fullmatch("/?|/[0-9]+", where.path))
    if not served or where.fragment:
        return False
    # It connects to nothing yet, but reads every option.
    ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call]
    return True


def refusal(error: BaseException) -> str | None:
    """Name what a database refused by its kind alone; None where the error is no database's."""
    from sqlalchemy.exc import SQLAlchemyError

    if not isinstance(error, SQLAlchemyError):
        return None
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None)
    return type(cause).__name__ + (f" {state}" if state else "")

"""The platform's error codes by what can be done about them: dated data in errors.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

from bot.channels import NotSent, Trouble
from dialogs import reading

# The platform's day. Its quotas are taken to end with it (unconfirmed).
_BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One code: the trouble it is, words for the desk, and when to try again (None: at the next midnight)."""

    trouble: Trouble
    words: str
    wait: float | None = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """All codes that are known, those that a fresh token cures, and what every other code is taken for."""

    codes: Mapping[int, Known]
    token: frozenset[int]
    unlisted: Known

    def not_sent(self, code: int, now: datetime) -> NotSent:
        """Say what a code of the platform means for what we tried."""
        known = self.codes.get(code, self.unlisted)
        wait = _until_midnight(now) if known.wait is None else known.wait
        return NotSent(trouble=known.trouble, code=code, words=known.words, wait=wait)


@cache
def packaged() -> Errors:
    """Read errors.yaml. Raises ValueError, naming the code, where the file itself is wrong."""
    text = files(__package__).joinpath("errors.yaml").read_text(encoding="utf-8")
    data = reading.read(text).value
    return Errors(
        codes={int(row["code"]): _known(row) for row in data["codes"]},
        token=frozenset(data["token"]),
        unlisted=_known(data["unlisted"]),
    )


def _known(row: Mapping[str, Any]) -> Known:
    trouble, wait = row["trouble"], row.get("wait", 0)
    if trouble not in get_args(Trouble):
        raise ValueError(f"errors.yaml: code {row.get('code')}: no trouble is called {trouble!r}")
    return Known(
        trouble=cast("Trouble", trouble),
        words=row["words"],
        wait=None if wait == "midnight" else float(wait),
    )


def _until_midnight(now: datetime) -> float:
    local = now.astimezone(_BEIJING)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()

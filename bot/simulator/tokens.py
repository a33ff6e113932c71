"""The office that issues access tokens: two kinds, each with its own life (reference/wechat.md §3.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.box import Box
from bot.simulator.errors import Refused

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)  # an old token still works for so long after a new one
_FORCED_A_DAY = 20
_FORCED_APART = timedelta(seconds=30)


@dataclass(slots=True, kw_only=True)
class Token:
    """One token. `latest` is false for one that was voided at once or replaced."""

    text: str
    kind: str
    ends: datetime
    latest: bool = True


class TokenOffice:
    """Issues tokens and checks them, by real time."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._tokens: dict[str, Token] = {}
        self._current: dict[str, Token] = {}
        self._forced: datetime | None = None

    def plain(self) -> tuple[str, int]:
        """Issue by `token`: every call a new one, the one before lives five minutes more."""
        return self._issue("token")

    def stable(self, *, force: bool) -> tuple[str, int]:
        """Issue by `stable_token`: the same one until five minutes before its end. Raises Refused 45009, 45011."""
        now = self._box.real()
        current = self._current.get("stable")
        if force:
            self._may_force(now)
            return self._issue("stable")
        if current and now < current.ends - OVERLAP:
            return current.text, int((current.ends - now).total_seconds())
        return self._issue("stable")

    def check(self, text: str) -> None:
        """Let a call through. Raises Refused: 41001 missing, 40014 no token, 42001 over, 40001 not ours or voided."""
        if not text:
            raise Refused(41001)
        if len(text) < 16:
            raise Refused(40014)
        found = self._tokens.get(text)
        if found is None:
            raise Refused(40001)
        if self._box.real() >= found.ends:
            raise Refused(42001 if found.latest else 40001, "access_token expired" if found.latest else "")

    def void_all(self) -> None:
        """Forget every token, as after a change of the secret."""
        self._tokens.clear()
        self._current.clear()

    def _may_force(self, now: datetime) -> None:
        if self._forced and now - self._forced < _FORCED_APART:
            raise Refused(45011)
        if self._box.count("force_refresh") > _FORCED_A_DAY:
            raise Refused(45009)
        self._forced = now

    def _issue(self, kind: str) -> tuple[str, int]:
        now = self._box.real()
        before = self._current.get(kind)
        if before and before.ends > now + OVERLAP:
            before.ends, before.latest = now + OVERLAP, False
        self._tokens = {text: one for text, one in self._tokens.items() if now - one.ends < LIFE}
        # Real ones are about this long; the documents ask for room for 512 characters.
        token = Token(text=f"{secrets.randbelow(90) + 10}_" + secrets.token_urlsafe(114), kind=kind, ends=now + LIFE)
        self._tokens[token.text] = self._current[kind] = token
        return token.text, int(LIFE.total_seconds())

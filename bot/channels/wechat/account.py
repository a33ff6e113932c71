"""One official account's settings, as the channel is given them; what cannot work is refused here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["safe", "plain", "compatible"]

_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the platform's settings page and ours agree on.

    `name` is the last part of the push address. `max_age` is in seconds between a push's signed
    timestamp and our clock, either way; 0 turns the check off. Raises ValueError with every
    mistake, one a line, each by its setting's name and never with its value.
    """

    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_previous: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    aes_key_previous: str = field(default="", repr=False)
    mode: Mode = "safe"
    api_base: str = "https://api.weixin.qq.com"
    max_age: int = 600
    name: str = "main"

    def __post_init__(self) -> None:
        if mistakes := tuple(_mistakes(self)):
            raise ValueError("\n".join(f"HONGYAN_WECHAT_{mistake}" for mistake in mistakes))


def _mistakes(account: Account) -> Iterator[str]:
    for name in ("app_id", "app_secret", "token"):
        if not getattr(account, name).strip():
            yield f"{name.upper()} is empty"
    yield from _key_mistakes(account)
    if account.mode not in {"safe", "plain", "compatible"}:
        yield "MODE must be safe, plain or compatible"
    if not account.api_base.startswith(("http://", "https://")):
        yield "API_BASE must be a whole http:// or https:// address"
    if account.max_age < 0:
        yield "MAX_AGE must be 0 or more seconds"


def _key_mistakes(account: Account) -> Iterator[str]:
    if not account.aes_key and account.mode != "plain":
        yield "AES_KEY is empty; only plain mode does without"
    for name in ("aes_key", "aes_key_previous"):
        key = getattr(account, name)
        if key and not _AES_KEY.fullmatch(key):
            yield f"{name.upper()} must have 43 letters and digits, copied whole from the platform"

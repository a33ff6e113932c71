"""What the platform in a box is told when it starts: the account, where to push, what the town looks like."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Mode = Literal["plain", "compatible", "safe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A code that hangs on a wall: the scene it carries and the name written above it."""

    scene: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place that a member may send: latitude and longitude in degrees (GCJ-02), and its name."""

    label: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimSettings:
    """The account as the platform knows it, and how the box is served.

    `aes_key` has 43 characters and is needed except in plain mode. `push_url` is the account's push
    address. `state` is a JSON file that keeps members, messages, pictures and the menu between
    runs; None keeps them in memory. `shared_clock` says that the service reads the
    same clock: signatures and token lives then move with it, else they carry real time. `templates`
    and `long_term` name the template ids that exist and those agreed to for good; no templates means
    that every id exists. `quotas` overrides the daily number of calls of an API path.
    Seconds: `push_timeout` is the platform's cut, `retry_pause` the wait after a try that failed
    quickly, `quiet` and `settle` the two limits after which an act at the control interface answers.
    """

    app_id: str
    app_secret: str
    token: str
    aes_key: str = ""
    mode: Mode = "safe"
    push_url: str = "http://127.0.0.1:8080/wechat/main"
    host: str = "127.0.0.1"
    port: int = 8081
    name: str = "鸿雁"
    state: Path | None = None
    shared_clock: bool = False
    stations: tuple[Station, ...] = ()
    places: tuple[Spot, ...] = ()
    templates: frozenset[str] = frozenset()
    long_term: frozenset[str] = frozenset()
    quotas: Mapping[str, int] = field(default_factory=dict)
    push_timeout: float = 5.0
    retry_pause: float = 1.0
    quiet: float = 0.3
    settle: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what no account on the platform can have."""
        for name in ("app_id", "app_secret", "token"):
            if not getattr(self, name):
                raise ValueError(f"the simulator needs {name}")
        if self.mode != "plain" and len(self.aes_key) != 43:
            raise ValueError("aes_key has 43 characters, except in plain mode")

    @property
    def original_id(self) -> str:
        """The account's own id (gh_…), as pushes name it in ToUserName."""
        return "gh_" + hashlib.sha256(self.app_id.encode()).hexdigest()[:12]

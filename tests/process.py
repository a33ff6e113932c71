"""A real `hongyan serve` in a process of its own, and pushes as the platform signs them (plain mode)."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Seconds until a server that does not start is given up. Only a failing test ever waits that long.
PATIENCE = 120.0
ROOT = Path(__file__).resolve().parents[1]
TOKEN = "testtoken123"
ACCOUNT = {
    "HONGYAN_WECHAT_APP_ID": "wx1234567890abcdef",
    "HONGYAN_WECHAT_APP_SECRET": "bench",
    "HONGYAN_WECHAT_TOKEN": TOKEN,
    "HONGYAN_WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "HONGYAN_WECHAT_API_BASE": "http://127.0.0.1:9",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(port: int, database: str, mode: str = "plain") -> dict[str, str]:
    return {
        **ACCOUNT,
        "HONGYAN_DATABASE_URL": database,
        "HONGYAN_PORT": str(port),
        "HONGYAN_SECRET_KEY": "a-secret-of-the-tests-" * 2,
        "HONGYAN_WECHAT_MODE": mode,
        "HONGYAN_LOG": "json",
        "PYTHONPATH": str(ROOT),
    }


@dataclass(slots=True)
class Server:
    """One `hongyan serve` that may be killed and started again on the same database."""

    folder: Path
    database: str
    port: int = field(default_factory=free_port)
    mode: str = "plain"
    extra: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ("-m", "bot", "serve")
    child: subprocess.Popen[bytes] | None = None
    took: float = 0.0

    def start(self) -> None:
        began = time.perf_counter()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HONGYAN_")}
        log = (self.folder / "serve.log").open("ab")
        self.child = subprocess.Popen(
            [sys.executable, *self.command],
            env={**environment, **settings(self.port, self.database, self.mode), **self.extra},
            cwd=self.folder,
            stdout=log,
            stderr=log,
        )
        log.close()
        self._wait()
        self.took = time.perf_counter() - began

    def _wait(self) -> None:
        assert self.child is not None
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.child.poll() is not None:
                raise AssertionError(f"the server ended: {self.log()[-2000:]}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=20) as ready:
                    ready.read()
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"the server is not ready: {self.log()[-2000:]}")

    def log(self) -> str:
        return (self.folder / "serve.log").read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        assert self.child is not None
        self.child.kill()
        self.child.wait()

    def stop(self) -> None:
        assert self.child is not None
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def signed(now: float | None = None) -> str:
    """The query of a push that is signed now."""
    stamp, nonce = str(int(now or time.time())), os.urandom(6).hex()
    signature = hashlib.sha1("".join(sorted([TOKEN, stamp, nonce])).encode()).hexdigest()
    return f"signature={signature}&timestamp={stamp}&nonce={nonce}"


def text_push(openid: str, text: str, message: int) -> bytes:
    """A text message as the platform pushes it."""
    return (
        f"<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>{message}</MsgId></xml>"
    ).encode()

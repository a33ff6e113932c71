"""The whole suite, as `make test` runs it: the tests, and beside them linters, types and import rules.

Says plainly what it left out because this machine lacks it; with CI=true anything left out is a
failure. Arguments go to pytest: `make test ARGS="-k outbox"`. HONGYAN_TEST_UNTIL, a moment in seconds
since 1970, stops the tests then, with a report of what failed and of what was running.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from tests.browser import PROGRAMS

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "var" / "tests.xml"
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("mypy",),
)
_LAST_WORDS = 25.0  # s, for pytest to say what it knows after it was told to stop


def main(arguments: list[str]) -> int:
    """Run everything; 0 where all of it held."""
    started = time.monotonic()
    strict = os.environ.get("CI", "").lower() == "true"
    left_out = list(absent())
    # The tests wait a good deal for databases and browsers: the checks use what they leave of the processors.
    checks = Checks()
    checks.start()
    failed = [] if tests("--junitxml", str(REPORT), *arguments) else ["pytest"]
    failed += checks.result()
    if strict and not arguments:
        left_out += skipped()
    say(f"{time.monotonic() - started:.0f} s")
    return verdict(failed, left_out, strict=strict)


def verdict(failed: list[str], left_out: list[str], *, strict: bool) -> int:
    """Say what was left out and what failed; 0 where nothing failed, and nothing was left out where that counts."""
    for part in left_out:
        say(f"LEFT OUT: {part}")
    reasons = [*failed, "with CI=true nothing may be left out"] if strict and left_out else failed
    for reason in reasons:
        say(f"FAILED: {reason}")
    say("failed" if reasons else "all held, except what was left out" if left_out else "all held")
    return 1 if reasons else 0


def absent() -> Iterator[str]:
    """Name what this machine lacks, and how to give it."""
    for name, what in (("HONGYAN_TEST_POSTGRES_URL", "PostgreSQL"), ("HONGYAN_TEST_REDIS_URL", "Redis")):
        url = os.environ.get(name, "")
        if not url:
            yield f"{what}: set {name} to an empty database's address"
        elif not answers(url):
            yield f"{what}: nothing answers at the address in {name}"
    if not any(shutil.which(name) for name in PROGRAMS):
        yield "the walks in a browser: install chromium (and fonts-noto-cjk)"
    if not (ROOT / "tests" / "peers" / "node_modules").is_dir():
        yield "the peers written by other hands: run tests/peers/install.sh (needs node and npm)"
    if not (ROOT.parent / "shared" / "vectors").is_dir():
        yield "the published vectors: ../shared is not beside the project"


def answers(url: str) -> bool:
    """Whether something listens where this address points."""
    place = urlsplit(url)
    try:
        with socket.create_connection((place.hostname or "127.0.0.1", place.port or 0), timeout=3):
            return True
    except OSError:
        return False


def skipped() -> list[str]:
    """Name the tests that pytest skipped, with their reasons."""
    if not REPORT.exists():
        return []
    cases = ET.parse(REPORT).getroot().iter("testcase")
    found = ((case, case.find("skipped")) for case in cases)
    return [
        f"{case.get('classname')}::{case.get('name')}: {skip.get('message')}"
        for case, skip in found
        if skip is not None
    ]


# -- the checks ----------------------------------------------------------------------------
@dataclass
class Checks:
    """The checks, one after the other beside the tests. Each speaks in one piece, as soon as it has something to say.

    Where the tests end first, what is still to be checked is waited for.
    """

    failed: list[str] = field(default_factory=list)
    thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def result(self) -> list[str]:
        """Wait for the last one; gives those that found something."""
        self.thread.join(left())
        return [*self.failed, "the checks did not come to an end"] if self.thread.is_alive() else self.failed

    def _run(self) -> None:
        for tool, *arguments in CHECKS:
            name = " ".join((tool, *arguments))
            done = subprocess.run([tool_path(tool), *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
            if done.returncode:
                self.failed.append(name)
                say(f"FAILED: {name}\n{done.stdout}{done.stderr}", amid=True)
            else:
                say(f"{name}: held", amid=True)


def tool_path(tool: str) -> Path:
    """Where the environment keeps this tool, on Windows too."""
    return Path(sys.executable).with_name(f"{tool}.exe" if os.name == "nt" else tool)


# -- the tests -----------------------------------------------------------------------------
def tests(*arguments: str) -> bool:
    """Run pytest until it ends or time is up; whether all went well."""
    # One worker may wait while another works; and a container may show more processors than it may use.
    workers = min(4, max(2, os.cpu_count() or 2))
    command = ["-m", "pytest", "-n", str(workers), "--dist", "worksteal", *arguments]
    say(" ".join(command[1:]))
    pytest = subprocess.Popen([sys.executable, *command], cwd=ROOT)
    try:
        return pytest.wait(left()) == 0
    except subprocess.TimeoutExpired:
        say("TIME IS UP: the tests are stopped here (HONGYAN_TEST_UNTIL)", amid=True)
        pytest.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
    except KeyboardInterrupt:
        pass  # whoever pressed the keys has told pytest too
    try:
        pytest.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        pytest.kill()
    return False


def left() -> float | None:
    """Seconds until the tests have to stop; None where nobody set a limit."""
    until = os.environ.get("HONGYAN_TEST_UNTIL", "")
    return max(1.0, float(until) - time.time()) if until else None


def say(words: str, *, amid: bool = False) -> None:
    """Print a line of our own, in one piece; `amid` says that pytest may be in the middle of one of its own."""
    begins = "\n== " if amid else "== "
    sys.stdout.write(f"{begins}{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

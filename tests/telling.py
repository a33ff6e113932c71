"""Tells what goes on while it goes on: a failing test at once, and what was running when the tests were stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

_LINES = 30  # from both ends of a traceback; the whole of it stands at the end of the report


@dataclass(eq=False)
class Telling:
    """Hears of every test, from every worker. A run that is cut short has still said what failed."""

    out: pytest.TerminalReporter
    began: dict[str, float] = field(default_factory=dict)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.began[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.began.pop(nodeid, None)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            took = time.monotonic() - self.began.get(report.nodeid, time.monotonic())
            self.out.write_line(f"\nFAILED after {took:.0f} s: {report.nodeid} ({report.when})", red=True)
            self.out.write_line(_short(report.longreprtext.splitlines()))

    def pytest_terminal_summary(self) -> None:
        """Name what had not come to its end. After a whole run that is nothing."""
        for nodeid, began in self.began.items():
            self.out.write_line(f"WAS RUNNING for {time.monotonic() - began:.0f} s: {nodeid}", yellow=True)


def _short(lines: list[str]) -> str:
    """The two ends of a traceback: where it begins, and where it broke."""
    return "\n".join(lines if len(lines) <= 2 * _LINES else [*lines[:_LINES], "…", *lines[-_LINES:]])

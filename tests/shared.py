"""Where the data that comes with the project but not inside it is found: `../shared`, beside the project."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def left_out(what: str) -> None:
    """Skip a test that lacks something outside the project, and say what; in CI that is a failure."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"left out, and CI must not leave anything out: {what}")
    pytest.skip(f"left out: {what}")


def shared(path: str) -> Path:
    """Find a file of ../shared."""
    found = SHARED / path
    if not found.exists():
        left_out(f"../shared/{path} is not there")
    return found


@cache
def rows(path: str) -> list[dict[str, Any]]:
    """Read a JSON list of ../shared."""
    found: list[dict[str, Any]] = json.loads(shared(path).read_text(encoding="utf-8"))
    return found

"""Every row of the evaluation is read as wanted, ours and the one that was given."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dialogs.emergency import danger
from dialogs.fields import READERS, Asked
from dialogs.understand import STANDARD, command

FILES = sorted((Path(__file__).parent / "eval").glob("understand.*.jsonl"))


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def got(row: dict[str, Any]) -> object:
    if row["kind"] == "command":
        found = command(row["text"])
        return found if found in STANDARD else None
    if row["kind"] == "emergency":
        return danger(row["text"])
    asked = Asked(
        options=tuple(row.get("options", ())),
        now=datetime.fromisoformat(row["now"]) if "now" in row else None,
        minimum=row.get("minimum"),
        maximum=row.get("maximum"),
        past_only=row.get("past_only", False),
    )
    return READERS[row["kind"]](row["text"], asked)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_row_is_read_as_wanted(path: Path) -> None:
    wrong = [
        f"{row['kind']} {row['text']!r}: wanted {row['want']!r}, got {answer!r}"
        for row in rows(path)
        if (answer := got(row)) != row["want"] or isinstance(answer, bool) != isinstance(row["want"], bool)
    ]
    assert wrong == []


def test_both_files_are_there_and_large() -> None:
    assert [len(rows(path)) >= least for path, least in zip(FILES, (120, 300), strict=True)] == [True, True]

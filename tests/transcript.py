"""Transcripts: what a person who does not program can write, read as moves.

`>` the member, `<` the bot (further lines are indented by two spaces; `…` stands for any words),
`@` staff, `*` a stimulus (扫码, 关注, 取关, 到点) or an effect that must follow (开件, 补充, 重办 …),
`+2h` time passes, `#` a remark or a setting (`# now: 2026-11-21T10:30`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
FOLDER = Path(__file__).parent / "transcripts"
STIMULI = ("扫码", "关注", "取关", "点菜单", "到点")


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a transcript: its number, its mark and its words."""

    line: int
    mark: str
    words: str


@dataclass(slots=True)
class Transcript:
    """A whole conversation."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.settings.get("now", "2026-11-23T09:30")).replace(tzinfo=ZONE)


def all_transcripts() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


def read(path: Path) -> Transcript:
    found = Transcript(path.stem)
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.rstrip()
        if not line:
            continue
        if line.startswith("  "):
            last = found.moves[-1]
            found.moves[-1] = Move(last.line, last.mark, f"{last.words}\n{line[2:]}")
        elif line.startswith("#"):
            key, colon, value = line[1:].strip().partition(": ")
            if colon and key.isascii():
                found.settings[key] = value
        elif line[0] in "<>@*+":
            found.moves.append(Move(number, line[0], line[1:].strip()))
        else:
            raise ValueError(f"{path.name}:{number}: a line begins with < > @ * + or #")
    return found


_PART = {"d": "days", "h": "hours", "m": "minutes"}


def passing(words: str) -> timedelta:
    return sum((timedelta(**{_PART[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([dhm])", words)), timedelta())


def matches(wanted: str, said: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
    return re.fullmatch(pattern, said, re.DOTALL) is not None

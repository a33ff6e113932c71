"""Time limits as data: `2 working hours`, `24 hours`, `5 working days`, `15 days`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

Measure = Literal["minutes", "hours", "working hours", "working days", "days", "months"]
_WRITTEN = re.compile(r"(\d{1,4}) (minutes?|hours?|working hours?|working days?|days?|months?)\Z")
_SPOKEN = {
    "minutes": "分钟",
    "hours": "小时",
    "working hours": "个工作小时",
    "working days": "个工作日",
    "days": "日",
    "months": "个月",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """An amount of time and how it is measured: minutes and hours by the wall clock, the rest by the calendar."""

    amount: int
    measure: Measure

    @property
    def wall(self) -> timedelta | None:
        """The span on the wall clock, or None where the calendar decides."""
        if self.measure == "minutes":
            return timedelta(minutes=self.amount)
        return timedelta(hours=self.amount) if self.measure == "hours" else None

    @property
    def shown(self) -> str:
        """As members and staff read it: 「2 个工作日」."""
        return f"{self.amount} {_SPOKEN[self.measure]}"


def parse_limit(text: str) -> Limit:
    """Read a limit as rules and services write it; ValueError says how it should look."""
    found = _WRITTEN.match(text.strip())
    if not found:
        raise ValueError(f"时限「{text}」应写作 2 working days、2 working hours、24 hours、15 days 这样")
    measure = found[2] if found[2].endswith("s") else found[2] + "s"
    return Limit(amount=int(found[1]), measure=cast("Measure", measure))

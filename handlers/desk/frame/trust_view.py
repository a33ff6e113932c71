"""Stand-ins and clearances in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from storage.trust import Clearance, StandIn


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInView:
    """Who stands in for whom, when, and how far it has come."""

    id: int
    who: str
    days: str
    state: str
    asked_by: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceView:
    """Who is cleared, until when, by whom."""

    id: int
    name: str
    until: str
    by: str


def stand_in_view(one: StandIn, now: datetime, zone: ZoneInfo) -> StandInView:
    """Put a stand-in into words; its last day is the one before it ends."""
    state = "等安全管理员同意" if one.allowed is None else "正在代班" if one.since <= now else "还没到日子"
    return StandInView(
        id=one.id,
        who=f"{one.stand_in}（代 {one.absent}）",
        days=f"{_day(one.since, now, zone)}至 {_last(one.until, now, zone)}",
        state=state,
        asked_by=one.asked_by,
        waits=one.allowed is None,
    )


def clearance_view(one: Clearance, now: datetime, zone: ZoneInfo) -> ClearanceView:
    """Put a clearance into words."""
    return ClearanceView(id=one.id, name=one.staff, until=_last(one.until, now, zone), by=one.by)


def _last(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return _day(at - timedelta(milliseconds=1), now, zone)


def _day(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    here = at.astimezone(zone)
    year = f"{here.year} 年 " if here.year != now.astimezone(zone).year else ""
    return f"{year}{here.month} 月 {here.day} 日"

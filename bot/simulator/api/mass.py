"""群发: quotas of the members and of the account, and jobs that are told apart by clientmsgid (§3.7)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from bot.simulator.api.call import Call
from bot.simulator.box import MassJob
from bot.simulator.clock import day_of, month_of
from bot.simulator.errors import Refused
from bot.simulator.people import Member
from bot.simulator.words import Shown, checked_text

EACH_A_MONTH = 4
_TO_ALL_A_DAY = 1
_SAME_FOR = timedelta(hours=24)
_TOO_SOON = timedelta(minutes=1)
_NAMED = {"mpnews": "[图文]", "image": "[图片]", "voice": "[语音]", "mpvideo": "[视频]", "wxcard": "[卡券]"}


def _content(call: Call) -> Shown:
    kind = call.body.text("msgtype", "")
    if kind == "text":
        return checked_text(call.body.inner("text").text("content", ""))
    if kind not in _NAMED:
        raise Refused(40008)
    inner = call.body.inner("images" if kind == "image" and call.body.has("images") else kind)
    if not inner.fields:
        raise Refused(40007)
    return Shown(type=kind, text=f"{_NAMED[kind]} {inner.text('title', '')}".rstrip())


def _name(call: Call) -> str:
    given = call.body.text("clientmsgid", "")
    if len(given.encode()) > 64:
        raise Refused(45067)
    # Without a clientmsgid the platform makes one from audience and content.
    return given or hashlib.sha256(msgspec.json.encode(call.body.fields, order="sorted")).hexdigest()


def _refuse_repeat(call: Call, name: str) -> None:
    now = call.box.now()
    earlier = next((job for job in call.box.kept.jobs if job.name == name and now - job.at < _SAME_FOR), None)
    if earlier is None:
        return
    if now - earlier.at < _TOO_SOON:
        raise Refused(45066)
    raise Refused(45065, msg_id=earlier.id)


def _refuse_beyond_quota(call: Call) -> None:
    now = call.box.now()
    days = [day_of(job.at) for job in call.box.kept.jobs if job.to_all]
    today = days.count(day_of(now))
    month = sum(day.startswith(month_of(now)) for day in days)
    if today >= _TO_ALL_A_DAY or month >= EACH_A_MONTH:
        raise Refused(45028)


def _run(call: Call, members: Sequence[Member], *, total: int, to_all: bool) -> dict[str, object]:
    shown, name = _content(call), _name(call)
    _refuse_repeat(call, name)
    if to_all:
        _refuse_beyond_quota(call)
    now = call.box.now()
    month = month_of(now)
    reached = [member for member in members if member.following and member.mass.get(month, 0) < EACH_A_MONTH]
    for member in reached:
        member.mass[month] = member.mass.get(month, 0) + 1
        call.box.write(member, "account", shown, way="mass")
    job = MassJob(id=call.box.new_id() // 1000 % 10**10, name=name, at=now, to_all=to_all)
    call.box.kept.jobs = [*call.box.kept.jobs[-999:], job]
    counts = {"TotalCount": total, "FilterCount": len(reached), "SentCount": len(reached), "ErrorCount": 0}
    call.event("mphelper", "MASSSENDJOBFINISH", {"MsgID": job.id, "Status": "sendsuccess", **counts})
    return {"errmsg": "send job submission success", "msg_id": job.id, "msg_data_id": job.id}


async def send(call: Call) -> dict[str, object]:
    """Send to a list of members: 2 to 10,000. Nobody beyond their four a month gets it, and nobody says so."""
    openids = list(dict.fromkeys(call.body.texts("touser"))) if call.body.has("touser") else []
    if not 2 <= len(openids) <= 10_000:
        raise Refused(40130)
    found = [call.box.kept.members[openid] for openid in openids if openid in call.box.kept.members]
    return _run(call, found, total=len(openids), to_all=False)


async def send_all(call: Call) -> dict[str, object]:
    """Send to everybody: once a day, four times a month. There are no tags in the box: they name nobody."""
    to_all = call.body.inner("filter").flag("is_to_all", default=False)
    everybody = [member for member in call.box.kept.members.values() if member.following] if to_all else []
    return _run(call, everybody, total=len(everybody), to_all=to_all)


async def status(call: Call) -> dict[str, object]:
    """Tell what became of a job."""
    number = call.body.text("msg_id", "") if isinstance(call.body.fields.get("msg_id"), str) else ""
    wanted = int(number) if number.isdecimal() else call.body.whole("msg_id", 0)
    if not any(job.id == wanted for job in call.box.kept.jobs):
        raise Refused(40001 if not wanted else 47001)
    return {"msg_id": wanted, "msg_status": "SEND_SUCCESS"}

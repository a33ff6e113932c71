"""Tokens, quotas, addresses, who a member is."""

from __future__ import annotations

from bot.simulator.api.call import Call
from bot.simulator.clock import month_of
from bot.simulator.errors import Refused

_CLEARS_A_MONTH = 10


def _check_account(call: Call, app_id: str, secret: str) -> None:
    if app_id != call.box.settings.app_id:
        raise Refused(40013)
    if secret != call.box.settings.app_secret:
        raise Refused(40125)


async def token(call: Call) -> dict[str, object]:
    """Issue a token by GET."""
    if call.query.get("grant_type") != "client_credential":
        raise Refused(40002)
    _check_account(call, call.query.get("appid", ""), call.query.get("secret", ""))
    text, life = call.office.plain()
    return {"access_token": text, "expires_in": life}


async def stable_token(call: Call) -> dict[str, object]:
    """Issue a token by POST, the same one until it nears its end."""
    if call.body.text("grant_type", "") != "client_credential":
        raise Refused(40002)
    _check_account(call, call.body.text("appid", ""), call.body.text("secret", ""))
    text, life = call.office.stable(force=call.body.flag("force_refresh", default=False))
    return {"access_token": text, "expires_in": life}


async def clear_quota(call: Call) -> dict[str, object]:
    """Set the day's counts back; ten times a month."""
    if call.body.text("appid", "") != call.box.settings.app_id:
        raise Refused(40013)
    counts = call.box.kept.counts
    month = f"{month_of(call.box.now())}-clear_quota"
    if counts.get(month, 0) >= _CLEARS_A_MONTH:
        raise Refused(48006)
    used = counts.get(month, 0) + 1
    call.box.kept.counts = {key: n for key, n in counts.items() if "/cgi-bin/" not in key} | {month: used}
    return {}


async def addresses(call: Call) -> dict[str, object]:
    """Name the platform's own addresses: this machine's."""
    return {"ip_list": [call.box.settings.host]}


async def user_info(call: Call) -> dict[str, object]:
    """Tell about a member what the platform still tells: no name, no picture (since 2021-12-27)."""
    member = call.access_member(call.query.get("openid", ""), following=False)
    if not member.following:
        return {"subscribe": 0, "openid": member.openid}
    followed = member.followed_at or member.since
    return {
        "subscribe": 1,
        "openid": member.openid,
        "language": "zh_CN",
        "subscribe_time": int(followed.timestamp()),
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if member.scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(member.scene) if member.scene.isdecimal() else 0,
        "qr_scene_str": "" if member.scene.isdecimal() else member.scene,
    }


async def user_list(call: Call) -> dict[str, object]:
    """List who follows."""
    openids = [member.openid for member in call.box.kept.members.values() if member.following]
    last = openids[-1] if openids else ""
    return {"total": len(openids), "count": len(openids), "data": {"openid": openids}, "next_openid": last}

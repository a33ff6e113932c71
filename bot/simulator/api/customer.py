"""客服消息, and the sign that somebody is typing (reference/wechat.md §3.4)."""

from __future__ import annotations

from datetime import timedelta

from bot.simulator.api.call import Call
from bot.simulator.errors import Refused
from bot.simulator.words import CUSTOMER

_TYPING = timedelta(seconds=15)
_TYPING_AFTER = timedelta(seconds=30)


async def send(call: Call) -> dict[str, object]:
    """Send a customer message while a window is open and has messages left."""
    member = call.access_member(call.body.text("touser", ""))
    reader = CUSTOMER.get(call.body.text("msgtype", ""))
    if reader is None:
        raise Refused(40008)
    shown = reader(call.body)
    if shown.type in {"image", "voice", "video"} and call.box.media(shown.media) is None:
        raise Refused(40007)
    now = call.box.now()
    is_open, has_left = member.may_send(now)
    if not is_open:
        raise Refused(45015)
    if not has_left:
        raise Refused(45047)
    member.used(now)
    call.box.write(member, "account", shown, way="customer")
    return {}


async def typing(call: Call) -> dict[str, object]:
    """Show that somebody is typing: 15 s, and only within 30 s of the member's last word."""
    member = call.access_member(call.body.text("touser", ""))
    command = call.body.text("command", "")
    now = call.box.now()
    if command == "CancelTyping":
        member.typing_until = None
    elif command != "Typing":
        raise Refused(45072)
    else:
        spoken = [message.at for message in member.messages if message.sender == "member"]
        if not spoken or now - spoken[-1] > _TYPING_AFTER:
            raise Refused(45080)
        if member.typing_until and now < member.typing_until:
            raise Refused(45081)
        member.typing_until = now + _TYPING
    call.box.tell(member.openid)
    return {}

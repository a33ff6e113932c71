"""模板消息 and 订阅通知 (reference/wechat.md §3.5, §3.6)."""

from __future__ import annotations

from datetime import timedelta

from bot.simulator.api.call import Call
from bot.simulator.errors import Refused
from bot.simulator.words import Shown, fields_of
from bot.simulator.xml import Fields

_SAME_FOR = timedelta(minutes=10)  # how long client_msg_id tells a repeat


def _known_template(call: Call) -> str:
    template = call.body.text("template_id", "")
    exists = call.box.settings.templates | call.box.settings.long_term
    if not template or (exists and template not in exists):
        raise Refused(40037)
    return template


async def template_send(call: Call) -> dict[str, object]:
    """Send a template message; the same client_msg_id within ten minutes is the same message."""
    member = call.access_member(call.body.text("touser", ""))
    _known_template(call)
    shown = Shown(type="template", text=fields_of(call.body.inner("data")))
    now = call.box.now()
    name = call.body.text("client_msg_id", "")
    key = f"{member.openid} {name}"
    earlier = call.box.kept.templates.get(key)
    if name and earlier and now - earlier[1] < _SAME_FOR:
        return {"msgid": earlier[0]}
    number = call.box.new_id()
    if name:
        call.box.kept.templates[key] = (number, now)
    call.box.write(member, "account", shown, way="template")
    call.event(member.openid, "TEMPLATESENDJOBFINISH", {"MsgID": number, "Status": "success"})
    return {"msgid": number}


async def subscribe_send(call: Call) -> dict[str, object]:
    """Send a subscription message: one for each acceptance, or any number of the long-term ones."""
    member = call.access_member(call.body.text("touser", ""), following=False)
    template = _known_template(call)
    shown = Shown(type="subscribe", text=fields_of(call.body.inner("data")))
    accepted = member.agreed.get(template, 0)
    if template in member.refused or not accepted:
        raise Refused(43101)
    if template not in call.box.settings.long_term:
        member.agreed[template] = accepted - 1
    number = call.box.new_id()
    call.box.write(member, "account", shown, way="subscribe")
    row: Fields = {"TemplateId": template, "MsgID": number, "ErrorCode": 0, "ErrorStatus": "success"}
    call.event(member.openid, "subscribe_msg_sent_event", {"SubscribeMsgSentEvent": {"List": row}})
    return {"msgid": number}

"""What a member can do with the phone, and what the platform pushes for it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.simulator.box import Box
from bot.simulator.menus import entry_of
from bot.simulator.people import Act, Member, Message
from bot.simulator.pushing import Outcome, Pusher
from bot.simulator.words import Shown
from bot.simulator.xml import Fields


class NotFollowing(Exception):  # noqa: N818  said of a member
    """Somebody who left cannot say anything until they follow again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an act: what reached the member, in order, and the push's outcome."""

    replies: tuple[Message, ...]
    tries: int
    status: int


class Phone:
    """A member's hand on the account. Every act returns the push that waits to be awaited."""

    def __init__(self, box: Box, pusher: Pusher, member: Member) -> None:
        self._box = box
        self._pusher = pusher
        self._member = member

    def say(self, text: str, menu_id: str = "") -> Awaitable[Outcome]:
        """Write words, perhaps by tapping a row inside a message."""
        extra: Fields = {"bizmsgmenuid": menu_id} if menu_id else {}
        return self._message("text", {"Content": text, **extra}, Shown(type="text", text=text))

    def photo(self, media: str) -> Awaitable[Outcome]:
        """Send a picture that the platform already holds."""
        # Nothing is at this address, as nothing of the account's should fetch it: pictures come by MediaId.
        fields = {"PicUrl": f"http://mmbiz.qpic.cn/mmbiz_jpg/{media[:24]}/0", "MediaId": media}
        return self._message("image", fields, Shown(type="image", text="[图片]", media=media))

    def voice(self, media: str, recognition: str | None) -> Awaitable[Outcome]:
        """Send a recording; with None the platform recognised nothing and says nothing of it."""
        fields: dict[str, str] = {"MediaId": media, "Format": "amr"}
        if recognition is not None:
            fields["Recognition"] = recognition
        words = f"[语音] {recognition or ''}".rstrip()
        return self._message("voice", fields, Shown(type="voice", text=words, media=media))

    def place(self, lat: float, lon: float, label: str) -> Awaitable[Outcome]:
        """Send a place: degrees and its name."""
        fields: Fields = {"Location_X": f"{lat:.6f}", "Location_Y": f"{lon:.6f}", "Scale": 16, "Label": label}
        return self._message("location", fields, Shown(type="place", text=f"[位置] {label}".rstrip()))

    def tap(self, key: str) -> Awaitable[Outcome]:
        """Tap a menu entry."""
        entry = entry_of(self._box.kept.menu, key)
        self._present()
        if entry.kind == "view":
            fields = {"EventKey": key, "MenuId": "1"}
            return self._event("VIEW", fields, Shown(type="tap", text=f"打开了菜单「{entry.name}」"))
        self._member.acted("tap", self._box.now())
        return self._event("CLICK", {"EventKey": key}, Shown(type="tap", text=f"点了菜单「{entry.name}」"))

    def follow(self, scene: str = "") -> Awaitable[Outcome]:
        """Follow, perhaps by scanning a code."""
        now = self._box.now()
        self._member.follow(scene, now)
        self._member.acted("follow", now)
        if scene:
            self._member.acted("scan", now)
        fields = {"EventKey": f"qrscene_{scene}", "Ticket": self._ticket(scene)} if scene else {"EventKey": ""}
        words = f"扫码关注：{self.station(scene)}" if scene else "关注了"
        return self._event("subscribe", fields, Shown(type="follow", text=words))

    def scan(self, scene: str) -> Awaitable[Outcome]:
        """Scan a station's code; who does not follow yet, follows by it."""
        if not self._member.following:
            return self.follow(scene)
        self._member.acted("scan", self._box.now())
        fields = {"EventKey": scene, "Ticket": self._ticket(scene)}
        return self._event("SCAN", fields, Shown(type="scan", text=f"扫码：{self.station(scene)}"))

    def leave(self) -> Awaitable[Outcome]:
        """Unfollow."""
        self._member.leave()
        return self._event("unsubscribe", {"EventKey": ""}, Shown(type="leave", text="取消了关注"))

    def agree(self, template: str, *, accept: bool) -> Awaitable[Outcome]:
        """Accept or refuse a subscription message, in the box that an article shows."""
        self._present()
        if accept:
            self._member.agreed[template] = self._member.agreed.get(template, 0) + 1
            self._member.refused.discard(template)
        else:
            self._member.refused.add(template)
        row: Fields = {
            "TemplateId": template,
            "SubscribeStatusString": "accept" if accept else "reject",
            "PopupScene": "2",
        }
        words = "同意接收订阅通知" if accept else "没有同意接收订阅通知"
        fields: Fields = {"SubscribeMsgPopupEvent": {"List": row}}
        return self._event("subscribe_msg_popup_event", fields, Shown(type="agree", text=words))

    def station(self, scene: str) -> str:
        """Name the station that a scene belongs to."""
        return next((one.name for one in self._box.settings.stations if one.scene == scene), scene)

    def _ticket(self, scene: str) -> str:
        tickets = self._box.kept.scenes
        known = next((ticket for ticket, one in tickets.items() if one == scene), "")
        return known or "gQ" + secrets.token_urlsafe(60)

    def _present(self) -> None:
        if self._member.left:
            raise NotFollowing
        # Who writes must be following, even if nobody told the box when that began.
        self._member.following = True

    def _head(self, kind: str, second: int) -> dict[str, str | int | float | Fields]:
        return {
            "ToUserName": self._box.settings.original_id,
            "FromUserName": self._member.openid,
            "CreateTime": second,
            "MsgType": kind,
        }

    def _message(self, kind: str, fields: Fields, shown: Shown, act: Act = "message") -> Awaitable[Outcome]:
        self._present()
        now = self._box.now()
        self._member.acted(act, now)
        self._box.write(self._member, "member", shown)
        whole = {**self._head(kind, int(now.timestamp())), **fields, "MsgId": self._box.new_id()}
        return self._pusher.push(self._member.openid, whole, member=self._member)

    def _event(self, event: str, fields: Fields, shown: Shown) -> Awaitable[Outcome]:
        self._box.write(self._member, "member", shown)
        key = str(fields.get("EventKey", ""))
        second = self._box.event_second(self._member.openid, event, key)
        whole = {**self._head("event", second), "Event": event, **fields}
        return self._pusher.push(self._member.openid, whole, member=self._member)


async def settled(box: Box, member: Member, act: Callable[[], Awaitable[Outcome]]) -> Result:
    """Do something and wait: until the tries are over and the phone has been quiet, or long enough."""
    before = box.kept.seq
    outcome = await act()
    over = time.monotonic()
    while True:
        now = time.monotonic()
        still = max(over, box.arrived.get(member.openid, 0.0)) + box.settings.quiet
        until = min(still, over + box.settings.settle)
        if now >= until:
            break
        await asyncio.sleep(until - now)
    return Result(replies=_since(member, before, outcome.push), tries=outcome.tries, status=outcome.status)


def _since(member: Member, before: int, push: int) -> tuple[Message, ...]:
    """Choose what an act brought: not the passive reply to another act that was still under way."""
    return tuple(
        message
        for message in member.messages
        if message.seq > before and message.sender == "account" and (message.way != "passive" or message.push == push)
    )

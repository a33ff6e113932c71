"""The control interface (/_sim): whoever drives the box says here what members do. JSON; 4xx with {"error"}."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from bot.simulator.acts import NotFollowing, Phone, settled
from bot.simulator.api.call import Later
from bot.simulator.body import Body, WrongShape
from bot.simulator.box import Box, Fault
from bot.simulator.clock import stamp
from bot.simulator.people import Member, Message
from bot.simulator.photos import SAMPLES, picture
from bot.simulator.pushing import Outcome, Pusher

Acting = Callable[[Phone, Body], Awaitable[Outcome]]


def answer(fields: dict[str, object], status: int = 200) -> web.Response:
    """Write JSON."""
    return web.Response(body=msgspec.json.encode(fields), status=status, content_type="application/json")


@web.middleware
async def speak_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn what was asked wrongly into 4xx with {"error"}."""
    if not request.path.startswith("/_sim/"):
        return await handler(request)
    try:
        return await handler(request)
    except WrongShape as error:
        return answer({"error": str(error)}, 400)
    except NotFollowing:
        return answer({"error": "这部手机已取消关注，先关注再说话"}, 409)
    except web.HTTPException as error:
        return answer({"error": error.text or error.reason}, error.status)


def _said(message: Message) -> dict[str, object]:
    return {"type": message.type, "text": message.text, "way": message.way, "at": stamp(message.at)}


def _sendable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise WrongShape("text 里有不成对的代理字符") from error
    return text


class Control:
    """Members' hands, the clock, faults and what was called."""

    def __init__(self, box: Box, pusher: Pusher, later: Later) -> None:
        self._box = box
        self._pusher = pusher
        self._later = later

    def routes(self) -> list[web.RouteDef]:
        """List the paths of design.md §9."""
        acts: dict[str, Acting] = {
            "say": lambda phone, body: phone.say(_sendable(body.text("text")), body.text("menu_id", "")),
            "tap": lambda phone, body: phone.tap(body.text("key")),
            "follow": lambda phone, body: phone.follow(body.text("scene", "")),
            "scan": lambda phone, body: phone.scan(_scene(body)),
            "photo": lambda phone, body: phone.photo(self._photo(body)),
            "place": _place,
            "voice": self._voice,
            "leave": lambda phone, _: phone.leave(),
            "agree": lambda phone, body: phone.agree(
                body.text("template_id"), accept=body.flag("accept", default=True)
            ),
        }
        one = "/_sim/members/{openid}"
        return [
            web.post("/_sim/members", self.new_member),
            *(web.post(f"{one}/{name}", self._acting(act)) for name, act in acts.items()),
            web.get(f"{one}/messages", self.messages),
            web.post("/_sim/clock", self.clock),
            web.get("/_sim/clock", self.clock),
            web.post("/_sim/faults", self.order_fault),
            web.delete("/_sim/faults", self.clear_faults),
            web.get("/_sim/calls", self.calls),
        ]

    def access_member(self, request: web.Request) -> Member:
        """Find the member of a path, or 404."""
        member = self._box.kept.members.get(request.match_info["openid"])
        if member is None:
            raise web.HTTPNotFound(text="没有这部手机")
        return member

    async def new_member(self, request: web.Request) -> web.Response:
        """Make a phone."""
        name = Body.parse(await request.read()).text("name", "")
        return answer({"openid": self._box.add_member(_sendable(name)[:20]).openid})

    def _acting(self, act: Acting) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            member = self.access_member(request)
            body = Body.parse(await request.read())
            phone = Phone(self._box, self._pusher, member)
            if request.query.get("wait") == "no":
                # A phone in the browser shows what arrives as it arrives; it does not stand and wait.
                self._later.start(_awaited(act(phone, body)))
                return answer({})
            done = await asyncio.shield(self._later.start(settled(self._box, member, lambda: act(phone, body))))
            replies = [_said(message) for message in done.replies]
            return answer({"replies": replies, "tries": done.tries, "status": done.status})

        return handle

    async def messages(self, request: web.Request) -> web.Response:
        """List the chat, oldest first."""
        member = self.access_member(request)
        return answer({"messages": [{"from": one.sender} | _said(one) for one in member.messages]})

    async def clock(self, request: web.Request) -> web.Response:
        """Move the platform's clock forward, or tell it."""
        if request.method == "POST":
            seconds = Body.parse(await request.read()).number("advance_seconds")
            if not 0 <= seconds <= 10 * 366 * 86_400:
                raise WrongShape("advance_seconds 要在 0 和十年之间")
            self._box.clock.advance(seconds)
            self._box.tell("board")
        return answer({"now": stamp(self._box.now())})

    async def order_fault(self, request: web.Request) -> web.Response:
        """Let the next calls of a path go wrong."""
        body = Body.parse(await request.read())
        fault = Fault(path=body.text("path"), times=body.whole("times", 1))
        fault.errcode = body.whole("errcode") if body.has("errcode") else None
        fault.status = body.whole("status") if body.has("status") else None
        fault.delay = body.number("delay_seconds", 0)
        if not fault.path.startswith("/") or fault.times < 1 or not 0 <= fault.delay <= 600:
            raise WrongShape("path 以 / 开头，times 至少 1，delay_seconds 不超过 600")
        if fault.status is not None and not 200 <= fault.status <= 599:
            raise WrongShape("status 要是 HTTP 状态")
        if not any(body.has(name) for name in ("errcode", "status", "delay_seconds")):
            raise WrongShape("要有 errcode、status 或 delay_seconds")
        self._box.faults.append(fault)
        return answer({"path": fault.path, "times": fault.times})

    async def clear_faults(self, _request: web.Request) -> web.Response:
        """Let everything work again."""
        self._box.faults.clear()
        return answer({})

    async def calls(self, _request: web.Request) -> web.Response:
        """List the account's calls, oldest first."""
        rows = [
            {"path": one.path, "body": one.body, "status": one.status, "errcode": one.errcode, "at": stamp(one.at)}
            for one in self._box.calls
        ]
        return answer({"calls": rows})

    def _photo(self, body: Body) -> str:
        if not body.has("image"):
            name = body.text("sample", "lamp")
            if name not in {one.name for one in SAMPLES}:
                raise WrongShape("没有这张样图")
            return self._box.keep_media("image", sample=name).id
        try:
            raw = base64.b64decode(body.text("image").rpartition(",")[2], validate=True)
        except ValueError as error:
            raise WrongShape("image 要是 base64") from error
        content = picture(raw)
        if content is None or len(content) > 10 << 20:
            raise WrongShape("image 要是 10 MB 以内的图片")
        return self._box.keep_media("image", content=content).id

    def _voice(self, phone: Phone, body: Body) -> Awaitable[Outcome]:
        words = _sendable(body.text("recognition")) if body.has("recognition") else None
        return phone.voice(self._box.keep_media("voice").id, words)


def _scene(body: Body) -> str:
    scene = _sendable(body.text("scene"))
    if not 1 <= len(scene) <= 64:
        raise WrongShape("scene 要有 1 到 64 个字符")
    return scene


def _place(phone: Phone, body: Body) -> Awaitable[Outcome]:
    lat, lon = body.number("lat"), body.number("lon")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise WrongShape("lat 在 ±90 之间，lon 在 ±180 之间")
    return phone.place(lat, lon, _sendable(body.text("label", "")))


async def _awaited(outcome: Awaitable[Outcome]) -> Outcome:
    return await outcome

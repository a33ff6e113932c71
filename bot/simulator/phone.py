"""The phone in the browser: its page, and what the page asks for beyond the control interface."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from importlib.resources import files

from aiohttp import web
from aiohttp_sse import sse_response

from bot.simulator.box import Box, Call, Push
from bot.simulator.clock import stamp
from bot.simulator.control import Control, answer
from bot.simulator.menus import DEFAULT
from bot.simulator.people import Member, Message, best
from bot.simulator.photos import SAMPLES, content_of, sample

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_SECRET = frozenset({"secret", "access_token"})


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Let a page load nothing from elsewhere."""
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-cache")
    return response


def _shown(message: Message) -> dict[str, object]:
    return {
        "seq": message.seq,
        "from": message.sender,
        "type": message.type,
        "text": message.text,
        "way": message.way,
        "at": stamp(message.at),
        "media": message.media,
        "choices": [{"id": one.id, "text": one.text} for one in message.choices],
    }


def _masked(body: object) -> object:
    if not isinstance(body, dict):
        return body
    return {name: "***" if name in _SECRET else value for name, value in body.items()}


def _push_row(push: Push) -> dict[str, object]:
    return {
        "kind": "push",
        "at": stamp(push.at),
        "url": push.url,
        "sent": push.sent,
        "plain": push.plain,
        "tries": [
            {"status": one.status, "answer": one.answer, "plain": one.plain, "note": one.note, "took": one.took}
            for one in push.tries
        ],
        "verdict": push.verdict,
    }


def _call_row(call: Call) -> dict[str, object]:
    return {
        "kind": "call",
        "at": stamp(call.at),
        "path": call.path,
        "body": _masked(call.body),
        "status": call.status,
        "errcode": call.errcode,
    }


def _concerns(call: Call, openid: str) -> bool:
    return isinstance(call.body, dict) and openid in (call.body.get("touser"), call.body.get("openid"))


class PhonePage:
    """Serves the page and its own questions."""

    def __init__(self, box: Box, control: Control) -> None:
        self._box = box
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """List the paths."""
        return [
            web.get("/", self.page),
            web.get("/static/{name}", self.static),
            web.get("/_sim/board", self.board),
            web.get("/_sim/stations", self.stations),
            web.get("/_sim/members", self.members),
            web.get("/_sim/members/{openid}", self.one),
            web.get("/_sim/members/{openid}/wire", self.wire),
            web.get("/_sim/media/{id}", self.media),
            web.get("/_sim/samples/{name}", self.sample),
            web.get("/_sim/live", self.live),
        ]

    async def page(self, _request: web.Request) -> web.Response:
        """Show the phone."""
        return self._file("index.html")

    async def static(self, request: web.Request) -> web.Response:
        """Hand out a file of the page."""
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.Response:
        ending = name.rpartition(".")[2]
        found = files("bot.simulator") / "static" / name
        if ending not in _TYPES or "/" in name or not found.is_file():
            raise web.HTTPNotFound(text="没有这一页")
        return web.Response(body=found.read_bytes(), content_type=_TYPES[ending], charset="utf-8")

    async def board(self, _request: web.Request) -> web.Response:
        """Tell what all phones share: the account, the clock, the menu, codes, places, pictures."""
        settings = self._box.settings
        return answer(
            {
                "name": settings.name,
                "mode": settings.mode,
                "now": stamp(self._box.now()),
                "published": self._box.kept.menu is not None,
                "menu": self._box.kept.menu or DEFAULT,
                "stations": self._stations(),
                "places": [{"label": one.label, "lat": one.lat, "lon": one.lon} for one in settings.places],
                "samples": [{"name": one.name, "title": one.title} for one in SAMPLES],
            }
        )

    def _stations(self) -> list[dict[str, str]]:
        stations = [{"scene": one.scene, "name": one.name} for one in self._box.settings.stations]
        known = {one["scene"] for one in stations}
        made = dict.fromkeys(scene for scene in self._box.kept.scenes.values() if scene not in known)
        return stations + [{"scene": scene, "name": f"公众号生成的码 {scene}"} for scene in made]

    async def stations(self, _request: web.Request) -> web.Response:
        """List the codes that can be scanned."""
        return answer({"stations": self._stations()})

    async def members(self, _request: web.Request) -> web.Response:
        """List the phones."""
        rows = [{"openid": one.openid, "name": one.name} for one in self._box.kept.members.values()]
        return answer({"members": rows})

    async def one(self, request: web.Request) -> web.Response:
        """Show one phone: whose it is, its window, and what is new since `after`."""
        member = self._control.access_member(request)
        after = int(request.query.get("after", "0")) if request.query.get("after", "0").isdecimal() else 0
        return answer(
            {
                "openid": member.openid,
                "name": member.name,
                "following": member.following,
                "left": member.left,
                "now": stamp(self._box.now()),
                "typing": bool(member.typing_until and self._box.now() < member.typing_until),
                "window": self._window(member),
                "messages": [_shown(message) for message in member.messages if message.seq > after],
            }
        )

    def _window(self, member: Member) -> dict[str, object] | None:
        window = best(member.open_windows(self._box.now()))
        if window is None:
            return None
        act = next(name for name, one in member.windows.items() if one is window)
        return {"act": act, "closes": stamp(window.closes), "left": window.left}

    async def wire(self, request: web.Request) -> web.Response:
        """Tell what went over the wire for one phone, newest first."""
        openid = self._control.access_member(request).openid
        pushes = [(push.at, _push_row(push)) for push in self._box.pushes if push.openid == openid]
        calls = [(call.at, _call_row(call)) for call in self._box.calls if _concerns(call, openid)]
        rows = sorted(pushes + calls, key=lambda row: row[0], reverse=True)
        return answer({"wire": [row for _, row in rows[:30]]})

    async def media(self, request: web.Request) -> web.Response:
        """Show a picture in the chat."""
        media = self._box.kept.media.get(request.match_info["id"])
        if media is None or media.kind != "image":
            raise web.HTTPNotFound(text="图片已过期")
        return web.Response(body=content_of(media), content_type="image/jpeg")

    async def sample(self, request: web.Request) -> web.Response:
        """Show a picture that can be sent."""
        name = request.match_info["name"]
        if name not in {one.name for one in SAMPLES}:
            raise web.HTTPNotFound(text="没有这张样图")
        body = await asyncio.to_thread(sample, name)
        return web.Response(body=body, content_type="image/jpeg", headers={"Cache-Control": "max-age=3600"})

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Tell, as it happens, which phone has something new: an openid, or `board`, or `members`."""
        async with sse_response(request, headers={"Content-Security-Policy": _POLICY}) as stream:
            with self._box.listening() as heard, contextlib.suppress(ConnectionError):
                await stream.send("hello")
                # An empty word says that the box is closing; a closed tab shows as a ConnectionError.
                while what := await heard.get():
                    await stream.send(what)
        return stream

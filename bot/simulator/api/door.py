"""The door of the API: every call is recorded, may meet a fault, must bring a token, and counts."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from aiohttp import web

from bot.simulator.api import access, customer, mass, media, menu, notices
from bot.simulator.api.call import Call, Later
from bot.simulator.body import Body, WrongShape
from bot.simulator.box import Box
from bot.simulator.box import Call as Record
from bot.simulator.errors import WORDS, Refused
from bot.simulator.pushing import Pusher
from bot.simulator.tokens import TokenOffice

Answer = dict[str, object] | web.Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path of the API. `a_day` and `a_minute` are calls (reference/wechat.md §3.2); `counts_as` shares a count."""

    handler: Callable[[Call], Awaitable[Answer]]
    methods: frozenset[str] = frozenset({"POST"})
    a_day: int = 5_000_000
    a_minute: int = 0
    token: bool = True
    counts_as: str = ""


_GET = frozenset({"GET"})
_EITHER = frozenset({"GET", "POST"})
ROUTES: dict[str, Route] = {
    "/cgi-bin/token": Route(handler=access.token, methods=_GET, a_day=2000, token=False),
    "/cgi-bin/stable_token": Route(handler=access.stable_token, a_day=500_000, a_minute=10_000, token=False),
    "/cgi-bin/clear_quota": Route(handler=access.clear_quota),
    "/cgi-bin/getcallbackip": Route(handler=access.addresses, methods=_GET),
    "/cgi-bin/get_api_domain_ip": Route(handler=access.addresses, methods=_GET),
    "/cgi-bin/user/info": Route(handler=access.user_info, methods=_GET),
    "/cgi-bin/user/get": Route(handler=access.user_list, methods=_GET, a_day=500),
    "/cgi-bin/message/custom/send": Route(handler=customer.send, a_day=500_000),
    "/cgi-bin/message/custom/typing": Route(handler=customer.typing),
    "/cgi-bin/message/template/send": Route(handler=notices.template_send, a_day=100_000),
    "/cgi-bin/message/subscribe/bizsend": Route(handler=notices.subscribe_send),
    "/cgi-bin/message/mass/send": Route(handler=mass.send, a_day=100, a_minute=60, counts_as="mass"),
    "/cgi-bin/message/mass/sendall": Route(handler=mass.send_all, a_day=100, a_minute=60, counts_as="mass"),
    "/cgi-bin/message/mass/get": Route(handler=mass.status),
    "/cgi-bin/menu/create": Route(handler=menu.create, a_day=1000),
    "/cgi-bin/menu/get": Route(handler=menu.get, methods=_EITHER, a_day=10_000),
    "/cgi-bin/menu/delete": Route(handler=menu.delete, methods=_EITHER, a_day=1000),
    "/cgi-bin/media/get": Route(handler=media.get, methods=_GET, a_day=200_000),
    "/cgi-bin/media/upload": Route(handler=media.upload, a_day=100_000),
    "/cgi-bin/qrcode/create": Route(handler=media.qrcode, a_day=100_000),
}


class Api:
    """Serves /cgi-bin."""

    def __init__(self, box: Box, pusher: Pusher, office: TokenOffice, later: Later) -> None:
        self._box = box
        self._pusher = pusher
        self._office = office
        self._later = later
        self._minutes: dict[str, deque[float]] = {}

    async def serve(self, request: web.Request) -> web.Response:
        """Answer one call; refusals are 200 with an errcode, as the platform has it."""
        upload = request.content_type.startswith("multipart/")
        raw = b"" if upload else await request.read()
        record = Record(path=request.path, body=_readable(request, raw), at=self._box.now())
        self._box.calls.append(record)
        # Who hangs up does not undo the call: whether it arrived is then unknown to them, as in life.
        response = await asyncio.shield(self._later.start(self._answer(request, raw)))
        record.status = response.status
        if response.content_type == "application/json":
            record.answer = response.text or ""
            record.errcode = Body.parse(record.answer.encode()).whole("errcode", 0)
        return response

    async def _answer(self, request: web.Request, raw: bytes) -> web.Response:
        try:
            fault = self._box.fault(request.path)
            if fault:
                await asyncio.sleep(fault.delay)
            if fault and fault.status is not None:
                return web.Response(status=fault.status, text="fault on demand")
            if fault and fault.errcode is not None:
                return _refusal(Refused(fault.errcode))
            return await self._handled(request, raw)
        except Refused as refused:
            return _refusal(refused)
        except WrongShape as error:
            return _refusal(Refused(47001, f"data format error: {error}"))

    async def _handled(self, request: web.Request, raw: bytes) -> web.Response:
        route = ROUTES.get(request.path)
        if route is None:
            raise Refused(40066, "invalid url")
        if request.method not in route.methods:
            raise Refused(43002 if "POST" in route.methods else 43001, "require another method")
        if route.token:
            self._office.check(request.query.get("access_token", ""))
        self._count(request.path, route)
        empty = not raw and not request.content_type.startswith("multipart/")
        if empty and route.methods == frozenset({"POST"}):
            raise Refused(44002)
        call = Call(
            box=self._box,
            pusher=self._pusher,
            office=self._office,
            later=self._later,
            query=request.query,
            body=Body.parse(raw),
            request=request,
        )
        return _written(await route.handler(call), plain=not route.token)

    def _count(self, path: str, route: Route) -> None:
        name = f"/cgi-bin/{route.counts_as}" if route.counts_as else path
        limit = self._box.settings.quotas.get(path, route.a_day)
        if self._box.counted(name) >= limit:
            raise Refused(45009)
        if route.a_minute:
            now, recent = time.monotonic(), self._minutes.setdefault(name, deque())
            while recent and now - recent[0] >= 60:
                recent.popleft()
            if len(recent) >= route.a_minute:
                raise Refused(45011)
            recent.append(now)
        self._box.count(name)


def _readable(request: web.Request, raw: bytes) -> object:
    if request.content_type.startswith("multipart/"):
        return f"(multipart, {request.content_length or 0} bytes)"
    if not raw:
        return {key: value for key, value in request.query.items() if key != "access_token"}
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw.decode(errors="replace")


def _refusal(refused: Refused) -> web.Response:
    words = f"{refused.words} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return _json({"errcode": refused.code, "errmsg": words, **refused.more})


def _written(answer: Answer, *, plain: bool) -> web.Response:
    if isinstance(answer, web.Response):
        return answer
    return _json(answer if plain else {"errcode": 0, "errmsg": WORDS[0]} | answer)


def _json(fields: dict[str, object]) -> web.Response:
    return web.Response(body=msgspec.json.encode(fields), content_type="application/json")

"""A box on a stand: a clock in the hand, a service that can be told how to answer, the API with a token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto

from bot.simulator import SimSettings, make_app
from tests.waiting import PATIENCE

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BEGIN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # Saturday, ten in the morning in China
APOLOGY = "该公众号暂时无法提供服务，请稍后再试"

Json = dict[str, Any]
Answering = Callable[["Pushed"], "str | web.Response | Awaitable[str | web.Response]"]


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """One push as it came in: the query, the body, and the fields once opened by other hands."""

    query: Mapping[str, str]
    body: str
    content_type: str
    fields: dict[str, str]


def other_hands(app_id: str) -> Any:
    """The same cipher, written by somebody else."""
    make: Any = WeChatCrypto
    return make("token", AES_KEY, app_id)


def words(raw: str | bytes) -> str:
    """Read what wechatpy returns, which is one or the other."""
    return raw if isinstance(raw, str) else raw.decode()


def text_reply(push: Pushed, content: str) -> str:
    """Write a passive reply."""
    return (
        f"<xml><ToUserName><![CDATA[{push.fields['FromUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{push.fields['ToUserName']}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content></xml>"
    )


class Service:
    """An account's server. `answering` says what comes back; it echoes until told otherwise."""

    def __init__(self, settings: SimSettings) -> None:
        self.settings = settings
        self.pushes: list[Pushed] = []
        self.came = asyncio.Condition()
        self.answering: Answering = lambda push: text_reply(push, f"收到：{push.fields.get('Content', '')}")
        self.sealed = settings.mode != "plain"

    def opened(self, query: Mapping[str, str], body: str) -> str:
        if not self.sealed:
            return body
        crypto = other_hands(self.settings.app_id)
        return words(crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"]))

    def seal(self, reply: str) -> str:
        return words(other_hands(self.settings.app_id).encrypt_message(reply, "nonce", str(int(time.time()))))

    async def has(self, count: int) -> None:
        async with self.came:
            await self.came.wait_for(lambda: len(self.pushes) >= count)

    async def push(self, request: web.Request) -> web.Response:
        body = await request.text()
        root = ET.fromstring(self.opened(request.query, body))
        fields = {node.tag: node.text or "" for node in root.iter() if node is not root}
        push = Pushed(query=dict(request.query), body=body, content_type=request.content_type, fields=fields)
        async with self.came:
            self.pushes.append(push)
            self.came.notify_all()
        answer = self.answering(push)
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, web.Response):
            return answer
        return web.Response(text=self.seal(answer) if self.sealed and answer.startswith("<") else answer)


@dataclass(kw_only=True)
class Stand:
    """Everything a test takes in hand."""

    settings: SimSettings
    clock: HandClock
    service: Service
    url: str
    session: ClientSession
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    token: str = ""

    async def sim(self, path: str, body: object = None, method: str = "POST") -> Json:
        """Call the control interface; the answer must be 200."""
        status, answer = await self.sim_status(path, body, method)
        assert status == 200, answer
        return answer

    async def sim_status(self, path: str, body: object = None, method: str = "POST") -> tuple[int, Json]:
        async with self.session.request(method, f"{self.url}/_sim/{path}", json=body) as response:
            answer: Json = await response.json()
            return response.status, answer

    async def member(self, *, follow: bool = False) -> str:
        openid: str = (await self.sim("members"))["openid"]
        if follow:
            await self.act(openid, "follow")
        return openid

    async def act(self, openid: str, act: str, **body: object) -> Json:
        return await self.sim(f"members/{openid}/{act}", body)

    async def say(self, openid: str, text: str) -> Json:
        return await self.act(openid, "say", text=text)

    async def said(self, openid: str) -> list[Json]:
        found: list[Json] = (await self.sim(f"members/{openid}/messages", method="GET"))["messages"]
        return found

    async def raw(self, path: str, body: object = None, *, token: str | None = None, **query: str) -> Json:
        """Call the platform's API; POST when there is a body."""
        if token is None:
            token = self.token = self.token or await self.new_token()
        asked = {"access_token": token} | query if token else query
        method = "GET" if body is None else "POST"
        async with self.session.request(method, f"{self.url}/cgi-bin/{path}", json=body, params=asked) as response:
            answer: Json = await response.json()
            return answer

    async def code(self, path: str, body: object = None, *, token: str | None = None, **query: str) -> int:
        found: int = (await self.raw(path, body, token=token, **query)).get("errcode", 0)
        return found

    async def new_token(self, *, force: bool = False) -> str:
        asked = {"grant_type": "client_credential", "appid": "wxsim", "secret": "secret", "force_refresh": force}
        found: str = (await self.raw("stable_token", asked, token="")).get("access_token", "")
        return found

    async def customer(self, openid: str, text: str) -> int:
        return await self.code("message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})

    async def reached(self, count: int) -> None:
        """Wait until so many pushes reached the service: the platform's own come in the background."""
        async with asyncio.timeout(PATIENCE):
            await self.service.has(count)

    async def close(self) -> None:
        for close in reversed(self.closing):
            await close()


async def stand(**changes: Any) -> Stand:
    """Set one up. Quick: an act is over when the phone has been quiet for a moment."""
    quick = {"retry_pause": 0.01, "quiet": 0.02, "push_timeout": PATIENCE}
    given = {"app_id": "wxsim", "app_secret": "secret", "token": "token", "aes_key": AES_KEY, "mode": "plain"}
    settings = SimSettings(**{**given, **quick, **changes})
    service = Service(settings)
    account = web.Application()
    account.router.add_post("/push", service.push)
    there = TestServer(account)
    await there.start_server()
    settings = SimSettings(**{**given, **quick, "push_url": str(there.make_url("/push")), **changes})
    clock = HandClock()
    here = TestServer(await make_app(settings, clock))
    await here.start_server()
    session = ClientSession()
    closing: list[Callable[[], Awaitable[None]]] = [there.close, here.close, session.close]
    url = str(here.make_url("")).rstrip("/")
    return Stand(settings=settings, clock=clock, service=service, url=url, session=session, closing=closing)

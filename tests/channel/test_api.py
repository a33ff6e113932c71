"""Calling the platform's API, against a server that answers as the platform does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels import Media, NotSent, Sent, Trouble
from bot.channels.wechat import Code, Quota, WeChat
from bot.channels.wechat.errors import packaged
from bot.channels.wechat.menu import load
from storage.hot import Hot, open_hot
from tests.channel.platform import APP_ID, THEM, account

TEN_AT_NIGHT = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)  # in Beijing
Answer = dict[str, Any] | web.Response


@dataclass
class FakePlatform:
    """Answers every call, holds one token, and keeps what it was asked."""

    answers: list[Answer] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    token: str = "T1"
    stable: int = 0
    refuse_token: bool = False
    delay: float = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        self.raw.append(await request.text())
        body = json.loads(self.raw[-1]) if self.raw[-1] else dict(request.query)
        if request.path == "/cgi-bin/stable_token":
            return self._stable_token(body)
        self.calls.append((request.path, body))
        await asyncio.sleep(self.delay)
        if request.query["access_token"] != self.token or self.refuse_token:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential rid: 61-x-1"})
        answer = self.answers.pop(0) if self.answers else {"errcode": 0, "errmsg": "ok"}
        # The platform says text/plain as often as not.
        return answer if isinstance(answer, web.Response) else web.Response(text=json.dumps(answer))

    def _stable_token(self, body: dict[str, Any]) -> web.Response:
        self.stable += 1
        if body["secret"] != "secret":
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret rid: 61-x-2"})
        if body["force_refresh"]:
            self.token, self.refuse_token = f"{self.token}+", False
        return web.json_response({"access_token": self.token, "expires_in": 7200})


@asynccontextmanager
async def connected(platform: FakePlatform, hot: Hot | None = None, **more: Any) -> AsyncIterator[WeChat]:
    app = web.Application()
    app.router.add_route("*", "/cgi-bin/{path:.*}", platform.answer)
    async with TestServer(app) as server:
        ours = account("safe", **({"api_base": str(server.make_url("/"))} | more))
        async with WeChat(ours, hot or open_hot(None), clock=lambda: TEN_AT_NIGHT) as channel:
            yield channel


async def test_words_are_sent_as_a_customer_message() -> None:
    platform = FakePlatform()
    async with connected(platform) as channel:
        assert await channel.send(THEM, "您好\x1d，办好了") == Sent()
    body = {"touser": THEM, "msgtype": "text", "text": {"content": "您好，办好了"}}
    assert platform.calls == [("/cgi-bin/message/custom/send", body)]


async def test_chinese_travels_as_chinese() -> None:
    """The platform shows an escaped character as its escape."""
    platform = FakePlatform()
    async with connected(platform) as channel:
        await channel.send(THEM, "鸿雁")
    assert "鸿雁" in platform.raw[-1]


async def test_too_many_words_are_cut_below_the_limit() -> None:
    platform = FakePlatform()
    async with connected(platform) as channel:
        await channel.send(THEM, "雁" * 2000)
    sent = platform.calls[0][1]["text"]["content"]
    assert 2000 < len(sent.encode()) <= 2047


async def test_one_token_serves_many_calls_at_once() -> None:
    platform = FakePlatform(delay=0.01)
    async with connected(platform) as channel:
        assert set(await asyncio.gather(*(channel.send(THEM, "好") for _ in range(20)))) == {Sent()}
    assert platform.stable == 1


async def test_a_token_that_went_bad_is_fetched_again_once_for_everybody() -> None:
    platform = FakePlatform()
    async with connected(platform) as channel:
        await channel.send(THEM, "好")
        platform.token, platform.delay = "T2", 0.02
        assert set(await asyncio.gather(*(channel.send(THEM, "好") for _ in range(8)))) == {Sent()}
    assert platform.stable == 2


async def test_one_hiccup_costs_one_refresh_and_one_retry() -> None:
    platform = FakePlatform(answers=[{"errcode": 40001, "errmsg": "x"}])
    async with connected(platform) as channel:
        assert await channel.send(THEM, "好") == Sent()
    assert (platform.stable, len(platform.calls)) == (2, 2)


async def test_a_hiccup_that_meets_many_calls_costs_one_refresh() -> None:
    platform = FakePlatform(delay=0.02)
    async with connected(platform) as channel:
        await channel.api.check()
        platform.answers = [{"errcode": 40001, "errmsg": "x"}] * 8
        assert set(await asyncio.gather(*(channel.send(THEM, "好") for _ in range(8)))) == {Sent()}
    assert platform.stable == 2


async def test_a_token_that_the_platform_gives_and_refuses_is_forced_at_the_next_attempt() -> None:
    platform = FakePlatform()
    async with connected(platform) as channel:
        await channel.send(THEM, "好")
        platform.refuse_token = True
        first = await channel.send(THEM, "好")
        assert isinstance(first, NotSent)
        assert first.trouble == "busy"
        assert await channel.send(THEM, "好") == Sent()
    assert platform.token == "T1+"
    assert platform.stable == 3  # at first, once more, then forced


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_lasting_bad_token_is_given_up_after_one_retry(code: int) -> None:
    platform = FakePlatform(answers=[{"errcode": code, "errmsg": "x"}] * 9)
    async with connected(platform) as channel:
        sent = await channel.send(THEM, "好")
    assert isinstance(sent, NotSent)
    assert (sent.trouble, sent.code) == ("busy", code)
    assert len(platform.calls) == 2


@pytest.mark.parametrize(
    ("code", "trouble", "wait"),
    [
        *[(-1, "busy", 0), (45015, "window", 0), (45047, "count", 0), (45011, "later", 60), (43117, "later", 60)],
        *[(code, "unreachable", 0) for code in (40003, 43004, 50005, 43019, 43101, 48002)],
        *[(code, "stopped", 0) for code in (40013, 40125, 40164, 61004, 89503, 48001, 48004, 50002)],
        *[(code, "refused", 0) for code in (45002, 45008, 40037, 47003, 40130)],
        (45009, "later", 2 * 3600),  # until midnight in Beijing
        (99999, "refused", 0),  # a code that nobody has heard of
    ],
)
async def test_each_code_says_what_can_be_done(code: int, trouble: Trouble, wait: float) -> None:
    platform = FakePlatform(answers=[{"errcode": code, "errmsg": "words of the platform rid: 61-x-3"}])
    async with connected(platform) as channel:
        sent = await channel.send(THEM, "好")
    assert isinstance(sent, NotSent)
    assert (sent.trouble, sent.code, sent.wait) == (trouble, code, wait)
    assert sent.words
    assert len(platform.calls) == 1


async def test_a_wrong_secret_stops_the_route() -> None:
    platform = FakePlatform()
    async with connected(platform, app_secret="wrong") as channel:
        for answer in (await channel.send(THEM, "好"), await channel.api.check()):
            assert isinstance(answer, NotSent)
            assert (answer.trouble, answer.code) == ("stopped", 40125)
    assert platform.calls == []


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500),
        web.Response(status=502, text="<html>bad gateway</html>"),
        web.Response(text="not json"),
        web.Response(text="[1]"),
        web.Response(text='{"errcode": "many"}'),
    ],
)
async def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(answer: web.Response) -> None:
    async with connected(FakePlatform(answers=[answer])) as channel:
        sent = await channel.send(THEM, "好")
    assert isinstance(sent, NotSent)
    assert sent.trouble == "unknown"


async def test_silence_after_sending_is_unknown_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    from aiohttp import ClientTimeout

    monkeypatch.setattr("bot.channels.wechat.api._TIMEOUT", ClientTimeout(total=1.5))
    platform = FakePlatform()
    async with connected(platform) as channel:
        await channel.api.check()
        platform.delay = 5
        sent = await channel.send(THEM, "好")
        platform.delay = 0
    assert isinstance(sent, NotSent)
    assert sent.trouble == "unknown"
    assert len(platform.calls) == 1


async def test_a_connection_cut_after_sending_is_unknown() -> None:
    class Cutting(FakePlatform):
        async def answer(self, request: web.Request) -> web.Response:
            answer = await super().answer(request)
            if self.calls and request.transport is not None:
                request.transport.abort()
            return answer

    platform = Cutting()
    async with connected(platform) as channel:
        sent = await channel.send(THEM, "好")
    assert isinstance(sent, NotSent)
    assert sent.trouble == "unknown"
    assert len(platform.calls) == 1


async def test_a_platform_that_is_not_there_is_busy_because_nothing_was_sent() -> None:
    hot = open_hot(None)
    ours = account("safe", api_base=f"http://127.0.0.1:{unused_port()}")
    async with WeChat(ours, hot) as channel:
        await hot.keep_token(f"wechat/main/{APP_ID}", "T1", 60)
        sent = await channel.send(THEM, "好")
    assert isinstance(sent, NotSent)
    assert sent.trouble == "busy"


async def test_a_wrong_address_stops_the_route() -> None:
    async with connected(FakePlatform(answers=[web.Response(status=302, headers={"Location": "/x"})])) as channel:
        sent = await channel.send(THEM, "好")
    assert isinstance(sent, NotSent)
    assert (sent.trouble, sent.code) == ("stopped", 302)


async def test_a_photo_is_fetched_by_its_id() -> None:
    photo = web.Response(body=b"\xff\xd8photo", content_type="image/jpeg")
    platform = FakePlatform(answers=[photo])
    async with connected(platform) as channel:
        assert await channel.fetch("m1") == Media(content=b"\xff\xd8photo", kind="image/jpeg")
    path, query = platform.calls[0]
    assert (path, query["media_id"]) == ("/cgi-bin/media/get", "m1")


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ({"errcode": 40007, "errmsg": "invalid media_id"}, "refused"),
        ({"video_url": "http://127.0.0.1/v"}, "refused"),
        (web.Response(status=500), "busy"),  # asking again does no harm
        (web.Response(body=b"x" * (12 * 1024 * 1024 + 1), content_type="image/jpeg"), "refused"),
    ],
)
async def test_a_photo_that_cannot_be_had_says_why(answer: Answer, trouble: Trouble) -> None:
    async with connected(FakePlatform(answers=[answer])) as channel:
        found = await channel.fetch("m1")
    assert isinstance(found, NotSent)
    assert found.trouble == trouble


async def test_a_menu_a_code_and_a_quota() -> None:
    platform = FakePlatform(
        answers=[
            {"errcode": 0},
            {"ticket": "gQH8", "url": "http://127.0.0.1/q/1"},
            {"errcode": 0, "quota": {"daily_limit": 500000, "used": 3, "remain": 499997}},
            {"errcode": 40018, "errmsg": "invalid button name size"},
        ]
    )
    menu = load(
        "limits: {entries: 3, below: 5, name: 8, name_below: 16}\nmenu: [{name: 报到, word: 报到}]", ["报到"], "m"
    )
    async with connected(platform) as channel:
        assert await channel.api.create_menu(menu) is None
        assert await channel.api.create_code("yushan-xincheng") == Code(ticket="gQH8", url="http://127.0.0.1/q/1")
        used = await channel.api.quota("/cgi-bin/message/custom/send")
        assert used == Quota(limit=500000, used=3, remain=499997)
        assert isinstance(await channel.api.create_menu(menu), NotSent)
    assert platform.calls[0][1] == {"button": [{"type": "click", "name": "报到", "key": "报到"}]}
    assert platform.calls[1][1]["action_info"] == {"scene": {"scene_str": "yushan-xincheng"}}


async def test_logs_name_the_request_and_never_the_member_or_the_words() -> None:
    refusal = {"errcode": 45015, "errmsg": f"out of time limit hint: {THEM} rid: 6151-abc-01"}
    with structlog.testing.capture_logs() as lines:
        async with connected(FakePlatform(answers=[refusal, web.Response(status=500)])) as channel:
            await channel.send(THEM, "我的话")
            await channel.send(THEM, "我的话")
    assert lines[0]["rid"] == "6151-abc-01"
    assert lines[0]["code"] == 45015
    assert not any(secret in str(lines) for secret in (THEM, "我的话", "T1", "secret"))


def test_the_codes_that_cost_a_token_are_codes_that_are_known() -> None:
    errors = packaged()
    assert errors.token == {40001, 40014, 42001}
    assert errors.token <= set(errors.codes)

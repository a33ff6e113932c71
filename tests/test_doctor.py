"""What the doctor says about set-ups that are wrong in the ways people's set-ups are."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.doctor import Finding, examine, findings
from bot.settings import PREFIX

NOW = datetime(2026, 10, 21, 4, 0, tzinfo=UTC)
AES = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class Platform:
    """Answers for the platform: its clock, and what it says to a request for a token."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.answer: dict[str, object] = {"access_token": "T", "expires_in": 7200}
        self.server = TestServer(self._app())

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._token)
        app.on_response_prepare.append(self._date)
        return app

    async def _token(self, request: web.Request) -> web.Response:
        assert (await request.json())["secret"] == "app-secret-value"
        return web.json_response(self.answer)

    async def _date(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=self.ahead), usegmt=True)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    made = Platform()
    await made.server.start_server()
    yield made
    await made.server.close()


Look = Callable[..., Awaitable[dict[str, Finding]]]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, platform: Platform) -> Look:
    """Let the doctor look at a good set-up with some settings changed; its findings by what they are about."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    async def looked(now: datetime = NOW, **changes: str) -> dict[str, Finding]:
        good = {
            "HONGYAN_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
            "HONGYAN_WECHAT_APP_ID": "wx1234567890abcdef",
            "HONGYAN_WECHAT_APP_SECRET": "app-secret-value",
            "HONGYAN_WECHAT_TOKEN": "tokenvalue",
            "HONGYAN_WECHAT_AES_KEY": AES,
            "HONGYAN_WECHAT_API_BASE": str(platform.server.make_url("")),
            "HONGYAN_DATABASE_URL": sqlite_url,
            "HONGYAN_PORT": str(unused_port()),
        }
        for name, value in {**good, **changes}.items():
            monkeypatch.setenv(name, value)
        return {finding.about: finding async for finding in findings(now)}

    return looked


async def test_a_good_set_up_has_nothing_wrong(look: Look) -> None:
    found = await look()
    assert [finding for finding in found.values() if finding.level == "不对"] == []
    for about in ("Python", "设置", "数据库", "公众平台账号", "时钟", "磁盘", "服务文件", "工作日历"):
        assert found[about].level == "好", found[about]


async def test_it_says_all_and_ends_with_the_count_and_the_exit_code(look: Look) -> None:
    await look()
    said: list[str] = []
    assert await examine(said.append) == 0
    assert any(line.startswith("［好］数据库") for line in said)
    assert "0 项不对" in said[-1]
    os.environ["HONGYAN_WECHAT_TOKEN"] = ""
    assert await examine(said.append) == 1
    assert "1 项不对" in said[-1]


async def test_wrong_settings_are_named_and_the_rest_is_still_looked_at(look: Look) -> None:
    found = await look(HONGYAN_WECHAT_TOKEN="", HONGYAN_SECRET_KEY="short", HONGYAN_WECHAT_TOKN="x")
    assert found["HONGYAN_WECHAT_TOKEN"].level == found["HONGYAN_SECRET_KEY"].level == "不对"
    assert "HONGYAN_WECHAT_TOKEN" in found["HONGYAN_WECHAT_TOKN"].words
    assert "工作日历" in found


@pytest.mark.parametrize(
    ("code", "word", "remedy"),
    [
        (40164, "白名单", "IP 白名单"),
        (40013, "AppID", "HONGYAN_WECHAT_APP_ID"),
        (40125, "AppSecret", "HONGYAN_WECHAT_APP_SECRET"),
        (40001, "AppSecret", "HONGYAN_WECHAT_APP_SECRET"),
        (48001, "权限", "微信认证"),
    ],
)
async def test_the_platforms_code_becomes_a_sentence_and_something_to_do(
    look: Look, platform: Platform, code: int, word: str, remedy: str
) -> None:
    platform.answer = {"errcode": code, "errmsg": "no"}
    found = (await look())["公众平台账号"]
    assert found.level == "不对"
    assert word in found.words
    assert str(code) in found.words
    assert remedy in found.remedy


async def test_an_api_that_cannot_be_reached_is_told(look: Look) -> None:
    found = await look(HONGYAN_WECHAT_API_BASE=f"http://127.0.0.1:{unused_port()}")
    assert found["公众平台接口"].level == "不对"


@pytest.mark.parametrize(("ahead", "level"), [(5.0, "好"), (-120.0, "注意"), (900.0, "不对")])
async def test_a_clock_that_is_off_is_told_before_pushes_are_refused(
    look: Look, platform: Platform, ahead: float, level: str
) -> None:
    platform.ahead = ahead
    assert (await look())["时钟"].level == level


async def test_a_year_without_holidays_is_told_in_time(look: Look) -> None:
    assert (await look(NOW))["工作日历"].level == "好"
    late = (await look(NOW.replace(month=12)))["工作日历"]
    assert late.level == "注意"
    assert "2027" in late.words
    assert "2027" in late.remedy


async def test_answers_past_their_review_are_told(look: Look) -> None:
    found = await look(NOW + timedelta(days=365 * 10))
    assert found["政策问答"].level == "注意"
    assert found["规则"].level == "注意"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HONGYAN_SECRET_KEY", "a" * 40),
        ("HONGYAN_WECHAT_TOKEN", "有空 格"),
        ("HONGYAN_WECHAT_APP_ID", "gh_0123456789ab"),
        ("HONGYAN_WECHAT_MODE", "plain"),
        ("HONGYAN_WECHAT_MAX_AGE", "0"),
    ],
)
async def test_what_works_but_is_weak_is_worth_a_look(look: Look, name: str, value: str) -> None:
    found = await look(**{name: value})
    assert found[name].level == "注意"
    if name != "HONGYAN_WECHAT_MODE":
        assert value not in found[name].words


async def test_a_database_that_is_not_there_or_not_migrated_is_told(look: Look, tmp_path: Path) -> None:
    missing = await look(HONGYAN_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/none/hongyan.db")
    assert "hongyan migrate" in missing["数据库"].remedy
    (tmp_path / "bare.db").write_bytes(b"")
    bare = await look(HONGYAN_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/bare.db")
    assert bare["数据库"].level == "不对"
    assert "hongyan migrate" in bare["数据库"].remedy
    away = await look(HONGYAN_DATABASE_URL=f"postgresql+psycopg://nobody@127.0.0.1:{unused_port()}/none")
    assert away["数据库"].level == "不对"


async def test_a_redis_that_is_away_is_worth_a_look_and_no_more(look: Look) -> None:
    found = await look(HONGYAN_REDIS_URL=f"redis://127.0.0.1:{unused_port()}/0")
    assert found["Redis"].level == "注意"
    assert "不会丢" in found["Redis"].words


async def test_a_service_file_with_mistakes_is_told_by_file_and_line(look: Look, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("service: own\nversion: one\n", encoding="utf-8")
    found = await look(HONGYAN_SERVICES_DIR=str(tmp_path))
    assert found["服务文件"].level == "不对"
    assert "own.yaml:2" in found["服务文件"].words

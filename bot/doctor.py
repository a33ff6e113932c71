"""`hongyan doctor`: says what is wrong with a set-up, in words, and what to do about it.

Every check gives findings; none stops the others. Reading only: nothing is sent to a member, and
nothing is written (but one access token is asked for, as the service itself would).
"""

from __future__ import annotations

import email.utils
import re
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import aiohttp

from bot import catalogue
from bot.channels import NotSent
from bot.channels.wechat import WeChat
from bot.settings import Settings, WrongSettings, keys, load, strangers
from bot.world import LOCAL
from dialogs import knowledge, rules
from dialogs.knowledge import Article
from storage.audit_chain import Standing
from storage.engines import open_database
from storage.hot import open_hot

Level = Literal["好", "注意", "不对"]

# The platform refuses nothing by our clock, but we refuse pushes older than HONGYAN_WECHAT_MAX_AGE.
_DRIFT = 30.0
_ROOM = 1 << 30
_YEAR = timedelta(days=365)
# Records are linked within seconds; the chain is to be looked through once a month.
_LINKED_WITHIN, _CHECKED_WITHIN = timedelta(minutes=5), timedelta(days=31)
_PATIENCE = aiohttp.ClientTimeout(total=10)
_WHITELIST = "到公众平台「设置与开发 → 基本配置 → IP 白名单」加上这台机器的出口 IP，几分钟后再试。"
_REMEDIES = {
    40164: _WHITELIST,
    61004: _WHITELIST,
    89503: "请公众号管理员在微信里确认这次调用，再试一次。",
    40013: "把 HONGYAN_WECHAT_APP_ID 改成「基本配置」里的 AppID。",
    40001: "把 HONGYAN_WECHAT_APP_SECRET 改成「基本配置」里的 AppSecret；忘了就在那里重置。",
    40125: "把 HONGYAN_WECHAT_APP_SECRET 改成「基本配置」里的 AppSecret；忘了就在那里重置。",
    40243: "在「基本配置」里解冻 AppSecret。",
    48001: "公众号要完成微信认证才有客服消息等接口。",
    50002: "登录公众平台看站内信，按要求处理后再用。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found: good, worth a look, or wrong; about what; in words; and what to do."""

    level: Level
    about: str
    words: str
    remedy: str = ""

    def __str__(self) -> str:
        """Write it as one line, with what to do below it."""
        return f"［{self.level}］{self.about}：{self.words}" + (f"\n      → {self.remedy}" if self.remedy else "")


async def examine(say: Callable[[str], None]) -> int:
    """Say every finding as it comes; 1 where something is wrong, 0 where nothing is (a look may still be worth it)."""
    count: dict[Level, int] = {"好": 0, "注意": 0, "不对": 0}
    async for finding in findings(datetime.now(UTC)):
        count[finding.level] += 1
        say(str(finding))
    say(f"共 {sum(count.values())} 项：{'，'.join(f'{count[level]} 项{level}' for level in count)}。")
    return 1 if count["不对"] else 0


async def findings(now: datetime) -> AsyncIterator[Finding]:
    """Look at everything; what needs settings is left out while they are wrong."""
    yield _python()
    for mistake in strangers():
        yield Finding(level="注意", about=mistake.name, words=mistake.chinese)
    today = now.astimezone(LOCAL).date()
    for finding in (*_calendar(today), *_reviews(today)):
        yield finding
    try:
        settings = load(Settings)
    except WrongSettings as wrong:
        for mistake in wrong.mistakes:
            yield Finding(level="不对", about=mistake.name, words=mistake.chinese)
        return
    yield Finding(level="好", about="设置", words="必填的都填了")
    for finding in (*_secrets(settings), *_services(settings), *_disk(settings)):
        yield finding
    async for finding in _outside(settings, now):
        yield finding


async def _outside(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    running = await _running(settings)
    yield running
    async for finding in _database(settings, running=running.level == "好"):
        yield finding
    if settings.redis_url:
        yield await _redis(settings.redis_url)
    async for finding in _platform(settings, now):
        yield finding


def _python() -> Finding:
    return Finding(level="好", about="Python", words=".".join(str(part) for part in sys.version_info[:3]))


def _calendar(today: date) -> Iterator[Finding]:
    calendar = rules.packaged().calendar
    # Next year's days are published in November; a limit of twenty working days reaches over the new year.
    for year in (today.year, *([today.year + 1] if today.month >= 11 else [])):
        if calendar.known(year):
            yield Finding(level="好", about="工作日历", words=f"有 {year} 年的放假安排")
        else:
            yield Finding(
                level="注意",
                about="工作日历",
                words=f"没有 {year} 年的放假安排，只按周末休息计算时限",
                remedy=f"国务院公布后，把 {year} 年写进 dialogs/rules/calendar.yaml 的 years。",
            )


def _reviews(today: date) -> Iterator[Finding]:
    late = [article.id for article in knowledge.packaged() if _due(article) < today]
    if late:
        names = "、".join(late[:5]) + (" 等" if len(late) > 5 else "")
        remedy = "请业务负责人核对原文，改好后更新核对日期。"
        yield Finding(level="注意", about="政策问答", words=f"{len(late)} 条过了复核日期（{names}）", remedy=remedy)
    else:
        yield Finding(level="好", about="政策问答", words="都在复核日期之内")
    for sheet in rules.packaged().overdue(today):
        words = f"{sheet.file} 过了复核日期 {sheet.review}"
        yield Finding(level="注意", about="规则", words=words, remedy=f"照出处核对：{sheet.source}")


def _due(article: Article) -> date:
    """Say when an answer is to be compared with its source again: when it says so, else after a year."""
    return article.review_by or article.checked + _YEAR


def _secrets(settings: Settings) -> Iterator[Finding]:
    if len(set(settings.secret_key.get_secret_value())) < 12:
        remedy = '换成随机文字：python3 -c "import secrets; print(secrets.token_urlsafe(48))"（已有数据时不能直接换）。'
        yield Finding(level="注意", about="HONGYAN_SECRET_KEY", words="太容易猜", remedy=remedy)
    wechat = settings.wechat
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", wechat.token.get_secret_value()):
        words = "公众平台的 Token 是 3 到 32 位字母或数字，这一个不是"
        yield Finding(level="注意", about="HONGYAN_WECHAT_TOKEN", words=words)
    if not re.fullmatch(r"wx[0-9a-f]{16}", wechat.app_id):
        words = "公众号的 AppID 是 wx 加 16 位，这一个不是"
        yield Finding(level="注意", about="HONGYAN_WECHAT_APP_ID", words=words)
    if wechat.mode != "safe":
        words = "明文模式下，路上的人能看到群众的话" if wechat.mode == "plain" else "兼容模式下，每条推送里也带着明文"
        remedy = "在公众平台改成安全模式，再把 HONGYAN_WECHAT_MODE 改成 safe。"
        yield Finding(level="注意", about="HONGYAN_WECHAT_MODE", words=words, remedy=remedy)
    if wechat.max_age == 0:
        words = "没有检查推送的时间，截获的推送可以重放"
        yield Finding(level="注意", about="HONGYAN_WECHAT_MAX_AGE", words=words, remedy="去掉这一项，用默认的 600 秒。")


def _services(settings: Settings) -> Iterator[Finding]:
    mistakes = catalogue.check(settings.services_dir)
    for mistake in mistakes:
        yield Finding(level="不对", about="服务文件", words=mistake)
    if not mistakes:
        yield Finding(level="好", about="服务文件", words="没有错误")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = _file(settings).parent if settings.sqlite else Path.cwd()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    words = f"{folder} 还剩 {free / (1 << 30):.1f} GB"
    if free < _ROOM:
        yield Finding(level="不对", about="磁盘", words=words, remedy="清理或换大一点的盘；写满后消息存不下来。")
    else:
        yield Finding(level="好", about="磁盘", words=words)


def _file(settings: Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite+aiosqlite:///")).absolute()


async def _running(settings: Settings) -> Finding:
    # A service that listens everywhere is found at home.
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    address = f"http://{host}:{settings.port}/readyz"
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session, session.get(address) as answer:
            if answer.status == 200:
                return Finding(level="好", about="服务", words=f"正在运行（{settings.host}:{settings.port}）")
            words = f"{settings.host}:{settings.port} 有程序在听，但 /readyz 回答 {answer.status}"
            return Finding(
                level="不对", about="服务", words=words, remedy="看服务的日志；数据库连不上或没有升级时会这样。"
            )
    except (aiohttp.ClientError, TimeoutError, OSError):
        return Finding(level="注意", about="服务", words="没有在运行", remedy="用 hongyan serve 启动。")


async def _database(settings: Settings, *, running: bool) -> AsyncIterator[Finding]:
    if settings.sqlite and not _file(settings).exists():
        words = f"还没有 {_file(settings)}"
        yield Finding(level="注意", about="数据库", words=words, remedy="运行 hongyan migrate，会建好。")
        return
    async with open_database(settings.database_url, keys(settings), read_only=True) as database:
        if not await database.ready():
            remedy = "先运行 hongyan migrate；还不行，检查 HONGYAN_DATABASE_URL、数据库是否启动、密码和防火墙。"
            yield Finding(level="不对", about="数据库", words="连不上，或表不是最新的", remedy=remedy)
            return
        yield Finding(level="好", about="数据库", words="连得上，表是最新的")
        if not await database.units.all():
            words = "还没有单位" if running else "还没有单位（第一次启动服务时会放进示例镇）"
            yield Finding(level="注意", about="单位", words=words)
        yield _audit(await database.chain.standing(), datetime.now(UTC), running=running)


def _audit(log: Standing, now: datetime, *, running: bool) -> Finding:
    linked = f"链到 {log.at.astimezone(LOCAL):%Y-%m-%d %H:%M}，共 {log.seq:,} 环" if log.at else "还没有记录"
    checked = f"{log.checked.astimezone(LOCAL):%Y-%m-%d %H:%M} 核对过" if log.checked else "还没有核对过"
    waits = f"，{log.waiting:,} 行等着上链" if log.waiting else ""
    words = f"{linked}{waits}；{checked}"
    if log.broken:
        remedy = "留好现在的数据库和服务日志，不要清理；用 hongyan audit verify 再核对，报告审计管理员。"
        return Finding(level="不对", about="审计日志", words=f"{words}，发现：{log.broken}", remedy=remedy)
    if running and log.oldest is not None and now - log.oldest > _LINKED_WITHIN:
        remedy = "看服务日志里的 audit.broken；用 hongyan audit verify 核对。"
        return Finding(level="不对", about="审计日志", words=f"{words}，等得太久", remedy=remedy)
    if log.seq and (log.checked is None or now - log.checked > _CHECKED_WITHIN):
        return Finding(level="注意", about="审计日志", words=words, remedy="运行 hongyan audit verify 核对一遍。")
    return Finding(level="好", about="审计日志", words=words)


async def _redis(url: str) -> Finding:
    async with open_hot(url) as hot:
        if await hot.reachable():
            return Finding(level="好", about="Redis", words="连得上")
    words = "连不上；服务会慢一些，但不会丢东西"
    return Finding(level="注意", about="Redis", words=words, remedy="检查 HONGYAN_REDIS_URL 和 Redis 是否启动。")


async def _platform(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    base = settings.wechat.api_base
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{base}/cgi-bin/get_api_domain_ip") as answer,
        ):
            theirs = answer.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        words = f"连不上 {base}（{type(error).__name__}）"
        yield Finding(
            level="不对", about="公众平台接口", words=words, remedy="检查网络、DNS 和防火墙是否放行这个地址。"
        )
        return
    if theirs:
        yield _drift(email.utils.parsedate_to_datetime(theirs), datetime.now(now.tzinfo), settings.wechat.max_age)
    yield await _token(settings)


def _drift(theirs: datetime, ours: datetime, allowed: int) -> Finding:
    seconds = (ours - theirs).total_seconds()
    words = f"和公众平台相差 {abs(seconds):.0f} 秒"
    if abs(seconds) < _DRIFT:
        return Finding(level="好", about="时钟", words=words)
    wrong = allowed and abs(seconds) >= allowed
    remedy = "打开时间同步（NTP）。" + ("现在每条推送都会因为过期被拒绝。" if wrong else "")
    return Finding(level="不对" if wrong else "注意", about="时钟", words=words, remedy=remedy)


async def _token(settings: Settings) -> Finding:
    async with open_hot(settings.redis_url) as hot, WeChat(settings.wechat.account(), hot) as channel:
        wrong = await channel.api.check()
    if not isinstance(wrong, NotSent):
        return Finding(level="好", about="公众平台账号", words="AppID 和 AppSecret 正确，接口可以调用")
    remedy = _REMEDIES.get(wrong.code, "过一会儿再试；还不行，按错误码查公众平台的全局返回码说明。")
    return Finding(level="不对", about="公众平台账号", words=f"{wrong.words}（{wrong.code}）", remedy=remedy)

"""`hongyan audit verify`: the audit log against its chain; what is wrong is said by its first place, in words."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import assert_never

from bot.opening import bring_up
from bot.settings import StoreSettings, keys
from bot.world import LOCAL
from storage.audit_proof import Broken, Checked, Progress
from storage.engines import Taken, open_database

_ANCHOR = re.compile(r"[0-9]{1,18}:[0-9a-f]{64}")
_TOLD_FROM = 20_000  # links: fewer are over before anybody looks


def is_anchor(said: str) -> bool:
    """Tell whether this is an anchor as the log prints it."""
    return _ANCHOR.fullmatch(said) is not None


async def verify(settings: StoreSettings, *, since: date | None, anchor: str) -> int:
    """Check everything, or what was linked from a day on, and say what was found. Gives the exit code."""
    await bring_up(settings.database_url)
    start = datetime.combine(since, time(), LOCAL).astimezone(UTC) if since else None
    found = None
    async with open_database(settings.database_url, keys(settings), read_only=True) as database:
        async for step in database.proof.check(since=start, anchor=anchor):
            match step:
                case Progress():
                    _show(step)
                case Checked():
                    found = step
                case _:
                    assert_never(step)
    assert found is not None, "a check ends with what it found"
    broken = broken_words(found.broken) if found.broken else ""
    # While SQLite is being served only the service writes; then nothing is kept of this check.
    with suppress(Taken):
        async with open_database(settings.database_url, keys(settings)) as database:
            await database.chain.keep_check(datetime.now(UTC), found.upto, broken)
    if broken:
        print(f"审计日志不对：{broken}", file=sys.stderr)
        print("请留好现在的数据库和服务日志，不要清理，报告审计管理员。", file=sys.stderr)
        return 1
    print(_fine(found))
    return 0


def broken_words(broken: Broken) -> str:
    """Name the first place that is wrong."""
    link = f"第 {broken.seq:,} 环" if broken.seq else ""
    match broken.kind:
        case "changed":
            return f"{link}的记录被改过：{_record(broken)}。"
        case "missing":
            return f"{link}的记录不见了（记录 {broken.row}）。"
        case "inserted":
            return f"多出一行不是服务写的记录：{_record(broken)}。"
        case "link":
            return f"链在{link}断了：这一环被改过、换过、抽掉，或是后来加的。"
        case "cut":
            return f"链尾被截断：从{link}起不见了。"
        case "end":
            return "链尾的签名不是本服务的，或者链尾不见了。"
        case "anchor":
            day = f" {broken.day} " if broken.day else ""
            return f"{link}和{day}留下的锚对不上：在它之前的链被换过。"
        case _:
            assert_never(broken.kind)


def _record(broken: Broken) -> str:
    when = f"{broken.at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S} " if broken.at else ""
    return f"记录 {broken.row}，{when}{broken.by} {broken.act} {broken.subject}".strip()


def _fine(found: Checked) -> str:
    words = f"审计日志完好：核对了 {found.links:,} 环、{found.records:,} 行记录，到第 {found.upto:,} 环。"
    if found.purged:
        words += f"前 {found.purged:,} 环的记录已按保存期清理，链仍完整。"
    if found.waiting:
        words += f"{found.waiting:,} 行刚写下，等着上链。"
    return words


def _show(step: Progress) -> None:
    if step.total >= _TOLD_FROM:
        end = "\r" if sys.stderr.isatty() and step.done < step.total else "\n"
        print(f"核对了 {step.done:,} / {step.total:,} 环", end=end, file=sys.stderr, flush=True)

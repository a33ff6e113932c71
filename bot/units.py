"""`hongyan units`: the organisation from a spreadsheet and back into one, and the stations' codes to print."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from bot import codes, sheets
from bot.auditing import at_terminal, leave
from bot.channels import NotSent
from bot.codes import Station
from bot.opening import bring_up
from bot.settings import Settings, StoreSettings, keys
from dialogs import rules
from dialogs.desk import units_sheet
from dialogs.desk.organisation import Plan, What, become
from dialogs.desk.units_sheet import Sheet
from dialogs.units import Unit, Units
from storage.acts import Stale
from storage.audit import Record
from storage.engines import open_database
from storage.units import InTheWay

_KINDS: tuple[tuple[What, str], ...] = (
    ("made", "新设"),
    ("changed", "改动"),
    ("moved", "换上级"),
    ("merged", "并入别的单位"),
    ("closed", "停用"),
)
_MOST_TOLD = 20


def read(content: bytes) -> Sheet:
    """Read a file's organisation, or every mistake in it. Raises NoSheet."""
    return units_sheet.read(sheets.read(content))


def planned_words(plan: Plan) -> list[str]:
    """Say what a plan would change, a line for each kind."""
    return [
        f"{word} {plan.count(what)} 个：{_some(change.after.name for change in plan.changes if change.what == what)}"
        for what, word in _KINDS
        if plan.count(what)
    ]


def in_the_way_words(cases: InTheWay, units: Units | None) -> list[str]:
    """Say which open cases keep which units from closing, all of them."""
    lines = []
    for unit in cases.units:
        known = units.get(unit) if units else None
        listed = "、".join(case.number for case in cases.cases if case.unit == unit)
        lines.append(f"{known.name if known else unit}还有没办完的件{f'：{listed}' if listed else ''}。")
    return lines


async def bring_in(settings: StoreSettings, file: Path, *, check: bool) -> int:
    """Make the organisation what a file says, or say every reason why not and change nothing. Gives the exit code."""
    try:
        sheet = read(await asyncio.to_thread(file.read_bytes))
    except sheets.NoSheet as wrong:
        return _wrong([f"{file}：{wrong}"])
    if sheet.mistakes:
        told = f"{file} 有 {len(sheet.mistakes)} 处要改，一个单位也没有导入："
        return _wrong([told, *(str(mistake) for mistake in sheet.mistakes)])
    now = datetime.now(UTC)
    await bring_up(settings.database_url)
    async with open_database(settings.database_url, keys(settings), read_only=check) as database:
        kept = await database.units.kept()
        tree = Units(kept.units) if kept.units else None
        plan = become(tree, sheet.units, now.astimezone(rules.packaged().zone).date())
        _say([f"表里有 {len(sheet.units)} 个单位。", *(planned_words(plan) or ["和现在的一样，没有要改的。"])])
        if check or not plan.changes:
            return 0
        got = await database.units.reorganise(plan, revision=kept.revision, by=at_terminal(), now=now, imported=True)
    if isinstance(got, InTheWay):
        return _wrong(["没有导入：", *in_the_way_words(got, tree), "请先办完或转办，或者在表里留着这些单位。"])
    if isinstance(got, Stale):
        return _wrong(["导入的时候有别人改了单位，没有导入。请再来一次。"])
    _say(["已导入。正在运行的服务几秒内就会看到。"])
    return 0


async def hand_out(settings: StoreSettings, file: Path) -> int:
    """Write the organisation into a file, XLSX or CSV by its name. Gives the exit code."""
    rows = units_sheet.write(await _units(settings))
    content = sheets.write_xlsx(rows) if file.suffix.lower() == ".xlsx" else sheets.write_csv(rows)
    await asyncio.to_thread(file.write_bytes, content)
    await leave(settings, Record(actor=at_terminal(), act="units.export", note=file.suffix.lstrip(".")))
    _say([f"写了 {len(rows) - 1} 个单位：{file}"])
    return 0


async def print_codes(settings: StoreSettings, wechat: Settings | None, out: Path) -> int:
    """Write one page to print for each station, and all of them in one file. Gives the exit code.

    Without the account's settings the codes hold the scene alone, for trying things out.
    """
    found = codes.stations(await _units(settings))
    if not found:
        return _wrong(["没有一个单位有场景码。"])
    if wechat is None:
        _say(["没有公众号的设置：码里只有场景码，供试用；微信扫了不会打开公众号。"])
        drawn: list[Station] | NotSent = [Station(scene=scene, unit=unit, content=scene) for scene, unit in found]
    else:
        drawn = await _asked(wechat, found)
    if isinstance(drawn, NotSent):
        return _wrong([f"公众平台没有给出二维码：{drawn.words}。没有写文件。"])
    await asyncio.to_thread(_write, drawn, rules.packaged().centre.name, out)
    await leave(settings, Record(actor=at_terminal(), act="codes.print", note=str(len(drawn))))
    _say([f"写了 {len(drawn)} 张：{out}。打印全部用 index.html。"])
    return 0


async def drawn_by(
    create: Callable[[str], Awaitable[str | NotSent]], found: Iterable[tuple[str, Unit]]
) -> list[Station] | NotSent:
    """Have the platform make every code, one after the other; the first that it refuses ends it."""
    made = []
    for scene, unit in found:
        content = await create(scene)
        if isinstance(content, NotSent):
            return content
        made.append(Station(scene=scene, unit=unit, content=content))
    return made


async def _asked(settings: Settings, found: list[tuple[str, Unit]]) -> list[Station] | NotSent:
    from bot.channels.wechat import WeChat
    from storage.hot import open_hot

    async with open_hot(settings.redis_url) as hot, WeChat(settings.wechat.account(), hot) as channel:
        return await drawn_by(channel.code, found)


async def _units(settings: StoreSettings) -> list[Unit]:
    """The units as they are kept; before the first start those that come along."""
    await bring_up(settings.database_url)
    async with open_database(settings.database_url, keys(settings), read_only=True) as database:
        return await database.units.all() or list(rules.packaged_town())


def _write(drawn: list[Station], centre: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    posters = [codes.poster(station, centre) for station in drawn]
    for station, poster in zip(drawn, posters, strict=True):
        (out / f"{station.scene}.svg").write_text(poster, encoding="utf-8")
    (out / "index.html").write_text(codes.book(posters), encoding="utf-8")


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return "、".join(listed[:_MOST_TOLD]) + (" 等" if len(listed) > _MOST_TOLD else "")


def _say(lines: Iterable[str]) -> None:
    print("\n".join(lines))


def _wrong(lines: Iterable[str]) -> int:
    print("\n".join(lines), file=sys.stderr)
    return 1

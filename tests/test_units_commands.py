"""`hongyan units`: in from a spreadsheet, out into one, and the codes to print."""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import segno

from bot.channels import NotSent
from bot.codes import Station, book, poster, stations
from bot.opening import bring_up
from bot.sheets import read, write_csv, write_xlsx
from bot.units import drawn_by
from dialogs.desk import units_sheet
from dialogs.desk.units_sheet import write
from dialogs.rules import packaged_town
from dialogs.units import Unit
from storage.crypto import Keys
from storage.engines import Database, open_database
from tests.storage.making import lamp, member, turn
from tests.test_cli import SECRET, hongyan

TOWN = packaged_town()


def without(*gone: str) -> list[Unit]:
    return [unit for unit in TOWN if unit.id not in gone]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'hongyan.db'}"


def run(url: str, *words: str) -> tuple[int, str]:
    done = hongyan("units", *words, HONGYAN_DATABASE_URL=url, HONGYAN_SECRET_KEY=SECRET)
    return done.exit_code, done.output


def sheet(tmp_path: Path, units: Sequence[Unit], name: str = "units.csv") -> str:
    path = tmp_path / name
    path.write_bytes((write_xlsx if name.endswith("xlsx") else write_csv)(write(units)))
    return str(path)


def kept(url: str) -> list[Unit]:
    async def look() -> list[Unit]:
        async with open_database(url, Keys(SECRET)) as database:
            return await database.units.all()

    return asyncio.run(look())


@pytest.mark.parametrize("name", ["units.csv", "units.xlsx"])
def test_an_organisation_comes_in_and_goes_out(tmp_path: Path, url: str, name: str) -> None:
    code, said = run(url, "import", sheet(tmp_path, TOWN, name))
    assert code == 0
    assert f"新设 {len(TOWN)} 个" in said
    assert kept(url) == list(TOWN)
    out = tmp_path / f"again-{name}"
    assert run(url, "export", str(out))[0] == 0
    assert units_sheet.read(read(out.read_bytes())).units == TOWN


def test_before_the_first_start_the_town_that_comes_along_is_given(tmp_path: Path, url: str) -> None:
    out = tmp_path / "units.csv"
    assert run(url, "export", str(out)) == (0, f"写了 {len(TOWN)} 个单位：{out}\n")


def test_a_sheet_with_mistakes_imports_nothing_and_lists_all(tmp_path: Path, url: str) -> None:
    path = tmp_path / "units.csv"
    path.write_text("编码,名称,级别,上级编码\na,甲,大区,\nb,乙,社区,c\n", encoding="gb18030")
    code, said = run(url, "import", str(path))
    assert code == 1
    assert "2 处要改，一个单位也没有导入" in said
    assert "第 2 行「级别」" in said
    assert "第 3 行「上级编码」" in said
    assert not Path(url.partition("///")[2]).exists()
    path.write_bytes(b"PK\x03\x04")
    assert "打不开" in run(url, "import", str(path))[1]


def test_a_check_changes_nothing(tmp_path: Path, url: str) -> None:
    assert run(url, "import", sheet(tmp_path, TOWN))[0] == 0
    code, said = run(url, "import", sheet(tmp_path, without("yushan-xincheng-g2")), "--check")
    assert code == 0
    assert "停用 1 个：新城社区第二网格" in said
    assert kept(url) == list(TOWN)
    assert "没有要改的" in run(url, "import", sheet(tmp_path, TOWN))[1]


def test_a_unit_with_open_cases_is_not_left_out(tmp_path: Path, url: str) -> None:
    assert run(url, "import", sheet(tmp_path, TOWN))[0] == 0
    asyncio.run(opened(url, "yushan-xincheng-g2"))
    code, said = run(url, "import", sheet(tmp_path, without("yushan-xincheng-g2")))
    assert code == 1
    assert "新城社区第二网格还有没办完的件：HY-1。" in said
    assert kept(url) == list(TOWN)


async def opened(url: str, unit: str) -> None:
    async with open_database(url, Keys(SECRET)) as database:
        await database.turns.commit(turn(member(), "k1", lamp("HY-1", unit=unit)))


def test_while_the_service_runs_the_desk_is_named(tmp_path: Path, url: str) -> None:
    async def serving() -> tuple[int, str]:
        await bring_up(url)
        async with open_database(url, Keys(SECRET)):
            return await asyncio.to_thread(run, url, "import", sheet(tmp_path, TOWN))

    code, said = asyncio.run(serving())
    assert code == 1
    assert "请在工作台的「单位」页导入" in said


def test_codes_are_written_one_page_a_station(tmp_path: Path, url: str) -> None:
    out = tmp_path / "codes"
    code, said = run(url, "codes", "--out", str(out))
    assert code == 0
    assert "供试用" in said
    scenes = [scene for unit in TOWN for scene in unit.scenes]
    assert {path.name for path in out.iterdir()} == {"index.html", *(f"{scene}.svg" for scene in scenes)}
    assert "新城社区党群服务中心" in (out / "ks-111.svg").read_text(encoding="utf-8")
    assert (out / "index.html").read_text(encoding="utf-8").count("<svg") == len(scenes)


# -- what is drawn -------------------------------------------------------------------------
HOME = next(unit for unit in TOWN if unit.id == "yushan-xincheng")


def drawn(svg: str) -> list[list[int]]:
    """The squares that the path of a page fills, read back from its runs."""
    (path,) = re.findall(r'<path [^>]* d="([^"]+)"', svg)
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path)]
    size = max(y for _, y, _ in runs) + 1
    squares = [[0] * size for _ in range(size)]
    for x, y, length in runs:
        squares[y][x : x + length] = [1] * length
    return squares


@pytest.mark.parametrize("content", ["ks-111", "http://weixin.qq.com/q/02abcDEFghiJKLmnoPQRst"])
def test_the_squares_are_those_of_the_code(content: str) -> None:
    svg = poster(Station(scene="ks-111", unit=HOME, content=content), "昆山市党群服务中心")
    assert drawn(svg) == [list(row) for row in segno.make(content, error="q", micro=False).matrix]


def test_a_page_is_safe_to_show_and_carries_no_style() -> None:
    odd = Unit(id="x", name="<b>一&二", full_name="x", level="community", address="a" * 200)
    svg = poster(Station(scene='"x', unit=odd, content="x"), "c")
    assert "<b>" not in svg
    assert "style" not in svg
    assert "&lt;b&gt;一&amp;二党群服务中心" in svg
    assert book([svg, svg]).count("</svg>") == 2


def test_a_closed_unit_has_no_code_to_print() -> None:
    gone = Unit(id="x", name="x", full_name="x", level="community", scenes=("s",), closed="2026-11-01")
    assert stations([gone, HOME]) == [("ks-111", HOME)]


async def test_the_platform_makes_the_codes_until_it_refuses() -> None:
    asked: list[str] = []

    async def create(scene: str) -> str | NotSent:
        asked.append(scene)
        return NotSent(trouble="stopped", code=45029, words="太多了") if scene == "ks-112" else f"http://q/{scene}"

    found = stations(TOWN)
    first = await drawn_by(create, [each for each in found if each[0] == "ks-111"])
    assert first == [Station(scene="ks-111", unit=HOME, content="http://q/ks-111")]
    refused = await drawn_by(create, found)
    assert isinstance(refused, NotSent)
    assert asked[-1] == "ks-112"


def test_the_moment_is_kept_with_who_did_it(tmp_path: Path, url: str) -> None:
    before = datetime.now(UTC)
    run(url, "import", sheet(tmp_path, TOWN))

    async def history(database: Database) -> None:
        (made,) = await database.units.history("kunshan")
        assert (made.by, made.change.what) == (getpass.getuser(), "made")
        assert before.timestamp() - 1 <= made.at.timestamp() <= datetime.now(UTC).timestamp()

    async def look() -> None:
        async with open_database(url, Keys(SECRET)) as database:
            await history(database)

    asyncio.run(look())

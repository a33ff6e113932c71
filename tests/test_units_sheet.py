"""The organisation as a sheet: every mistake by its row, and what was written reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.desk.units_sheet import HEADINGS, Mistake, read, read_one, tidy, write
from dialogs.hours import parse_week, say_week, week
from dialogs.rules import packaged_town
from dialogs.units import LEVELS, Level, Unit, Units
from tests.strategies import nasty

HEAD = ["编码", "名称", "级别", "上级编码"]
CITY, TOWN, HOME = ["ks", "昆山市", "市", ""], ["ys", "玉山镇", "街道镇", "ks"], ["xc", "新城社区", "社区村", "ys"]


def mistakes(*rows: list[str], head: list[str] = HEAD) -> list[str]:
    found = read([head, *rows])
    assert found.mistakes
    assert not found.units
    return [str(mistake) for mistake in found.mistakes]


def test_a_sheet_becomes_a_tree() -> None:
    found = read([HEAD, CITY, TOWN, HOME])
    assert found.mistakes == ()
    assert [(unit.id, unit.level, unit.parent) for unit in found.units] == [
        ("ks", "city", ""), ("ys", "town", "ks"), ("xc", "community", "ys"),
    ]  # fmt: skip
    assert found.units[2].full_name == "新城社区"


def test_what_does_no_harm() -> None:
    head = ["\ufeff编码*", " 名称（必填）", "层级", "上级单位编码", "纬度", "经度", "联系电话", "场景值", "小区"]
    rows = [[], ["ＫＳ０１", "昆山市　", "市", "", "３１.３８", "120.98°", "０５１２－５５５５０１００"], ["", " "],
            ["ys", "玉山镇", "镇", "KS01", "", "", "", "a-1，a-2、", "新城花园；老街"]]  # fmt: skip
    found = read([head, *rows])
    assert found.mistakes == ()
    city, town = found.units
    assert (city.id, city.name, city.latitude, city.phone) == ("KS01", "昆山市", 31.38, "0512-55550100")
    assert (town.parent, town.scenes, town.aliases) == ("KS01", ("a-1", "a-2"), ("新城花园", "老街"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["", "新城社区", "社区", "ys"], "第 4 行「编码」：要写编码"),
        (["新城", "新城社区", "社区", "ys"], "第 4 行「编码」：「新城」不行"),
        (["xc", "", "社区", "ys"], "第 4 行「名称」：要写名称"),
        (["xc", "=cmd()", "社区", "ys"], "第 4 行「名称」：不能以 = 开头"),
        (["xc", "新" * 41, "社区", "ys"], "第 4 行「名称」：最多 40 个字，现在 41 个"),
        (["xc", "新城社区", "", "ys"], "第 4 行「级别」：要写级别：市、区县、街道镇、社区村、网格楼栋"),
        (["xc", "新城社区", "小区", "ys"], "第 4 行「级别」：没有「小区」这一级，可以写：市、区县、街道镇"),
        (["xc", "新城社区", "社区", "no"], "第 4 行「上级编码」：表里没有编码是 no 的单位"),
        (["xc", "新城社区", "镇", "ys"], "第 4 行「级别」：街道镇不能在街道镇（玉山镇）下面"),
        (["xc", "新城社区", "社区", ""], "第 4 行「上级编码」：要写上级编码：最上面的单位只能有一个，第 2 行已经是"),
        (["ys", "新城社区", "社区", "ks"], "第 4 行「编码」：ys 和第 3 行重复"),
    ],
)
def test_a_mistake_is_named_by_its_row(row: list[str], said: str) -> None:
    found = mistakes(CITY, TOWN, row)
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("电话", "请拨打总机", "「请拨打总机」不像电话号码"),
        ("纬度", "31.4", "有纬度没有经度"),
        ("场景码", "一号", "「一号」不行"),
        ("工作时间", "周一至周五", "一周里至少要有一天办公"),
        ("工作时间", "上午 9:00-12:00", "看不出是哪几天"),
        ("工作时间", "周五至周一 9:00-12:00", "是倒着的"),
        ("工作时间", "周一 12:00-9:00", "结束要晚于开始"),
        ("工作时间", "周一 9:00-12:00；周一 13:00-14:00", "周一写了两次"),
    ],
)
def test_a_bad_cell_says_what_to_write(column: str, cell: str, said: str) -> None:
    found = mistakes([*CITY, cell], head=[*HEAD, column])
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        ("120.98", "31.38", "写反了"),
        ("48.85", "2.35", "不在中国境内"),
        ("-31.4", "120.9", "不在中国境内"),
        ("北纬31", "120.9", "「北纬31」不是度数（例：31.3989）"),
    ],
)
def test_a_place_outside_china_is_a_slip(latitude: str, longitude: str, said: str) -> None:
    assert said in mistakes([*CITY, latitude, longitude], head=[*HEAD, "纬度", "经度"])[0]


def test_all_mistakes_at_once_in_the_order_of_the_rows() -> None:
    found = mistakes(
        CITY,
        ["a", "甲", "区", "b", "s-1"],
        ["b", "乙", "镇", "c", "s-1"],
        ["c", "丙", "社区", "a", ""],
        ["d", "", "社", "ks", ""],
        head=[*HEAD, "场景码"],
    )
    assert found == [
        "第 3 行「上级编码」：上级绕成了圈：a → b → c → a，请改正其中一个",
        "第 4 行「场景码」：s-1 已经写在第 3 行，一个码只能通到一个单位",
        "第 6 行「名称」：要写名称",
        "第 6 行「级别」：没有「社」这一级，可以写：市、区县、街道镇、社区村、网格楼栋",
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "表是空的"),
        ([["", " "]], "表是空的"),
        ([HEAD], "只有表头"),
        ([["编码", "名称"]], "「级别」：缺这一列"),
        ([[*HEAD, "名称"]], "这一列有两个"),
        ([[*HEAD, "人口"], [*CITY, "9"]], "「人口」：没有这一列"),
        ([HEAD, ["a", "甲", "区", "a"]], "上级绕成了圈：a → a"),
    ],
)
def test_a_sheet_that_is_none(rows: list[list[str]], said: str) -> None:
    found = read(rows)
    assert not found.units
    assert any(said in str(mistake) for mistake in found.mistakes)


def test_one_row_of_a_form_is_read_by_the_same_rules() -> None:
    form = dict(zip(HEAD, HOME, strict=True))
    unit = read_one(form)
    assert isinstance(unit, Unit)
    assert unit.parent == "ys"
    assert read_one({**form, "名称": ""}) == (Mistake(row=1, column="名称", words="要写名称"),)


def test_the_packaged_town_comes_back_from_its_sheet() -> None:
    assert read(write(packaged_town())).units == packaged_town()
    assert write(packaged_town())[0] == list(HEADINGS)


NAMES = (
    st.text("新城社区玉山镇 A1·—", min_size=1, max_size=20)
    .map(tidy)
    .filter(lambda name: name and name[0] not in "-+=@")
)
CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,10}", fullmatch=True)
SPAN = st.sampled_from(["", "09:00-12:00", "09:00-12:00,13:30-17:30", "00:00-23:59"])
HOURS = st.just(()) | st.tuples(*[SPAN] * 7).filter(any)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Unit, ...]:
    """Any tree that an administrator may write down."""
    codes = draw(st.lists(CODES, min_size=1, max_size=8, unique=True))
    scenes = iter(draw(st.lists(CODES, min_size=8, max_size=8, unique=True)))
    made: list[Unit] = []
    for code in codes:
        above = [unit for unit in made if unit.level != "grid"]
        parent = draw(st.sampled_from(above)) if above else None
        levels: tuple[Level, ...] = LEVELS[LEVELS.index(parent.level) + 1 :] if parent else LEVELS[:1]
        place = draw(st.none() | st.tuples(st.floats(18, 53), st.floats(74, 135)))
        made.append(
            Unit(
                id=code,
                name=draw(NAMES),
                full_name=draw(NAMES),
                level=draw(st.sampled_from(levels)),
                parent=parent.id if parent else "",
                latitude=place[0] if place else None,
                longitude=place[1] if place else None,
                committee=draw(st.just("") | NAMES),
                address=draw(st.just("") | NAMES),
                phone=draw(st.sampled_from(["", "0512-55550100", "12345", "0512-55550100转8"])),
                scenes=(next(scenes),) if draw(st.booleans()) else (),
                aliases=tuple(draw(st.lists(NAMES, max_size=2, unique=True))),
                hours=draw(HOURS),
            )
        )
    return tuple(made)


@given(trees())
def test_what_was_written_reads_back(units: tuple[Unit, ...]) -> None:
    found = read(write(units))
    assert found.mistakes == ()
    assert found.units == units


CELLS = nasty() | st.sampled_from(["ks", "ys", "市", "社区", "", "31.4", "120.9", "周一 9:00-12:00", *HEADINGS])


@given(st.lists(st.lists(CELLS, max_size=15), max_size=6))
def test_any_sheet_at_all_is_a_tree_or_mistakes(rows: list[list[str]]) -> None:
    for sheet in (read(rows), read([list(HEADINGS), *rows])):
        assert bool(sheet.units) != bool(sheet.mistakes)
        if sheet.units:
            assert len(Units(sheet.units)) == len(sheet.units)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", ""),
        ("周一至周五9:00-12:00、13:30-17:30", "周一至周五 09:00-12:00,13:30-17:30"),
        ("星期一到星期五：９：００—１２：００；周六 休息", "周一至周五 09:00-12:00"),
        ("每天 8:30~20:00", "周一至周日 08:30-20:00"),
        ("工作日 9:00至17:00;周六、周日 9:00-11:00", "周一至周五 09:00-17:00；周六、周日 09:00-11:00"),
        ("周一、周三 14:00-17:00", "周一 14:00-17:00；周三 14:00-17:00"),
    ],
)
def test_hours_as_people_write_them(said: str, kept: str) -> None:
    assert say_week(parse_week(said)) == kept


@given(HOURS)
def test_hours_read_back(hours: tuple[str, ...]) -> None:
    assert parse_week(say_week(hours)) == hours
    assert not hours or len(week(hours)) == 7

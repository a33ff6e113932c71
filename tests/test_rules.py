"""The rules files: what is packaged, and that every mistake is named by file and line, all at once."""

from __future__ import annotations

from datetime import date

import pytest

from dialogs.desk.cases import Grade
from dialogs.rules import FORMS, Rules, RulesError, load, packaged, packaged_files

FILES = dict(packaged_files())


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[name]
    return {**FILES, name: FILES[name].replace(old, new, 1)}


def mistakes(files: dict[str, str]) -> list[str]:
    with pytest.raises(RulesError) as caught:
        load(files.items())
    return str(caught.value).splitlines()


def line_of(name: str, words: str) -> int:
    return next(number for number, line in enumerate(FILES[name].splitlines(), 1) if words in line)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return packaged()


def test_seventeen_categories_in_two_levels(rules: Rules) -> None:
    assert [top.title for top in rules.categories.tops] == [
        "党务服务",
        "水电气热",
        "物业小区",
        "环境卫生",
        "道路交通",
        "就业创业",
        "劳动权益",
        "社会保障",
        "医疗卫生",
        "教育",
        "住房",
        "养老助残",
        "妇女儿童家庭",
        "治安与纠纷",
        "消费市场",
        "文体志愿",
        "政务政策与其他",
    ]
    lamp = rules.categories.get("roads.lamp")
    assert lamp is not None
    assert lamp.shown == "道路交通 · 路灯"
    assert rules.post(lamp.post) == "民生岗"
    top = rules.categories.top_of("roads.lamp")
    assert top is not None
    assert [sub.title for sub in top.subs] == ["路灯", "路面井盖", "公交", "占道停车", "共享单车", "信号灯"]
    assert rules.categories.get("no.such") is None
    assert rules.categories.top("no") is None
    assert rules.categories.top_of("no.such") is None


def test_grades_of_what_cannot_wait(rules: Rules) -> None:
    graded = {key: category.grade for key, category in rules.categories.by_key.items()}
    assert graded["utilities.gas_leak"] == graded["family.violence"] == Grade.RED
    assert graded["utilities.no_power"] == graded["utilities.heating"] == Grade.ORANGE
    assert graded["roads.lamp"] == Grade.YELLOW
    assert graded["housing.demolition"] == Grade.BLUE
    assert [rules.grades[grade].answer.shown for grade in Grade] == ["2 小时", "24 小时", "5 个工作日", "15 日"]
    assert rules.grades[Grade.YELLOW].sign.shown == "2 个工作小时"


def test_a_town_of_five_levels_whose_centre_is_in_it(rules: Rules) -> None:
    assert {unit.level for unit in rules.town} == {"city", "district", "town", "community", "grid"}
    assert rules.centre.unit in {unit.id for unit in rules.town}
    assert len(rules.town) == 31


def test_every_file_says_where_it_is_from_and_when_it_was_checked(rules: Rules) -> None:
    assert {sheet.file for sheet in rules.sheets} >= set(FORMS)
    assert all(sheet.source and sheet.in_force <= sheet.checked < sheet.review for sheet in rules.sheets)
    assert rules.overdue(date(2026, 11, 22)) == ()
    assert "calendar.yaml" in {sheet.file for sheet in rules.overdue(date(2026, 12, 16))}


def test_the_holidays_of_next_year_are_not_known_and_it_shows(rules: Rules) -> None:
    assert rules.calendar.known(2026)
    assert not rules.calendar.known(2027)
    assert rules.calendar.last_known(2026) == 2026
    assert rules.calendar.works(date(2027, 1, 4))
    assert not rules.calendar.works(date(2027, 1, 3))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("grades.yaml", "sign: 5 minutes", "sign: soon", "时限「soon」应写作"),
        ("grades.yaml", "colour: 橙", "color: 橙", "不认识这一项"),
        ("calendar.yaml", "mon: 09:00-12:00, 13:30-17:30", "mon: 09:00-13:00, 12:30-17:30", "不能重叠"),
        ("calendar.yaml", "tue: 09:00-12:00", "tue: 12:00-09:00", "结束要晚于开始"),
        ("calendar.yaml", "wed: 09:00-12:00", "wed: 9点到12点", "应写作 09:00-12:00"),
        ("calendar.yaml", "units: {}", "units: {nowhere: {sat: '09:00-12:00'}}", "没有单位 nowhere"),
        ("calendar.yaml", "years: {}", "years: {2027: {holidays: [2027-02-31]}}", "没有这一天"),
        ("calendar.yaml", "years: {}", "years: {2027: {holidays: [元旦]}}", "应写作 2027-01-01"),
        ("calendar.yaml", "years: {}", "years: {2027: {workdays: [2028-01-01]}}", "不在 2027 年"),
        ("centre.yaml", "unit: kunshan", "unit: atlantis", "没有单位 atlantis"),
        ("centre.yaml", "zone: Asia/Shanghai", "zone: Asia/Kunshan", "没有叫「Asia/Kunshan」的时区"),
        ("centre.yaml", "phone: 0512-55550100", "phone: 51255550100", "应当是文字"),
        ("quotas.yaml", "lasts: 48 hours", "lasts: 2 working days", "写 minutes 或 hours"),
        ("quotas.yaml", "early: 5}", "early: 90}", "永远发不出去"),
        ("consents.yaml", "title: 党员身份信息", "titel: 党员身份信息", "不认识这一项"),
        ("posts.yaml", "livelihood: {title: 民生岗, of: unit", "livelihood: {title: 民生岗, of: street", "只能是"),
        ("categories.yaml", "      - key: surface", "      - key: lamp", "类别 roads.lamp 写了两次"),
        (
            "categories.yaml",
            "title: 水电气热\n    post: livelihood",
            "title: 水电气热\n    post: nobody",
            "没有岗位 nobody",
        ),
        ("town.yaml", "id: huaqiao\n", "id: kaifa\n", "单位 kaifa 写了两次"),
        ("town.yaml", "parent: gaoxin", "parent: yushan", "绕回了自己的下级"),
        ("town.yaml", "parent: lujia", "parent: lujai", "上级 lujai 不存在"),
        ("town.yaml", "scenes: [ks-112]", "scenes: [ks-111]", "场景值 ks-111 已经属于另一个单位"),
        ("town.yaml", "latitude: 31.3850", "latitude: 313.850", "latitude"),
    ],
)
def test_a_mistake_is_named_where_it_stands(file: str, old: str, new: str, said: str) -> None:
    found = mistakes(changed(file, old, new))
    touched = {line_of(file, part) for part in old.splitlines()}
    assert any(said in each and any(each.startswith(f"{file}:{line}:") for line in touched) for each in found), found


def test_a_wrong_word_is_found_within_its_block() -> None:
    files = changed("categories.yaml", "灯+没有", "灯+<没这组>")
    assert mistakes(files) == [f"categories.yaml:{line_of('categories.yaml', '灯+没有')}: 没有叫「<没这组>」的一组说法"]


def test_all_mistakes_of_all_files_come_at_once() -> None:
    files = changed("grades.yaml", "answer: 2 hours", "answer: now")
    files["centre.yaml"] = files["centre.yaml"].replace("bot: 鸿雁\n", "")
    files["town.yaml"] = files["town.yaml"].replace("parent: lujia", "parent: moon", 1)
    del files["posts.yaml"]
    found = mistakes(files)
    assert {each.split(":")[0] for each in found} == {"grades.yaml", "centre.yaml", "town.yaml", "posts.yaml"}
    assert "posts.yaml:1: 缺这个文件" in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "应当是「键: 值」"),
        ("- 1\n", "应当是「键: 值」"),
        ("a: [1\n", "YAML 写法不对"),
        ("source: x\nsource: y\n", "同一项写了两次：source"),
    ],
)
def test_a_file_that_is_no_rules_file(text: str, said: str) -> None:
    assert any(each.startswith("grades.yaml:") and said in each for each in mistakes({**FILES, "grades.yaml": text}))


def test_a_missing_date_in_the_header_is_a_mistake() -> None:
    found = mistakes(changed("quotas.yaml", "checked: 2026-11-21", "checked: 去年"))
    assert found[0].startswith(f"quotas.yaml:{line_of('quotas.yaml', 'checked:')}: checked: 应当是日期")


def test_a_centres_own_file_stands_in_place_of_the_packaged_one() -> None:
    own = FILES["centre.yaml"].replace("name: 昆山市党群服务中心", "name: 阜南县党群服务中心")
    rules = load([*FILES.items(), ("centre.yaml", own)])
    assert rules.centre.name == "阜南县党群服务中心"


def test_hours_of_a_unit_and_a_year_are_read_from_the_file() -> None:
    files = changed("calendar.yaml", "units: {}", "units: {yushan-xincheng: {sat: '09:00-11:30'}}")
    year = "years: {2027: {holidays: [2027-01-01..2027-01-03], workdays: [2027-01-09]}}"
    files["calendar.yaml"] = files["calendar.yaml"].replace("years: {}", year)
    files["calendar.yaml"] = files["calendar.yaml"].replace(
        "extra: []", "extra: [{day: 2026-12-05, open: '09:00-12:00', why: 服务日}]"
    )
    calendar = load(files.items()).calendar
    assert calendar.of_unit("yushan-xincheng").works(date(2026, 11, 21))
    assert not calendar.works(date(2026, 11, 21))
    assert calendar.works(date(2026, 12, 5))
    assert calendar.known(2027)
    assert calendar.last_known(2026) == 2027
    assert calendar.works(date(2027, 1, 9))
    assert not calendar.works(date(2027, 1, 1))

"""What members' own words are about. One list the word tables were tuned on, one that they were not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.classify import is_trouble, propose, summary
from dialogs.places import place_of, same_place
from dialogs.rules import packaged
from dialogs.text import fold

RULES = packaged()
LAMP = "我们小区三号楼门口路灯坏了好几天了 晚上老人走路看不见"
nasty = st.text(max_size=80) | st.sampled_from(
    ["²", "１", "\u3000", "", "9" * 300, "0", "-1", "😀", "灯" * 500, "\x00路灯"]
)


def labelled(name: str) -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "rules" / name).read_text(encoding="utf-8")
    rows = [line.partition(" | ") for line in text.splitlines() if " | " in line and not line.startswith("#")]
    return [(key, words) for key, _, words in rows]


def missed(name: str) -> list[str]:
    found = []
    for key, words in labelled(name):
        proposals = propose(words, RULES)
        if not proposals or proposals[0].key != key:
            found.append(f"{key} | {words} | {[each.key for each in proposals]}")
    return found


def test_the_lists_cover_all_seventeen_categories() -> None:
    for name in ("matters_seen.txt", "matters_unseen.txt"):
        keys = {key for key, _ in labelled(name)}
        assert keys <= set(RULES.categories.by_key)
        assert {key.split(".")[0] for key in keys} == {top.key for top in RULES.categories.tops}
        assert len(labelled(name)) >= 100


def test_what_the_words_were_tuned_on_is_all_found() -> None:
    assert missed("matters_seen.txt") == []


def test_nine_in_ten_of_what_they_were_not_tuned_on() -> None:
    wrong = missed("matters_unseen.txt")
    assert len(wrong) <= len(labelled("matters_unseen.txt")) // 10, "\n".join(wrong)


def test_the_lamp_as_the_voice_has_it() -> None:
    best = propose(LAMP, RULES)[0]
    assert best.shown == "道路交通 · 路灯"
    assert summary(LAMP, RULES) == "三号楼门口路灯坏了好几天了，晚上老人走路看不见"
    assert is_trouble(LAMP, RULES)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("路燈壞咗", "roads.lamp"),
        ("樓上漏水", "estate.leak"),
        ("電梯壞了", "estate.lift"),
        ("路灯坏了，打电话给物业没人接", "roads.lamp"),
        ("幼儿园门口的井盖没了", "roads.surface"),
        ("医院门口路灯不亮", "roads.lamp"),
        ("屋企冇水", "utilities.no_water"),
        ("家里莫得电了", "utilities.no_power"),
    ],
)
def test_scripts_dialects_and_places_in_passing(words: str, key: str) -> None:
    assert propose(words, RULES)[0].key == key


@pytest.mark.parametrize("words", ["你好", "嗯", "1", "", "周建国", "13812345678", "😀", "在吗", "打电话"])
def test_nothing_is_proposed_for_nothing(words: str) -> None:
    assert propose(words, RULES) == []


@pytest.mark.parametrize(
    "words",
    [
        LAMP,
        "路灯坏了怎么办",
        "楼上天天半夜吵 能不能管管",
        "停水两天了",
        "電梯壞了",
        "公司欠我三个月工资不给",
        "垃圾没人收 臭死了",
        "我要投诉物业",
        "房东不退押金",
        "小区门口有个大坑",
        "孩子在学校被欺负了",
        "我老公打我",
        "楼道堆满杂物",
        "自来水发黄",
        "有人在楼下飞线充电",
        "广场舞太吵了",
        "狗咬人没人管",
        "建议在路口装个红绿灯",
        "健身房跑路了",
        "独居老人几天没出门了",
    ],
)
def test_trouble_is_heard(words: str) -> None:
    assert is_trouble(words, RULES)


@pytest.mark.parametrize(
    "words",
    [
        "你好",
        "谢谢",
        "在吗",
        "好的",
        "我要报到",
        "党费怎么交",
        "交多少党费",
        "我三年没交党费会不会被除名",
        "小区能养狗吗",
        "公租房怎么申请",
        "工伤怎么认定",
        "电梯怎么加装",
        "居住证在哪里办",
        "组织关系怎么转",
        "预备期是多久",
        "讲个笑话",
        "今天天气怎么样",
        "公积金",
        "电梯",
        "我叫周建国",
        "13812345678",
        "去年国庆",
        "村里的支部",
        "新城花园三号楼",
        "感谢你们",
        "流动党员是指哪些人",
        "我要办居住证",
        "志愿者怎么注册",
        "你是不是机器人",
        "没有",
    ],
)
def test_a_question_or_chat_is_no_trouble(words: str) -> None:
    assert not is_trouble(words, RULES)


@pytest.mark.parametrize(
    ("words", "short"),
    [
        ("你好，请问一下，我们小区电梯坏了，谢谢", "电梯坏了"),
        ("那个 我想反映一下 楼上漏水 把我家天花板泡了 麻烦你们了", "楼上漏水，把我家天花板泡了"),
        ("請問一下，路燈壞了三天了！", "路燈壞了三天了"),
        ("你好", ""),
        ("谢谢", ""),
        ("12.5 元一斤的菜收我 20", "12.5元一斤的菜收我20"),
    ],
)
def test_a_summary_is_their_own_words_cut_down(words: str, short: str) -> None:
    assert summary(words, RULES) == short


@given(nasty)
def test_a_summary_invents_nothing(words: str) -> None:
    short = summary(words, RULES)
    assert len(short) <= 60
    rest = iter(words)
    assert all(each in rest for each in short if each not in "，…")


def test_a_long_story_is_cut_where_it_shows() -> None:
    story = "楼下垃圾堆了好几天没人收，" * 12
    assert len(summary(story, RULES)) <= 60
    assert summary(story, RULES).endswith("…")


@given(nasty)
def test_any_words_can_be_weighed(words: str) -> None:
    proposals = propose(words, RULES)
    assert len(proposals) <= 3
    assert [each.score for each in proposals] == sorted((each.score for each in proposals), reverse=True)
    assert len({each.key for each in proposals}) == len(proposals)
    assert propose(fold(words), RULES) == proposals
    assert is_trouble(words, RULES) in {True, False}
    assert same_place(words, words, RULES) == same_place(words, words, RULES)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("新城花园三号楼门口", "新城花园3号楼"),
        ("新城花园三号楼", "玉山镇新城花园３幢门口"),
        ("新城花園三號樓", "新城花园3栋"),
        ("新城花园", "新城花园小区"),
        ("新城花园南门", "新城花园小区南门那里"),
        ("新城花园十二号楼一单元", "新城花园12号楼1单元"),
    ],
)
def test_neighbours_speak_of_one_place(a: str, b: str) -> None:
    assert same_place(a, b, RULES)
    assert same_place(b, a, RULES)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("新城花园三号楼", "新城花园四号楼"),
        ("新城花园三号楼", "新城花园"),
        ("新城花园三号楼", "北门新村三号楼"),
        ("新城花园", "新城雅苑"),
        ("新城花园", "北新城花园"),
        ("新城花园南门", "新城花园北门"),
        ("新城花园三号楼一单元", "新城花园三号楼二单元"),
        ("新城花园三号楼门口", "新城花园三号楼电梯"),
        ("三号楼", "三号楼"),
        ("", ""),
        ("门口", "门口"),
    ],
)
def test_what_may_be_two_places_is_not_joined(a: str, b: str) -> None:
    assert not same_place(a, b, RULES)
    assert not same_place(b, a, RULES)


def test_a_matter_of_the_whole_compound_joins_without_a_building() -> None:
    assert same_place("新城花园三号楼", "新城花园", RULES, whole=True)
    assert not same_place("新城花园三号楼", "新城花园四号楼", RULES, whole=True)


@pytest.mark.parametrize(
    ("place", "words", "full"),
    [
        ("新城花园", LAMP, "新城花园三号楼门口"),
        ("新城花园", "南门的路灯不亮", "新城花园南门"),
        ("新城花园5号楼", LAMP, "新城花园5号楼"),
        ("新城花园", "路灯坏了", "新城花园"),
    ],
)
def test_a_place_takes_its_building_from_the_words(place: str, words: str, full: str) -> None:
    assert place_of(place, words, RULES) == full


def test_a_proposal_costs_little() -> None:
    best = 1.0
    for _ in range(30):  # the least of many: what the machine does besides is not ours
        start = time.process_time()
        for _ in range(50):
            propose(LAMP, RULES)
        best = min(best, (time.process_time() - start) / 50)
    assert best < 150e-6

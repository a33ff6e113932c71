"""Danger words come before everything; jokes, films and complaints raise no alarm."""

from __future__ import annotations

import pytest
from hypothesis import given

from dialogs.emergency import alarm, danger, load
from dialogs.lexicon import BadWordsError, Lexicon
from dialogs.lexicon import load as load_words
from dialogs.text import traditional
from tests.strategies import said

PRESENT = {
    "crisis": [
        "我不想活了",
        "我朋友要跳楼",
        "吃了一整瓶安眠药",
        "她说活着太累了",
        "我没有勇气活下去了",
        "我怕她想不开",
    ],
    "fire": ["楼下起火了", "是不是着火了", "充电桩冒烟了", "煤气罐爆炸", "昨天灭了 现在又着火了"],
    "police": [
        "他拿着刀追我",
        "孩子走丢了",
        "骗子让我转账",
        "老公又打我",
        "不要打我",
        "昨天老人走丢了到现在没找到",
        "有人要打我",
    ],
    "medical": [
        "老伴晕倒了叫不醒",
        "有人掉河里了",
        "胸口疼得厉害",
        "流血不止",
        "孩子误食老鼠药",
        "呼吸困难",
        "我摔倒了起不来",
        "老人摔了动不了",
    ],
    "gas": ["厨房有煤气味", "昨天开始就有煤气味", "煤汽漏了", "燃气报警器一直响"],
    "quake": [
        "地震",
        "地震了",
        "地震了怎么办",
        "是不是地震了",
        "楼在晃是不是地震",
        "好像地震了快跑",
        "有震感",
        "又地震了",
    ],
    "electric": [
        "漏电",
        "门口路灯漏电",
        "楼下配电箱漏电",
        "电线掉下来了",
        "高压线断了",
        "水淹到电表了",
        "电表滴水",
        "昨天插座就漏电",
    ],
    "trapped": ["电梯困人", "我被困在电梯里", "孩子反锁在家里", "房子塌了有人压在下面"],
}
CALM = [
    "火锅店油烟扰民",
    "生意火爆",
    "热死我了",
    "笑死人了",
    "气死我了",
    "消防通道堵了",
    "昨天的火灾赔偿怎么办",
    "电影里有人跳楼",
    "怎么预防煤气中毒",
    "打人工电话没人接",
    "你们打我电话",
    "晚上吊车太吵",
    "这活动没意思",
    "加装电梯困难",
    "没有着火",
    "我不会自杀",
    "担心电梯困人",
    "电动车进楼容易起火",
    "钥匙锁在车里",
    "猫走丢了",
    "骨折能报销吗",
    "电梯经常困人",
    "烟味太大 有人楼道抽烟",
    "看不见路",
    "反诈宣传",
    "救命恩人",
    "自杀式营销",
    "树快死了",
    "地震局电话",
    "地震险怎么买",
    "什么时候地震演练",
    "汶川地震捐款",
    "群里说要地震",
    "会不会地震",
    "日本地震了",
    "去年地震了一次",
    "孩子不见了户口本",
    "孩子的户口本不见了",
    "孩子书包丢了",
    "孩子丢了身份证怎么补",
    "老人的助听器找不到了",
    "孩子找不到工作",
    "老人找不到护工",
    "怎么防老人走失",
    "老人防走失手环在哪领",
    "走失的孩子已经找到了",
    "摔倒了怎么报销",
    "手机摔了动不了",
    "上次漏电修好了",
    "漏电保护器老是跳闸",
    "怎么防漏电",
    "电线老化怕漏电",
    "充电线断了",
]
MISSING = [
    "孩子不见了",
    "老人走失",
    "我妈走丢了找不到",
    "老伴老年痴呆走丢了",
    "孩子放学没回家",
    "小孩不见了手机也打不通",
    "老人走失了手机关机",
    "孩子走丢了穿红衣服",
    "奶奶找不到回家的路了 走丢了",
    "娃失联了",
    "昨天老人走丢了到现在没找到",
    "孩子走丢了 谢谢您帮帮忙",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in PRESENT.items() for text in texts])
def test_a_danger_is_heard_in_both_scripts(kind: str, text: str) -> None:
    assert danger(text) == danger(traditional(text)) == kind
    assert danger(f"您好，{text}！怎么办") == kind


@pytest.mark.parametrize("text", CALM)
def test_what_only_sounds_like_danger_is_none(text: str) -> None:
    assert danger(text) is None


@pytest.mark.parametrize("text", MISSING)
def test_a_lost_person_has_words_of_their_own_and_is_police_work(text: str) -> None:
    assert alarm(text) == alarm(traditional(text)) == "missing"
    assert danger(text) == "police"


@pytest.mark.parametrize("text", ["他拿着刀追我", "孩子被人抱走了", "骗子让我转账"])
def test_other_police_work_keeps_its_own_words(text: str) -> None:
    assert alarm(text) == "police"


@given(text=said())
def test_anything_may_be_said(text: str) -> None:
    found = danger(text)
    assert found in {None, *PRESENT}
    assert danger(text) == found


def test_a_list_without_its_date_or_a_part_is_named() -> None:
    with pytest.raises(BadWordsError, match=r"danger\.yaml: in_force, review is missing"):
        load_words("danger.yaml", "source: x\nchecked: 2026-11-21\n")
    with pytest.raises(BadWordsError, match="order"):
        load(Lexicon("danger.yaml", {}))

"""Who is behind a confidential case: an alias that says nothing, and words without the names and numbers in them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dialogs import catalogue
from dialogs.desk.identity import alias, veil
from dialogs.effects import OpenCase
from dialogs.rules import packaged
from tests.player import Player, snapshots

SERVICES = Path(__file__).parent.parent / "dialogs" / "services"
TALK = """
service: talk
version: 1
title: 谈心
words: [谈心]
confidential: true
steps:
  - {key: matter, label: 想谈什么, ask: 想谈什么？, kind: text}
  - {key: name, label: 姓名, ask: 怎么称呼您？, kind: name}
  - {key: phone, label: 手机, ask: 您的手机号？, kind: phone}
opens: {case: talk, unit: kunshan, promise: 2 working days}
receipt: 受理好了，编号 {number}。
"""


def test_an_alias_is_always_the_same_and_says_nothing() -> None:
    numbers = [f"HY-261121-{n:04d}-0" for n in range(2000)]
    called = [alias(number, "来访人") for number in numbers]
    assert called == [alias(number, "来访人") for number in numbers]
    assert all(re.fullmatch("来访人 [甲乙丙丁戊己庚辛壬癸]-\\d{4}", each) for each in called)
    assert len(set(called)) > 1950


def test_words_lose_names_and_numbers_and_nothing_else() -> None:
    known = ["欧阳静安", "13987654321", ""]
    for said, shown in (
        ("我叫欧阳静安，13987654321", "我叫［来访人］，［来访人］"),
        ("也可以打 13812345678", "也可以打 ［号码］"),
        ("电话 139****4321 找欧阳静安", "电话 ［号码］ 找［来访人］"),
        ("路灯坏了 3 天，三号楼", "路灯坏了 3 天，三号楼"),
    ):
        assert veil(said, known, "来访人") == shown


def test_a_service_that_is_confidential_opens_a_confidential_case() -> None:
    files = [(path.name, path.read_text(encoding="utf-8")) for path in sorted(SERVICES.glob("*.yaml"))]
    known = replace(snapshots(), services=catalogue.load([*files, ("talk.yaml", TALK)], rules=packaged()))
    member = Player(now=datetime(2026, 11, 23, 2, 0, tzinfo=UTC), snapshots=known)
    opened = list[OpenCase]()
    for words in ("谈心", "想谈谈家里的事", "欧阳静安", "13987654321", "确认"):
        member.say(words)
        opened += [effect for effect in member.effects if isinstance(effect, OpenCase)]
    (case,) = opened
    assert (case.confidential, case.title, case.same_as) == (True, "谈心", "")
    private = {each.key for each in case.filled if each.private}
    assert private == {"name", "phone"}, "who it is stays apart from what it is about"

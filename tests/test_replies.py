"""Canned replies: what a case fills, what nobody fills is never sent, what has run out is known again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialogs import rules
from dialogs.desk.replies import VARIABLES, blanks, expired, fill, stands_in, unknown

NAMES = sorted(VARIABLES)
LAMP = "{称呼}，您反映的「{事项}」已经派电工去修，最晚{办结时限}前修好。"


def test_what_is_known_is_put_in_and_the_rest_stays_in_its_braces() -> None:
    said = fill(LAMP, {"称呼": "周建国同志", "事项": "路灯", "办结时限": ""})
    assert said == "周建国同志，您反映的「路灯」已经派电工去修，最晚{办结时限}前修好。"
    assert blanks(said) == ("办结时限",)
    assert fill("最晚{办结时限}前", {"办结时限": "11 月 27 日"}) == "最晚 11 月 27 日前"
    assert fill("最晚{办结时限}前", {"办结时限": "今天下班"}) == "最晚今天下班前"
    assert blanks("｛ 姓名 ｝和 {随便} 和 {") == ("姓名",)
    assert unknown("{称呼}{电话号码}{编号}") == ("电话号码",)


@given(st.lists(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)), st.text(max_size=20))
def test_all_filled_means_none_left(names: list[str], known: set[str], between: str) -> None:
    plain = between.translate(dict.fromkeys(map(ord, "{}｛｝")))
    words = plain.join(f"{{{name}}}" for name in names)
    said = fill(words, dict.fromkeys(known, "甲"))
    assert set(blanks(said)) == set(names) - known


def test_what_has_run_out_is_known_however_it_was_filled() -> None:
    sent = "周同志，您反映的「路灯」已经派电工去修,最晚明天前修好"
    assert stands_in(LAMP, sent)
    assert expired([("派电工", LAMP)], [], f"您好。{sent}") == "派电工"
    assert expired([("派电工", LAMP)], [LAMP], sent) == ""
    assert expired([("派电工", LAMP)], [], "灯已经修好了") == ""
    assert not stands_in("{称呼}，好的", "周同志，好的")  # short words are everybody's


def test_the_packaged_replies_have_only_blanks_that_are_known() -> None:
    room = rules.packaged().room
    assert len(room.starters) >= 4
    assert [each.title for each in room.starters if unknown(each.words)] == []

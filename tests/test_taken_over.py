"""Nothing a member says is lost between the machine, a form and the people who have taken over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dialogs.conversation import Question
from dialogs.desk.cases import Act, Grade, Status
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, KeepMedia, OpenCase, Remind, RideAlong, Say
from dialogs.events import DeliverySettled, Left, MemberSaid, MemberSent, StaffAnswered, TimerFired
from dialogs.facts import Facts, Waiting
from dialogs.knowledge import Index, packaged
from dialogs.step import step
from tests.player import Player
from tests.transcript import ZONE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


def with_a_person(words: str = "人工") -> tuple[Player, str]:
    """A member to whom a person is to talk, and the number of the case."""
    player = Player(now=NOW)
    player.say(words)
    return player, next(reversed(player.cases))


def claim(player: Player, number: str) -> None:
    player._act(ActOnCase(number=number, act=Act.CLAIM, by="li"))


def staff(player: Player, number: str, text: str, *, final: bool, arrives: bool = True) -> Say:
    """A person writes at the desk; the words arrive on the phone, or wait."""
    if player.cases[number].status is Status.ACCEPTED:
        claim(player, number)
    version = player.cases[number].version
    player.take(StaffAnswered(number=number, text=text, by="li", post="coordinator", final=final, version=version))
    say = next(effect for effect in player.effects if isinstance(effect, Say))
    if arrives:
        player.take(DeliverySettled(delivery=1, fate="sent", asks=say.asks, number=say.number))
    else:
        player.waiting = (*player.waiting, Waiting(delivery=1, text=say.text, asks=say.asks, number=say.number))
    return say


def added(player: Player) -> list[str]:
    return [effect.words for effect in player.effects if isinstance(effect, ActOnCase) and effect.act is Act.ADD]


# -- a form beside a person ----------------------------------------------------------------
def test_a_form_goes_on_while_a_person_has_taken_over() -> None:
    player, _ = with_a_person()
    player.say("报到")
    assert "姓名" in player.say("同意")
    assert "组织关系" in player.say("周建国")
    assert not added(player)


def test_a_photo_of_a_form_goes_to_the_form_while_a_person_has_taken_over() -> None:
    player, number = with_a_person()
    for words in ("求助", "新城花园三号楼的路灯坏了三天了", "对"):
        said = player.say(words)
    assert "照片" in said
    player.take(MemberSent(what="photo", media="m1"))
    assert not added(player)
    player.say("1")
    ((_, kept),) = photos(player)
    assert kept == next(reversed(player.cases))
    assert kept != number


def photos(player: Player) -> list[tuple[str, str]]:
    """What this turn had fetched, and with which case it is kept."""
    return [(effect.media, effect.number) for effect in player.effects if isinstance(effect, KeepMedia)]


def test_a_photo_is_fetched_when_it_comes_and_linked_when_there_is_a_case() -> None:
    player = Player(now=NOW)
    player.take(MemberSent(what="photo", media="m1"))
    assert photos(player) == [("m1", "")]
    for words in ("路灯坏了三天了", "对"):
        player.say(words)
    assert "照片收到了" in player.take(MemberSent(what="photo", media="m2"))
    assert photos(player) == [("m2", "")]
    player.say("新城花园三号楼")
    assert "受理好了" in player.say("1")
    number = next(reversed(player.cases))
    assert photos(player) == [("m1", number), ("m2", number)]


def test_a_photo_of_a_form_that_is_handed_over_goes_with_the_case() -> None:
    player = Player(now=NOW)
    player.take(MemberSent(what="photo", media="m1"))
    player.say("人工")
    assert photos(player) == [("m1", next(reversed(player.cases)))]


def test_a_photo_that_ends_a_form_is_kept_once() -> None:
    player = Player(now=NOW)
    draft = Draft(player.conversation, Facts(now=NOW, number="HY-1", snapshots=player.snapshots))
    draft.keep_photos("m1")
    draft.keep_photos("m1", number="HY-1")
    assert draft.effects == [KeepMedia(media="m1", what="photo", number="HY-1")]


def test_a_photo_while_everything_is_read_back_is_kept() -> None:
    player = Player(now=NOW)
    for words in ("报到", "同意", "周建国", "不知道", "新城社区", "13812345678", "去年国庆", "没有"):
        said = player.say(words)
    assert "请您核对" in said
    said = player.take(MemberSent(what="photo", media="m1"))
    assert "照片收到了" in said
    assert "请您核对" in said
    assert photos(player) == [("m1", "")]


# -- consent -------------------------------------------------------------------------------
def test_a_consent_is_given_to_the_text_that_was_shown() -> None:
    player = Player(now=NOW)
    player.say("报到")
    shown = player.snapshots.rules.consents["party_membership"]
    newer = {**player.snapshots.rules.consents, "party_membership": replace(shown, version="2030-01")}
    player.snapshots = replace(player.snapshots, rules=replace(player.snapshots.rules, consents=newer))
    player.say("同意")
    assert player.profile.consents == {("party_membership", shown.version)}


def test_after_the_form_free_words_go_to_the_person_again() -> None:
    player, _ = with_a_person()
    player.say("报到")
    player.say("取消")
    player.say("我想说的是那件事")
    assert added(player) == ["我想说的是那件事"]


def test_three_misses_in_a_form_bring_what_was_collected_to_the_person_who_is_there_already() -> None:
    player, _ = with_a_person()
    for words in ("报到", "同意", "周建国", "不知道", "新城社区"):
        player.say(words)
    for words in ("啊啊啊", "哦哦哦", "嗯嗯嗯嗯"):
        said = player.say(words)
    assert "已经转给工作人员了" in said
    assert any("周建国" in words for words in added(player))
    player.say("我不会填手机号")
    assert added(player) == ["我不会填手机号"]


def test_an_identity_number_said_to_a_person_leaves_the_other_words_for_them() -> None:
    player, _ = with_a_person()
    assert "我已经替您隐去" in player.say("我是王德明，身份证 11010519491231002X，帮我查一下")
    assert len(added(player)) == 1


# -- numbers answer what arrived last ------------------------------------------------------
def test_a_bare_number_after_a_person_wrote_is_for_the_person() -> None:
    player, number = with_a_person()
    player.say("菜单")
    staff(player, number, "您家住几楼？", final=False)
    player.say("3")
    assert added(player) == ["3"]


def test_a_bare_number_never_answers_a_question_that_the_member_has_not_seen_yet() -> None:
    player, number = with_a_person()
    player.say("菜单")
    staff(player, number, "已经查到了。", final=True, arrives=False)
    said = player.say("4")
    assert "已经查到了" in said
    assert player.cases[number].solved == ""
    assert number in said.split("已经查到了")[1], "4 was 查办理进度 in the menu"


def test_a_rating_that_rode_along_is_answered_by_the_next_number() -> None:
    player, number = with_a_person()
    staff(player, number, "已经查到了。", final=True, arrives=False)
    player.say("谢谢")
    player.say("1")
    assert player.cases[number].solved == "yes"


def test_a_rating_that_rode_into_a_form_waits_for_its_end() -> None:
    player, number = with_a_person()
    for words in ("求助", "小区的路灯坏了三天了", "对"):
        player.say(words)
    staff(player, number, "已经查到了。", final=True, arrives=False)
    assert "已经查到了" in player.say("新城花园三号楼")
    player.say("没有")
    receipt = player.say("1")
    assert "受理好了" in receipt
    assert "解决了吗" in receipt
    player.say("1")
    assert player.cases[number].solved == "yes"


# -- waiting words ride along, whole and once ----------------------------------------------
def rides(player: Player) -> int:
    return sum(isinstance(effect, RideAlong) for effect in player.effects)


def test_waiting_words_ride_on_a_photo_once() -> None:
    player, number = with_a_person()
    staff(player, number, "已经查到了。", final=True, arrives=False)
    said = player.take(MemberSent(what="photo", media="m1"))
    assert said.count("已经查到了") == 1
    assert rides(player) == 1


def test_waiting_words_are_not_lost_when_danger_is_said() -> None:
    player, number = with_a_person()
    staff(player, number, "请您明天上午来一趟。", final=False, arrives=False)
    said = player.say("着火了快来人")
    assert "119" in said.splitlines()[0], "whom to call comes first"
    assert "请您明天上午来一趟" in said or rides(player) == 0


def test_the_rest_of_a_long_answer_waits_while_the_member_says_thanks() -> None:
    player, number = with_a_person()
    answer = "第一段讲清楚了。" * 200
    first = staff(player, number, answer, final=True).text
    player.say("谢谢")
    rest = player.say("更多")
    whole = first.removesuffix("\n回复「更多」看全文") + rest.removesuffix("\n回复「更多」看全文")
    while player.conversation.more:
        whole += player.say("更多").removesuffix("\n回复「更多」看全文")
    assert answer in whole.replace("\n", "")


# -- a person is not there any more --------------------------------------------------------
def test_not_solved_after_the_case_was_filed_opens_it_again() -> None:
    player, number = with_a_person()
    staff(player, number, "已经查到了。", final=True)
    player._act(ActOnCase(number=number, act=Act.CLOSE, by="li"))
    assert "重新办" in player.say("没解决")
    assert player.cases[number].status is Status.WORKING


def test_a_rating_of_a_matter_that_was_withdrawn_meanwhile_breaks_nothing() -> None:
    player, number = with_a_person()
    staff(player, number, "已经查到了。", final=True)
    player.say("1")
    player.cases[number] = replace(player.cases[number], status=Status.WITHDRAWN)
    assert player.say("5")


def test_danger_after_an_answered_alarm_alarms_again() -> None:
    player, number = with_a_person("着火了快来人")
    staff(player, number, "消防已到。", final=True)
    player.now += timedelta(hours=1)
    player.say("又着火了")
    opened = [effect for effect in player.effects if isinstance(effect, OpenCase)]
    assert [each.grade for each in opened] == [Grade.RED]


def test_the_same_matter_after_its_answer_is_a_new_one_and_not_words_to_a_finished_one() -> None:
    player = Player(now=NOW)
    words = ("新城花园三号楼的路灯坏了三天了", "对", "没有", "1")
    for each in words:
        player.say(each)
    number = next(reversed(player.cases))
    staff(player, number, "换了灯泡。", final=True)
    player.say("1")
    player.say("1")
    player.now += timedelta(days=2)
    for each in words:
        player.say(each)
    assert not added(player)
    assert len(player.cases) == 2


# -- who left ------------------------------------------------------------------------------
def test_who_left_and_came_back_is_still_greeted_in_three_months() -> None:
    player = Player(now=NOW)
    player.take(Left())
    assert not player.take(TimerFired(kind="contact_due", number="HY-261123-0001-5", data="3"))
    assert any(isinstance(effect, Remind) for effect in player.effects)


# -- policy --------------------------------------------------------------------------------
def test_what_is_not_answered_still_tells_the_general_rule_first() -> None:
    said = Player(now=NOW).say("我三年没交党费会不会被除名")
    lines = said.splitlines()
    rule = next(place for place, line in enumerate(lines) if line.startswith("可以先告诉您："))
    asked = next(place for place, line in enumerate(lines) if "要吗" in line)
    assert 0 < rule < asked
    assert "依据" in said


@pytest.mark.parametrize("phase", ["propose", "top", "sub"])
def test_a_category_that_is_no_longer_there_is_asked_anew(phase: str) -> None:
    player = Player(now=NOW)
    player.say("求助")
    player.say("新城花园三号楼的路灯坏了三天了")
    form = player.conversation.form
    assert form is not None
    stale = replace(form, step="category", offered=(phase, "gone"))
    player.conversation = replace(player.conversation, form=stale)
    assert player.say("1")


# -- danger --------------------------------------------------------------------------------
def test_help_is_promised_only_where_somebody_can_see_the_alarm() -> None:
    player = Player(now=NOW, conversation=replace(Player(now=NOW).conversation, unit="yushan-xincheng"))
    for unit, heard in (
        ("bacheng", "现在没有值班人员在线"),
        ("yushan-xincheng", "已经通知值班人员"),
        ("kunshan", "已经"),
    ):
        facts = Facts(now=NOW, number="HY-261123-0001-5", snapshots=player.snapshots, on_duty=frozenset({unit}))
        turn = step(player.conversation, MemberSaid(text="着火了快来人", folded="着火了快来人"), facts)
        assert heard in next(effect.text for effect in turn.effects if isinstance(effect, Say))


def test_what_is_said_in_danger_and_to_the_one_in_danger_is_urgent() -> None:
    player, number = with_a_person("着火了快来人")
    assert next(effect for effect in player.effects if isinstance(effect, Say)).urgent
    assert staff(player, number, "消防马上到。", final=False).urgent
    other, number = with_a_person()
    assert not staff(other, number, "您好。", final=False).urgent


def test_an_article_that_has_run_out_since_it_was_offered_is_not_said() -> None:
    player = Player(now=NOW)
    article = packaged()[0]
    old = replace(article, valid_until=NOW.date() - timedelta(days=1))
    player.snapshots = replace(player.snapshots, articles=Index((old,)))
    player.conversation = replace(
        player.conversation, question=Question(kind="which_article", options=(old.id, "none"), data="党费")
    )
    said = player.say("1")
    assert "这一条正在更新" in said
    assert old.answer not in said
    assert "要吗" in said


def test_a_recording_that_a_person_shall_hear_goes_with_the_case() -> None:
    player = Player(now=NOW)
    player.take(MemberSent(what="voice", media="v1"))
    player.say("1")
    kept = [effect for effect in player.effects if isinstance(effect, KeepMedia)]
    assert [(each.media, each.number) for each in kept] == [("v1", next(reversed(player.cases)))]

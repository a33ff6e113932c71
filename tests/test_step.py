"""Promises of the core, over any list of events and over states that another age has stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.conversation import Conversation, Form, Held, Part, Question
from dialogs.desk.cases import OPEN
from dialogs.effects import Say
from dialogs.events import (
    DeliverySettled,
    Event,
    Followed,
    Left,
    MemberSaid,
    MemberSent,
    MemberTapped,
    Noticed,
    Scanned,
    Sent,
    TimerFired,
)
from dialogs.text import clean, fold, size
from storage.codec import decode_conversation, encode_conversation
from tests.player import Player, snapshots
from tests.strategies import said
from tests.transcript import ZONE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
WORDS = [
    *("报到", "我要求助", "1", "2", "3", "4", "同意", "先不办", "确认", "返回", "取消", "菜单", "帮助", "重来", "进度"),
    *("撤回", "更多", "大字", "周建国", "13812345678", "去年国庆", "新城花园", "不知道", "没有", "路灯坏了三天了"),
    *("党费一个月交多少", "什么样的党员算流动党员", "我三年没交党费会不会被除名", "我要報到", "您好", "继续", "满意"),
    *("HY-261123-0001-5", "换一类", "都不是", "11010519491231002X", "没解决"),
]


def spoken(text: str, *, voice: bool = False) -> MemberSaid:
    return MemberSaid(text=clean(text), folded=fold(text), voice=voice)


KINDS: list[Sent] = ["photo", "voice", "video", "file", "link", "other"]
members_events = st.one_of(
    st.sampled_from(WORDS).map(spoken),
    said().map(spoken),
    st.sampled_from(KINDS).map(lambda what: MemberSent(what=what, media="m")),
    st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(
        lambda spot: MemberSent(what="place", latitude=spot[0], longitude=spot[1])
    ),
    st.sampled_from(["报到", "求助", "咨询", "进度", "人工", "无此", ""]).map(lambda key: MemberTapped(key=key)),
    st.sampled_from(["", "ks-110", "nowhere"]).map(lambda scene: Followed(scene=scene)),
    st.sampled_from(["ks-110", "nowhere"]).map(lambda scene: Scanned(scene=scene)),
)
others = st.sampled_from(
    [
        Left(),
        Noticed(what="TEMPLATESENDJOBFINISH"),
        TimerFired(kind="contact_due", number="HY-261123-0001-5", data="3"),
        TimerFired(kind="unheard_of"),
        DeliverySettled(delivery=1, fate="sent", asks="solved", number="HY-261123-0001-5"),
        DeliverySettled(delivery=1, fate="failed", asks="of another age"),
    ]
)
events = st.lists(st.one_of(members_events, members_events, members_events, others), max_size=12)

held = st.builds(Held, value=st.text(max_size=5), shown=st.text(max_size=5), vague=st.booleans(), ours=st.booleans())
keys = ["name", "home", "where", "phone", "since", "branch", "firm", "matter", "category", "place", "contact", "gone"]
forms = st.builds(
    Form,
    service=st.sampled_from(["check_in", "help", "gone"]),
    version=st.sampled_from([1, 7]),
    stage=st.sampled_from(["consent", "asking", "confirming", "resting"]),
    step=st.sampled_from(["", *keys]),
    held=st.dictionaries(st.sampled_from(keys), held, max_size=4),
    began=st.just(NOW.astimezone(UTC)),
    touched=st.sampled_from([NOW - timedelta(days=40), NOW - timedelta(hours=9), NOW]).map(
        lambda at: at.astimezone(UTC)
    ),
    editing=st.booleans(),
    scanned=st.sampled_from(["", "yushan-xincheng", "gone"]),
    offered=st.lists(st.sampled_from(["propose", "top", "sub", "gone", "yushan-xincheng"]), max_size=3).map(tuple),
)
questions = st.builds(
    Question,
    kind=st.sampled_from(
        ["menu", "resume", "solved", "satisfied", "guess", "withdraw", "article_solved", "of another age"]
    ),
    options=st.lists(st.sampled_from(["yes", "no", "check_in", "gone", "5"]), max_size=4).map(tuple),
    number=st.sampled_from(["", "HY-261123-0001-5"]),
)
stale = st.builds(
    Conversation,
    form=st.none() | forms,
    question=st.none() | questions,
    later=st.lists(questions, max_size=2).map(tuple),
    misses=st.integers(0, 5),
    talking=st.sampled_from([(), ("HY-261123-0001-5",), ("gone",)]),
    more=st.sampled_from([(), (Part(words="余下的话" * 900),), (Part(words="话", number="gone"), Part(words="话"))]),
    traditional=st.booleans(),
    plain=st.booleans(),
    unit=st.sampled_from(["", "yushan-xincheng", "gone"]),
)


def play(start: Conversation, history: list[Event]) -> Player:
    player = Player(now=NOW, conversation=start)
    braces = "{" in repr(start) or any("{" in getattr(event, "text", "") for event in history)
    for event in history:
        before = len(player.conversation.talking)
        words = player.take(event)
        assert size(words) <= 2047
        silent_on_purpose = before or isinstance(event, Left | Noticed | TimerFired | DeliverySettled)
        assert words or silent_on_purpose, f"silent on {event}"
        assert "{" not in words or braces, words
        player.now += timedelta(minutes=1)
    return player


@settings(max_examples=150, deadline=None)
@given(events)
def test_it_always_answers_and_never_breaks(history: list[Event]) -> None:
    play(Conversation(), history)


@settings(max_examples=150, deadline=None)
@given(stale, events)
def test_whatever_another_age_stored_leads_somewhere(start: Conversation, history: list[Event]) -> None:
    play(start, history)


@settings(max_examples=60, deadline=None)
@given(stale, events)
def test_the_same_events_give_the_same_turns(start: Conversation, history: list[Event]) -> None:
    one, two = play(start, history), play(start, history)
    assert one.conversation == two.conversation
    assert list(one.effects) == list(two.effects)


@settings(max_examples=100, deadline=None)
@given(events)
def test_cancel_always_leads_home(history: list[Event]) -> None:
    player = play(Conversation(), history)
    words = player.say("取消")
    assert words
    assert player.conversation.form is None


@settings(max_examples=100, deadline=None)
@given(stale, events)
def test_what_is_remembered_survives_storage(start: Conversation, history: list[Event]) -> None:
    player = play(start, history)
    assert decode_conversation(encode_conversation(player.conversation), "member") == player.conversation


@settings(max_examples=60, deadline=None)
@given(events)
def test_every_open_case_has_a_unit_a_post_and_a_clock(history: list[Event]) -> None:
    player = play(Conversation(), history)
    for case in player.cases.values():
        assert snapshots().units.get(case.unit)
        assert case.post
        assert case.sign_by <= case.answer_by
        if case.status in OPEN:
            assert case.answer_by.tzinfo is not None


def test_a_long_answer_is_cut_and_continued() -> None:
    player = Player(now=NOW, conversation=replace(Conversation(), more=(Part(words="第一行很长。" * 500),)))
    first = player.say("更多")
    assert first.endswith("回复「更多」看全文")
    assert size(first) <= 2047
    read, words = first.removesuffix("\n回复「更多」看全文"), first
    while player.conversation.more:
        words = player.say("更多")
        read += words.removesuffix("\n回复「更多」看全文")
    assert read.replace("\n", "") == "第一行很长。" * 500


def test_says_are_within_the_limit_of_bytes() -> None:
    player = Player(now=NOW)
    player.say("您好")
    says = [effect for effect in player.effects if isinstance(effect, Say)]
    assert len(says) == 1

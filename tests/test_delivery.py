"""Which way a member's own matter may take: never outside a window, never over a count, always with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialogs.delivery import WindowFacts, choose, compose
from dialogs.rules import packaged

QUOTAS = packaged().quotas
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def ago(**spans: float) -> datetime:
    return NOW - timedelta(**spans)


def test_after_a_message_there_are_five_within_two_days() -> None:
    choice = choose(WindowFacts(last_message=ago(hours=17), sent_since_message=1), NOW, QUOTAS)
    assert (choice.way, choice.left) == ("customer", 4)
    assert choice.until == ago(hours=17) + timedelta(hours=48, minutes=-1)
    assert compose(choice, NOW, 186, QUOTAS) == "将以客服消息送达（窗口还剩 30 小时，本轮还可发 4 条）· 186 字节"


def test_the_sixth_waits_and_says_why() -> None:
    choice = choose(WindowFacts(last_message=ago(hours=1), sent_since_message=5), NOW, QUOTAS)
    assert (choice.way, choice.left, choice.until) == ("wait", 0, None)
    assert "条数已用完" in compose(choice, NOW, 30, QUOTAS)


def test_after_two_days_it_waits() -> None:
    choice = choose(WindowFacts(last_message=ago(hours=48)), NOW, QUOTAS)
    assert choice.way == "wait"
    assert "窗口已关" in choice.why


def test_a_tap_opens_a_short_window_when_the_long_one_is_spent() -> None:
    facts = WindowFacts(last_message=ago(hours=3), sent_since_message=5, last_tap=ago(seconds=20))
    choice = choose(facts, NOW, QUOTAS)
    assert (choice.way, choice.left) == ("customer", 3)
    assert choice.until == NOW + timedelta(seconds=35)
    assert "窗口还剩 35 秒" in compose(choice, NOW, 30, QUOTAS)


def test_windows_are_not_added_up() -> None:
    facts = WindowFacts(last_message=ago(seconds=30), last_tap=ago(seconds=10))
    assert choose(facts, NOW, QUOTAS).left == 5


def test_who_left_or_never_wrote_is_not_reached() -> None:
    left = choose(WindowFacts(last_message=ago(minutes=1), follows=False), NOW, QUOTAS)
    never = choose(WindowFacts(), NOW, QUOTAS)
    assert left.way == never.way == "wait"
    assert "取消关注" in left.why
    assert "还没有来过信" in never.why


def test_words_that_are_too_long_say_how_the_rest_is_read() -> None:
    choice = choose(WindowFacts(last_message=ago(hours=1)), NOW, QUOTAS)
    assert compose(choice, NOW, 2048, QUOTAS).endswith(
        "2048 字节，超出一条的上限 2047 字节：先送到第一段，对方回复「更多」看下文，约 2 段"
    )
    assert compose(choice, NOW, 2047, QUOTAS).endswith("2047 字节")


moments = st.none() | st.timedeltas(timedelta(hours=-1), timedelta(days=4)).map(lambda span: NOW - span)
situations = st.builds(
    WindowFacts,
    last_message=moments,
    last_tap=moments,
    sent_since_message=st.integers(-1, 30),
    sent_since_tap=st.integers(-1, 30),
    follows=st.booleans(),
)


@given(situations)
def test_never_outside_a_window_never_over_a_count_always_a_reason(facts: WindowFacts) -> None:
    choice = choose(facts, NOW, QUOTAS)
    assert choice.why
    assert str(choice.left) in compose(choice, NOW, 10, QUOTAS) or choice.way == "wait"
    if choice.way == "wait":
        assert choice.left == 0
        assert choice.until is None
        return
    by_message = facts.last_message and facts.last_message + timedelta(hours=48) > NOW and facts.sent_since_message < 5
    by_tap = facts.last_tap and facts.last_tap + timedelta(minutes=1) > NOW and facts.sent_since_tap < 3
    assert facts.follows
    assert by_message or by_tap
    assert choice.until is not None
    assert choice.until > NOW
    allowed = [5 - max(0, facts.sent_since_message)] * bool(by_message) + [3 - max(0, facts.sent_since_tap)] * bool(
        by_tap
    )
    assert choice.left in allowed


@given(situations)
def test_each_message_sent_leaves_one_fewer_until_the_way_shuts(facts: WindowFacts) -> None:
    sent = 0
    while (choice := choose(facts, NOW, QUOTAS)).way == "customer":
        facts = WindowFacts(
            last_message=facts.last_message,
            last_tap=facts.last_tap,
            sent_since_message=max(0, facts.sent_since_message) + 1,
            sent_since_tap=max(0, facts.sent_since_tap) + 1,
            follows=facts.follows,
        )
        sent += 1
        assert choice.left <= 5
    assert sent <= 5

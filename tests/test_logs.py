"""Nothing that a member said or is may reach a log, whoever writes the line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import HIDDEN, bare, mask, set_up

SAID = "我叫周建国 手机13812345678"


def read(words: str) -> None:
    raise ValueError(f"cannot read {words!r} of 周建国")


def insert(rows: int) -> None:
    raise ValueError("wrong number of bindings" + " (?, ?, ?)" * rows + " see e/f405")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, ours = (root.handlers[:], root.level), structlog.get_config()
    out = io.StringIO()
    set_up("json", to=out)
    yield out
    structlog.configure(**ours)
    root.handlers[:], _ = before
    root.setLevel(before[1])


def line(out: io.StringIO) -> dict[str, object]:
    got: dict[str, object] = json.loads(out.getvalue().splitlines()[-1])
    return got


def test_a_line_says_what_happened_to_which_case(written: io.StringIO) -> None:
    structlog.get_logger("outbox").info("delivery settled", delivery=7, number="HY-261121-0387-8", fate="sent")
    got = line(written)
    assert got["event"] == "delivery settled"
    assert (got["number"], got["delivery"], got["level"]) == ("HY-261121-0387-8", 7, "info")


def test_names_words_phones_and_openids_given_by_mistake_are_hidden(written: io.StringIO) -> None:
    structlog.get_logger().info(
        "turn",
        text=SAID,
        name="周建国",
        phone="138",
        openid="oABC",
        note="打 138-1234-5678 或 0431-85512345",
        words=[SAID],
    )
    shown = written.getvalue()
    for private in ("周建国", "1234", "13912345678", "85512345", "oABC", SAID):
        assert private not in shown
    assert line(written)["text"] == HIDDEN


def test_a_traceback_shows_the_place_and_not_the_words(written: io.StringIO) -> None:
    try:
        read(SAID)
    except ValueError:
        structlog.get_logger().exception("turn failed", number="HY-261121-0387-8")
    shown = str(line(written)["exception"])
    assert "test_logs.py" in shown
    assert "ValueError: cannot read" in shown
    assert "周建国" not in written.getvalue()
    assert "13812345678" not in written.getvalue()


def test_a_message_as_long_as_a_batch_is_cut_in_its_middle(written: io.StringIO) -> None:
    try:
        insert(5000)
    except ValueError:
        structlog.get_logger().exception("clocks failed")
    shown = str(line(written)["exception"])
    assert "wrong number of bindings" in shown
    assert shown.endswith("see e/f405")
    assert len(shown) < 2000


def test_what_libraries_log_is_bare_too(written: io.StringIO) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved: ValueError('%s')", SAID)
    logging.getLogger("aiohttp.client").warning(
        "GET https://api/x?access_token=SECRET-1&openid=oTHIS_IS_28_CHARACTERS_LONG_"
    )
    assert "never retrieved" in written.getvalue()
    for private in ("周建国", "13812345678", "SECRET-1", "oTHIS"):
        assert private not in written.getvalue()


def test_requests_that_go_well_are_not_logged(written: io.StringIO) -> None:
    logging.getLogger("aiohttp.access").info("GET /wechat/main?signature=abc")
    assert written.getvalue() == ""


@pytest.mark.parametrize(
    "private",
    ["13812345678", "+86 138 1234 5678", "138-1234-5678", "11010519491231002X", "340321198706152418", "021-61234567"],
)
def test_numbers_of_people_are_masked_wherever_they_stand(private: str) -> None:
    for sentence in (private, f"打{private}。", f"a={private}&b", f"x {private} y"):
        assert private not in str(mask({"note": [sentence]}))
        assert private not in bare(sentence)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://:S3cret@h/1", "redis://〈隐〉@h/1"),
        ("at postgresql+psycopg://u:S3cr/et@h/db failed", "at postgresql+psycopg://〈隐〉@h/db failed"),
        ("redis://:S3c@ret@h:6379", "redis://〈隐〉@h:6379"),
        ("http://127.0.0.1:8080/desk/", "http://127.0.0.1:8080/desk/"),
    ],
)
def test_a_password_in_an_address_is_hidden_and_the_server_stays(address: str, shown: str) -> None:
    assert mask(address) == shown


@pytest.mark.parametrize("kept", ["HY-261121-0387-8", "2026-11-21T09:30:00Z", "delivery 1234567", "40164"])
def test_what_is_not_about_a_person_stays(kept: str) -> None:
    assert mask(kept) == kept


@given(st.text(alphabet="周建国张三丰我叫的", min_size=1), st.sampled_from(["{}", "x {} y", "'{}'", "KeyError: {}"]))
def test_no_chinese_word_survives_in_a_foreign_message(words: str, around: str) -> None:
    assert words not in bare(around.format(words))

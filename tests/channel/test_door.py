"""What the door lets in, and what it refuses: every bad push one 4xx, one count, no turn."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientConnectionError

from bot.channels import Push
from bot.turn import TooLate
from dialogs.events import MemberSaid
from tests.channel.conftest import Open
from tests.channel.platform import (
    AES_KEY,
    OTHER_KEY,
    THEM,
    TOKEN,
    US,
    Doorway,
    Platform,
    account,
    event_push,
    later,
    message,
    text_push,
)

HELLO = text_push("你好")


async def test_the_platform_checks_our_address_and_gets_its_echo_back(opened: Open) -> None:
    door = await opened(account("safe"))
    query = Platform().plain() | {"echostr": "4375120948345356249"}
    async with door.client.get("/wechat/main", params=query) as response:
        assert (response.status, await response.read()) == (200, b"4375120948345356249")


@pytest.mark.parametrize("change", [{"signature": "0" * 40}, {"nonce": "1"}, {"timestamp": ""}, {"echostr": ""}])
async def test_a_stranger_checking_our_address_is_refused(opened: Open, change: dict[str, str]) -> None:
    door = await opened(account("plain"))
    query = Platform().plain() | {"echostr": "42"} | change
    async with door.client.get("/wechat/main", params=query) as response:
        assert 400 <= response.status < 500
        assert await response.text() == "refused\n"


async def test_a_plain_push_is_turned_and_answered_in_plain(opened: Open) -> None:
    door = await opened(account("plain"))
    status, reply = await door.push(Platform().plain(), HELLO)
    assert status == 200
    assert "<Content><![CDATA[您好]]></Content>" in reply
    assert f"<ToUserName><![CDATA[{THEM}]]></ToUserName><FromUserName><![CDATA[{US}]]></FromUserName>" in reply
    assert door.turns.came[0].event == MemberSaid(text="你好", folded="你好")
    assert b'hongyan_pushes_total{kind="MemberSaid"} 1.0' in door.metrics.text()


@pytest.mark.parametrize("mode", ["safe", "compatible"])
async def test_a_sealed_push_gets_a_sealed_reply(opened: Open, mode: Any) -> None:
    door = await opened(account(mode))
    status, reply = await door.push(*Platform().safe(HELLO))
    assert status == 200
    assert "您好" not in reply
    assert "<Content><![CDATA[您好]]></Content>" in Platform().reads(reply)


async def test_silence_is_answered_with_success(opened: Open) -> None:
    door = await opened(account("safe"))
    door.turns.say = ""
    assert await door.push(*Platform().safe(HELLO)) == (200, "success")


async def test_compatible_mode_believes_only_what_was_sealed(opened: Open) -> None:
    door = await opened(account("compatible"))
    beside = text_push("我是假的").removeprefix("<xml>").removesuffix("</xml>")
    status, _ = await door.push(*Platform().safe(text_push("我是真的"), beside))
    assert status == 200
    assert door.turns.came[0].event == MemberSaid(text="我是真的", folded="我是真的")


async def test_compatible_mode_reads_past_control_characters_beside_the_seal(opened: Open) -> None:
    door = await opened(account("compatible"))
    beside = text_push("a\x1db]]>c").removeprefix("<xml>").removesuffix("</xml>")
    assert (await door.push(*Platform().safe(HELLO, beside)))[0] == 200


@pytest.mark.parametrize("mode", ["safe", "compatible"])
async def test_there_is_no_falling_back_to_plain(opened: Open, mode: Any) -> None:
    door = await opened(account(mode))
    for query in (Platform().plain(), Platform().plain() | {"encrypt_type": "raw"}):
        assert await door.push(query, HELLO) == (403, "refused\n")
    assert door.refused() == {"not_encrypted": 2}


async def test_a_platform_set_to_safe_mode_is_noticed_by_an_account_set_to_plain(opened: Open) -> None:
    door = await opened(account("plain"))
    assert (await door.push(*Platform().safe(HELLO)))[0] == 400
    assert door.refused() == {"encrypted": 1}


async def test_the_plain_signature_does_not_vouch_for_a_sealed_body(opened: Open) -> None:
    door = await opened(account("safe"))
    query, body = Platform().safe(HELLO)
    query["msg_signature"] = query["signature"]
    assert (await door.push(query, body))[0] == 403
    assert door.refused() == {"unsigned": 1}


async def refused(door: Doorway, query: dict[str, str], body: str | bytes, kind: str) -> None:
    status, words = await door.push(query, body)
    assert 400 <= status < 500
    assert words == "refused\n"
    assert door.refused() == {kind: 1}
    assert door.turns.came == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"signature": ""}, "unsigned"),
        ({"signature": "é" * 40}, "unsigned"),
        ({"timestamp": "", "nonce": ""}, "unsigned"),
        ({"nonce": "other"}, "unsigned"),
    ],
)
async def test_what_is_not_signed_is_refused(opened: Open, change: dict[str, str], kind: str) -> None:
    door = await opened(account("plain"))
    await refused(door, Platform().plain() | change, HELLO, kind)


async def test_a_signature_over_nothing_is_refused(opened: Open) -> None:
    door = await opened(account("plain"))
    await refused(door, Platform(moment="", nonce="").plain(), HELLO, "unsigned")


@pytest.mark.parametrize("seconds", [-601, 601])
async def test_an_old_push_and_one_from_the_future_are_refused(opened: Open, seconds: int) -> None:
    door = await opened(account("safe", max_age=600))
    await refused(door, *later(Platform(), seconds).safe(HELLO), "stale")


async def test_a_push_within_its_age_is_taken_and_its_drift_is_shown(opened: Open) -> None:
    door = await opened(account("safe", max_age=600))
    assert (await door.push(*later(Platform(), -599).safe(HELLO)))[0] == 200
    assert b"hongyan_push_clock_drift_seconds -599.0" in door.metrics.text()


async def test_a_signed_time_that_is_no_number_is_refused(opened: Open) -> None:
    door = await opened(account("plain", max_age=600))
    await refused(door, Platform(moment="yesterday").plain(), HELLO, "stale")


async def test_another_account_gets_404(opened: Open) -> None:
    door = await opened(account("plain"))
    status, _ = await door.push(Platform().plain(), HELLO, to="nobody")
    assert (status, door.refused()) == (404, {"unknown_account": 1})
    async with door.client.get("/wechat/nobody", params=Platform().plain() | {"echostr": "42"}) as response:
        assert (response.status, await response.text()) == (404, "refused\n")
    assert door.refused() == {"unknown_account": 2}


async def test_two_accounts_have_two_doors(opened: Open) -> None:
    door = await opened(account("plain"), account("plain", name="other", token="theirs"))
    assert (await door.push(Platform().plain(), HELLO))[0] == 200
    assert (await door.push(Platform(token="theirs").plain(), HELLO, to="other"))[0] == 200
    assert (await door.push(Platform().plain(), HELLO, to="other"))[0] == 403
    assert [push.member.account for push in door.turns.came] == ["main", "other"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "not_xml"),
        ('{"MsgType": "text"}', "not_xml"),
        ("<html><body/></html>", "not_xml"),
        ("<xml/>", "no_sender"),
        ("<xml>text only</xml>", "no_sender"),
        (HELLO[:-20], "not_xml"),
        (HELLO.encode("gbk"), "not_xml"),
        (HELLO.encode("utf-16"), "not_xml"),
        (b"\xff\xfe\x00", "not_xml"),
        (HELLO.replace(f"<![CDATA[{THEM}]]>", " "), "no_sender"),
        (HELLO.replace("<MsgType><![CDATA[text]]></MsgType>", ""), "no_type"),
        (HELLO.replace("<![CDATA[text]]>", "<a>text</a>"), "not_xml"),
        (f"<!DOCTYPE xml>{HELLO}", "dtd"),
        (f"<!-- <xml --><!DOCTYPE xml>{HELLO}", "dtd"),
        ("<a>" * 9000 + "</a>" * 7000, "not_xml"),
    ],
)
async def test_what_is_no_message_is_refused(opened: Open, body: str | bytes, kind: str) -> None:
    door = await opened(account("plain"))
    await refused(door, Platform().plain(), body, kind)


async def test_a_member_may_paste_a_web_page(opened: Open) -> None:
    door = await opened(account("plain"))
    page = "<!DOCTYPE html><html><body>&nbsp;</body></html>"
    assert (await door.push(Platform().plain(), text_push(page)))[0] == 200
    assert door.turns.came[0].event == MemberSaid(text=page, folded=page.lower())


async def test_a_push_sealed_with_another_key_is_refused(opened: Open) -> None:
    door = await opened(account("safe"))
    await refused(door, *Platform(aes_key=OTHER_KEY).safe(HELLO), "wrong_key")


async def test_a_push_for_another_app_is_refused(opened: Open) -> None:
    door = await opened(account("safe"))
    await refused(door, *Platform(app_id="wxanother").safe(HELLO), "wrong_app")


async def test_all_refusals_of_safe_mode_look_alike(opened: Open) -> None:
    door = await opened(account("safe", max_age=600))
    pushes = [
        Platform(aes_key=OTHER_KEY).safe(HELLO),
        Platform(app_id="wxanother").safe(HELLO),
        Platform(token="wrong").safe(HELLO),
        Platform().safe("not xml at all"),
        Platform().safe("<xml/>"),
        later(Platform(), 9999).safe(HELLO),
        (Platform().plain(), HELLO),
        (Platform().signed("AAAA"), Platform().around("AAAA")),
    ]
    assert {await door.push(*one) for one in pushes} == {(403, "refused\n")}
    assert sum(door.refused().values()) == len(pushes)


@pytest.mark.parametrize("size", [65_536, 65_537])
async def test_64_kib_is_the_most_that_is_read(opened: Open, size: int) -> None:
    door = await opened(account("plain"))
    body = text_push("a" * (size - len(text_push(""))))
    status, _ = await door.push(Platform().plain(), body)
    assert status == (200 if size <= 65_536 else 413)


async def test_a_compressed_bomb_is_counted_as_unpacked(opened: Open) -> None:
    door = await opened(account("plain"))
    bomb = gzip.compress(b"<xml>" + b"a" * 5_000_000)
    headers = {"Content-Encoding": "gzip"}
    async with door.client.post("/wechat/main", params=Platform().plain(), data=bomb, headers=headers) as response:
        assert response.status == 413
    assert door.refused() == {"oversized": 1}


async def test_an_endless_body_is_cut_off(opened: Open) -> None:
    async def endless() -> Any:
        while True:
            yield b"x" * 8192
            await asyncio.sleep(0)

    door = await opened(account("plain"))
    try:
        async with door.client.post("/wechat/main", params=Platform().plain(), data=endless()) as response:
            assert response.status == 413
    except ClientConnectionError:
        pass  # closed in our face before the answer could be read: as good
    assert door.refused() == {"oversized": 1}


async def test_a_body_that_does_not_come_is_not_waited_for(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.webhook._BODY_TIMEOUT", 0.05)
    door = await opened(account("plain"))
    reader, writer = await asyncio.open_connection(door.client.host, door.client.port)
    writer.write(b"POST /wechat/main HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n<xml>")
    assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    await writer.wait_closed()
    assert door.refused() == {"slow": 1}


def wired(body: str, version: str = "1.1", more: str = "") -> bytes:
    """Write a push as it travels."""
    query, content = urlencode(Platform().plain()), body.encode()
    head = f"POST /wechat/main?{query} HTTP/{version}\r\nHost: x\r\n{more}Content-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def answered(reader: asyncio.StreamReader) -> tuple[list[str], str]:
    """Read one answer from the wire: the lines of its head, and as much body as it announces."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
    length = next(int(line.partition(":")[2]) for line in head if line.startswith("Content-Length:"))
    return head, (await reader.readexactly(length)).decode()


async def test_one_connection_carries_one_push_after_another(opened: Open) -> None:
    door = await opened(account("plain"))
    reader, writer = await asyncio.open_connection(door.client.host, door.client.port)
    for text, say in (("你好", "您好"), ("再见", "")):
        door.turns.say = say
        writer.write(wired(text_push(text)))
        head, body = await answered(reader)
        kind = "application/xml; charset=utf-8" if say else "text/plain"
        assert head[0] == "HTTP/1.1 200 OK"
        assert f"Content-Type: {kind}" in head
        assert "Date: Sat, 21 Nov 2026 08:00:00 GMT" in head
        assert say in body if say else body == "success"
    writer.close()
    await writer.wait_closed()
    assert len(door.turns.came) == 2


@pytest.mark.parametrize(("version", "more"), [("1.0", ""), ("1.1", "Connection: close\r\n")])
async def test_who_wants_the_connection_closed_gets_the_same_answer(opened: Open, version: str, more: str) -> None:
    door = await opened(account("plain"))
    reader, writer = await asyncio.open_connection(door.client.host, door.client.port)
    writer.write(wired(HELLO, version, more))
    head, body = await answered(reader)
    assert head[0] == f"HTTP/{version} 200 OK"
    assert "Content-Type: application/xml; charset=utf-8" in head
    assert "<Content><![CDATA[您好]]></Content>" in body
    assert await reader.read() == b"", "closed"
    writer.close()
    await writer.wait_closed()


async def test_a_push_that_dribbles_in_is_read_whole(opened: Open) -> None:
    door = await opened(account("plain"))
    reader, writer = await asyncio.open_connection(door.client.host, door.client.port)
    whole = wired(HELLO)
    for piece in (whole[:60], whole[60:-200], whole[-200:-1], whole[-1:]):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.01)
    assert (await answered(reader))[0][0] == "HTTP/1.1 200 OK"
    writer.close()
    await writer.wait_closed()
    assert door.turns.came[0].event == MemberSaid(text="你好", folded="你好")


async def test_keys_and_tokens_are_rotated_without_losing_a_push(opened: Open) -> None:
    ours = account("safe", token="newtoken", token_previous=TOKEN, aes_key=OTHER_KEY, aes_key_previous=AES_KEY)
    door = await opened(ours)
    for platform in (Platform(), Platform(token="newtoken", aes_key=OTHER_KEY), Platform(aes_key=OTHER_KEY)):
        status, reply = await door.push(*platform.safe(HELLO))
        assert status == 200
        assert "您好" in platform.reads(reply)  # with the key that decrypted, under the token that signed


async def test_the_stored_reply_is_sealed_afresh_each_time(opened: Open) -> None:
    door = await opened(account("safe"))
    replies = [(await door.push(*Platform().safe(HELLO)))[1] for _ in range(2)]
    assert replies[0] != replies[1]
    assert Platform().reads(replies[0]) == Platform().reads(replies[1])


async def test_a_hostile_nonce_does_not_reach_our_reply(opened: Open) -> None:
    door = await opened(account("safe"))
    platform = Platform(nonce="]]></Nonce><Evil>1</Evil><Nonce><![CDATA[")
    encrypted = Platform().safe(HELLO)[1]
    encrypted = encrypted[encrypted.index("<Encrypt><![CDATA[") + 18 : encrypted.index("]]></Encrypt>")]
    status, reply = await door.push(platform.signed(encrypted), platform.around(encrypted))
    assert status == 200
    assert "Evil" not in reply


async def test_too_late_is_503_so_that_the_platform_pushes_again(opened: Open) -> None:
    door = await opened(account("plain"))
    door.turns.wrong = TooLate()
    assert (await door.push(Platform().plain(), HELLO))[0] == 503


async def test_a_bug_in_the_turn_is_503_too_and_never_500(opened: Open) -> None:
    door = await opened(account("plain"))
    door.turns.wrong = KeyError("a bug")
    assert (await door.push(Platform().plain(), HELLO))[0] == 503


async def test_a_bug_in_reading_is_400_and_counted(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Push:
        raise KeyError("a bug")

    door = await opened(account("plain"))
    monkeypatch.setattr("bot.channels.wechat.WeChat.read", broken)
    await refused(door, Platform().plain(), HELLO, "unreadable")


async def test_repeats_have_one_key_and_different_pushes_have_two(opened: Open) -> None:
    door = await opened(account("plain"))
    same = [HELLO, HELLO, event_push("CLICK", "报到"), event_push("CLICK", "报到")]
    jobs = [event_push("TEMPLATESENDJOBFINISH", more=f"<MsgID>{n}</MsgID>") for n in (1, 2)]
    others = [text_push("你好", number="2"), event_push("CLICK", "求助"), *jobs, message("video", "", number="")]
    for body in same + others:
        await door.push(Platform().plain(), body)
    keys = [push.key for push in door.turns.came]
    assert keys[0] == keys[1] == "wechat/main/22211872600753510"
    assert keys[2] == keys[3]
    assert len(set(keys)) == 2 + len(others)
    assert not any(THEM in key for key in keys)  # keys are logged, openids are not

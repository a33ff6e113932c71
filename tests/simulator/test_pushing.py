"""How the platform pushes, and what it makes of an answer. What it signs is checked by other hands (wechatpy)."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from hashlib import sha1

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.cipher import Envelope, Unsealable
from tests.simulator.conftest import Open
from tests.simulator.stand import AES_KEY, APOLOGY, Pushed, Stand, other_hands, text_reply, words


def signed(*parts: str) -> str:
    return sha1("".join(sorted(parts)).encode()).hexdigest()


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_push_is_signed_and_carries_what_its_mode_says(opened: Open, mode: str) -> None:
    box = await opened(mode=mode)
    openid = await box.member()
    answer = await box.say(openid, "报到 <b>&amp;</b>")
    push = box.service.pushes[0]
    assert answer["replies"][0]["text"] == "收到：报到 <b>&amp;</b>"
    assert push.content_type == "text/xml"
    assert push.query["signature"] == signed("token", push.query["timestamp"], push.query["nonce"])
    assert push.query["openid"] == push.fields["FromUserName"] == openid
    assert push.fields["MsgType"] == "text"
    assert push.fields["MsgId"].isdecimal()
    assert (push.query.get("encrypt_type") == "aes") is (mode != "plain")
    assert ("<Encrypt>" in push.body) is (mode != "plain")
    assert ("<Content>" in push.body) is (mode != "safe")


async def test_signatures_carry_real_time_unless_the_clock_is_shared(opened: Open) -> None:
    for shared in (False, True):
        box = await opened(shared_clock=shared)
        box.clock.advance(864_000)
        await box.say(await box.member(), "在吗")
        push = box.service.pushes[0]
        assert int(push.fields["CreateTime"]) == int(box.clock.now().timestamp())
        expected = box.clock.now().timestamp() if shared else time.time()
        assert abs(int(push.query["timestamp"]) - expected) < 5


async def test_three_tries_with_one_message_id_each_signed_anew(opened: Open) -> None:
    box = await opened(mode="safe")
    statuses = iter([503, 500, 200])

    def failing(push: Pushed) -> str | web.Response:
        status = next(statuses)
        return text_reply(push, "第三次成了") if status == 200 else web.Response(status=status)

    box.service.answering = failing
    answer = await box.say(await box.member(), "在吗")
    assert (answer["tries"], answer["status"]) == (3, 200)
    assert [reply["text"] for reply in answer["replies"]] == ["第三次成了"]
    pushes = box.service.pushes
    assert len({push.fields["MsgId"] for push in pushes}) == 1
    assert len({push.query["nonce"] for push in pushes}) == 3
    assert len({push.query["msg_signature"] for push in pushes}) == 3


async def test_after_three_tries_the_member_sees_the_apology(box: Stand) -> None:
    box.service.answering = lambda _: web.Response(status=503)
    answer = await box.say(await box.member(), "在吗")
    assert (answer["tries"], answer["status"]) == (3, 503)
    assert [(reply["type"], reply["text"]) for reply in answer["replies"]] == [("notice", APOLOGY)]


async def test_a_late_answer_is_cut_off_and_asked_for_again(opened: Open) -> None:
    box = await opened(push_timeout=1.0)
    over = asyncio.Event()
    pushes = box.service.pushes

    async def slowly(push: Pushed) -> str:
        if len(pushes) == 1:
            await over.wait()
        return text_reply(push, "来了")

    box.service.answering = slowly
    answer = await box.say(await box.member(), "在吗")
    over.set()
    assert (answer["tries"], [reply["text"] for reply in answer["replies"]]) == (2, ["来了"])


async def test_nobody_at_the_push_address(opened: Open) -> None:
    box = await opened(push_url="http://127.0.0.1:9/nobody")
    answer = await box.say(await box.member(), "在吗")
    assert (answer["tries"], answer["status"]) == (3, 0)
    assert answer["replies"][0]["text"] == APOLOGY


@pytest.mark.parametrize("silence", ["", "success"])
@pytest.mark.parametrize("mode", ["plain", "safe"])
async def test_success_and_nothing_are_no_reply(opened: Open, mode: str, silence: str) -> None:
    box = await opened(mode=mode)
    box.service.answering = lambda _: silence
    answer = await box.say(await box.member(), "在吗")
    assert (answer["replies"], answer["tries"], answer["status"]) == ([], 1, 200)


@pytest.mark.parametrize(
    "wrong",
    [
        '{"errcode": 0}',
        "<xml><Content>",
        "<html></html>",
        '<!DOCTYPE xml [<!ENTITY a "a">]><xml>&a;</xml>',
        "<xml><MsgType>text</MsgType></xml>",
    ],
)
async def test_a_malformed_answer_is_an_apology_at_once(box: Stand, wrong: str) -> None:
    box.service.answering = lambda _: web.Response(text=wrong)
    answer = await box.say(await box.member(), "在吗")
    assert (answer["tries"], answer["status"]) == (1, 200)
    assert [reply["text"] for reply in answer["replies"]] == [APOLOGY]


async def test_replies_that_the_platform_does_not_take(box: Stand) -> None:
    openid = await box.member()
    for content in ("", "字" * 683):
        box.service.answering = lambda push, content=content: text_reply(push, content)  # type: ignore[misc]
        assert (await box.say(openid, "在吗"))["replies"][0]["text"] == APOLOGY
    box.service.answering = lambda push: text_reply(push, "好").replace(openid, "somebody-else")
    assert (await box.say(openid, "在吗"))["replies"][0]["text"] == APOLOGY


async def test_in_safe_mode_only_what_is_sealed_and_signed_is_shown(opened: Open) -> None:
    box = await opened(mode="safe")
    openid = await box.member()
    seal = box.service.seal

    def plain(push: Pushed) -> web.Response:
        return web.Response(text=text_reply(push, "没有加密"))

    def unsigned(push: Pushed) -> web.Response:
        return web.Response(
            text=seal(text_reply(push, "签名错了")).replace("<MsgSignature><![CDATA[", "<MsgSignature><![CDATA[x")
        )

    def stranger(push: Pushed) -> web.Response:
        return web.Response(text=words(other_hands("wxother").encrypt_message(text_reply(push, "别人的"), "n", "1")))

    for answering in (plain, unsigned, stranger):
        box.service.answering = answering
        assert (await box.say(openid, "在吗"))["replies"][0]["text"] == APOLOGY


async def test_in_compatible_mode_either_answer_will_do(opened: Open) -> None:
    box = await opened(mode="compatible")
    openid = await box.member()
    box.service.answering = lambda push: web.Response(text=text_reply(push, "明文"))
    assert (await box.say(openid, "在吗"))["replies"][0]["text"] == "明文"
    box.service.answering = lambda push: text_reply(push, "密文")
    assert (await box.say(openid, "在吗"))["replies"][0]["text"] == "密文"


def reply_with(push: Pushed, kind: str, inner: str) -> str:
    head = text_reply(push, "").partition("<MsgType>")[0]
    return f"{head}<MsgType><![CDATA[{kind}]]></MsgType>{inner}</xml>"


NEWS = (
    "<ArticleCount>1</ArticleCount><Articles><item><Title>报到须知</Title><Description>带上介绍信</Description>"
    "<PicUrl/><Url>http://x.cn/a</Url></item></Articles>"
)


@pytest.mark.parametrize(
    ("kind", "inner", "read"),
    [
        ("image", "<Image><MediaId>m</MediaId></Image>", "[图片]"),
        ("voice", "<Voice><MediaId>m</MediaId></Voice>", "[语音]"),
        ("video", "<Video><MediaId>m</MediaId><Title>怎样报到</Title></Video>", "[视频] 怎样报到"),
        ("music", "<Music><Title>歌</Title><Description>词</Description></Music>", "[音乐] 歌\n词"),
        (
            "news",
            NEWS,
            "报到须知\n带上介绍信\nhttp://x.cn/a",
        ),
        ("text", "<Content>看&lt;a href=&quot;http://x.cn&quot;&gt;这里&lt;/a&gt;</Content>", "看这里"),
    ],
)
async def test_every_kind_of_reply_is_read_as_words(box: Stand, kind: str, inner: str, read: str) -> None:
    box.service.answering = lambda push: reply_with(push, kind, inner)
    answer = await box.say(await box.member(), "在吗")
    assert [(reply["type"], reply["text"]) for reply in answer["replies"]] == [(kind, read)]


async def test_events_as_the_platform_writes_them(box: Stand) -> None:
    openid = await box.member()
    await box.act(openid, "scan", scene="s001")
    await box.act(openid, "scan", scene="s002")
    await box.act(openid, "tap", key="报到")
    await box.act(openid, "leave")
    await box.act(openid, "follow")
    seen = [(push.fields["Event"], push.fields["EventKey"]) for push in box.service.pushes]
    assert seen == [
        ("subscribe", "qrscene_s001"),
        ("SCAN", "s002"),
        ("CLICK", "报到"),
        ("unsubscribe", ""),
        ("subscribe", ""),
    ]
    assert all(push.fields["MsgType"] == "event" and "MsgId" not in push.fields for push in box.service.pushes)


async def test_two_taps_in_one_second_are_not_a_repeat(box: Stand) -> None:
    openid = await box.member()
    for _ in range(2):
        await box.act(openid, "tap", key="报到")
    first, second = (int(push.fields["CreateTime"]) for push in box.service.pushes)
    assert second > first


async def test_pictures_places_and_recordings(box: Stand) -> None:
    openid = await box.member()
    await box.act(openid, "photo")
    await box.act(openid, "place", lat=31.3891, lon=120.9532, label="新城花园")
    await box.act(openid, "voice", recognition="楼道灯坏了")
    await box.act(openid, "voice")
    photo, place, heard, unheard = (push.fields for push in box.service.pushes)
    assert photo["MediaId"]
    assert (place["Location_X"], place["Location_Y"], place["Label"]) == ("31.389100", "120.953200", "新城花园")
    assert heard["Recognition"] == "楼道灯坏了"
    assert "Recognition" not in unheard
    assert unheard["Format"] == "amr"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_whatever_is_sealed_is_opened_by_other_hands_and_by_ours(text: str) -> None:
    ours, theirs = Envelope(AES_KEY, "wxsim"), other_hands("wxsim")
    sealed = ours.seal(text)
    assert ours.open(sealed) == text
    body = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
    assert words(theirs.decrypt_message(body, signed("token", "1", "n", sealed), "1", "n")) == text


@given(st.text(max_size=80) | st.binary(max_size=96).map(lambda raw: b64encode(raw).decode()))
def test_what_is_not_sealed_for_us_is_refused_and_never_worse(sealed: str) -> None:
    with pytest.raises(Unsealable):
        Envelope(AES_KEY, "wxsim").open(sealed)

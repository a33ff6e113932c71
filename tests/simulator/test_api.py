"""The platform's own API against its documents: tokens, windows, counts, quotas, codes."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from tests.simulator.conftest import Open
from tests.simulator.stand import Json, Stand
from tests.waiting import until

HOUR, DAY = 3600, 86_400
STABLE: Json = {"grant_type": "client_credential", "appid": "wxsim", "secret": "secret"}


async def pass_time(box: Stand, seconds: float) -> None:
    await box.sim("clock", {"advance_seconds": seconds})


# Tokens: they live by real time, so these boxes share their clock with the service


async def test_the_stable_token_stays_the_same_until_five_minutes_before_its_end(opened: Open) -> None:
    box = await opened(shared_clock=True)
    first = await box.raw("stable_token", STABLE, token="")
    assert first["expires_in"] == 7200
    await pass_time(box, 7200 - 301)
    again = await box.raw("stable_token", STABLE, token="")
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 301)
    await pass_time(box, 2)
    new = await box.raw("stable_token", STABLE, token="")
    assert new["access_token"] != first["access_token"]
    assert await box.code("getcallbackip", token=first["access_token"]) == 0
    await pass_time(box, 300)
    assert await box.code("getcallbackip", token=first["access_token"]) in {40001, 42001}
    assert await box.code("getcallbackip", token=new["access_token"]) == 0


async def test_a_token_ends_and_is_refreshed_with_one_call(opened: Open) -> None:
    box = await opened(shared_clock=True)
    old = await box.new_token()
    await pass_time(box, 7201)
    assert await box.code("getcallbackip", token=old) == 42001
    assert await box.code("getcallbackip", token=await box.new_token()) == 0


async def test_tokens_that_are_none(box: Stand) -> None:
    assert await box.code("getcallbackip", token="") == 41001
    assert await box.code("getcallbackip", token="short") == 40014
    assert await box.code("getcallbackip", token="x" * 120) == 40001


async def test_a_plain_token_voids_the_one_before_after_five_minutes(opened: Open) -> None:
    box = await opened(shared_clock=True)
    asked = {"grant_type": "client_credential", "appid": "wxsim", "secret": "secret"}
    old = (await box.raw("token", token="", **asked))["access_token"]
    stable = await box.new_token()
    new = (await box.raw("token", token="", **asked))["access_token"]
    assert old != new
    assert await box.code("getcallbackip", token=old) == 0
    await pass_time(box, 301)
    assert [await box.code("getcallbackip", token=one) for one in (old, new, stable)] == [40001, 0, 0]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"grant_type": "password"}, 40002), ({"appid": "wxother"}, 40013), ({"secret": "guess"}, 40125)],
)
async def test_who_may_not_have_a_token(box: Stand, wrong: Json, code: int) -> None:
    assert await box.code("stable_token", STABLE | wrong, token="") == code
    assert await box.code("token", token="", **(STABLE | wrong)) == code


async def test_forced_refreshes_are_thirty_seconds_apart_and_twenty_a_day(opened: Open) -> None:
    box = await opened(shared_clock=True)
    forced = STABLE | {"force_refresh": True}
    first = await box.raw("stable_token", forced, token="")
    assert await box.code("stable_token", forced, token="") == 45011
    await pass_time(box, 30)
    second = await box.raw("stable_token", forced, token="")
    assert first["access_token"] != second["access_token"]
    for _ in range(18):
        await pass_time(box, 30)
        assert await box.code("stable_token", forced, token="") == 0
    await pass_time(box, 30)
    assert await box.code("stable_token", forced, token="") == 45009


# 客服消息


async def test_a_word_opens_48_hours_and_five_messages(box: Stand) -> None:
    openid = await box.member()
    assert await box.customer(openid, "您好") == 43004
    await box.say(openid, "在吗")
    assert [await box.customer(openid, "您好") for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    await box.say(openid, "还在吗")
    await pass_time(box, 48 * HOUR - 1)
    assert await box.customer(openid, "您好") == 0
    await pass_time(box, 1)
    assert await box.customer(openid, "您好") == 45015


@pytest.mark.parametrize(("act", "body"), [("tap", {"key": "进度"}), ("follow", {}), ("scan", {"scene": "s001"})])
async def test_a_tap_a_follow_and_a_scan_open_one_minute_and_three(box: Stand, act: str, body: Json) -> None:
    openid = await box.member()
    await box.act(openid, act, **body)
    assert [await box.customer(openid, "您好") for _ in range(4)] == [0, 0, 0, 45047]
    await box.act(openid, act, **body)
    await pass_time(box, 59)
    assert await box.customer(openid, "您好") == 0
    await pass_time(box, 1)
    assert await box.customer(openid, "您好") == 45015


async def test_windows_do_not_add_up(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "在吗")
    await box.act(openid, "tap", key="进度")
    assert [await box.customer(openid, "您好") for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    await pass_time(box, 61)
    await box.act(openid, "tap", key="进度")
    assert [await box.customer(openid, "您好") for _ in range(4)] == [0, 0, 0, 45047]


async def test_an_address_in_the_menu_opens_no_window(box: Stand) -> None:
    button = {"type": "view", "name": "官网", "url": "http://x.cn/"}
    assert await box.code("menu/create", {"button": [button]}) == 0
    openid = await box.member(follow=True)
    await pass_time(box, 61)
    await box.act(openid, "tap", key="http://x.cn/")
    assert box.service.pushes[-1].fields["Event"] == "VIEW"
    assert await box.customer(openid, "您好") == 45015


async def test_customer_messages_that_are_refused(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "在吗")
    assert await box.customer("nobody", "您好") == 40003
    assert await box.customer(openid, "") == 44004
    assert await box.customer(openid, "字" * 682 + "ab") == 45002
    assert await box.customer(openid, "字" * 682 + "a") == 0

    async def send(**body: Any) -> int:
        return await box.code("message/custom/send", {"touser": openid} | body)

    assert await send(msgtype="poem") == 40008
    assert await send(msgtype="image", image={"media_id": "none"}) == 40007
    assert await send(msgtype="news", news={"articles": [{"title": "一"}, {"title": "二"}]}) == 45008
    assert await send(msgtype="text", text="您好") == 47001


async def test_a_menu_in_a_message_and_an_article(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "在吗")
    rows = [{"id": "1", "content": "解决了"}, {"id": "2", "content": "没解决"}]
    menu = {"head_content": "解决了吗？", "list": rows, "tail_content": "谢谢"}
    assert await box.code("message/custom/send", {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu}) == 0
    news = {"articles": [{"title": "报到须知", "description": "带上介绍信", "url": "http://x.cn/a"}]}
    assert await box.code("message/custom/send", {"touser": openid, "msgtype": "news", "news": news}) == 0
    texts = [one["text"] for one in await box.said(openid) if one["way"] == "customer"]
    assert texts == ["解决了吗？\n解决了\n没解决\n谢谢", "报到须知\n带上介绍信\nhttp://x.cn/a"]
    await box.act(openid, "say", text="没解决", menu_id="2")
    assert box.service.pushes[-1].fields["bizmsgmenuid"] == "2"


async def test_typing_shows_for_fifteen_seconds_after_a_fresh_word(box: Stand) -> None:
    openid = await box.member()

    async def typing(command: str) -> int:
        return await box.code("message/custom/typing", {"touser": openid, "command": command})

    await box.say(openid, "在吗")
    assert [await typing("Dancing"), await typing("Typing"), await typing("Typing")] == [45072, 0, 45081]
    assert [await typing("CancelTyping"), await typing("Typing")] == [0, 0]
    await pass_time(box, 31)
    assert await typing("Typing") == 45080


# 模板消息, 订阅通知


async def test_a_template_message_reports_its_end_and_is_sent_once_in_ten_minutes(box: Stand) -> None:
    openid = await box.member(follow=True)
    data = {"thing1": {"value": "路灯已修好"}, "time2": {"value": "11月23日 10:00"}}
    body = {"touser": openid, "template_id": "T1", "data": data, "client_msg_id": "case-1"}
    first = await box.raw("message/template/send", body)
    assert (await box.raw("message/template/send", body))["msgid"] == first["msgid"]
    await box.reached(2)
    end = box.service.pushes[-1].fields
    assert (end["Event"], end["Status"], end["MsgID"]) == ("TEMPLATESENDJOBFINISH", "success", str(first["msgid"]))
    await pass_time(box, 601)
    assert (await box.raw("message/template/send", body))["msgid"] != first["msgid"]
    shown = [one["text"] for one in await box.said(openid) if one["way"] == "template"]
    assert shown == ["路灯已修好\n11月23日 10:00"] * 2


async def test_templates_that_are_refused(opened: Open) -> None:
    box = await opened(templates=frozenset({"T1"}))
    openid = await box.member()

    async def send(template: str, value: str, to: str) -> Json:
        body = {"touser": to, "template_id": template, "data": {"thing1": {"value": value}}}
        return await box.raw("message/template/send", body)

    assert (await send("T1", "好", openid))["errcode"] == 43004
    await box.act(openid, "follow")
    assert (await send("T2", "好", openid))["errcode"] == 40037
    assert (await send("T1", "好", "nobody"))["errcode"] == 40003
    for value in ("", "字" * 21, "两\n行"):
        refused = await send("T1", value, openid)
        assert refused["errcode"] == 47003
        assert "thing1" in refused["errmsg"]
    assert (await send("T1", "字" * 20, openid))["errcode"] == 0


async def test_one_subscription_message_for_each_acceptance(opened: Open) -> None:
    box = await opened(long_term=frozenset({"L1"}), templates=frozenset({"O1"}))
    openid = await box.member(follow=True)

    async def send(template: str) -> int:
        body = {"touser": openid, "template_id": template, "data": {"thing1": {"value": "请来领证"}}}
        return await box.code("message/subscribe/bizsend", body)

    assert await send("O1") == 43101
    await box.act(openid, "agree", template_id="O1")
    assert box.service.pushes[-1].fields["Event"] == "subscribe_msg_popup_event"
    assert box.service.pushes[-1].fields["SubscribeStatusString"] == "accept"
    assert [await send("O1"), await send("O1")] == [0, 43101]
    await box.act(openid, "agree", template_id="L1")
    assert [await send("L1"), await send("L1")] == [0, 0]
    await box.act(openid, "agree", template_id="L1", accept=False)
    assert await send("L1") == 43101
    assert [one["text"] for one in await box.said(openid) if one["way"] == "subscribe"] == ["请来领证"] * 3


# 群发


def mass(*openids: str, text: str = "通知", name: str = "") -> Json:
    named = {"clientmsgid": name} if name else {}
    return {"touser": list(openids), "msgtype": "text", "text": {"content": text}} | named


async def test_nobody_gets_more_than_four_mass_messages_a_month(box: Stand) -> None:
    one, two = await box.member(follow=True), await box.member(follow=True)
    before = len(box.service.pushes)
    for number in range(5):
        assert (await box.raw("message/mass/send", mass(one, two, text=f"通知 {number}")))["errcode"] == 0
        await box.reached(before + number + 1)
    ends = [push.fields for push in box.service.pushes[before:]]
    assert {end["Event"] for end in ends} == {"MASSSENDJOBFINISH"}
    assert sorted((end["TotalCount"], end["FilterCount"], end["SentCount"]) for end in ends) == [
        ("2", "0", "0"),
        *[("2", "2", "2")] * 4,
    ]
    assert len([said for said in await box.said(one) if said["way"] == "mass"]) == 4
    await pass_time(box, 10 * DAY)
    await box.raw("message/mass/send", mass(one, two, text="下个月"))
    assert (await box.said(one))[-1]["text"] == "下个月"


async def test_the_same_clientmsgid_is_the_same_job(box: Stand) -> None:
    one, two = await box.member(follow=True), await box.member(follow=True)
    first = await box.raw("message/mass/send", mass(one, two, name="notice-1"))
    assert await box.code("message/mass/send", mass(one, two, text="别的", name="notice-1")) == 45066
    await pass_time(box, 61)
    again = await box.raw("message/mass/send", mass(one, two, text="别的", name="notice-1"))
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert (await box.raw("message/mass/get", {"msg_id": first["msg_id"]}))["msg_status"] == "SEND_SUCCESS"
    await pass_time(box, DAY)
    assert await box.code("message/mass/send", mass(one, two, name="notice-1")) == 0
    assert [said["text"] for said in await box.said(one) if said["way"] == "mass"] == ["通知", "通知"]


async def test_without_a_clientmsgid_the_content_is_its_name(box: Stand) -> None:
    one, two = await box.member(follow=True), await box.member(follow=True)
    assert await box.code("message/mass/send", mass(one, two)) == 0
    await pass_time(box, 61)
    assert await box.code("message/mass/send", mass(one, two)) == 45065
    assert await box.code("message/mass/send", mass(one, two, text="另一个通知")) == 0


async def test_mass_sends_that_are_refused(box: Stand) -> None:
    one, two = await box.member(follow=True), await box.member(follow=True)
    assert await box.code("message/mass/send", mass(one)) == 40130
    assert await box.code("message/mass/send", mass(one, one)) == 40130
    assert await box.code("message/mass/send", mass(one, two, name="字" * 22)) == 45067
    assert await box.code("message/mass/send", mass(one, two, text="字" * 700)) == 45002


async def test_everybody_is_written_to_once_a_day(box: Stand) -> None:
    one = await box.member(follow=True)

    async def everybody(text: str) -> int:
        content = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": text}}
        return await box.code("message/mass/sendall", content)

    assert [await everybody("一"), await everybody("二")] == [0, 45028]
    for day in range(3):
        await pass_time(box, DAY)
        assert await everybody(f"第 {day} 天") == 0
    await pass_time(box, DAY)
    assert await everybody("第五次") == 45028
    assert len([said for said in await box.said(one) if said["way"] == "mass"]) == 4


async def test_sixty_mass_sends_a_minute(box: Stand) -> None:
    openids = (await box.member(), await box.member())
    codes = [await box.code("message/mass/send", mass(*openids, text=str(number))) for number in range(61)]
    assert (set(codes[:60]), codes[60]) == ({0}, 45011)


# Menu


def click(name: str, **more: object) -> Json:
    return {"type": "click", "name": name, "key": "k"} | more


async def test_a_menu_is_published_shown_and_taken_back(box: Stand) -> None:
    assert await box.code("menu/get") == 46003
    buttons = [{"name": "我要办", "sub_button": [click("流动党员报到网点")]}, click("进度")]
    assert await box.code("menu/create", {"button": buttons}) == 0
    assert (await box.raw("menu/get"))["menu"] == {"button": buttons}
    assert await box.code("menu/delete") == 0
    assert await box.code("menu/get") == 46003


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([click("一")] * 4, 40016),
        ([click("五个字太长")], 40018),
        ([click("")], 40018),
        ([{"name": "办", "sub_button": [click("一")] * 6}], 40023),
        ([{"name": "办", "sub_button": [click("九个字的名字太长啦")]}], 40025),
        ([{"name": "办"}], 40017),
        ([click("办", key="")], 40019),
        ([click("办", key="字" * 43)], 40019),
        ([{"type": "view", "name": "办"}], 40020),
        ([{"name": "办", "sub_button": [{"type": "poem", "name": "一"}]}], 40024),
    ],
)
async def test_menus_that_are_refused(box: Stand, buttons: list[Json], code: int) -> None:
    assert await box.code("menu/create", {"button": buttons}) == code
    assert await box.code("menu/get") == 46003


# Media, codes, members


async def test_a_members_photo_is_fetched_with_what_the_telephone_wrote_into_it(box: Stand) -> None:
    openid = await box.member()
    await box.act(openid, "photo")
    media = box.service.pushes[-1].fields["MediaId"]
    token = await box.new_token()
    asked = {"access_token": token, "media_id": media}
    async with box.session.get(f"{box.url}/cgi-bin/media/get", params=asked) as response:
        assert response.content_type == "image/jpeg"
        assert "attachment" in response.headers["Content-Disposition"]
        raw = await response.read()
    with Image.open(BytesIO(raw)) as image:
        assert image.format == "JPEG"
        assert image.getexif().get_ifd(0x8825)
    await pass_time(box, 3 * DAY)
    assert await box.code("media/get", media_id=media) == 40007
    assert await box.code("media/get", media_id="nothing") == 40007


async def test_uploading(box: Stand) -> None:
    token = await box.new_token()

    async def upload(kind: str, size: int) -> Json:
        form = FormData()
        form.add_field("media", b"x" * size, filename="a.jpg", content_type="image/jpeg")
        url = f"{box.url}/cgi-bin/media/upload"
        async with box.session.post(url, params={"access_token": token, "type": kind}, data=form) as response:
            answer: Json = await response.json()
            return answer

    assert (await upload("image", 100))["type"] == "image"
    assert (await upload("poem", 100))["errcode"] == 40004
    assert (await upload("thumb", 65_537))["errcode"] == 40009
    assert await box.code("media/upload", {}, type="image") == 41005


async def test_a_code_that_the_account_made_can_be_scanned(box: Stand) -> None:
    scene = {"scene": {"scene_str": "xincheng"}}
    made = await box.raw("qrcode/create", {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene})
    assert made["ticket"]
    openid = await box.member(follow=True)
    await box.act(openid, "scan", scene="xincheng")
    assert box.service.pushes[-1].fields["Ticket"] == made["ticket"]
    short = await box.raw("qrcode/create", {"action_name": "QR_STR_SCENE", "action_info": scene})
    assert short["expire_seconds"] == 60
    for name, value in (
        ("QR_LIMIT_SCENE", {"scene_id": 100_001}),
        ("QR_STR_SCENE", {"scene_str": "字" * 65}),
        ("QR", {}),
    ):
        assert await box.code("qrcode/create", {"action_name": name, "action_info": {"scene": value}}) == 40053


async def test_what_is_told_of_a_member(box: Stand) -> None:
    openid = await box.member()
    assert (await box.raw("user/info", openid=openid))["subscribe"] == 0
    await box.act(openid, "scan", scene="s001")
    told = await box.raw("user/info", openid=openid)
    assert (told["subscribe"], told["qr_scene_str"], told["subscribe_scene"]) == (1, "s001", "ADD_SCENE_QR_CODE")
    assert not {"nickname", "headimgurl", "sex", "city"} & set(told)
    assert await box.code("user/info", openid="nobody") == 40003
    assert (await box.raw("user/get"))["data"]["openid"] == [openid]


# Quotas and manners


async def test_a_daily_quota_ends_at_midnight_in_china_or_when_cleared(opened: Open) -> None:
    box = await opened(quotas={"/cgi-bin/user/info": 2})
    openid = await box.member()

    async def ask() -> int:
        return await box.code("user/info", openid=openid)

    assert [await ask() for _ in range(3)] == [0, 0, 45009]
    assert await box.code("clear_quota", {"appid": "wxsim"}) == 0
    assert [await ask() for _ in range(3)] == [0, 0, 45009]
    await pass_time(box, 14 * HOUR - 1)
    assert await ask() == 45009
    await pass_time(box, 1)
    assert await ask() == 0


async def test_quotas_are_cleared_ten_times_a_month(box: Stand) -> None:
    codes = [await box.code("clear_quota", {"appid": "wxsim"}) for _ in range(11)]
    assert codes == [0] * 10 + [48006]
    assert await box.code("clear_quota", {"appid": "wxother"}) == 40013


async def test_refusals_carry_a_request_id_and_are_http_200(box: Stand) -> None:
    answer = await box.raw("message/custom/send", {"touser": "nobody", "msgtype": "text"})
    assert answer["errcode"] == 40003
    assert "rid:" in answer["errmsg"]
    assert await box.code("no/such/api") == 40066
    assert await box.code("message/custom/send") == 43002


async def test_a_time_out_does_not_undo_what_was_sent(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "在吗")
    path = "/cgi-bin/message/custom/send"
    await box.sim("faults", {"path": path, "delay_seconds": 1.5})
    box.token = await box.new_token()
    asked = asyncio.create_task(box.customer(openid, "没等到回音"))

    async def reached() -> bool:
        return bool((await box.sim("calls", method="GET"))["calls"][-1]["path"] == path)

    async def arrived() -> bool:
        return bool((await box.said(openid))[-1]["text"] == "没等到回音")

    await until(reached, "the call reaches the box")
    asked.cancel()
    await until(arrived, "the words reach the phone")
    assert asked.cancelled()

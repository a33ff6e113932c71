"""The control interface, to the letter of the design."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest

from bot.simulator import SimSettings
from tests.simulator.conftest import Open
from tests.simulator.stand import BEGIN, Pushed, Stand, text_reply

ACTS: dict[str, dict[str, Any]] = {
    "say": {"text": "在吗"},
    "tap": {"key": "报到"},
    "follow": {},
    "scan": {"scene": "s001"},
    "photo": {},
    "place": {"lat": 31.38, "lon": 120.95, "label": "新城花园"},
    "voice": {"recognition": "路灯坏了"},
    "leave": {},
}


@pytest.mark.parametrize("act", ACTS)
async def test_every_act_answers_with_replies_tries_and_status(box: Stand, act: str) -> None:
    openid = await box.member()
    answer = await box.act(openid, act, **ACTS[act])
    assert set(answer) == {"replies", "tries", "status"}
    assert (answer["tries"], answer["status"]) == (1, 200)
    replies = answer["replies"]
    assert len(replies) == (0 if act == "leave" else 1)
    for reply in replies:
        assert set(reply) == {"type", "text", "way", "at"}
        assert (reply["type"], reply["way"]) == ("text", "passive")
        assert datetime.fromisoformat(reply["at"]) == BEGIN


@pytest.mark.parametrize("act", ACTS)
async def test_nobody_has_that_phone(box: Stand, act: str) -> None:
    status, answer = await box.sim_status(f"members/nobody/{act}", ACTS[act])
    assert status == 404
    assert answer["error"]


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("say", {}),
        ("say", {"text": 7}),
        ("say", []),
        ("tap", {}),
        ("scan", {}),
        ("scan", {"scene": ""}),
        ("scan", {"scene": "长" * 65}),
        ("place", {"lat": 31.38}),
        ("place", {"lat": 91, "lon": 0, "label": ""}),
        ("place", {"lat": "31", "lon": 0, "label": ""}),
        ("photo", {"image": "no base64!"}),
        ("photo", {"image": "AAAA"}),
        ("photo", {"sample": "nothing like it"}),
        ("voice", {"recognition": 1}),
    ],
)
async def test_what_is_asked_wrongly_is_400_and_pushes_nothing(box: Stand, act: str, body: object) -> None:
    openid = await box.member()
    status, answer = await box.sim_status(f"members/{openid}/{act}", body)
    assert status == 400
    assert answer["error"]
    assert not box.service.pushes
    assert not await box.said(openid)


async def test_json_that_is_none_is_400_and_an_unknown_path_404(box: Stand) -> None:
    openid = await box.member()
    async with box.session.post(f"{box.url}/_sim/members/{openid}/say", data=b'{"text": "') as response:
        assert response.status == 400
        assert (await response.json())["error"]
    status, answer = await box.sim_status("nothing")
    assert (status, bool(answer["error"])) == (404, True)
    status, answer = await box.sim_status("members/x/messages", method="GET")
    assert (status, bool(answer["error"])) == (404, True)


async def test_the_chat_is_listed_oldest_first(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "一")
    await box.act(openid, "photo")
    await box.customer(openid, "二")
    chat = await box.said(openid)
    assert all(set(one) == {"from", "type", "text", "way", "at"} for one in chat)
    assert [(one["from"], one["type"], one["text"], one["way"]) for one in chat] == [
        ("member", "text", "一", ""),
        ("account", "text", "收到：一", "passive"),
        ("member", "image", "[图片]", ""),
        ("account", "text", "收到：", "passive"),
        ("account", "text", "二", "customer"),
    ]


async def test_an_act_waits_until_it_is_quiet_and_takes_what_comes_in_it(opened: Open) -> None:
    box = await opened(quiet=1.5, settle=60.0)
    openid = await box.member()
    await box.say(openid, "在吗")
    started = time.monotonic()
    act = asyncio.create_task(box.say(openid, "再问一句"))
    for text in ("第一条", "第二条"):
        await asyncio.sleep(0.2)
        assert await box.customer(openid, text) == 0
    answer = await act
    assert [reply["text"] for reply in answer["replies"]] == ["收到：再问一句", "第一条", "第二条"]
    assert [reply["way"] for reply in answer["replies"]] == ["passive", "customer", "customer"]
    assert time.monotonic() - started > 1.89


async def test_an_act_does_not_wait_longer_than_its_limit(opened: Open) -> None:
    box = await opened(quiet=60.0, settle=0.4)
    openid = await box.member()
    await box.say(openid, "在吗")
    started = time.monotonic()
    answer = await box.say(openid, "还在吗")
    assert [reply["text"] for reply in answer["replies"]] == ["收到：还在吗"]
    assert 0.39 < time.monotonic() - started < 30


def test_the_limits_are_those_of_the_design() -> None:
    plain = SimSettings(app_id="a", app_secret="b", token="c", mode="plain")
    assert (plain.quiet, plain.settle, plain.push_timeout, plain.port) == (0.3, 2.0, 5.0, 8081)


async def test_twenty_at_once_from_one_member_arrive_in_order_and_each_gets_its_own(box: Stand) -> None:
    async def slowly(push: Pushed) -> str:
        await asyncio.sleep(0.002)
        return text_reply(push, push.fields["Content"])

    box.service.answering = slowly
    openid = await box.member()
    begun = []
    for number in range(20):
        begun.append(asyncio.create_task(box.say(openid, str(number))))
        await asyncio.sleep(0.001)
    answers = await asyncio.gather(*begun)
    arrived = [push.fields["Content"] for push in box.service.pushes]
    said = [one["text"] for one in await box.said(openid) if one["from"] == "member"]
    assert arrived == said
    assert sorted(arrived, key=int) == [str(number) for number in range(20)]
    assert [[reply["text"] for reply in answer["replies"]] for answer in answers] == [[str(n)] for n in range(20)]


async def test_two_members_do_not_wait_for_each_other(box: Stand) -> None:
    together = asyncio.Barrier(2)

    async def meet(push: Pushed) -> str:
        await together.wait()
        return text_reply(push, push.fields["Content"])

    box.service.answering = meet
    one, two = await box.member(), await box.member()
    answers = await asyncio.gather(box.say(one, "甲"), box.say(two, "乙"))
    assert [answer["replies"][0]["text"] for answer in answers] == ["甲", "乙"]
    assert [answer["tries"] for answer in answers] == [1, 1]


async def test_who_left_cannot_speak_until_they_follow_again(box: Stand) -> None:
    openid = await box.member(follow=True)
    await box.act(openid, "leave")
    status, answer = await box.sim_status(f"members/{openid}/say", {"text": "在吗"})
    assert (status, bool(answer["error"])) == (409, True)
    assert await box.customer(openid, "您好") == 43004
    await box.act(openid, "scan", scene="s001")
    assert box.service.pushes[-1].fields["EventKey"] == "qrscene_s001"
    assert (await box.say(openid, "在吗"))["replies"][0]["text"] == "收到：在吗"


async def test_the_clock_moves_forward_only(box: Stand) -> None:
    openid = await box.member()
    moved = await box.sim("clock", {"advance_seconds": 3600})
    assert datetime.fromisoformat(moved["now"]) == box.clock.now()
    await box.say(openid, "在吗")
    assert int(box.service.pushes[-1].fields["CreateTime"]) == int(BEGIN.timestamp()) + 3600
    for wrong in ({}, {"advance_seconds": -1}, {"advance_seconds": "3600"}, {"advance_seconds": 1e12}):
        status, answer = await box.sim_status("clock", wrong)
        assert (status, bool(answer["error"])) == (400, True)


async def test_calls_are_listed_with_what_came_of_them(box: Stand) -> None:
    openid = await box.member()
    await box.customer(openid, "您好")
    calls = (await box.sim("calls", method="GET"))["calls"]
    assert all(set(call) == {"path", "body", "status", "errcode", "at"} for call in calls)
    last = calls[-1]
    assert last["path"] == "/cgi-bin/message/custom/send"
    assert last["body"] == {"touser": openid, "msgtype": "text", "text": {"content": "您好"}}
    assert (last["status"], last["errcode"]) == (200, 43004)


async def test_faults_come_as_often_as_ordered_and_end_when_deleted(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "在吗")
    path = "/cgi-bin/message/custom/send"
    await box.sim("faults", {"path": path, "errcode": -1, "times": 2})
    assert [await box.customer(openid, "您好") for _ in range(3)] == [-1, -1, 0]
    await box.sim("faults", {"path": path, "errcode": 45009, "times": 9})
    assert await box.customer(openid, "您好") == 45009
    await box.sim("faults", method="DELETE")
    assert await box.customer(openid, "您好") == 0
    assert len([one for one in await box.said(openid) if one["way"] == "customer"]) == 2


async def test_a_fault_is_a_status_or_a_delay_too(box: Stand) -> None:
    openid = await box.member()
    await box.say(openid, "在吗")
    path = "/cgi-bin/message/custom/send"
    await box.sim("faults", {"path": path, "status": 502})
    token = await box.new_token()
    body = {"touser": openid, "msgtype": "text", "text": {"content": "您好"}}
    async with box.session.post(f"{box.url}{path}", params={"access_token": token}, json=body) as response:
        assert response.status == 502
    assert (await box.sim("calls", method="GET"))["calls"][-1]["status"] == 502
    await box.sim("faults", {"path": path, "delay_seconds": 0.2})
    started = time.monotonic()
    assert await box.customer(openid, "迟到的") == 0
    assert time.monotonic() - started > 0.19
    assert [one["text"] for one in await box.said(openid) if one["way"] == "customer"] == ["迟到的"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"path": "/cgi-bin/token"},
        {"path": "cgi-bin/token", "errcode": -1},
        {"path": "/cgi-bin/token", "errcode": "busy"},
        {"path": "/cgi-bin/token", "errcode": -1, "times": 0},
        {"path": "/cgi-bin/token", "status": 20},
        {"path": "/cgi-bin/token", "delay_seconds": -1},
    ],
)
async def test_a_fault_ordered_wrongly_is_400(box: Stand, wrong: dict[str, Any]) -> None:
    status, answer = await box.sim_status("faults", wrong)
    assert (status, bool(answer["error"])) == (400, True)

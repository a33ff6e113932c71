"""What the box keeps between two runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.simulator.conftest import Open
from tests.simulator.stand import stand
from tests.waiting import until


async def test_people_chats_windows_and_the_menu_outlive_the_run(tmp_path: Path) -> None:
    state = tmp_path / "demo" / "phone.json"
    first = await stand(state=state)
    openid = await first.member(follow=True)
    await first.say(openid, "在吗")
    await first.act(openid, "photo")
    menu = {"button": [{"type": "click", "name": "进度", "key": "进度"}]}
    assert await first.code("menu/create", menu) == 0
    chat = await first.said(openid)
    await first.close()
    second = await stand(state=state)
    try:
        assert await second.said(openid) == chat
        assert (await second.raw("menu/get"))["menu"] == menu
        assert await second.customer(openid, "还开着") == 0
        await second.say(openid, "又来了")
        assert int(second.service.pushes[-1].fields["MsgId"]) > int(first.service.pushes[1].fields["MsgId"])
    finally:
        await second.close()


async def test_what_happens_is_on_disk_before_the_end(opened: Open, tmp_path: Path) -> None:
    state = tmp_path / "phone.json"
    box = await opened(state=state)
    openid = await box.member()

    async def written() -> bool:
        return await asyncio.to_thread(state.exists)

    await until(written, "it writes every half second")
    assert openid in await asyncio.to_thread(state.read_text)
    assert {path.name for path in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))} == {"phone.json"}


async def test_a_file_that_cannot_be_read_is_put_aside(opened: Open, tmp_path: Path) -> None:
    state = tmp_path / "phone.json"
    await asyncio.to_thread(state.write_text, "{half a file")
    box = await opened(state=state)
    assert (await box.sim("members", method="GET"))["members"] == []
    assert (tmp_path / "phone.unreadable").read_text() == "{half a file"

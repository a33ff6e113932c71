"""What staff do to a case, over HTTP, on a real database."""

from __future__ import annotations

import re

from dialogs.effects import Filled
from tests.desk.conftest import NewClerk
from tests.desk.world import FAR, FLAT, LAMP, World, hidden


async def test_a_case_from_signing_for_it_to_filing_it(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    assert "还没有人签收" in (await min_.see(f"/desk/case/{LAMP}"))[1]

    status, page = await min_.act(LAMP, "claim")
    assert (status, "经办 张敏" in page, "已签收，这件事归您办" in page) == (200, True, True)

    await min_.act(LAMP, "write", "物业今天下午派电工来修。")
    await min_.act(LAMP, "note", "灯杆 X-0312，去年修过一次。")
    status, page = await min_.act(LAMP, "answer", "已更换灯泡并检修线路。")
    assert "已答复，等评价" in page
    assert world.sent == ["物业今天下午派电工来修。", "已更换灯泡并检修线路。"]

    status, page = await min_.act(LAMP, "close")
    assert (status, "已归档" in page, "张敏办结归档" in page) == (200, True, True)


async def test_a_note_stays_inside(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    _, page = await min_.act(LAMP, "note", "这家人上次闹过，小心说话")

    assert re.search(r'class="inside.*?内部.*?小心说话', page, re.DOTALL)
    assert world.sent == []
    assert (await world.database.deliveries.counts(world.clock.at))["due"] == 0


async def test_a_form_that_is_not_for_the_member_never_reaches_them(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    for act in ("note", "", "reveal", "nonsense"):
        status, _ = await min_.send(f"/desk/case/{LAMP}/say", act=act, words="内部的话", version="2", seen="0.0")
        assert status == 404
    assert world.sent == []


async def test_who_comes_too_late_keeps_both_texts(world: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    await min_.act(LAMP, "claim")
    _, seen = await min_.see(f"/desk/case/{LAMP}")
    await juan.act(LAMP, "note", "物业说明天才来")
    await world.add(LAMP, "灯又亮了")

    status, page = await min_.send(f"/desk/case/{LAMP}/say", act="answer", words="下午就修好", **hidden(seen))

    assert status == 409
    assert world.sent == []
    banner = page[page.index("还没有送出") : page.index("<fieldset")]
    assert "物业说明天才来" in banner
    assert "灯又亮了" in banner
    assert re.search(r"<textarea[^>]*>下午就修好</textarea>", page)
    # Sent again from the page that came back, it goes out.
    status, page = await min_.send(f"/desk/case/{LAMP}/say", act="answer", words="下午就修好", **hidden(page))
    assert (status, world.sent) == (200, ["下午就修好"])


async def test_two_people_sign_for_one_case_and_one_is_told(clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    _, page = await juan.see(f"/desk/case/{LAMP}")
    await min_.act(LAMP, "claim")

    status, page = await juan.send(f"/desk/case/{LAMP}/claim", **hidden(page))

    assert (status, "张敏签收" in page[page.index("还没有送出") :]) == (409, True)
    assert "经办 张敏" in page


async def test_an_impossible_wish_is_refused_in_words_and_the_text_stays(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    status, page = await min_.act(LAMP, "close")
    assert (status, "还没有答复，不能办结" in page) == (422, True)
    await min_.act(LAMP, "claim")
    status, page = await min_.act(LAMP, "write", "   ")
    assert (status, "还没有写字" in page) == (422, True)
    status, page = await min_.act(LAMP, "write", "长" * 4001)
    assert (status, "太长了" in page, "长" * 4001 in page) == (422, True, True)
    assert world.sent == []


async def test_the_words_on_the_way_an_answer_will_take(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.act(LAMP, "claim")
    assert re.search(r'id="way">将以客服消息送达（窗口还剩 47 小时，本轮还可发 \d 条）<', page)
    world.clock.at = world.clock.at.replace(day=26)
    await min_.sign_in()
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "窗口已关" in page


async def test_the_full_number_is_shown_to_who_looked_and_the_look_stands_in_the_time_line(clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "138****5678" in page
    assert "13812345678" not in page

    _, page = await min_.act(LAMP, "reveal")
    assert "13812345678" in page
    assert "张敏查看了完整手机号" in page
    _, page = await juan.see(f"/desk/case/{LAMP}")
    assert "13812345678" not in page


async def test_a_number_typed_into_another_answer_is_shown_to_who_looked_only(world: World, clerk: NewClerk) -> None:
    typed = "新城花园，打 13998761234"
    filled = (Filled(key="where", label="哪个小区", value=typed, shown=typed),)
    await world.open_case("HY-261123-0001-7", user="qian", phone="", filled=filled)
    min_, juan = await clerk("张敏"), await clerk("李娟")
    _, page = await min_.see("/desk/case/HY-261123-0001-7")
    assert "没有留电话" in page
    assert "看完整号码" in page
    assert "新城花园，打 139****1234" in page
    assert "13998761234" not in page

    _, page = await min_.act("HY-261123-0001-7", "reveal")
    assert "新城花园，打 13998761234" in page
    assert "看完整号码" not in page
    assert "张敏查看了完整手机号" in page
    assert "13998761234" not in (await juan.see("/desk/case/HY-261123-0001-7"))[1]


async def test_what_lies_elsewhere_does_not_exist(world: World, clerk: NewClerk) -> None:
    min_, head = await clerk("张敏"), await clerk("王站长")
    for path in (f"/desk/case/{FAR}", f"/desk/case/{FAR}/photo/1", f"/desk/find?number={FAR}"):
        status, page = await min_.see(path)
        assert (status, "亭林的事" in page) == (404, False)
    await min_.see("/desk/queue/mine")
    for act in ("claim", "note", "close", "reveal", "say"):
        status, _ = await min_.send(f"/desk/case/{FAR}/{act}", act="write", words="x", version="1", seen="0.0")
        assert status == 404
    assert "亭林的事" not in (await min_.see("/desk/queue/unit"))[1]
    assert "亭林的事" in (await head.see("/desk/queue/unit"))[1]
    assert (await head.see(f"/desk/case/{FAR}"))[0] == 200
    row = await world.database.cases.find(FAR)
    assert row is not None
    assert (row.version, row.owner) == (1, "")


async def test_an_anonymous_member_has_no_name_and_no_number(world: World, clerk: NewClerk) -> None:
    await world.open_case("HY-261123-0001-0", user="mei", anonymous=True, filled=())
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/case/HY-261123-0001-0?in=unit")
    shown = page[page.index('id="case"') :]
    assert "匿名群众" in shown
    assert "周建国" not in shown
    assert "5678" not in shown
    assert "周建国" not in re.findall(r'id="row-HY-261123-0001-0".*?</li>', page, re.DOTALL)[0]


async def test_a_photo_is_shown_with_its_case_and_nowhere_else(world: World, clerk: NewClerk) -> None:
    photo = await world.send_photo(LAMP, b"\x89PNG\r\n\x1a\n")
    min_ = await clerk("张敏")
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert f"/desk/case/{LAMP}/photo/{photo}" in page
    response = await min_.client.get(f"/desk/case/{LAMP}/photo/{photo}")
    assert (response.status, response.content_type) == (200, "image/png")
    assert (await min_.see(f"/desk/case/{FLAT}/photo/{photo}"))[0] == 404


async def test_what_members_write_is_shown_as_written(world: World, clerk: NewClerk) -> None:
    words = '<script>alert(1)</script> & "引号" </textarea>'
    await world.add(LAMP, words)
    _, page = await (await clerk("张敏")).see(f"/desk/case/{LAMP}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;引号&#34;" in page


async def test_a_case_says_why_it_is_here_and_who_helps(world: World, clerk: NewClerk) -> None:
    number = "HY-261121-0601-4"
    why = "路灯归新城社区（派单目录 第 1 版），地点就在这里"
    await world.open_case(number, user="qian", why=why, book=1, helpers=("yushan",))
    wang = await clerk("王站长")
    _, page = await wang.see(f"/desk/case/{number}")
    assert why in page
    assert "协办：玉山镇" in page

    _, page = await wang.act(number, "dispatch", "灯杆在北门那边", to="北门社区")
    here = page[page.index("为什么到这里") :]
    assert "王站长派给北门社区：灯杆在北门那边" in here[: here.index("</section>")]

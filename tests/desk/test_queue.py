"""The list: everything at one glance, what hurts most first, page by page, and what an empty place says."""

from __future__ import annotations

import re
from datetime import timedelta

from dialogs.desk.cases import Grade
from tests.desk.conftest import NewClerk
from tests.desk.world import FLAT, LAMP, World


def numbers(page: str) -> list[str]:
    """The cases of a list, in order."""
    return re.findall(r'id="row-([\w-]+)"', page)


async def test_a_row_answers_in_one_glance(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    await min_.act(LAMP, "write", "下午派电工")
    world.clock.at += timedelta(minutes=12)
    _, page = await min_.see("/desk/queue/mine")
    row = re.sub(r"<[^>]+>|\s+", " ", page[page.index(f'id="row-{LAMP}"') : page.index("</li>", page.index("row-HY"))])
    for word in (
        "新城花园三号楼路灯坏了",
        "还剩 3 天 23 小时",
        "一般",
        "新城社区",
        "张敏",
        LAMP,
        "周建国",
        "我方 12 分钟前",
    ):
        assert word in row, word
    assert "签收还剩" not in row


async def test_what_hurts_most_comes_first(world: World, clerk: NewClerk) -> None:
    now = world.clock.at
    late, red = "HY-261119-0007-2", "HY-261123-0413-4"
    await world.open_case(red, user="sun", grade=Grade.RED, sign_by=now + timedelta(minutes=5))
    await world.open_case(late, user="qian", sign_by=now - timedelta(days=1, hours=2))
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/queue/unit")
    assert numbers(page) == [red, late, LAMP, FLAT]
    assert "签收超期 1 天" in page
    assert "签收还剩 5 分" in page
    counted = dict(re.findall(r'id="place-(\w+)".*?class="count[^>]*>(\d+)<', page, re.DOTALL))
    waits = {"watched": "0", "above": "0", "returned": "0", "member": "0", "answered": "0"}
    assert counted == {"mine": "0", "unit": "4", "unclaimed": "4", "soon": "3", "overdue": "1", **waits}


async def test_a_long_list_goes_on_where_it_ended(world: World, clerk: NewClerk) -> None:
    opened = [f"HY-261123-{serial:04d}-0" for serial in range(1000, 1120)]
    for serial, number in enumerate(opened):
        await world.open_case(
            number, user=f"u{serial}", sign_by=world.clock.at + timedelta(hours=3, minutes=serial // 7)
        )
    min_ = await clerk("张敏")
    seen, path = list[str](), "/desk/queue/unit"
    while path:
        _, page = await min_.see(path)
        seen += numbers(page)
        more = re.search(r'id="more"><a class="button" href="([^"]+)"', page)
        path = more[1].replace("&amp;", "&") if more else ""
    assert seen == [LAMP, FLAT, *opened]
    # A list that refreshes itself keeps as many rows as it had.
    _, page = await min_.see("/desk/queue/unit?loaded=100&live=1")
    assert numbers(page) == [LAMP, FLAT, *opened][:100]


async def test_an_empty_place_says_so_and_what_comes_next(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/queue/mine")
    assert "手上没有件了，本单位还有 2 件待签收" in page
    assert '<a class="button" href="/desk/queue/unclaimed">去看「未派」</a>' in page
    for number in (LAMP, FLAT):
        await min_.act(number, "claim")
        await min_.act(number, "answer", "办好了")
    _, page = await min_.see("/desk/queue/mine")
    assert "有新的会自己出现在这里" in page
    assert "今天的都办完了" in page


RED = "HY-261123-0413-4"


async def test_what_may_be_a_matter_of_life_is_said_on_every_page_until_somebody_signs(
    world: World, clerk: NewClerk
) -> None:
    min_ = await clerk("张敏")
    for path in ("/desk/queue/closed", f"/desk/case/{LAMP}", "/desk/find?number=9"):
        assert "特急还没人签收" not in (await min_.see(path))[1]
    due = world.clock.at + timedelta(minutes=4)
    await world.open_case(RED, user="sun", title="心理危机", grade=Grade.RED, sign_by=due)
    for path in ("/desk/queue/closed", f"/desk/case/{LAMP}", "/desk/find?number=9"):
        _, page = await min_.see(path)
        bar = re.search(r'id="alarm".*?</div>', page, re.DOTALL)
        assert bar is not None
        assert f'href="/desk/case/{RED}?in=unclaimed"' in bar[0]
        said = " ".join(re.sub(r"<[^>]+>", " ", bar[0][bar[0].index("<a") :]).split())
        assert said == "1 件特急还没人签收：心理危机 · 还剩 4 分"
    await min_.act(RED, "claim")
    assert "特急还没人签收" not in (await min_.see("/desk/queue/mine"))[1]


async def test_the_title_counts_what_presses(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    _, page = await min_.see("/desk/queue/unit")
    assert "<title>(1) 本单位（2） · 鸿雁</title>" in page  # the flat is to be signed for within the hour
    await min_.act(FLAT, "claim")
    _, page = await min_.see("/desk/queue/unit")
    assert "<title>本单位（2） · 鸿雁</title>" in page


async def test_a_row_says_what_it_is_about_in_the_members_words(world: World, clerk: NewClerk) -> None:
    first, second = "HY-261123-0414-0", "HY-261123-0415-1"
    await world.open_case("HY-261123-0416-9", user="he", title="路灯", matter="三号楼的灯一闪一闪")
    await world.open_case("HY-261123-0417-7", user="wu", title="五号楼门口的灯不亮", matter="五号楼门口的灯不亮")
    words = "我妈的养老金停了\n电话 13812345678"
    await world.open_case(first, user="sun", title="找工作人员", talk=True, matter=words)
    await world.open_case(second, user="qian", title="找工作人员", talk=True, matter="别让人知道", confidential=True)
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/queue/unit")
    assert '<span class="gist">我妈的养老金停了 电话 138****5678</span>' in page
    assert '<span class="gist">三号楼的灯一闪一闪</span>' in page  # six lamps differ
    assert page.count("五号楼门口的灯不亮") == 1
    assert "别让人知道" not in page

"""Many cases at once: a look first, each by its own version, a result that says why not, and taken back."""

from __future__ import annotations

import asyncio
import re

import pytest

from dialogs.desk.cases import TABLE, Act, Status
from dialogs.effects import ActOnCase
from handlers.desk.frame import words
from handlers.desk.frame.offered import FORMS
from tests.desk.conftest import NewClerk
from tests.desk.test_more import moves
from tests.desk.world import FAR, FLAT, LAMP, Clerk, World


def fields(page: str, action: str) -> list[tuple[str, str]]:
    """What a form of the page sends as it stands."""
    form = page[page.index(f'action="{action}') :]
    return re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])


def verdicts(page: str) -> list[str]:
    found = re.findall(r"<li(?: class=\"no\")?><a href=\"/desk/case/(.*?)\?in.*?</svg> (.*?)</span>", page, re.DOTALL)
    return [f"{number}: {said}" for number, said in found]


async def post(clerk: Clerk, path: str, given: list[tuple[str, str]]) -> tuple[str, str]:
    response = await clerk.client.post(path, data=given)
    return str(response.url.relative()), await response.text()


async def look(clerk: Clerk, kind: str, *numbers: str, to: str, words: str = "") -> str:
    await clerk.see("/desk/queue/unit")
    picked = [("pick", number) for number in numbers]
    given = [("csrf", clerk.csrf), ("kind", kind), *picked, ("to", to), ("words", words)]
    return (await post(clerk, "/desk/bulk?in=unit", given))[1]


async def confirm(clerk: Clerk, page: str) -> tuple[str, str]:
    return await post(clerk, "/desk/bulk/do?in=unit", fields(page, "/desk/bulk/do"))


async def undo(clerk: Clerk, page: str) -> str:
    path = re.findall(r'action="(/desk/bulk/\w+/undo)', page)[0]
    return (await post(clerk, path, fields(page, path)))[1]


async def test_tags_on_many_looked_at_done_once_and_undone(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    await head.act(FLAT, "tag", to="夜间")
    _, page = await head.see("/desk/queue/unit")
    assert page.count('class="pick"') == 3
    page = await look(head, "tag", LAMP, FLAT, FAR, to="夜间")
    assert verdicts(page) == [f"{LAMP}: 可以办", f"{FLAT}: 标签没有变。", f"{FAR}: 可以办"]
    assert "2 件可以办，1 件不行" in page
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert not row.tags, "a look does nothing"
    address, done = await confirm(head, page)
    assert "2 件都已加标签" in done
    assert (await confirm(head, page))[0] == address, "a form that was sent twice leads to the same result"
    _, case = await head.see(f"/desk/case/{LAMP}")
    assert [each for each in moves(case) if "标签" in each] == ["王站长加标签 夜间"]
    # Something happens to one of them: that one stays as it is.
    note = ActOnCase(number=FAR, act=Act.NOTE, by="李娟", words="看过了")
    await world.database.cases.act(note, staff=None, now=world.clock.at)
    page = await undo(head, done)
    assert verdicts(page) == [f"{LAMP}: 已撤销", f"{FAR}: 没有撤销：看过以后又有新情况，没有办。请打开看看再办。"]
    _, case = await head.see(f"/desk/case/{LAMP}")
    assert moves(case)[-1].endswith("王站长去掉标签 夜间")


async def test_each_goes_the_way_that_its_state_has(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    await head.act(LAMP, "claim")
    page = await look(head, "send", LAMP, FLAT, to="北门社区")
    assert verdicts(page) == [f"{LAMP}: 还没有写字，没有送出。", f"{FLAT}: 可以办"]
    page = await look(head, "send", LAMP, FLAT, to="北门社区", words="归北门管")
    _, done = await confirm(head, page)
    assert verdicts(done) == [f"{LAMP}: 已派单、转办；群众已经知道，不能撤销", f"{FLAT}: 已派单、转办"]
    await undo(head, done)
    units = [row.unit for number in (LAMP, FLAT) if (row := await world.database.cases.find(number))]
    assert units == ["yushan-beimen", "yushan-xincheng"]


async def test_handing_over_and_grades_come_back_as_they_were(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    for number in (LAMP, FLAT):
        await head.act(number, "claim")
    page = await look(head, "hand_over", LAMP, FLAT, to="李娟", words="我休假")
    _, done = await confirm(head, page)
    await undo(head, done)
    page = await look(head, "regrade", LAMP, to="orange")
    before = await world.database.cases.find(LAMP)
    _, done = await confirm(head, page)
    await undo(head, done)
    after = await world.database.cases.find(LAMP)
    assert before is not None
    assert after is not None
    assert (before.owner, before.grade) == (after.owner, after.grade) == ("王站长", "yellow")
    _, case = await head.see(f"/desk/case/{LAMP}")
    assert [each.partition("：")[0] for each in moves(case)[-4:]] == [
        "王站长交给李娟", "王站长交给王站长", "王站长改为紧急", "王站长改为一般",
    ]  # fmt: skip


async def test_what_is_not_theirs_is_not_there(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    page = await look(min_, "tag", LAMP, FAR, to="夜间")
    assert verdicts(page) == [f"{LAMP}: 可以办"]
    picked = [("pick", f"{LAMP}/1"), ("pick", f"{FAR}/1")]
    given = [("csrf", min_.csrf), ("kind", "tag"), ("to", "夜间"), ("run", "0" * 24), *picked]
    address, done = await post(min_, "/desk/bulk/do?in=unit", given)
    assert f"{FAR}: 已经不在您能看的范围里。" in verdicts(done)
    li = await clerk("李娟")
    assert (await li.see(address))[0] == 404
    for wrong in (
        [("kind", "close")],
        [("kind", "tag"), ("pick", "../x")],
        [("kind", "tag"), ("run", "x"), ("to", "y")],
    ):
        response = await min_.client.post("/desk/bulk/do", data=[("csrf", min_.csrf), *wrong])
        assert response.status == 400


async def test_many_go_under_one_and_come_out_again(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    page = await look(head, "merge", LAMP, FLAT, FAR, to=LAMP.lower(), words="同一次停电")
    assert verdicts(page) == [f"{LAMP}: 不能并到自己。请写另一件的编号。", f"{FLAT}: 可以办", f"{FAR}: 可以办"]
    _, done = await confirm(head, page)
    assert "2 件都已并单" in done
    row = await world.database.cases.find(FAR)
    assert row is not None
    assert row.status == "merged"
    page = await undo(head, done)
    assert verdicts(page) == [f"{FLAT}: 已撤销", f"{FAR}: 已撤销"]
    row = await world.database.cases.find(FAR)
    assert row is not None
    assert row.status == "accepted"


async def test_cases_that_nobody_signed_for_are_not_assigned_and_the_page_says_what_to_do(
    world: World, clerk: NewClerk
) -> None:
    min_ = await clerk("张敏")
    dark = "HY-261123-0416-9"
    await world.open_case(dark, user="he", title="路灯", matter="三号楼的灯一闪一闪")
    page = await look(min_, "hand_over", dark, to="李强")
    assert f"{dark}　三号楼的灯一闪一闪</span>" in page  # one lamp of many
    assert verdicts(page) == [f"{dark}: 还没有人签收，不用交办：请同事自己签收，或者先签收（c）再交给他。"]


@pytest.mark.parametrize("status", Status)
def test_every_act_that_a_case_does_not_take_says_what_to_do_instead(status: Status) -> None:
    blunt = words.refused("nothing that has words")
    for act in (*FORMS, Act.CLAIM, Act.WRITE, Act.ANSWER, Act.CLOSE):
        if (status, act) not in TABLE:
            assert words.refused(f"{act} from {status}") != blunt, f"{act} from {status}"


async def test_taken_back_by_two_forms_at_once_it_is_taken_back_once_and_says_so(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    page = await look(head, "tag", LAMP, FLAT, to="夜间")
    _, done = await confirm(head, page)
    await asyncio.gather(*(undo(head, done) for _ in range(4)))
    address = re.findall(r'action="(/desk/bulk/\w+)/undo', done)[0]
    _, at_last = await head.see(address)
    assert [each.partition(": ")[2] for each in verdicts(at_last)] == ["已撤销", "已撤销"], verdicts(at_last)
    lamp = await world.database.cases.find(LAMP)
    assert lamp is not None
    assert (lamp.tags, lamp.version) == ("", 3)

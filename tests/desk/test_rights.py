"""Who sees what: a post in a unit, and three administrators who see no case at all (三员分立)."""

from __future__ import annotations

import pytest

from tests.desk.conftest import NewClerk
from tests.desk.world import FLAT, LAMP, World

GRID = "yushan-xincheng-g1"
TOLD = "HY-261121-0613-2"


@pytest.mark.parametrize(
    ("post", "words"),
    [("admin", "您管单位、人员和设置"), ("security", "您管密级、代班的审批"), ("audit", "您看审计日志")],
)
async def test_an_administrator_has_a_home_and_no_case(world: World, clerk: NewClerk, post: str, words: str) -> None:
    await world.hire("赵管理", "kunshan", post)
    admin = await clerk("赵管理")
    status, page = await admin.see("/desk/")
    assert (status, words in page) == (200, True)
    for word in ("place-mine", "按受理编号找", "place-overdue", "路灯", LAMP):
        assert word not in page, word
    for path in ("/desk/queue/mine", "/desk/queue/unit", f"/desk/case/{LAMP}", "/desk/find?number=0387"):
        status, page = await admin.see(path)
        assert (status, "路灯" in page) == (404, False), path
    assert (await admin.see("/desk/units"))[0] == (200 if post == "admin" else 404)


async def test_at_a_grid_one_sees_what_was_sent_there_and_what_one_holds(world: World, clerk: NewClerk) -> None:
    await world.hire("孙网格", GRID, "grid")
    await world.hire("周网格", GRID, "grid")
    await world.open_case(TOLD, user="he", unit=GRID, title="楼道堆物")
    sun, zhou = await clerk("孙网格"), await clerk("周网格")
    _, page = await sun.see("/desk/queue/unclaimed")
    assert TOLD in page
    assert LAMP not in page, "the community's, not the grid's"
    await sun.act(TOLD, "claim")
    assert TOLD in (await sun.see("/desk/queue/mine"))[1]
    assert (await zhou.see(f"/desk/case/{TOLD}"))[0] == 404, "a colleague holds it"
    assert (await sun.see(f"/desk/case/{LAMP}"))[0] == 404


async def test_a_volunteer_sees_only_what_they_hold(world: World, clerk: NewClerk) -> None:
    await world.hire("何志愿", "yushan-xincheng", "volunteer")
    he = await clerk("何志愿")
    _, page = await he.see("/desk/queue/unit")
    assert LAMP not in page
    assert FLAT not in page
    assert "本单位没有在办的件" in page

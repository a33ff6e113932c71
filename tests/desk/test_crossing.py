"""Somebody who wants more than is theirs: a right in one place used in another, what was seen before kept in sight."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

from sqlalchemy import update

from storage import tables as t
from storage.audit_log import Wanted
from tests.desk.conftest import NewClerk
from tests.desk.test_bulk import confirm, look
from tests.desk.test_exports import asked, few, worker
from tests.desk.test_intake import took
from tests.desk.test_posts_held import hold
from tests.desk.test_sealed import NAME, PHONE, clear, open_sealed
from tests.desk.world import FAR, FLAT, LAMP, Clerk, World

__all__ = ["few"]
HOME, CITY = "yushan-xincheng", "kunshan"


async def moved(world: World, name: str, unit: str) -> None:
    """Somebody works elsewhere from now on."""
    change = update(t.staff).where(t.staff.c.name == name).values(unit=unit)
    await world.database._engine.write(lambda conn: conn.execute(change).rowcount)


def written(content: bytes) -> str:
    with ZipFile(BytesIO(content)) as sheet:
        return "".join(sheet.read(name).decode() for name in sheet.namelist())


async def recorded(world: World) -> list[tuple[str, str]]:
    found = await world.database.audit.records(Wanted())
    return [(each.record.act, each.record.actor.name) for each in found]


async def test_figures_are_of_the_units_where_one_has_figures(world: World, clerk: NewClerk) -> None:
    await world.hire("兼职", CITY, "volunteer")
    await hold(world, "兼职", "supervisor", HOME)
    both = await clerk("兼职")
    day = f"{world.clock.at:%Y-%m-%d}"
    status, page = await both.see(f"/desk/numbers/log?of={day}")
    assert (status, LAMP in page) == (200, True)
    assert FAR not in page, "what a supervisor of one community reads is not the whole city's"
    assert "亭林的事" not in page
    for unit in (CITY, "yushan", "yushan-tinglin"):
        assert (await both.see(f"/desk/numbers/log?of={day}&unit={unit}"))[0] == 404, unit
    assert (await both.see(f"/desk/numbers/month?unit={HOME}"))[0] == 200


async def test_the_directory_is_for_who_decides_returns_at_the_top_itself(world: World, clerk: NewClerk) -> None:
    await world.hire("兼职", CITY, "volunteer")
    await hold(world, "兼职", "supervisor", HOME)
    both = await clerk("兼职")
    assert (await both.see("/desk/directory"))[0] == 404
    _, page = await both.see("/desk/queue/unit")
    assert "/desk/directory" not in page


async def test_canned_replies_are_kept_where_one_answers(world: World, clerk: NewClerk) -> None:
    await world.hire("兼职", CITY, "volunteer")
    await hold(world, "兼职", "coordinator", HOME)
    both = await clerk("兼职")
    said = {"title": "好的", "words": "好的", "until": "2027-01-01"}
    await both.see("/desk/replies")
    for unit in (CITY, "lujia"):
        assert (await both.send("/desk/replies", unit=unit, **said))[0] == 404, unit
    assert (await both.send("/desk/replies", unit=HOME, **said))[0] == 200


async def test_an_auditor_who_moved_takes_no_file_of_the_old_place_along(few: World, clerk: NewClerk) -> None:
    await few.hire("审计", "yushan", "audit")
    auditor = await clerk("审计")
    await clerk("张敏")
    await auditor.see("/desk/audit")
    assert (await asked(auditor, kind="audit"))[0] == 303
    await worker(few).once()
    _, page = await auditor.see("/desk/exports")
    (href,) = re.findall(r'href="(/desk/exports/[\w-]+)"', page)
    await moved(few, "审计", "lujia")
    assert (await auditor.client.get(href)).status == 404, "whose records one reads has changed"


async def test_what_was_done_at_once_keeps_no_titles_for_who_sees_the_cases_no_more(
    world: World, clerk: NewClerk
) -> None:
    min_ = await clerk("张敏")
    address, page = await confirm(min_, await look(min_, "tag", LAMP, FLAT, to="夜间"))
    assert "新城花园三号楼路灯坏了" in page
    await moved(world, "张敏", "lujia")
    status, page = await min_.see(address)
    assert (status, LAMP in page) == (200, True), "what one did oneself"
    assert "新城花园三号楼路灯坏了" not in page


async def test_a_telephone_does_not_tell_who_confided(world: World, clerk: NewClerk) -> None:
    await open_sealed(world)
    juan = await clerk("李娟")
    _, page = await juan.see("/desk/intake")
    _, page = await juan.send("/desk/intake/look", key="0" * 32, phone=PHONE, words="路灯坏了")
    assert 'value="here"' not in page, "not even that they write to us"
    status, page = await took(juan, phone=PHONE, name="", reach="here")
    assert (status, NAME in page) == (422, False)
    status, page = await took(juan, phone=PHONE, name="", reach="call")
    assert (status, NAME in page) == (200, False)


async def test_who_also_told_it_openly_is_known_by_telephone(world: World, clerk: NewClerk) -> None:
    await open_sealed(world)
    await world.open_case("HY-261121-0801-5", user="jing", phone=PHONE)
    juan = await clerk("李娟")
    await juan.see("/desk/intake")
    _, page = await juan.send("/desk/intake/look", key="0" * 32, phone=PHONE, words="路灯坏了")
    assert 'value="here"' in page


async def test_the_days_log_goes_out_masked_and_leaves_a_record(world: World, clerk: NewClerk) -> None:
    await world.open_case("HY-261121-0802-3", user="sun", title="打我电话 13855556666")
    head = await clerk("王站长")
    day = f"{world.clock.at:%Y-%m-%d}"
    response = await head.client.get(f"/desk/numbers/log.xlsx?of={day}")
    said = written(await response.read())
    assert ("HY-261121-0802-3" in said, "13855556666" in said) == (True, False)
    for path in ("month.xlsx", "units.xlsx", "year.xlsx"):
        assert (await head.client.get(f"/desk/numbers/{path}")).status == 200
    assert (await recorded(world)).count(("export.take", "王站长")) == 4


async def test_photos_stay_in_no_browser(world: World, clerk: NewClerk) -> None:
    photo = await world.send_photo(LAMP, b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    min_ = await clerk("张敏")
    response = await min_.client.get(f"/desk/case/{LAMP}/photo/{photo}")
    assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")


async def test_a_new_password_ends_the_other_sessions(world: World, clerk: NewClerk) -> None:
    here, there = await clerk("张敏"), await clerk("张敏")
    await here.see("/desk/password")
    new = {"new": "jia-he-wan-shi-xing-2", "again": "jia-he-wan-shi-xing-2"}
    status, page = await here.send("/desk/password", old="jia-he-wan-shi-xing", **new)
    assert (status, "密码换好了" in page) == (200, True)
    assert (await there.client.get("/desk/queue/mine", allow_redirects=False)).status == 303


async def test_an_open_desk_is_no_place_to_guess_the_password(world: World, clerk: NewClerk) -> None:
    left = await clerk("张敏")
    await left.see("/desk/password")
    new = {"new": "jia-he-wan-shi-xing-2", "again": "jia-he-wan-shi-xing-2"}
    for guess in range(5):
        await left.send("/desk/password", old=f"wrong-{guess}", **new)
    status, page = await left.send("/desk/password", old="jia-he-wan-shi-xing", **new)
    assert (status, "试错的次数太多" in page) == (429, True)


async def test_intake_says_only_numbers(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/intake?done=请打 12345678 转账")
    assert "转账" not in page
    _, page = await min_.see(f"/desk/intake?done={LAMP}")
    assert f"登记好了，编号 {LAMP}" in page


async def test_a_shared_list_of_the_sealed_is_not_told_of(world: World, clerk: NewClerk) -> None:
    await open_sealed(world)
    await clear(world, "张敏")
    min_, juan = await clerk("张敏"), await clerk("李娟")
    await min_.see("/desk/filter/sealed")
    await min_.send("/desk/views", title="谈心的", place="sealed", grade="yellow", share="1")
    _, page = await min_.see("/desk/queue/mine")
    assert "谈心的" in page
    _, page = await juan.see("/desk/queue/mine")
    assert "谈心的" not in page


async def test_odd_cursors_break_nothing(world: World, clerk: NewClerk) -> None:
    min_: Clerk = await clerk("张敏")
    await min_.see("/desk/find")
    response = await min_.client.post("/desk/find", data={"csrf": min_.csrf, "q": "路灯"}, allow_redirects=False)
    for after in ("9" * 30, "9" * 5000, "-1"):
        status, _ = await min_.see(f"{response.headers['Location']}?after={after}")
        assert status in {200, 404}, after

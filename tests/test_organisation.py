"""What an administrator does to the organisation: dated, never losing a unit, refused in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dialogs.desk.organisation import Change, Impossible, Plan, add, become, close, edit, merge, move, parent_on
from dialogs.rules import packaged_town
from dialogs.units import Unit, Units

TOWN = Units(packaged_town())
TODAY, MARCH, MAY = date(2026, 11, 23), date(2026, 3, 1), date(2026, 5, 1)
HOME, GRID, NEXT = "yushan-xincheng", "yushan-xincheng-g1", "yushan-tinglin"


def unit(key: str, tree: Units = TOWN) -> Unit:
    found = tree.get(key)
    assert found is not None
    return found


def planned(outcome: Plan | Impossible) -> Plan:
    assert isinstance(outcome, Plan), outcome
    return outcome


def refused(outcome: Plan | Impossible) -> str:
    assert isinstance(outcome, Impossible)
    return "；".join(outcome.reasons)


def test_a_move_takes_all_below_along_and_history_keeps_the_old_parent() -> None:
    first = planned(move(TOWN, HOME, "zhoushi", MARCH, today=TODAY))
    after = Units(first.units)
    assert [each.id for each in after.path(GRID)][-3:] == ["zhoushi", HOME, GRID]
    second = planned(move(after, HOME, "yushan", MAY, today=TODAY, history=first.changes))
    history = (*first.changes, *second.changes)
    now = unit(HOME, Units(second.units))
    told = [parent_on(now, day, history) for day in (date(2026, 2, 28), MARCH, date(2026, 4, 30), MAY, TODAY)]
    assert told == ["yushan", "zhoushi", "zhoushi", "yushan", "yushan"]
    assert parent_on(unit(HOME), MARCH, ()) == "yushan"


def test_a_unit_that_was_made_had_no_parent_before() -> None:
    made = Unit(id="new", name="新设社区", full_name="新设社区", level="community", parent="yushan")
    plan = planned(add(TOWN, made, MAY))
    assert unit("new", Units(plan.units)).parent == "yushan"
    assert parent_on(made, MARCH, plan.changes) == ""
    assert parent_on(made, MAY, plan.changes) == "yushan"


def test_a_merged_unit_keeps_its_name_and_all_its_ways_lead_to_the_other() -> None:
    plan = planned(merge(TOWN, HOME, NEXT, MARCH, today=TODAY))
    assert plan.closing == (HOME,)
    tree = Units(plan.units)
    assert unit(HOME, tree).name == "新城社区"
    assert tree.standing(HOME) == unit(NEXT, tree) == tree.by_scene("ks-111")
    assert {each.id for each in tree.children(NEXT)} >= {GRID, "yushan-xincheng-g2"}
    assert HOME in tree.subtree(NEXT)
    assert HOME not in {each.id for each in tree.children("yushan")}
    assert tree.by_name("新城社区") == []
    nearest = tree.nearest(31.3985, 120.9470)
    assert nearest is None or nearest[0].id != HOME
    history = [change for change in plan.changes if change.unit == GRID]
    assert parent_on(unit(GRID, tree), date(2026, 2, 28), history) == HOME
    assert parent_on(unit(GRID, tree), MARCH, history) == NEXT


def test_a_closed_unit_belongs_to_the_one_above_it() -> None:
    tree = Units(planned(close(TOWN, GRID, MARCH, today=TODAY)).units)
    assert tree.standing(GRID) == unit(HOME, tree)
    assert GRID in tree.subtree(HOME)
    assert [each.id for each in tree.path(GRID)][-2:] == [HOME, GRID]
    gone = planned(close(tree, "yushan-xincheng-g2", MARCH, today=TODAY))
    gone = planned(close(Units(gone.units), HOME, MARCH, today=TODAY))
    assert Units(gone.units).standing(GRID) == unit("yushan")


def test_the_code_of_a_closed_unit_may_be_used_again() -> None:
    tree = Units(planned(merge(TOWN, HOME, NEXT, MARCH, today=TODAY)).units)
    other = replace(unit("kaifa", tree), scenes=("ks-200", "ks-111"))
    tree = Units(planned(edit(tree, other, TODAY)).units)
    found = tree.by_scene("ks-111")
    assert found is not None
    assert found.id == "kaifa"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (move(TOWN, HOME, GRID, TODAY, today=TODAY), "不能放到自己或自己的下级（新城社区第一网格）下面"),
        (move(TOWN, HOME, HOME, TODAY, today=TODAY), "不能放到自己或自己的下级"),
        (move(TOWN, HOME, NEXT, TODAY, today=TODAY), "社区村不能在社区村（亭林社区）下面"),
        (move(TOWN, HOME, "yushan", TODAY, today=TODAY), "它已经在玉山镇下面了"),
        (move(TOWN, HOME, "nowhere", TODAY, today=TODAY), "请选择上级单位"),
        (move(TOWN, "kunshan", "kaifa", TODAY, today=TODAY), "最上面的单位没有上级"),
        (move(TOWN, HOME, "zhoushi", date(2026, 11, 24), today=TODAY), "日期不能在今天以后"),
        (merge(TOWN, HOME, HOME, TODAY, today=TODAY), "不能并入自己"),
        (merge(TOWN, "yushan", NEXT, TODAY, today=TODAY), "不能并入自己或自己的下级"),
        (merge(TOWN, HOME, "yushan-tinglin-none", TODAY, today=TODAY), "请选择并到哪个单位"),
        (merge(TOWN, "kunshan", "kaifa", TODAY, today=TODAY), "最上面的单位不能并入"),
        (close(TOWN, HOME, TODAY, today=TODAY), "下面还有 2 个单位：新城社区第一网格、新城社区第二网格"),
        (close(TOWN, "kunshan", TODAY, today=TODAY), "最上面的单位不能停用"),
        (add(TOWN, replace(unit(GRID), parent=HOME), TODAY), "编码 yushan-xincheng-g1 已经有单位在用"),
        (edit(TOWN, replace(unit(HOME), scenes=("ks-200",)), TODAY), "场景码 ks-200 已经通到昆山开发区"),
        (edit(TOWN, replace(unit(HOME), id="nowhere"), TODAY), "已经停用"),
    ],
)
def test_what_is_impossible_is_said(outcome: Plan | Impossible, said: str) -> None:
    assert said in refused(outcome)


def test_a_day_before_the_last_change_would_muddle_history() -> None:
    first = planned(move(TOWN, HOME, "zhoushi", MAY, today=TODAY))
    outcome = move(Units(first.units), HOME, "yushan", MARCH, today=TODAY, history=first.changes)
    assert "2026-05-01 已经有过改动" in refused(outcome)


def test_an_edit_changes_what_is_said_and_never_the_place() -> None:
    wish = replace(unit(HOME), phone="12345", parent="kaifa", level="grid", closed="2026-01-01")
    plan = planned(edit(TOWN, wish, TODAY))
    assert [(each.what, each.after) for each in plan.changes] == [("changed", replace(unit(HOME), phone="12345"))]
    assert planned(edit(TOWN, unit(HOME), TODAY)).changes == ()


def test_a_sheet_is_the_whole_organisation() -> None:
    wanted = [
        replace(each, parent="kaifa")
        if each.id == "yushan"
        else replace(each, phone="1234")
        if each.id == NEXT
        else each
        for each in TOWN
        if each.id != "yushan-xincheng-g2"
    ]
    wanted.append(Unit(id="new", name="新设社区", full_name="新设社区", level="community", parent="yushan"))
    plan = become(TOWN, wanted, TODAY)
    told = {each.unit: each.what for each in plan.changes}
    assert told == {"new": "made", "yushan": "moved", NEXT: "changed", "yushan-xincheng-g2": "closed"}
    assert plan.closing == ("yushan-xincheng-g2",)
    tree = Units(plan.units)
    assert unit("yushan-xincheng-g2", tree).closed == "2026-11-23"
    assert become(tree, wanted, TODAY).changes == ()
    again = become(tree, packaged_town(), TODAY)
    assert {each.unit: each.what for each in again.changes} == {
        "new": "closed", "yushan": "moved", NEXT: "changed", "yushan-xincheng-g2": "made",
    }  # fmt: skip


def test_another_town_takes_the_place_of_the_one_that_came_along() -> None:
    wanted = [Unit(id="320585", name="太仓市", full_name="太仓市", level="city")]
    tree = Units(become(TOWN, wanted, TODAY).units)
    assert tree.root == wanted[0]
    assert tree.standing("kunshan") == tree.standing(GRID) == tree.root
    assert tree.subtree("320585") == {each.id for each in tree}
    assert [each.what for each in become(None, wanted, TODAY).changes] == ["made"]


def test_a_change_names_its_unit() -> None:
    assert Change(what="made", day=TODAY, before=None, after=unit(HOME)).unit == HOME

"""What routing and recognising go by, in the database: versions, and the cases that a category's name concerns."""

from __future__ import annotations

from storage.audit import Actor
from storage.books import Book
from storage.engines import Database
from tests.storage.making import NOON, lamp, member, seeing, turn


async def test_a_version_is_kept_once(database: Database) -> None:
    book = Book(kind="categories", version=2, at=NOON, by="赵管理", why="加了「充电」", body="[]")
    actor = Actor(name="赵管理", post="admin")
    assert await database.books.keep(book, actor)
    assert not await database.books.keep(book, actor)
    assert await database.books.versions() == {"categories": 2}
    assert await database.books.history("categories") == [book]


async def test_cases_are_called_otherwise_and_open_ones_counted(database: Database) -> None:
    cases = (
        lamp("HY-1"),
        lamp("HY-2", title="三号楼的灯"),
        lamp("HY-3", category="road.bus"),
        lamp("HY-4", confidential=True),
    )
    for case in cases:
        await database.turns.commit(turn(member(case.number), "k1", case))

    assert await database.books.retitle("road.lamp", ("道路交通 · 路灯",), "照明") == 2
    assert await database.books.retitle("road.lamp", ("道路交通 · 路灯",), "照明") == 0
    rows = await database.cases.several(["HY-1", "HY-2", "HY-3"], seeing(["yushan-xincheng"]))
    titles = {row.number: row.title for row in rows}
    assert titles == {"HY-1": "照明", "HY-2": "三号楼的灯", "HY-3": "道路交通 · 路灯"}
    assert await database.books.open_by_category() == {"road.lamp": 2, "road.bus": 1}

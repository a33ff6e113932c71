"""Many rows at once, made elsewhere: a whole city for the demo and for measuring. Nothing of the service's own work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables as t
from storage.engine import Engine
from storage.statements import Name, Row, compiled

# Columns and rows of each table, by its name.
Tables = Mapping[str, tuple[tuple[str, ...], Sequence[Row]]]
_c = t.cases.c


class Bulk:
    """Writes rows as they are given: whoever made them has kept the rules."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def people(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Add people (rows of `staff`), those of whose name there is nobody yet."""

        def work(conn: Connection) -> None:
            there = set(conn.scalars(select(t.staff.c.name)))
            fresh = [row for row in rows if row["name"] not in there]
            if fresh:
                conn.execute(insert(t.staff), fresh)

        await self._engine.write(work, apart=True)

    async def reserve(self, days: Mapping[str, int]) -> None:
        """Keep the first so many numbers of each day (`YYMMDD`) for what is written here."""

        def work(conn: Connection) -> None:
            for day, count in sorted(days.items()):
                maker = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
                made = maker(t.numbers).values(day=day, next=count + 1)
                most = _greater(conn.dialect.name)(t.numbers.c.next, made.excluded.next)
                conn.execute(made.on_conflict_do_update(index_elements=("day",), set_={"next": most}))

        await self._engine.write(work, apart=True)

    async def there(self, numbers: Sequence[str]) -> set[str]:
        """Tell which of these cases are stored."""
        question = select(_c.number).where(_c.number.in_(numbers))
        return set(await self._engine.read(lambda conn: list(conn.scalars(question))))

    async def write(self, tables: Tables) -> None:
        """Write these rows in one transaction; of a member who is there already, what is newer counts."""
        # Nothing that is remembered of a member changes: these members have never written.
        await self._engine.write(lambda conn: put(conn, tables), apart=True)


def put(conn: Connection, tables: Tables) -> None:
    """Write rows in the open transaction."""
    for name, (columns, rows) in tables.items():
        if not rows:
            continue
        dialect: Name = "sqlite" if conn.dialect.name == "sqlite" else "postgresql"
        if any(len(row) != len(columns) for row in rows):
            raise ValueError(f"{name}: rows and columns do not go together")
        sql, order = _sql(name, columns, dialect)
        if conn.dialect.name == "sqlite":
            places = [columns.index(each) for each in order]
            same = places == list(range(len(columns)))
            given = rows if same else [tuple(row[place] for place in places) for row in rows]
            conn.exec_driver_sql(sql, list(given))
        else:
            conn.exec_driver_sql(sql, [dict(zip(columns, row, strict=True)) for row in rows])


@cache
def _sql(name: str, columns: tuple[str, ...], dialect: Name) -> tuple[str, tuple[str, ...]]:
    table: Table = t.metadata.tables[name]
    maker = sqlite.insert if dialect == "sqlite" else postgresql.insert
    made = maker(table).values({column: bindparam(column) for column in columns}).inline()
    if table is t.members:
        more = _greater(dialect)
        newer = {key: more(table.c[key], made.excluded[key]) for key in ("version", "seen", "said")}
        made = made.on_conflict_do_update(index_elements=("id",), set_=newer)
    return compiled(made, dialect)


def _greater(dialect: str) -> Callable[..., ColumnElement[int]]:
    return func.max if dialect == "sqlite" else func.greatest

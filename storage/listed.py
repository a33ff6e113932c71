"""「One of these」 for many values: one parameter, whatever their number, so that a statement is compiled once.

2,401 units in an IN list are 2,401 parameters, which cost more than the question itself.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

_encode = msgspec.json.Encoder().encode


class _Texts(TypeDecorator[Collection[str]]):
    """A JSON list on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text))

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        told = sorted(value or ())
        return _encode(told).decode() if dialect.name == "sqlite" else told


class _Listed(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> ColumnElement[bool]:  # type: ignore[override]
        """Stand alone: what is no comparison of SQLAlchemy's own is compared with 1, and SQLite forgets its indexes."""
        del against
        return self


class _Along(_Listed):
    inherit_cache = True


def listed(column: ColumnElement[str], values: Collection[str], *, along: bool = False) -> ColumnElement[bool]:
    """Ask whether a text is one of these.

    `along`: rows come another way, and this is only looked at: SQLite, which knows nothing of how many rows there
    are, takes no index for it.
    """
    return (_Along if along else _Listed)(column, bindparam(None, values, type_=_Texts, unique=True))


@compiles(_Listed, "sqlite")
def _sqlite(element: _Listed, compiler: Any, **more: Any) -> str:
    column, values = element.clauses
    where, given = compiler.process(column, **more), compiler.process(values, **more)
    return f"({where} IN (SELECT value FROM json_each({given})))"  # noqa: S608  what the compiler wrote


@compiles(_Along, "sqlite")
def _sqlite_along(element: _Listed, compiler: Any, **more: Any) -> str:
    return _sqlite(element, compiler, **more).replace("(", "(+", 1)


@compiles(_Along, "postgresql")
@compiles(_Listed, "postgresql")
def _postgresql(element: _Listed, compiler: Any, **more: Any) -> str:
    column, values = element.clauses
    where, given = compiler.process(column, **more), compiler.process(values, **more)
    return f"({where} = ANY (CAST({given} AS TEXT[])))"

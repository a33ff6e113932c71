"""Putting a case under another (并单): looked at once more where both are held, so that no group has two heads."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from dialogs.desk.cases import Refused, Status
from dialogs.desk.wishes import MAIN
from dialogs.effects import ActOnCase
from storage import tables as t
from storage.moments import from_ms
from storage.statements import word

_c = t.cases.c


def under(conn: Connection, act: ActOnCase) -> ActOnCase | Refused:
    """Give the act with where its main case lies now and its clock, both cases locked; or what stands against it."""
    main = act.moves.main if act.moves else None
    if not main:
        return Refused("no such main")
    columns = (
        _c.number, _c.status, _c.main, _c.confidential, _c.unit, _c.owner, _c.sign_by, _c.answer_by, _c.due,
    )  # fmt: skip
    both = select(*columns).where(_c.number.in_([act.number, main])).order_by(_c.number).with_for_update()
    rows = {row.number: row for row in conn.execute(both)}
    if act.number not in rows or main not in rows:
        return Refused("no such main")
    found = rows[main]
    if found.main or Status(found.status) not in MAIN:
        return Refused("no main")
    if found.confidential != rows[act.number].confidential:
        return Refused("not alike")
    below = select(_c.number).where(_c.main == act.number, _c.main != word(""), _c.status == word("merged")).limit(1)
    if conn.scalar(below) is not None:
        return Refused("is a main")
    assert act.moves is not None
    shared = replace(
        act.moves,
        unit=found.unit,
        owner=found.owner,
        sign_by=from_ms(found.sign_by),
        answer_by=from_ms(found.answer_by),
        due=from_ms(found.due),
    )
    return replace(act, moves=shared)

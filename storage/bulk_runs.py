"""What was done to many cases at once, case by case: for the page that tells of it, and for taking it back."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import tables as t
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_b = t.bulk_runs.c
_COLUMN = "bulk_runs.body"


class RanRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case of it. `outcome`: done, or why not; '' while nobody knows. `undone` likewise, of taking it back.

    `back` is what the reverse act goes to, '' where there is none; `version` the case's after the act.
    """

    number: str
    title: str = ""
    outcome: str = ""
    act: str = ""
    back: str = ""
    version: int = 0
    undone: str = ""

    @property
    def can_go_back(self) -> bool:
        """Tell whether it was done and can be taken back, as far as its own act goes."""
        return self.outcome == "done" and bool(self.back) and not self.undone


class BulkRun(msgspec.Struct, frozen=True, kw_only=True):
    """One time that somebody did one thing to many cases. `to` as in a wish."""

    id: str
    staff: str
    at: datetime
    kind: str
    to: str
    rows: tuple[RanRow, ...]


_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(BulkRun)


class BulkRuns:
    """Keeps them."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def begin(self, run: BulkRun) -> bool:
        """Write it down before anything is done; False where it was begun before: the form was sent twice."""
        row = {"id": run.id, "staff": run.staff, "at": to_ms(run.at), "body": self._sealed(run)}
        try:
            await self._engine.write(lambda conn: conn.execute(insert(t.bulk_runs), row).rowcount, apart=True)
        except IntegrityError:
            return False
        return True

    async def put(self, run: BulkRun) -> None:
        """Write down what became of it; what another form took back meanwhile stays taken back."""

        def work(conn: Connection) -> None:
            here = _b.id == run.id
            kept = conn.scalar(select(_b.body).where(here).with_for_update())
            back = {row.number for row in self._opened(kept).rows if row.undone == "done"} if kept else set[str]()
            rows = tuple(msgspec.structs.replace(row, undone="done") if row.number in back else row for row in run.rows)
            merged = msgspec.structs.replace(run, rows=rows)
            conn.execute(update(t.bulk_runs).where(here).values(body=self._sealed(merged)))

        await self._engine.write(work, apart=True)

    async def get(self, run: str, staff: str) -> BulkRun | None:
        """Give one of this person's own."""
        question = select(_b.body, _b.at).where(and_(_b.id == run, _b.staff == staff))
        row = await self._engine.read(lambda conn: conn.execute(question).first())
        if row is None:
            return None
        return msgspec.structs.replace(self._opened(row.body), at=from_ms(row.at))

    def _opened(self, body: bytes) -> BulkRun:
        return _decoder.decode(self._keys.open_bytes(_COLUMN, body))

    def _sealed(self, run: BulkRun) -> bytes:
        return self._keys.seal_bytes(_COLUMN, _encoder.encode(run))

"""The desk's tables that can be exported: what is in them, in words, and what of it a person's right leaves legible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from bot.audit_words import sentence
from bot.sheet_streams import Cell
from dialogs.desk.cases import OPEN
from dialogs.desk.drawing import STATUSES
from dialogs.facts import Snapshots
from dialogs.masking import mask_phone, mask_text
from storage.audit_log import Recorded, Wanted
from storage.case_table import CaseLine
from storage.engines import Database
from storage.filters import Filters
from storage.sight import Scope

_SOLVED = {"yes": "已解决", "partly": "部分解决", "no": "未解决"}
_SATISFIED = ("", "很不满意", "不满意", "一般", "满意", "很满意")


class Table(Protocol):
    """A table in the making: which rows, then the rows themselves, a piece at a time."""

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns."""

    async def keys(self, limit: int) -> Sequence[str]:
        """Give the keys of the rows, in order, at most so many: one look."""

    async def rows(self, keys: Sequence[str]) -> list[Sequence[Cell]]:
        """Give the rows of these keys, in order; what is no longer theirs to see is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """A list of the desk. `whole`: units of whose cases this person may take persons and words along unmasked."""

    database: Database
    known: Snapshots
    scope: Scope
    whole: frozenset[str]
    place: str
    narrow: Filters
    now: datetime

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns; words of members only where somebody may take them along."""
        return (*_PLAIN, "姓名", "手机号", *(("地点", "事由") if self.whole else ()))

    async def keys(self, limit: int) -> Sequence[str]:
        """Give the numbers."""
        return await self.database.case_table.numbers(self.place, self.scope, self.now, narrow=self.narrow, limit=limit)

    async def rows(self, keys: Sequence[str]) -> list[Sequence[Cell]]:
        """Give the cases."""
        return [self._row(line) for line in await self.database.case_table.lines(keys, self.scope)]

    def _row(self, line: CaseLine) -> Sequence[Cell]:
        zone, rules = self.known.rules.zone, self.known.rules
        category, top = rules.categories.get(line.category), rules.categories.top_of(line.category)
        unit = self.known.units.get(line.unit)
        whole = line.unit in self.whole
        phone = _grouped(line.phone) if whole else mask_phone(line.phone) if line.phone else ""
        return (
            line.number,
            "保密件" if line.confidential else mask_text(line.title),
            top.title if top and not line.confidential else "",
            category.title if category and not line.confidential else "",
            rules.grades[line.grade].title,
            STATUSES[line.status],
            unit.name if unit else line.unit,
            line.owner,
            line.first_owner,
            *(_local(each, zone) for each in (line.opened, line.signed, line.answer_by, line.answered, line.closed)),
            "是" if line.status in OPEN and line.due <= self.now else "",
            line.returns,
            "是" if line.extended else "",
            _SOLVED.get(line.solved, ""),
            _SATISFIED[line.satisfied] if 0 <= line.satisfied < len(_SATISFIED) else "",
            "保密" if line.confidential else "匿名" if line.anonymous else line.name if whole else _masked(line.name),
            phone,
            *((line.place if whole else "", mask_text(line.matter) if whole else "") if self.whole else ()),
        )


_PLAIN = (
    "受理编号", "标题", "类别", "小类", "等级", "状态", "单位", "经办人", "首问负责人", "受理时间", "签收时间",
    "答复期限", "答复时间", "归档时间", "超期", "退单次数", "延期", "解决没有", "满意度",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The audit log, or a part of it. A row's key is what continues the list behind the row before it."""

    database: Database
    known: Snapshots
    wanted: Wanted

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns."""
        return ("时间", "姓名", "岗位", "单位", "做了什么", "受理编号或对象", "从哪里", "记录号", "链上位置", "代码")

    async def keys(self, limit: int) -> Sequence[str]:
        """Give the ids."""
        return [str(each) for each in await self.database.audit.ids(self.wanted, limit)]

    async def rows(self, keys: Sequence[str]) -> list[Sequence[Cell]]:
        """Give the records."""
        found = await self.database.audit.of_ids([int(key) for key in keys])
        return [self._row(each) for each in found]

    def _row(self, each: Recorded) -> Sequence[Cell]:
        said, who = sentence(each.record, self.known), each.record.actor
        at = _local(each.at, self.known.rules.zone)
        return (
            at, who.name, said.post, said.unit, said.did, each.record.subject, said.source, str(each.id), each.seq,
            each.record.act,
        )  # fmt: skip


def _local(at: datetime | None, zone: tzinfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)


def _masked(name: str) -> str:
    return f"{name[0]}*" if name else ""


def _grouped(phone: str) -> str:
    """Write a mobile number as people read it: in groups no spreadsheet takes it for a number."""
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}" if len(phone) == 11 and phone.isdigit() else phone

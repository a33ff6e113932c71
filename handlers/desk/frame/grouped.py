"""Cases of one cause: the group under a main case, and what near could be put under it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dialogs.desk.cases import Act, Status
from dialogs.desk.wishes import MAIN, Actor, offers
from dialogs.facts import Snapshots
from dialogs.masking import mask_text
from dialogs.places import same_place
from handlers.desk.frame import words
from handlers.desk.frame.shown import Member
from storage.cases import CaseRow

_PLACE = 24  # letters of a place that a line holds


def mergeable(row: CaseRow) -> bool:
    """Tell whether others could be put together with it at all."""
    return row.status in MAIN and not row.main and not (row.talk or row.confidential) and row.category != ""


def group(rows: Sequence[CaseRow], now: datetime) -> tuple[Member, ...]:
    """Say of each case of a group where it stands and who spoke last."""
    return tuple(
        Member(
            number=row.number,
            version=row.version,
            name=_name(row),
            what=mask_text(row.place)[:_PLACE],
            said=_said(row, now),
            fresh=row.last_who == "member" and row.last_at > row.opened,
            open=row.status is Status.MERGED,
        )
        for row in rows
    )


def near(case: CaseRow, rows: Sequence[CaseRow], now: datetime, known: Snapshots) -> tuple[Member, ...]:
    """Offer what could be of the same cause: the same place first, then the newest."""
    category = known.rules.categories.get(case.category)
    whole = category is not None and category.whole

    def same(row: CaseRow) -> bool:
        told = row.number == case.same_as or row.same_as == case.number or (row.same_as and row.same_as == case.same_as)
        return bool(told) or same_place(row.place, case.place, known.rules, whole=whole)

    found = [(same(row), row) for row in rows]
    return tuple(
        Member(
            number=row.number,
            version=row.version,
            name="",
            what=mask_text(row.place or row.title)[:_PLACE],
            said=f"{'同一地点，' if alike else ''}{words.ago(row.opened, now)}",
            fresh=alike,
        )
        for alike, row in sorted(found, key=lambda each: not each[0])
    )


def may_take(row: CaseRow, actors: Sequence[Actor], now: datetime, known: Snapshots) -> bool:
    """Tell whether this person may put this case under another."""
    return any(offer.act is Act.MERGE for offer in offers(row.standing, actors, now, known))


def _name(row: CaseRow) -> str:
    return "保密" if row.confidential else "匿名" if row.anonymous else row.name or "没有留姓名"


def _said(row: CaseRow, now: datetime) -> str:
    if row.status is not Status.MERGED:
        return words.STATUSES[row.status]
    spoke = row.last_who == "member" and row.last_at > row.opened
    return f"群众{words.ago(row.last_at, now)}说过话" if spoke else "一起办"

"""The places of the rail: their names, their counters, what they say when they are empty."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from bot.rights import Right
from handlers.desk.frame.shown import Empty, Page, Place
from storage.sight import Scope

# 保密 is there for the cleared only: who is not does not learn that there is such a thing.
_PLACES = {
    "mine": ("我的", "calm"),
    "unit": ("本单位", "calm"),
    "unclaimed": ("未派", "soon"),
    "soon": ("2 小时内到期", "soon"),
    "overdue": ("超期", "over"),
    "watched": ("督办", "over"),
    "above": ("等上级", "calm"),
    "returned": ("退回", "soon"),
    "member": ("等群众", "calm"),
    "sealed": ("保密", "calm"),
    "answered": ("已答复", "calm"),
    "closed": ("已归档", ""),
}
_EMPTY = {
    "mine": "今天的都办完了",
    "unit": "本单位没有在办的件",
    "unclaimed": "没有等人签收的件",
    "soon": "两小时内没有到期的件",
    "overdue": "没有超期的件",
    "watched": "没有升级上来的件，也没有督办的件",
    "above": "没有等上级答复的件",
    "returned": "没有等裁定的退单",
    "member": "没有等群众补充的件",
    "sealed": "没有在办的保密件",
    "answered": "没有等评价的件",
    "closed": "最近三十天没有归档的件",
}
# The pages beside the queue, each open to one right. A page of yours belongs here.
_PAGES: tuple[tuple[Right, Page], ...] = (
    ("numbers", Page(key="numbers", title="数字", href="/desk/numbers/month", mark="numbers")),
    ("organisation", Page(key="people", title="人员", href="/desk/people", mark="mine")),
    ("organisation", Page(key="units", title="单位", href="/desk/units", mark="tree")),
    ("rights", Page(key="trust", title="密级和代班", href="/desk/trust", mark="lock")),
    ("audit", Page(key="audit", title="审计", href="/desk/audit", mark="lock")),
)
# Where to go from an empty place: what hurts most comes first.
_NEXT = ("watched", "overdue", "soon", "returned", "unclaimed", "mine", "unit")


def known(key: str, scope: Scope) -> bool:
    """Tell whether there is such a place for this person."""
    return key in _PLACES and (key != "sealed" or bool(scope.cleared))


def pages(rights: AbstractSet[Right]) -> list[Page]:
    """Give the pages beside the queue that are open to somebody; their home comes first where that is not the queue."""
    home = [] if "cases" in rights else [Page(key="home", title="首页", href="/desk/", mark="goose")]
    return [*home, *(page for right, page in _PAGES if right in rights)]


def places(counts: Mapping[str, int]) -> dict[str, Place]:
    """Give all places with their counters, in the order of the rail; what is filed is not counted."""
    return {
        key: Place(key=key, title=title, count=counts.get(key), tone=tone) for key, (title, tone) in _PLACES.items()
    }


def empty(key: str, shown: Mapping[str, Place]) -> Empty:
    """Say what an empty place means and what comes next."""
    waiting = shown["unclaimed"]
    if key == "mine" and waiting.count:
        return Empty(
            words=f"手上没有件了，本单位还有 {waiting.said} 件待签收",
            href="/desk/queue/unclaimed",
            link=f"去看「{waiting.title}」",
        )
    for other in _NEXT:
        place = shown[other]
        if place.count and other != key:
            return Empty(
                words=_EMPTY[key],
                next=f"接下来可以看看「{place.title}」的 {place.said} 件。",
                href=f"/desk/queue/{other}",
                link=f"去看「{place.title}」",
            )
    return Empty(words=_EMPTY[key], next="有新的会自己出现在这里，不用刷新。")

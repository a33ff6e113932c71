"""What can be done to many cases at once, and who may."""

from __future__ import annotations

from bot.bulk import Kind
from bot.rights import may
from dialogs.desk.cases import Act
from dialogs.facts import Snapshots
from handlers.desk.frame.shown import Choice
from storage.staff import Staff

KINDS: dict[Kind, str] = {
    "hand_over": "交办",
    "send": "派单、转办",
    "regrade": "改级",
    "tag": "加标签",
    "merge": "并单",
}
_NEEDS: dict[Kind, tuple[Act, ...]] = {
    "hand_over": (Act.HAND_OVER,),
    "send": (Act.DISPATCH, Act.TRANSFER),
    "regrade": (Act.REGRADE,),
    "tag": (Act.TAG,),
    "merge": (Act.MERGE,),
}


def bulk_kinds(staff: Staff, known: Snapshots) -> list[Choice]:
    """Give what one of this person's posts may do."""
    return [
        Choice(value=kind, title=title)
        for kind, title in KINDS.items()
        if any(may(staff, act, known) for act in _NEEDS[kind])
    ]

"""A case's life as one transition table. Every writer goes through the one storage function that applies it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How urgent a matter is; the limits of each grade are data (rules/grades.yaml)."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class Status(StrEnum):
    """Where a case stands."""

    ACCEPTED = "accepted"  # 受理: has a number, a unit and a clock; nobody has signed for it yet
    RETURNED = "returned"  # 退单: the unit says that it is not theirs; a supervisor decides
    WORKING = "working"  # 办理: a named person has signed for it
    RAISED = "raised"  # 上报: the level above owes a written answer
    PAUSED = "paused"  # 挂起: it waits for the member, and its clock with it
    MERGED = "merged"  # 并单: it goes with its main case, whose answer is brought to its member too
    ANSWERED = "answered"  # 答复: the answer went out; the member is asked whether it is solved
    CLOSED = "closed"  # 归档
    WITHDRAWN = "withdrawn"  # 撤回, by the member


class Act(StrEnum):
    """What can be done to a case."""

    DISPATCH = "dispatch"  # 派单: to a unit, before anybody has signed
    RETURN = "return"  # 退单, with a reason
    TAKE_BACK = "take_back"  # the return is right: the case goes to another unit
    SEND_BACK = "send_back"  # the return is not right: the unit keeps it
    CLAIM = "claim"  # 签收
    HAND_OVER = "hand_over"  # to a colleague of the unit
    TRANSFER = "transfer"  # 转办: to another unit, by the person who holds it
    RAISE = "raise"  # 上报
    DIRECT = "direct"  # the level above answers in writing what shall be done
    ASK_TIME = "ask_time"  # 延期, asked before the limit
    GIVE_TIME = "give_time"
    KEEP_TIME = "keep_time"  # the extension is refused
    PAUSE = "pause"  # 挂起
    RESUME = "resume"
    URGE = "urge"  # 督办
    REGRADE = "regrade"  # another grade
    MERGE = "merge"  # 并单: put under another case of the same cause
    UNMERGE = "unmerge"  # taken out again: it goes its own way
    FOLLOW = "follow"  # where its main case lies, or by when that is due, is another now
    NOTE = "note"  # an internal note
    CALL = "call"  # 回电: staff rang the member up, and reached them or did not
    ASK_IDENTITY = "ask_identity"  # of a confidential case: somebody asks, with a reason, to know who it is
    OPEN_IDENTITY = "open_identity"  # another agrees
    KEEP_IDENTITY = "keep_identity"  # another does not
    SEE_IDENTITY = "see_identity"  # whoever asked looks
    REVEAL = "reveal"  # staff looked at the member's full telephone number
    WRITE = "write"  # staff wrote to the member; not the final answer
    ADD = "add"  # the member added words or a photo
    ANSWER = "answer"  # 答复
    REFER = "refer"  # 转外部: another body settles it; the member is told which and how
    RATE = "rate"  # 评价
    REOPEN = "reopen"  # 重办: the member says it is not solved
    CLOSE = "close"  # 归档
    WITHDRAW = "withdraw"
    TAG = "tag"  # 标签: words that the unit uses to find its cases again
    EXCLUDE = "exclude"  # 不计入评比, by a supervisor, with a reason
    INCLUDE = "include"  # it counts again
    REMIND = "remind"  # by the clock: the limit comes near
    OVERDUE = "overdue"  # by the clock: the limit is over, once each time that one passes
    CLIMB = "climb"  # by the clock: still nothing, so the level above is told
    TOP = "top"  # by the clock: there is no level above any more
    PROPOSE = "propose"  # by the duty roster: who should sign
    ASSIGN = "assign"  # the same where the unit lets cases be handed out: it is signed for them
    ALARM = "alarm"  # by the clock: the member was asked for more once too often (两次办结)


# What nobody does but the clock.
BY_CLOCK = frozenset({Act.REMIND, Act.OVERDUE, Act.CLIMB, Act.TOP, Act.ALARM})
# What is done to a main case and heard by its member, every member of its group hears too.
BROUGHT = frozenset({Act.WRITE, Act.ANSWER, Act.REFER, Act.GIVE_TIME, Act.TRANSFER})

# A case that waits on staff, whoever it waits for among them; one that is not filed yet.
OPEN = frozenset({Status.ACCEPTED, Status.RETURNED, Status.WORKING, Status.RAISED, Status.PAUSED, Status.MERGED})
# Of these, one whose main case stands for it in lists and on clocks.
ALONE = OPEN - {Status.MERGED}
UNSETTLED = OPEN | {Status.ANSWERED}

_IDENTITY = (Act.ASK_IDENTITY, Act.OPEN_IDENTITY, Act.KEEP_IDENTITY, Act.SEE_IDENTITY)
_ALWAYS = (Act.NOTE, Act.REVEAL, *_IDENTITY, Act.TAG, Act.CALL, Act.EXCLUDE, Act.INCLUDE)
_WHILE_OPEN = (*_ALWAYS, Act.URGE, Act.REGRADE, Act.ALARM)
_LIMITED = (Act.REMIND, Act.OVERDUE, Act.CLIMB, Act.TOP)


def _stays(status: Status, *acts: Act) -> dict[tuple[Status, Act], Status]:
    return {(status, act): status for act in acts}


TABLE: dict[tuple[Status, Act], Status] = {
    **_stays(Status.ACCEPTED, *_WHILE_OPEN, *_LIMITED, Act.ADD, Act.DISPATCH, Act.PROPOSE),
    (Status.ACCEPTED, Act.ASSIGN): Status.WORKING,
    (Status.ACCEPTED, Act.CLAIM): Status.WORKING,
    (Status.ACCEPTED, Act.RETURN): Status.RETURNED,
    (Status.ACCEPTED, Act.MERGE): Status.MERGED,
    (Status.ACCEPTED, Act.WITHDRAW): Status.WITHDRAWN,
    **_stays(Status.RETURNED, *_WHILE_OPEN, *_LIMITED, Act.ADD),
    (Status.RETURNED, Act.TAKE_BACK): Status.ACCEPTED,
    (Status.RETURNED, Act.SEND_BACK): Status.ACCEPTED,
    (Status.RETURNED, Act.WITHDRAW): Status.WITHDRAWN,
    **_stays(Status.WORKING, *_WHILE_OPEN, *_LIMITED, Act.ADD, Act.WRITE, Act.HAND_OVER),
    **_stays(Status.WORKING, Act.ASK_TIME, Act.GIVE_TIME, Act.KEEP_TIME),
    (Status.WORKING, Act.TRANSFER): Status.ACCEPTED,
    (Status.WORKING, Act.RAISE): Status.RAISED,
    (Status.WORKING, Act.PAUSE): Status.PAUSED,
    (Status.WORKING, Act.ANSWER): Status.ANSWERED,
    (Status.WORKING, Act.REFER): Status.ANSWERED,
    (Status.WORKING, Act.MERGE): Status.MERGED,
    (Status.WORKING, Act.WITHDRAW): Status.WITHDRAWN,
    **_stays(Status.MERGED, *_ALWAYS, Act.ADD, Act.WRITE, Act.GIVE_TIME, Act.TRANSFER, Act.FOLLOW),
    (Status.MERGED, Act.UNMERGE): Status.ACCEPTED,
    (Status.MERGED, Act.ANSWER): Status.ANSWERED,
    (Status.MERGED, Act.REFER): Status.ANSWERED,
    (Status.MERGED, Act.WITHDRAW): Status.WITHDRAWN,
    **_stays(Status.RAISED, *_WHILE_OPEN, *_LIMITED, Act.ADD, Act.WRITE, Act.HAND_OVER),
    (Status.RAISED, Act.DIRECT): Status.WORKING,
    (Status.RAISED, Act.WITHDRAW): Status.WITHDRAWN,
    **_stays(Status.PAUSED, *_WHILE_OPEN, Act.HAND_OVER),
    (Status.PAUSED, Act.ADD): Status.WORKING,  # what it waited for has come
    (Status.PAUSED, Act.WRITE): Status.WORKING,
    (Status.PAUSED, Act.RESUME): Status.WORKING,
    (Status.PAUSED, Act.WITHDRAW): Status.WITHDRAWN,
    **_stays(Status.ANSWERED, *_ALWAYS, Act.ADD, Act.RATE),
    (Status.ANSWERED, Act.REOPEN): Status.WORKING,
    (Status.ANSWERED, Act.CLOSE): Status.CLOSED,
    **_stays(Status.CLOSED, *_ALWAYS, Act.RATE),
    (Status.CLOSED, Act.REOPEN): Status.WORKING,
    **_stays(Status.WITHDRAWN, *_ALWAYS),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A wish that the case's state does not allow; `reason` is a code word that wording turns into a sentence."""

    reason: str


def after(status: Status, act: Act) -> Status | Refused:
    """Say where an act leads from here, or why it cannot be done."""
    return TABLE.get((status, act)) or Refused(f"{act} from {status}")

"""A case's life, drawn from the transition table itself."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.desk.cases import TABLE, Act, Status

STATUSES = {
    Status.ACCEPTED: "受理",
    Status.RETURNED: "退单，等裁定",
    Status.WORKING: "办理",
    Status.RAISED: "上报，等上级",
    Status.PAUSED: "挂起，等群众",
    Status.MERGED: "并单，随主件",
    Status.ANSWERED: "答复",
    Status.CLOSED: "归档",
    Status.WITHDRAWN: "撤回",
}
ACTS = {
    Act.DISPATCH: "派单",
    Act.RETURN: "退单",
    Act.TAKE_BACK: "收回改派",
    Act.SEND_BACK: "退回原单位",
    Act.CLAIM: "签收",
    Act.HAND_OVER: "交办",
    Act.TRANSFER: "转办",
    Act.RAISE: "上报",
    Act.DIRECT: "上级书面答复",
    Act.ASK_TIME: "申请延期",
    Act.GIVE_TIME: "同意延期",
    Act.KEEP_TIME: "不同意延期",
    Act.PAUSE: "挂起",
    Act.RESUME: "恢复",
    Act.URGE: "督办",
    Act.REGRADE: "改级",
    Act.MERGE: "并单",
    Act.UNMERGE: "拆出",
    Act.FOLLOW: "随主件改变",
    Act.NOTE: "备注",
    Act.TAG: "标签",
    Act.REVEAL: "看完整手机号",
    Act.ASK_IDENTITY: "申请看身份",
    Act.OPEN_IDENTITY: "同意看身份",
    Act.KEEP_IDENTITY: "不同意看身份",
    Act.SEE_IDENTITY: "看身份",
    Act.CALL: "回电",
    Act.WRITE: "回复",
    Act.ADD: "群众补充",
    Act.ANSWER: "答复",
    Act.REFER: "转外部",
    Act.RATE: "评价",
    Act.REOPEN: "重办",
    Act.CLOSE: "归档",
    Act.WITHDRAW: "撤回",
    Act.EXCLUDE: "不计入评比",
    Act.INCLUDE: "恢复计入",
    Act.REMIND: "到期提醒",
    Act.OVERDUE: "超期",
    Act.CLIMB: "升级",
    Act.TOP: "到顶",
    Act.PROPOSE: "建议签收",
    Act.ASSIGN: "按值班派给",
    Act.ALARM: "多次补充告知上级",
}


def drawn() -> str:
    """Draw the table as a Mermaid state diagram: one arrow for all the acts that lead the same way."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "stateDiagram-v2"
    for status, name in STATUSES.items():
        yield f"    {status} : {name}"
    yield f"    [*] --> {Status.ACCEPTED}"
    ways: dict[tuple[Status, Status], list[str]] = {}
    for (before, act), after in TABLE.items():
        ways.setdefault((before, after), []).append(ACTS[act])
    for (before, after), acts in ways.items():
        yield f"    {before} --> {after} : {'、'.join(acts)}"
    for end in (Status.CLOSED, Status.WITHDRAWN):
        yield f"    {end} --> [*]"

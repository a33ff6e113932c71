"""What the desk says in Chinese: statuses, acts, posts, refusals, places, moments."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from bot.rights import Right
from dialogs.desk.cases import Act, Status
from storage.timeline import Carried

STATUSES = {
    Status.ACCEPTED: "待签收",
    Status.RETURNED: "退单，等裁定",
    Status.WORKING: "办理中",
    Status.RAISED: "已上报，等上级",
    Status.PAUSED: "等群众补充",
    Status.MERGED: "并单，随主件办",
    Status.ANSWERED: "已答复，等评价",
    Status.CLOSED: "已归档",
    Status.WITHDRAWN: "群众已撤回",
}

# Whom a case waits for, where that is not the person who holds it; {above} is the unit that owes an answer.
WAITS = {
    Status.RETURNED: "等{above}裁定退单",
    Status.RAISED: "等{above}书面答复",
    Status.PAUSED: "等群众补充",
}

# Who should sign, by the duty roster and what everybody has in hand.
PROPOSED = "建议 {name}签收"
PROPOSED_TO_YOU = "建议您签收"

# Why somebody keeps an eye on a case.
WATCHED = {"climbed": "已升到{unit}", "urged": "督办中", "alarmed": "已请群众补充 {times} 次"}

# Of a deadline in a year whose holidays are not known yet.
GUESSED = "（{year} 年的放假安排还没有录入，只按周末算，可能变动）"

# How more time is counted: in working days, and where a law gives the time in days of the calendar.
DAYS = {"working days": "{count} 个工作日", "days": "{count} 日"}

# What a request for more is to say, by how often there was one: first everything at once (两次办结).
NEEDED = (
    "请群众补充什么，会发给群众。要什么一次说全",
    "请群众补充什么，会发给群众。已经请过 {times} 次，这次请说全",
    "请群众补充什么，会发给群众。已经请过 {times} 次，再请就告诉上一级",
)

# Which limit is running, in front of how much is left of it.
LIMITS = {Status.ACCEPTED: "签收", Status.RETURNED: "裁定", Status.RAISED: "上级答复", Status.PAUSED: "最多等，"}

# What a move reads like in the time-line; {who} is a person's name or the member, {unit} where the case was opened,
# {to} where it went, to whom, which grade, how many days, until when.
MOVES = {
    "open": "{unit}受理",
    Act.CLAIM: "{who}签收",
    Act.DISPATCH: "{who}派给{to}",
    Act.RETURN: "{who}退单，由{to}裁定",
    Act.TAKE_BACK: "{who}裁定：不归原单位，改派{to}",
    Act.SEND_BACK: "{who}裁定：退单不成立，仍由原单位办",
    Act.TRANSFER: "{who}转给{to}",
    Act.RAISE: "{who}上报{to}",
    Act.DIRECT: "{who}书面答复",
    Act.ASK_TIME: "{who}申请延期 {to}",
    Act.GIVE_TIME: "{who}同意延期，改为{to}前答复",
    Act.KEEP_TIME: "{who}不同意延期",
    Act.PAUSE: "{who}请群众补充，最多等到{to}",
    Act.RESUME: "{who}恢复办理",
    Act.MERGE: "{who}并到 {to}，一起办",
    Act.UNMERGE: "{who}拆出来，单独办",
    Act.FOLLOW: "随主件到{to}，时限随主件",
    Act.URGE: "{who}督办",
    Act.REGRADE: "{who}改为{to}",
    Act.TAG: "{who}{to}",
    Act.REFER: "{who}转外部办理",
    Act.HAND_OVER: "{who}交给{to}",
    Act.WRITE: "{who}回复群众",
    Act.ADD: "{who}补充",
    Act.ANSWER: "{who}答复",
    Act.RATE: "{who}评价",
    Act.REOPEN: "{who}说没有解决，重新办理",
    Act.CLOSE: "{who}办结归档",
    Act.WITHDRAW: "{who}撤回",
    Act.REVEAL: "{who}查看了完整手机号",
    Act.ASK_IDENTITY: "{who}申请看身份",
    Act.OPEN_IDENTITY: "{who}同意看身份",
    Act.KEEP_IDENTITY: "{who}不同意看身份",
    Act.SEE_IDENTITY: "{who}看了身份",
    Act.EXCLUDE: "{who}定为不计入评比（{to}）",
    Act.INCLUDE: "{who}恢复计入评比",
    Act.REMIND: "快到时限了，提醒{to}",
    Act.OVERDUE: "超期了，记一次，提醒{to}和{post}",
    Act.CLIMB: "超期还没有办，升到{to}，请{post}督办",
    Act.TOP: "超期还没有办，已经升到最上级{to}，请{post}盯到办完",
    Act.ALARM: "请群众补充已超过两次，告诉了{to}{post}",
    Act.PROPOSE: "{who}建议{to}签收",
    Act.ASSIGN: "{who}派给{to}，算签收了",
    Act.CALL: "{who}打电话给对方",
}

_WAYS = {
    "passive": "当场回复",
    "customer": "客服消息",
    "subscribe": "订阅通知",
    "template": "模板消息",
    "mass": "群发",
}
_BY_HAND = {"phone": "已在电话里告知", "letter": "已书面回信"}
# Below the composer, where no channel reaches the member.
BY_HAND = {
    "call": "对方打电话来的：送出后变成「请回电」，由人打电话告诉",
    "letter": "对方要书面回信：送出后变成「请写信」，由人寄出或面交",
    "none": "对方不用回复：只记在这一件里",
}
CAMES = {"phone": "电话来件", "letter": "来信登记", "visit": "来访登记"}
CAME = {"phone": "电话", "letter": "来信", "visit": "来访"}

# Where the words stand by which a case was found.
KINDS = {
    "title": "标题",
    "place": "地点",
    "matter": "内容",
    "form": "表单",
    "member": "群众说",
    "staff": "我方说",
    "note": "备注",
}
NOT_FOUND = (
    "可以写受理编号（或第三段，例如 0387）、姓名全名、手机号或后四位、原话里的两个字以上。"
    "保密的件不能按姓名、电话和原话找；不在您能看的单位里的件也找不到。"
)

REACHES = {
    "here": "愿意在微信里联系",
    "call": "希望打电话联系",
    "none": "没有留联系方式，可能无法回访",
    "letter": "希望书面回信",
}

TOLD = {
    "claim": "已签收，这件事归您办。",
    "write": "回复已交出，件还在您这里。",
    "answer": "答复已交出，会请对方说说解决了没有。",
    "note": "备注记下了，群众看不到。",
    "close": "已办结归档。",
    "took": "登记好了。请把上面的编号和时限念给对方。",
    "called": "记下了，对方已经知道。",
    "missed": "记下了，没有接通，过一会儿再打。",
    "reveal": "完整号码在右边，查看已记在经过里。",
    "ask_identity": "申请记下了，等另一位有密级的督办员或站长同意。",
    "open_identity": "同意了，申请人在规定时间里可以看，每次看都会记下。",
    "keep_identity": "没有同意，身份仍然保密。",
    "see_identity": "身份在右边，几分钟后自己收起来；这次看已记在经过里。",
    "dispatch": "已派单，等那边签收。",
    "return": "已退单，等裁定。",
    "take_back": "已改派，等那边签收。",
    "send_back": "已退回原单位，等他们签收。",
    "hand_over": "已交给同事。",
    "transfer": "已转办，也告诉了群众。",
    "raise": "已上报，等书面答复。",
    "direct": "已书面答复，件回到经办人手里。",
    "ask_time": "申请已记下，等裁定；群众还不知道。",
    "give_time": "已延期，也告诉了群众新的日期。",
    "keep_time": "没有延期，原来的时限照旧。",
    "pause": "已请群众补充，时限停走。",
    "resume": "已恢复办理，时限接着走。",
    "merge": "已并单：主件的回复和答复也会发给这位群众，用他自己的编号。",
    "unmerge": "已拆出来，单独办，等签收。",
    "urge": "督办已记在经过里。",
    "regrade": "已改级，时限跟着变了。",
    "tag": "标签记下了，群众看不到。",
    "view": "记下了，在左边的去处里，随时点开。",
    "view_gone": "已从去处里去掉。",
    "no_title": "请给这个列表起个名字，不要写电话和证件号。",
    "many_views": "记得太多了，请先去掉几个。",
    "refer": "已告诉群众找谁办，会请对方说说解决了没有。",
    "exclude": "已记下不计入评比；谁定的、为什么，会写在报表后面。",
    "include": "已恢复计入评比。",
}

# What an administrator keeps; none of them sees a case (三员分立).
KEEPS: dict[Right, str] = {
    "organisation": "您管单位、人员和设置；看不到群众的件，也管不了权限和审计。",
    "rights": "您管密级、代班的审批；看不到群众的件，也管不了人员和审计。",
    "audit": "您看审计日志；看不到群众的件，也管不了人员和权限。",
}

_WEEK = "一二三四五六日"


def refused(reason: str) -> str:
    """Say why a wish cannot be granted, and what can be done instead."""
    fixed = {
        "no words": "还没有写字，没有送出。",
        "too long": "太长了，没有送出。请分成几段，每段不超过 4000 字。",
        "not the holder": "这一件不是您经办的。要接着办，先请经办人或站长把它交给您（a 交办）；现在可以记备注。",
        "nobody named": "还没有选交给谁。",
        "holds it already": "这一件已经在他手里了。",
        "no such colleague": "没有这位同事，或者他不在这一件的单位和上级里、不能签收。请从名单里选。",
        "no such unit": "没有这个单位。请从名单里选，或者写全称。",
        "here already": "这一件已经在这个单位了。",
        "too far": "这个单位不在您能派到的范围里。要派得更远，请上报。",
        "returned before": "这一件已经退过一次，不能再退。有困难请上报（e），由督办员定。",
        "nobody above": "这里已经是最上级，没有再上一级了。",
        "not for your unit": "这要由上一级来定，不由本单位定。",
        "extended before": "这一件已经延过一次，不能再延。有困难请上报（e）。",
        "asked too late": "时限已经过了，不能再申请延期。请先答复对方进展。",
        "given too late": "时限已经过了，来不及在到期前告诉群众，不能再同意延期。",
        "no such time": "这一级不能延这么多天。请从可选的天数里选。",
        "nothing asked": "没有人申请延期。",
        "excluded already": "这一件已经不计入评比了。",
        "counts already": "这一件本来就计入评比。",
        "no such reason": "请从名单里选一个理由。",
        "confidential": "保密的件不加标签。",
        "same tags": "标签没有变。",
        "tag too long": "标签太长，或者写法不对。一个标签写几个字就好，用空格分开。",
        "too many tags": "标签太多了，请去掉几个。",
        "number in tags": "标签里像是有电话或证件号，没有记下。",
        "merged": "这一件已经并单，随主件一起答复。请到主件上写；要单独答复，先拆出来（更多 → 拆出）。",
        "no such main": "没有找到这一件，或者它不在您能看的单位里。请核对编号。",
        "itself": "不能并到自己。请写另一件的编号。",
        "no main": "那一件已经答复、撤回、在退单，或者自己也并在别的件里，不能并到它下面。",
        "is a main": "这一件下面已经并了别的件，不能再并到另一件。请把另一件并到这一件来，或者先拆开。",
        "a talk": "找人说话的件各说各的，不能并单。",
        "not alike": "保密的件和不保密的件不能并在一起。",
        "more urgent": "这一件比那一件急，不能并到它下面。请把那一件并到这一件来。",
        "names somebody": "没有送出：这些话会发给并在一起的每一位群众，里面有其中一位的姓名、电话或编号。请去掉再送。",
        "no such grade": "请选另外一级。",
        "not confidential": "这一件不是保密件，用不着这样办。",
        "identity is sealed": "保密件不能直接看号码。要和本人联系，先申请看身份。",
        "sealed stands alone": "保密件只能单独办，不能和别的并在一起。",
        "identity asked already": "已经有人申请、还没有裁定，或者您现在就可以看。",
        "identity not asked": "现在没有人申请看身份。",
        "identity takes two": "自己申请的不能由自己同意，请另一位有密级的督办员或站长来定。",
        "identity not open": "您现在不能看身份：没有申请、没有同意，或者时间已经过了。",
    }
    if reason in fixed:
        return fixed[reason]
    if reason.endswith(" not yours"):
        return "您的岗位不办这一项。请找对接协调员、督办员或站长。"
    act, _, status = reason.partition(" from ")
    keys = ((act, status), (act, ""), ("", status))
    return next((_FROM[key] for key in keys if key in _FROM), "这一件现在不能这样办，请刷新后再看。")


_FROM = {
    ("claim", "working"): "已经有人签收了。要接手，请和经办人商量转交。",
    ("claim", "answered"): "已经答复过了，不用再签收。",
    ("write", "accepted"): "还没有人签收。先签收（c），再给群众写。",
    ("answer", "accepted"): "还没有人签收。先签收（c），再答复。",
    ("write", "answered"): "已经答复了，正等对方评价；对方说没解决，会自动回到办理中。要补充情况请记备注。",
    ("answer", "answered"): "已经答复了，正等对方评价；对方说没解决，会自动回到办理中。",
    ("close", "accepted"): "还没有答复，不能办结。先签收、答复，再办结。",
    ("close", "working"): "还没有答复，不能办结。先把结果答复给对方（d）。",
    ("answer", "raised"): "已经上报，等上级书面答复后再答复对方；现在可以先回复进展（r）。",
    ("answer", "paused"): "正在等对方补充。先恢复办理，再答复。",
    ("write", "returned"): "已经退单，等裁定；裁定以前先不给群众写。",
    ("answer", "returned"): "已经退单，等裁定；裁定以前先不给群众写。",
    ("claim", "returned"): "已经退单，等裁定以后再签收。",
    ("hand_over", "accepted"): "还没有人签收，不用交办：请同事自己签收，或者先签收（c）再交给他。",
    ("return", "working"): "已经签收了，不能再退单。不归本单位办，请转办（t）或上报（e）。",
    ("dispatch", "working"): "已经签收了，不能再派单。要给别的单位办，请转办（t）。",
    ("take_back", ""): "这次退单已经有人裁定了，请刷新后再看。",
    ("send_back", ""): "这次退单已经有人裁定了，请刷新后再看。",
    ("direct", ""): "上级已经书面答复了，请刷新后再看。",
    ("resume", ""): "这一件已经恢复办理了，请刷新后再看。",
    ("unmerge", ""): "这一件没有并在别的件里，请刷新后再看。",
    ("close", "raised"): "还没有答复，不能办结。等上级书面答复后先答复对方。",
    ("close", "paused"): "还没有答复，不能办结。先恢复办理，把结果答复给对方（d）。",
    ("", "accepted"): "还没有人签收。先签收（c），再这样办。",
    ("", "returned"): "已经退单，等裁定；裁定以前可以记备注，别的先不办。",
    ("", "raised"): "已经上报，等上级书面答复以后才能这样办；现在可以先回复进展（r）。",
    ("", "paused"): "正在等群众补充。先恢复办理（更多 → 恢复办理），再这样办。",
    ("", "merged"): "这一件已经并单，随主件一起办。要单独办，先拆出来（更多 → 从并单里拆出来）。",
    ("", "answered"): "已经答复了，正等对方评价；对方说没解决，会自动回到办理中。",
    ("", "closed"): "这一件已经归档，只能记备注；对方说没解决，会自动重新办理。",
    ("", "withdrawn"): "对方已经撤回，不用再办，只能记备注。",
}


def say_days(days: str) -> str:
    """Say on which days of the week, or on which date, somebody is on duty: `周一至周五`, `周日`, `2026-10-01`."""
    known = {"12345": "周一至周五", "67": "周六、周日", "1234567": "每天"}
    return days if "-" in days else known.get(days) or "、".join(f"周{_WEEK[int(each) - 1]}" for each in days)


def say_span(start: time, end: time) -> str:
    """Say from when to when: `09:00 到 17:30`, `17:30 到第二天 09:00`."""
    return f"{start:%H:%M} 到{'第二天' if end <= start else ''} {end:%H:%M}"


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Say when something was: `14:02` today, `昨天 14:02`, `11 月 19 日 14:02`."""
    here, today = at.astimezone(zone), now.astimezone(zone).date()
    clock = f"{here:%H:%M}"
    if here.date() == today:
        return clock
    if here.date() == today - timedelta(days=1):
        return f"昨天 {clock}"
    year = f"{here.year} 年 " if here.year != today.year else ""
    return f"{year}{here.month} 月 {here.day} 日 {clock}"


def day(on: date, today: date) -> str:
    """Name a day for a divider: `今天`, `昨天`, `11 月 19 日 星期四`."""
    if on == today:
        return "今天"
    if on == today - timedelta(days=1):
        return "昨天"
    year = f"{on.year} 年 " if on.year != today.year else ""
    return f"{year}{on.month} 月 {on.day} 日 星期{_WEEK[on.weekday()]}"


def ago(at: datetime, now: datetime) -> str:
    """Say how long ago something was, in one unit: `刚刚`, `12 分钟前`, `3 小时前`, `2 天前`."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "刚刚"
    if minutes < 60:
        return f"{minutes} 分钟前"
    return f"{minutes // 60} 小时前" if minutes < 24 * 60 else f"{minutes // (24 * 60)} 天前"


def sent(carried: Carried) -> tuple[str, str]:
    """Say what became of a delivery, and its tone: `settled`, `waiting`, `unknown`, `failed` or nothing."""
    by = _WAYS.get(carried.way, "")
    match carried.status:
        case "hand":
            return "等工作人员告诉对方", "waiting"
        case "sent" if carried.way in _BY_HAND:
            return _BY_HAND[carried.way], "settled"
        case "sent":
            return f"{by}，平台已收下" if by else "平台已收下", "settled"
        case "rode":
            return "已随对方下次来信送到", "settled"
        case "ready" | "claimed":
            return "正在送出", ""
        case "waiting":
            return f"暂时送不到，等对方下次来信时一并送达{_platform(carried)}", "waiting"
        case "unknown":
            return "平台没有回音，不知道送到没有；请打电话核实", "unknown"
        case "failed":
            return f"没有送到{_platform(carried)}", "failed"
        case "cancelled":
            return "没有送，已取消", ""
        case _:
            return "", ""


def _platform(carried: Carried) -> str:
    if carried.code:
        return f"（平台答复 {carried.code} {carried.words}）"
    return f"（{carried.words}）" if carried.words else ""

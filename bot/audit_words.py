"""The audit log in sentences: who did what to what."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.desk.cases import Act, Grade
from dialogs.desk.drawing import ACTS
from dialogs.facts import Snapshots
from dialogs.rules import Rules
from storage.audit import Record

SOURCES = {"here": "本机", "inside": "内网", "outside": "外网", "terminal": "命令行", "": ""}

# What each act reads like; {it} is what it was done to, {note} how.
_DID = {
    "sign_in": "登录",
    "sign_in.failed": "{to}登录，没有成功",
    "sign_out": "退出",
    "case.read": "打开保密件 {it}",
    "case.photo": "看了保密件 {it} 的照片",
    "case.reveal": "查看 {it} 的完整手机号",
    "case.note": "给 {it} 记备注",
    "case.write": "回复 {it} 的群众",
    "case.answer": "答复 {it}",
    "units.made": "新设单位 {it}",
    "units.changed": "改单位 {it}",
    "units.moved": "把单位 {it} 移到 {note} 下面",
    "units.merged": "把单位 {it} 并入 {note}",
    "units.closed": "停用单位 {it}",
    "units.import": "导入单位表，改了 {note} 处",
    "units.export": "导出单位表",
    "codes.print": "打印 {it} 的二维码 {note} 张",
    "articles.import": "导入政策问答 {note} 条",
    "rules.change": "改规则 {it}",
    "case.took": "登记来件 {it}",
    "staff.add": "添加人员 {it}（{note}）",
    "staff.move": "把 {it} 调到 {note}",
    "staff.hold": "让 {it} 兼任 {note}",
    "staff.leave": "免去 {it} 兼任的 {note}",
    "staff.off": "停用 {it} 的账号",
    "staff.on": "重新启用 {it} 的账号",
    "staff.reset": "重设 {it} 的密码",
    "staff.choose": "换了自己的密码",
    "staff.clear": "给 {it} 密级",
    "staff.unclear": "收回 {it} 的密级",
    "stand_in.ask": "申请由 {note} 替 {it} 代班",
    "stand_in.allow": "同意 {note} 替 {it} 代班",
    "stand_in.refuse": "不同意 {note} 替 {it} 代班",
    "stand_in.end": "结束 {note} 替 {it} 代班",
    "export.ask": "要求导出「{it}」（{note}）",
    "export.take": "取走「{it}」（{note} 行）",
    "audit.read": "查看审计日志{note}",
    "audit.export": "导出审计日志{note}",
    "audit.purge": "按保存期清理审计记录 {note} 行",
}

# The kinds of acts that the page can be narrowed to, with what their codes begin with.
GROUPS = {
    "sign": ("登录和退出", ("sign_",)),
    "case": ("办件", ("case.",)),
    "sealed": ("看保密件和手机号", ("case.read", "case.photo", "case.reveal", "identity.")),
    "people": ("人员和权限", ("staff.", "people.", "rights.", "post.", "clearance.", "stand_in.")),
    "units": ("单位和二维码", ("units.", "codes.")),
    "out": ("导入和导出", ("export.", "units.import", "units.export", "articles.import", "audit.export")),
    "rules": ("规则和设置", ("rules.", "articles.", "directory.", "duty.", "canned.")),
    "audit": ("审计", ("audit.",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One record in words: who, as what, where, what they did, from where."""

    who: str
    post: str
    unit: str
    did: str
    source: str


def sentence(record: Record, known: Snapshots) -> Said:
    """Put a record into words. An act that nobody gave words is shown by its code: nothing is left out."""
    actor = record.actor
    return Said(
        who=actor.name or "有人",
        post=_post(actor.post, known.rules),
        unit=_unit(actor.unit, known),
        did=_did(record, known),
        source=SOURCES[actor.source],
    )


def _did(record: Record, known: Snapshots) -> str:
    it = _unit(record.subject, known) if record.kind == "unit" else record.subject
    told, _, stood = record.note.partition("for=")
    note = _told(told.strip(), known)
    if record.act in _DID:
        did = _DID[record.act].format(it=it, note=note, to=f"用「{it}」" if it else "").strip()
        return f"{did}（代 {stood}）" if stood else did
    act = next((known for known in ACTS if record.act == f"case.{known}"), None)
    if act is not None:
        for_whom = f"（代 {stood}）" if stood else ""
        return f"{ACTS[act]} {it}{_to(act, note, known.rules)}{for_whom}"
    return " ".join(part for part in (record.act, it, note) if part)


def _told(note: str, known: Snapshots) -> str:
    """Read a unit's id, or a post in a unit as `post@unit`; anything else is itself."""
    post, at, unit = note.partition("@")
    return f"{_unit(unit, known)}{_post(post, known.rules)}" if at else _unit(note, known)


def _to(act: Act, note: str, rules: Rules) -> str:
    """Say where it went, which grade it became; moments and days are on the case's own page."""
    if act is Act.REGRADE:
        return f"，为{rules.grades[Grade(note)].title}" if note in set(Grade) else ""
    return f"，到 {note}" if note and not note.isdigit() else ""


def _post(post: str, rules: Rules) -> str:
    found = rules.posts.get(post)
    return found.title if found else post


def _unit(unit: str, known: Snapshots) -> str:
    found = known.units.get(unit) if unit else None
    return found.name if found else unit

"""A category as somebody fills it in at the desk: read whole, or every mistake named by its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from dialogs.desk.cases import Grade
from dialogs.desk.units_sheet import tidy
from dialogs.rules import Rules
from dialogs.rules.kinds import PARTS, Edit

TITLE_MOST = 12  # letters: a name is also a button on a phone
_WORD_MOST, _WORDS_MOST = 40, 400
_BETWEEN = re.compile(r"[\s、，,;；]+")
_NAMES = {"title": "名称", "grade": "等级", "post": "岗位", "sure": "认得准的词", "words": "常说的词", "hints": "旁证"}


def read(given: Mapping[str, str], before: Edit, rules: Rules) -> Edit | dict[str, str]:
    """Read what was filled in for a category that stands as `before`; an added one has the title ''."""
    title = tidy(given.get("title", ""))
    words = {part: _tidied(given.get(part, "")) for part in PARTS}
    wrong = {"title": _title(title, before, rules)}
    if "." in before.key:
        grade, post = given.get("grade", ""), given.get("post", "")
        wrong["grade"] = "" if not grade or grade in set(Grade) else "没有这个等级。"
        wrong["post"] = "" if not post or post in rules.posts else "没有这个岗位。"
        wrong |= {part: _words(part, words[part], getattr(before, part), rules) for part in PARTS}
        if not words["sure"] and not words["words"]:
            wrong["sure"] = "至少写一个会员会说的词，不然认不出这一类。"
    mistakes = {name: said for name, said in wrong.items() if said}
    if mistakes:
        return mistakes
    known = dict.fromkeys((*before.former, before.title))
    former = tuple(each for each in known if each and each != title)
    if "." not in before.key:
        return replace(before, title=title, former=former)
    return replace(before, title=title, grade=grade, post=post, former=former, **words)


def added(top: str, rules: Rules) -> Edit:
    """Give an empty category below one of the first level, with a key that none has."""
    taken = {sub.key for sub in rules.categories}
    number = next(each for each in range(1, len(taken) + 2) if f"{top}.own_{each}" not in taken)
    return Edit(key=f"{top}.own_{number}", title="")


def say_change(before: Edit, now: Edit, rules: Rules) -> str:
    """Say in one line what a version changed, for the history."""
    top = rules.categories.top(now.key.partition(".")[0])
    name = f"{top.title}·{now.title}" if top and "." in now.key else now.title
    if not before.title:
        return f"加了「{name}」"
    if before.closed != now.closed:
        return f"停用「{name}」" if now.closed else f"重新启用「{name}」"
    changed = [said for part, said in _NAMES.items() if part != "title" and getattr(before, part) != getattr(now, part)]
    if before.title != now.title:
        return f"「{before.title}」改名「{name}」" + (f"，改了{'、'.join(changed)}" if changed else "")
    return f"改了「{name}」的{'、'.join(changed)}"


def shared(edit: Edit, others: Mapping[str, Edit], rules: Rules) -> list[str]:
    """Name the words by which another open category is recognised too: members are then asked about the likelier."""
    mine = set(f"{edit.sure} {edit.words}".split())
    found = []
    for other in others.values():
        category = rules.categories.open(other.key)
        common = [each for each in f"{other.sure} {other.words}".split() if each in mine]
        if category is not None and other.key != edit.key and common:
            found.append(f"{'、'.join(common)}（{category.shown}）")
    return found


def _tidied(words: str) -> str:
    return " ".join(dict.fromkeys(each for each in _BETWEEN.split(tidy(words.replace("\n", " "))) if each))


def _title(title: str, before: Edit, rules: Rules) -> str:
    if not title or len(title) > TITLE_MOST:
        return f"写一个名称，不超过 {TITLE_MOST} 个字。"
    if re.search(r"[·\s<>{}]", title):
        return "名称里不要有空格、「·」和括号。"
    top = before.key.partition(".")[0]
    beside = rules.categories.top(top)
    if "." in before.key:
        alike = [(sub.key, sub.title) for sub in beside.subs] if beside else []
    else:
        alike = [(each.key, each.title) for each in rules.categories.tops]
    if any(name == title and key != before.key for key, name in alike):
        return f"已经有「{title}」了（停用的也算）。换一个名称，或者去改那一个。"
    return ""


def _words(part: str, words: str, before: str, rules: Rules) -> str:
    listed, kept = words.split(), set(before.split())
    if len(listed) > _WORDS_MOST:
        return f"太多了，不超过 {_WORDS_MOST} 个词。"
    for each in listed:
        if len(each) > _WORD_MOST:
            return f"「{each[:10]}…」太长了，写 {_WORD_MOST} 个字以内的词，不是整句话。"
        if part != "hints" and len(each) == 1 and each not in kept:
            return f"「{each}」只有一个字，到处都会碰上。写两个字以上，或者写成「{each}+坏」：两样都说到才算。"
        try:
            rules.kinds.speech.phrases(each, part, 0)
        except ValueError as slip:
            return f"{slip}。"
    return ""

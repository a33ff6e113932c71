"""Canned replies and articles for one case: filled with its values, and refused where they may not be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from dialogs.desk.deadlines import say_day_of
from dialogs.desk.replies import blanks, expired, fill
from dialogs.facts import Snapshots
from dialogs.knowledge import Article
from dialogs.knowledge.answer import sureness
from handlers.desk.frame.door import door, visit
from storage.cases import CasePage
from storage.replies import Reply

_ARTICLES = 5
_SURE = 0.15  # less like the question than this helps nobody who reads
_MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something to insert: `text` as it will stand in the composer; `why_not` says why it may not be used."""

    id: str
    kind: str
    title: str
    text: str
    note: str = ""
    why_not: str = ""


def today(request: web.Request) -> date:
    """The day it is in the centre."""
    here = door(request)
    return here.now().astimezone(here.zone).date()


async def pieces(request: web.Request, case: CasePage, query: str) -> list[Piece]:
    """Give what can be inserted for a case: canned replies, then articles; without a query, what fits the case."""
    here, day = door(request), today(request)
    values = values_of(case, here.snapshots(), here.now())
    replies = [reply for reply in await usable(request) if not reply.closed and _fits(reply, query)]
    matter = query or ("" if case.row.confidential else case.row.matter) or case.row.title
    found = here.snapshots().articles.match(matter) if matter else []
    articles = [match.article for match in found if sureness(match) >= _SURE][:_ARTICLES]
    ordered = sorted(replies, key=lambda reply: not reply.stands(day))
    return [_reply(reply, values, day) for reply in ordered[:_MOST]] + [_article(article, day) for article in articles]


async def usable(request: web.Request) -> list[Reply]:
    """List the replies of one's units and those above: the shared ones come from above."""
    who, units = visit(request), door(request).snapshots().units
    path = {unit.id for held in who.staff.posts for unit in units.path(held.unit)}
    return await door(request).database.replies.of_units(path)


async def unfit(request: web.Request, words: str) -> str:
    """Say why words may not go to a member: a blank that nobody filled, a reply or an article that has run out."""
    left = blanks(words)
    if left:
        return f"还没有送出：{'、'.join(f'「{{{name}}}」' for name in left)}还没有填上。请改成实际的内容再送。"
    day, replies = today(request), await usable(request)
    articles = door(request).snapshots().articles.articles
    gone = [(reply.title, reply.words) for reply in replies if not reply.stands(day)]
    gone += [(article.question, article.answer) for article in articles if not article.stands(day)]
    standing = [reply.words for reply in replies if reply.stands(day)]
    standing += [article.answer for article in articles if article.stands(day)] if gone else []
    title = expired(gone, standing, words)
    if title:
        return f"还没有送出：里面用的「{title}」已经过期。请核对现在的规定，改过再送。"
    return ""


def values_of(case: CasePage, known: Snapshots, now: datetime) -> Mapping[str, str]:
    """What the variables become for a case; '' for what is not known."""
    row, rules = case.row, known.rules
    unit = known.units.get(row.unit)
    name = "" if row.confidential or row.anonymous else case.name
    local = now.astimezone(rules.zone)
    return {
        "姓名": name,
        "称呼": f"{name}同志" if name else "您",
        "编号": row.number,
        "事项": row.title,
        "办结时限": say_day_of(row.answer_by, now, rules.calendar),
        "单位": unit.name if unit else "",
        "经办": rules.post(row.post),
        "电话": unit.phone if unit else "",
        "今天": f"{local.month} 月 {local.day} 日",
    }


def _fits(reply: Reply, query: str) -> bool:
    return all(part in reply.title or part in reply.words for part in query.split())


def _reply(reply: Reply, values: Mapping[str, str], day: date) -> Piece:
    text = fill(reply.words, values)
    left = blanks(text)
    return Piece(
        id=f"r{reply.id}",
        kind="常用语",
        title=reply.title,
        text=text,
        note=f"要自己填：{'、'.join(left)}" if left else "",
        why_not="" if reply.stands(day) else f"{reply.until} 已过期，核对后改日期才能用",
    )


def _article(article: Article, day: date) -> Piece:
    source = f"\n依据：{article.source}（核对日期 {article.checked}）" if article.source else ""
    return Piece(
        id=f"a{article.id}",
        kind="政策",
        title=article.question,
        text=f"{article.answer}{source}",
        why_not="" if article.stands(day) else "这一条已经过期，不能再用",
    )


def piece_of(found: Sequence[Piece], wanted: str) -> str:
    """Give the text of one that may be used; '' otherwise."""
    return next((piece.text for piece in found if piece.id == wanted and not piece.why_not), "")

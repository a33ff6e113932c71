"""People at the desk, as their administrator keeps them: what may be wrong is said in words before anything changes.

System, security and audit administrators are made at the machine (`hongyan staff add`), never at the desk: whoever
keeps the people could else make themselves the others too.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.desk import TOPIC
from bot.sign_in import Passwords
from dialogs.desk.cases import Act
from dialogs.facts import Snapshots
from storage.acts import Stale
from storage.roster import Beside, Holding, Kept, NewPost, Person, Roster
from storage.staff import Held, NameTaken, Staff, StaffStore

SHORTEST = 10
_LONGEST = 128
_NAME = re.compile(r"[\w.@-]{2,40}")
# Without the letters and figures that are mistaken for each other when they are read out.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Wrong:
    """It cannot be done, and every reason why not, in words."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Once:
    """It is done; the password is shown once and stored nowhere."""

    password: str


class Told(Protocol):
    """What this needs of the hot store."""

    async def publish(self, channel: str, ids: str) -> None:
        """Tell everybody who listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Adds, changes and switches off. Whoever calls has checked that the units are the administrator's."""

    roster: Roster
    staff: StaffStore
    passwords: Passwords
    told: Told
    now: Callable[[], datetime]
    snapshots: Callable[[], Snapshots]

    async def add(self, name: str, post: str, unit: str, *, by: Staff) -> Once | Wrong:
        """Add a person with a one-time password."""
        reasons = [*name_wrong(name), *self._post_wrong(post), *self._unit_wrong(unit)]
        if reasons:
            return Wrong(tuple(reasons))
        password = one_time()
        try:
            hashed = await self.passwords.hash(password)
            await self.roster.add(name, hashed, post, unit, by=by, now=self.now())
        except NameTaken:
            return Wrong((f"已经有人用「{name}」这个登录名，请加上单位或换一个。",))
        return Once(password)

    async def move(
        self, person: Person, post: str, unit: str, to: str, *, revision: int, by: Staff
    ) -> Kept | Wrong | Stale:
        """Give a person another post or unit; `to` takes over the cases that they hold."""
        reasons = [*self._kept(person, by), *self._post_wrong(post), *self._unit_wrong(unit)]
        if (post, unit) == (person.post, person.unit):
            reasons.append("岗位和单位都没有变。")
        known = self.snapshots()
        stays = Act.CLAIM in known.rules.may(post) and person.unit in known.units.subtree(unit)
        new = NewPost(what="move", leaves=not stays, post=post, unit=unit, to="" if stays else to.strip())
        return Wrong(tuple(reasons)) if reasons else await self._change(person, new, revision=revision, by=by)

    async def off(self, person: Person, to: str, *, revision: int, by: Staff) -> Kept | Wrong | Stale:
        """Switch a person off; `to` takes over the cases that they hold."""
        reasons = self._kept(person, by)
        new = NewPost(what="off", leaves=True, active=False, to=to.strip())
        return Wrong(tuple(reasons)) if reasons else await self._change(person, new, revision=revision, by=by)

    async def on(self, person: Person, *, revision: int, by: Staff) -> Kept | Wrong | Stale:
        """Let a person sign in again."""
        reasons = [*self._kept(person, by), *self._unit_wrong(person.unit)]
        new = NewPost(what="on", leaves=False, active=True)
        return Wrong(tuple(reasons)) if reasons else await self._change(person, new, revision=revision, by=by)

    async def hold(
        self, person: Person, post: str, unit: str, until: datetime | None, *, revision: int, by: Staff
    ) -> Kept | Wrong | Stale:
        """Give a person a further post."""
        reasons = [*self._kept(person, by), *self._post_wrong(post), *self._unit_wrong(unit)]
        now = self.now()
        if until is not None and until <= now:
            reasons.append("兼到的日子已经过了。")
        own = {(person.post, person.unit)}
        if (post, unit) in own | {(each.post, each.unit) for each in standing(person, now)}:
            reasons.append("已经有这个岗位了。")
        if reasons:
            return Wrong(tuple(reasons))
        return await self.roster.hold(person.name, post, unit, until, revision=revision, by=by, now=now)

    async def leave(self, person: Person, held: int, *, revision: int, by: Staff) -> Kept | Wrong | Stale:
        """End a further post."""
        now = self.now()
        left = [Held(each.post, each.unit) for each in standing(person, now) if each.id != held]
        stays = [Held(person.post, person.unit), *left]
        holding = await self.roster.held(person.name)
        away = Holding(cases=tuple(case for case in holding.cases if not self._covers(stays, case.unit)))
        reasons = self._kept(person, by)
        if away.cases:
            reasons.append(holding_words(person.name, away))
        if reasons:
            return Wrong(tuple(reasons))
        return await self.roster.leave(person.name, held, revision=revision, by=by, now=now)

    async def reset(self, person: Person, *, revision: int, by: Staff) -> Once | Wrong | Stale:
        """Give a person a one-time password."""
        reasons = self._kept(person, by)
        if reasons:
            return Wrong(tuple(reasons))
        password = one_time()
        hashed = await self.passwords.hash(password)
        got = await self.roster.reset(person.name, hashed, revision=revision, by=by, now=self.now())
        return got if isinstance(got, Stale) else Once(password)

    async def choose(self, staff: Staff, new: str, *, token: str) -> None:
        """Keep the password that a person chose, who has proved to be themselves; their other sessions end."""
        await self.roster.choose(staff, await self.passwords.hash(new), token=token, now=self.now())

    async def _change(self, person: Person, new: NewPost, *, revision: int, by: Staff) -> Kept | Wrong | Stale:
        if new.to and (reason := await self._cannot_take(person, new.to)):
            return Wrong((reason,))
        got = await self.roster.change(person.name, new, revision=revision, by=by, now=self.now())
        if isinstance(got, Holding):
            return Wrong((holding_words(person.name, got),))
        if isinstance(got, Kept):
            for number in got.cases:
                await self.told.publish(TOPIC, number)
        return got

    async def _cannot_take(self, person: Person, to: str) -> str:
        """Say why somebody cannot take over all that a person holds; '' where they can."""
        found = await self.staff.by_name(to, self.now())
        if found is None or to == person.name:
            return f"没有「{to}」这位同事。请写接手人的登录名。"
        for case in (await self.roster.held(person.name)).cases:
            if not self._covers(found.staff.posts, case.unit) or (case.confidential and not found.staff.cleared):
                return f"「{to}」接不了其中的件：单位管不到、岗位不能签收，或者没有密级。请换一位，或请本人先分别交办。"
        return ""

    def _covers(self, posts: Iterable[Held], unit: str) -> bool:
        """Tell whether one of these posts signs for cases of this unit."""
        known = self.snapshots()
        signing = [held for held in posts if Act.CLAIM in known.rules.may(held.post)]
        return any(unit in known.units.subtree(held.unit) for held in signing)

    def _kept(self, person: Person, by: Staff) -> list[str]:
        if person.name == by.name:
            return ["自己的岗位和密码不能由自己在这里改，请另一位系统管理员来改。"]
        if self._administers(person.post):
            return ["管理员（三员）只能在服务器上用命令行管理，工作台上不能改。"]
        return []

    def _administers(self, post: str) -> bool:
        known = self.snapshots().rules.posts.get(post)
        return known is not None and known.keeps is not None

    def _post_wrong(self, key: str) -> Iterator[str]:
        post = self.snapshots().rules.posts.get(key)
        if post is None or not post.desk:
            yield "没有这个岗位，请从名单里选。"
        elif post.keeps:
            yield f"{post.title}不能在工作台上设：三员分立，请在服务器上用 hongyan staff add 添加，也不能兼别的岗位。"

    def _unit_wrong(self, key: str) -> Iterator[str]:
        unit = self.snapshots().units.get(key)
        if unit is None or unit.closed:
            yield "没有这个单位，或者它已经停用。请写单位的编码或名称。"


def standing(person: Person, now: datetime) -> list[Beside]:
    """Give the further posts that a person holds at this moment."""
    return [each for each in person.beside if each.until is None or each.until > now]


def holding_words(name: str, holding: Holding) -> str:
    """Say which cases keep a person from leaving; confidential ones are not named."""
    named = "、".join(holding.numbers)
    return f"{name}还有没办完的件{f'：{named}' if named else ''}。请先办完、交办，或者写一位接手的同事，一起交给他。"


def name_wrong(name: str) -> Iterator[str]:
    """Say what is wrong with a sign-in name."""
    if not _NAME.fullmatch(name):
        yield "登录名用 2 到 40 个汉字、字母或数字。"


def password_wrong(password: str) -> Iterator[str]:
    """Say what is wrong with a password."""
    if not SHORTEST <= len(password) <= _LONGEST:
        yield f"密码至少 {SHORTEST} 个字符，最多 {_LONGEST} 个。"


def choice_wrong(old: str, new: str, again: str) -> Iterator[str]:
    """Say what is wrong with a password that somebody chose in place of their old one."""
    yield from password_wrong(new)
    if new != again:
        yield "两次写的新密码不一样。"
    if new == old:
        yield "新密码要和现在的不一样。"


def one_time() -> str:
    """Make a password to be read out once: three groups of five."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))

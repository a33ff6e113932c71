"""What a person at the desk wishes to do with a case, checked and made exact.

The state of the case says what is possible (cases.py), the person's post what is theirs to do
(rules/posts.yaml), their unit where; rules/casework.yaml says how long and how often. What comes
out is one act with every new owner, unit and moment written out, for the version that was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from dialogs.desk.cases import BROUGHT, Act, Grade, Refused, Status, after
from dialogs.desk.deadlines import promise
from dialogs.desk.tags import wished_tags
from dialogs.effects import ActOnCase, Moves
from dialogs.rules.limits import Limit

if TYPE_CHECKING:
    from dialogs.facts import Snapshots
    from dialogs.rules.calendar import Calendar
    from dialogs.rules.shapes import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a person, the post by which they act, and the unit that it is in.

    Where somebody stands in for an absent colleague it is that colleague's post, and `stands_for` their name.
    """

    name: str
    post: str
    unit: str
    stands_for: str = ""

    @property
    def holder(self) -> str:
        """Whose the case is when they sign for it: what a stand-in signs for stays with the unit's own person."""
        return self.stands_for or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case as its acts need it. Moments are aware.

    `sent_by` is the unit that sent it here, '' where it began here; `above` the unit that owes an
    answer; `asked` how many days more somebody asks for; `paused` since when it waits for the member; `began` from
    when its limits count, where that is not when it was opened: it was opened again, or waited for the member;
    `excluded` why it does not count in the rates, '' where it does.
    `main` is the case that it was put under.
    """

    number: str
    status: Status
    grade: Grade
    version: int
    unit: str
    owner: str
    due: datetime
    sign_by: datetime
    answer_by: datetime
    opened: datetime
    sent_by: str = ""
    returns: int = 0
    above: str = ""
    asked: int = 0
    extended: bool = False
    paused: datetime | None = None
    excluded: str = ""
    tags: str = ""
    confidential: bool = False
    began: datetime | None = None
    main: str = ""
    talk: bool = False
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An act that somebody wishes, with words.

    `to` is a unit, a colleague, a grade, a number of days, a reason, tags (see tags.py), or another case; `main` is
    that as it stands.
    """

    act: Act
    version: int
    words: str = ""
    to: str = ""
    main: Standing | None = None


# Why these were done is part of the record, and some of it is told to the member.
WITH_WORDS = frozenset(
    {
        Act.NOTE, Act.WRITE, Act.ANSWER, Act.REFER, Act.RETURN, Act.SEND_BACK, Act.TRANSFER, Act.RAISE, Act.DIRECT,
        Act.ASK_TIME, Act.KEEP_TIME, Act.PAUSE, Act.URGE, Act.EXCLUDE, Act.INCLUDE, Act.ASK_IDENTITY, Act.KEEP_IDENTITY,
    }
)  # fmt: skip
# What is about who is behind a confidential case; how far that is opened, its acts say (identity.py).
SEALED = frozenset({Act.ASK_IDENTITY, Act.OPEN_IDENTITY, Act.KEEP_IDENTITY, Act.SEE_IDENTITY})
_NOBODY = Refused("note not yours")
# What only the person who holds the case does; for everybody else it is: hand it over first.
BY_HOLDER = frozenset({Act.WRITE, Act.ANSWER, Act.REFER, Act.TRANSFER, Act.RAISE, Act.ASK_TIME, Act.PAUSE, Act.RESUME})
# Under what a case can be put: what stands for itself and does not wait for a decision on whose it is.
MAIN = frozenset({Status.ACCEPTED, Status.WORKING, Status.RAISED, Status.PAUSED})
_URGENCY = tuple(Grade)


def decide(wish: Wish, case: Standing, actor: Actor, now: datetime, known: Snapshots) -> ActOnCase | Refused:
    """Make a wish exact, or say what stands against it. Pure: the same question has the same answer."""
    status = after(case.status, wish.act)
    if isinstance(status, Refused):
        return status
    if case.status is Status.MERGED and wish.act in BROUGHT:
        return Refused("merged")  # its main case is answered, for all
    if wish.act not in known.rules.may(actor.post):
        return Refused(f"{wish.act} not yours")
    if wish.act in SEALED and not case.confidential:
        return Refused("not confidential")
    if wish.act is Act.REVEAL and case.confidential:
        return Refused("identity is sealed")
    if wish.act is Act.MERGE and case.confidential:
        return Refused("sealed stands alone")
    if wish.act in WITH_WORDS and not wish.words.strip():
        return Refused("no words")
    if wish.act in BY_HOLDER and case.owner != actor.holder:
        return Refused("not the holder")
    moves = _Desk(case, actor, now, known).moves(wish)
    if isinstance(moves, Refused):
        return moves
    return ActOnCase(
        number=case.number,
        act=wish.act,
        by=actor.name,
        words=wish.words.strip(),
        version=wish.version,
        moves=moves,
        post=actor.post,
        stands_for=actor.stands_for,
    )


def decide_as(
    wish: Wish, case: Standing, actors: Sequence[Actor], now: datetime, known: Snapshots
) -> ActOnCase | Refused:
    """Decide for a person with several posts: by the first that allows it, or say why the nearest does not."""
    got = [decide(wish, case, actor, now, known) for actor in actors]
    refused = [each for each in got if isinstance(each, Refused)]
    near = [each for each in refused if not each.reason.endswith(" not yours")]
    return next((each for each in got if isinstance(each, ActOnCase)), next(iter(near or refused), _NOBODY))


# What a person finds beside answering, in the order of the page: first what is theirs to decide.
OFFERED = (
    Act.OPEN_IDENTITY, Act.KEEP_IDENTITY, Act.TAKE_BACK, Act.SEND_BACK, Act.DIRECT, Act.GIVE_TIME, Act.KEEP_TIME,
    Act.DISPATCH, Act.TRANSFER, Act.HAND_OVER, Act.RETURN, Act.RAISE, Act.ASK_TIME, Act.PAUSE, Act.RESUME, Act.REFER,
    Act.MERGE, Act.UNMERGE, Act.URGE, Act.REGRADE, Act.TAG, Act.EXCLUDE, Act.INCLUDE, Act.ASK_IDENTITY,
)  # fmt: skip
TO_UNIT = frozenset({Act.DISPATCH, Act.TRANSFER, Act.TAKE_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An act that a person may do now; `choices` are what it can go to: ids of units, days, grades, reasons."""

    act: Act
    choices: tuple[str, ...] = ()


def may(act: Act, case: Standing, actors: Sequence[Actor], now: datetime, known: Snapshots) -> Refused | None:
    """Say what stands against an act that goes to nobody and nowhere, whatever its words."""
    got = decide_as(Wish(act=act, version=case.version, words="…"), case, actors, now, known)
    return got if isinstance(got, Refused) else None


def offers(case: Standing, actors: Sequence[Actor], now: datetime, known: Snapshots) -> tuple[Offer, ...]:
    """Give what `decide_as` would allow this person now."""
    found = []
    for act in OFFERED:
        theirs = [_offered(act, case, actor, now, known) for actor in actors]
        choices = dict.fromkeys(chain.from_iterable(each for each in theirs if each))
        if any(each is not None for each in theirs):
            found.append(Offer(act=act, choices=tuple(choices)))
    return tuple(found)


def _offered(act: Act, case: Standing, actor: Actor, now: datetime, known: Snapshots) -> tuple[str, ...] | None:
    """What an act can go to by one post; None where the post does not allow it."""
    choices = _Desk(case, actor, now, known).choices(act)
    # Who is a colleague, storage knows; whoever it is, they are not the one who holds it.
    to = {Act.HAND_OVER: f"not {case.owner}", Act.TAG: "…"}.get(act) or next(iter(choices), "")
    # Which case it could be put under, storage knows; that it could be put under any is all that is asked here.
    main = replace(case, number="", main="", status=Status.WORKING) if act is Act.MERGE else None
    wish = Wish(act=act, version=case.version, words="…", to=to, main=main)
    return choices if isinstance(decide(wish, case, actor, now, known), ActOnCase) else None


@dataclass(frozen=True, slots=True)
class _Desk:
    """One decision in the making: the case, who acts, when, and what is known."""

    case: Standing
    actor: Actor
    now: datetime
    known: Snapshots

    def moves(self, wish: Wish) -> Moves | Refused:
        match wish.act:
            case Act.CLAIM:
                return self._claimed()
            case Act.HAND_OVER:
                return self._colleague(wish.to)
            case Act.DISPATCH:
                return self._sent(wish.to, self.within(wish.act), self.actor.unit)
            case Act.TRANSFER:
                return self._sent(wish.to, self.within(wish.act), self.case.unit)
            case Act.TAKE_BACK:
                return self._taken_back(wish.to)
            case Act.RETURN:
                return self._returned()
            case Act.SEND_BACK:
                return self._kept()
            case Act.RAISE:
                return self._raised()
            case Act.DIRECT:
                return self._directed()
            case Act.ASK_TIME:
                return self._asked(wish.to)
            case Act.GIVE_TIME:
                return self._given()
            case Act.KEEP_TIME:
                return Moves(asked=0) if self.case.asked else Refused("nothing asked")
            case Act.PAUSE:
                return self._paused()
            case Act.REGRADE:
                return self._regraded(wish.to)
            case Act.TAG:
                return self._tagged(wish.to)
            case Act.EXCLUDE:
                return self._excluded(wish.to)
            case Act.INCLUDE:
                return Moves(excluded="") if self.case.excluded else Refused("counts already")
            case Act.MERGE:
                return self._merged(wish.main)
            case Act.UNMERGE:
                return self._to_be_signed(main="", owner="")
            case _:
                return Moves()

    def _claimed(self) -> Moves:
        """Whoever signs holds it. Where the answer's time counts from the signing, what was promised comes nearer."""
        answer_by, limits = self.case.answer_by, self._limits()
        if limits.from_signing:
            answer_by = min(answer_by, self._promise(limits.answer, self.case.unit))
        return Moves(owner=self.actor.holder, due=answer_by, answer_by=answer_by)

    # -- to whom ------------------------------------------------------------------------------
    def within(self, act: Act) -> str:
        """Below which unit a case may be sent: one's own, or what one's neighbours share with one."""
        return (self._above() or self.case.unit) if act is Act.TRANSFER else self.actor.unit

    def _colleague(self, name: str) -> Moves | Refused:
        """Whether there is such a colleague, storage knows."""
        if not name:
            return Refused("nobody named")
        return Refused("holds it already") if name == self.case.owner else Moves(owner=name)

    def _sent(self, unit: str, within: str, sender: str) -> Moves | Refused:
        """The case goes to another unit `within` a subtree, where nobody has signed yet; who was asked first stays."""
        found = self.known.units.get(unit)
        if found is None or found.closed:
            return Refused("no such unit")
        if unit == self.case.unit:
            return Refused("here already")
        if unit not in self.known.units.subtree(within):
            return Refused("too far")
        return self._to_be_signed(unit=unit, owner="", sent_by=sender, above="", asked=0)

    def choices(self, act: Act) -> tuple[str, ...]:
        """Give what an act can go to; nothing where that is not a choice, or one that storage knows."""
        match act:
            case Act.DISPATCH | Act.TRANSFER | Act.TAKE_BACK:
                reach = self.known.units.subtree(self.within(act)) - {self.case.unit}
                return tuple(unit.id for unit in self.known.units if unit.id in reach and not unit.closed)
            case Act.ASK_TIME:
                most = self._limits().extension
                return tuple(str(days) for days in range(1, most + 1))
            case Act.REGRADE:
                return tuple(grade.value for grade in Grade if grade is not self.case.grade)
            case Act.EXCLUDE:
                return tuple(self.known.rules.figures.reasons)
            case _:
                return ()

    def _to_be_signed(self, unit: str = "", **changes: Any) -> Moves:
        sign_by = self._promise(self._limits().sign, unit or self.case.unit)
        return replace(Moves(unit=unit or None, sign_by=sign_by, due=sign_by), **changes)

    # -- 退单 -----------------------------------------------------------------------------------
    def _decider(self) -> str:
        """Who decides a return: the unit that sent it here, else the level above."""
        return self.case.sent_by or self._above()

    def _above(self) -> str:
        unit = self.known.units.get(self.case.unit)
        return unit.above if unit else ""

    def _returned(self) -> Moves | Refused:
        rules = self.known.rules.casework
        if self.case.returns >= rules.most_returns:
            return Refused("returned before")
        decider = self._decider()
        if not decider:
            return Refused("nobody above")
        return Moves(above=decider, returns=self.case.returns + 1, due=self._promise(rules.return_decided, decider))

    def _taken_back(self, unit: str) -> Moves | Refused:
        if not self._of_above():
            return Refused("not for your unit")
        return self._sent(unit, self.within(Act.TAKE_BACK), self.actor.unit)

    def _kept(self) -> Moves | Refused:
        return self._to_be_signed(above="") if self._of_above() else Refused("not for your unit")

    # -- 上报 -----------------------------------------------------------------------------------
    def _raised(self) -> Moves | Refused:
        above = self._above()
        if not above:
            return Refused("nobody above")
        return Moves(above=above, due=self._promise(self.known.rules.casework.above_answers, above))

    def _directed(self) -> Moves | Refused:
        return Moves(above="", due=self.case.answer_by) if self._of_above() else Refused("not for your unit")

    def _of_above(self) -> bool:
        return self.case.above in self.known.units.subtree(self.actor.unit)

    # -- 延期 -----------------------------------------------------------------------------------
    def _asked(self, days: str) -> Moves | Refused:
        most = self._limits().extension
        if self.case.extended:
            return Refused("extended before")
        if self.now >= self.case.answer_by:
            return Refused("asked too late")
        if not (days.isascii() and days.isdigit() and 0 < int(days) <= most):
            return Refused("no such time")
        return Moves(asked=int(days))

    def _given(self) -> Moves | Refused:
        if not self.case.asked:
            return Refused("nothing asked")
        if self.now >= self.case.answer_by:  # it is said to the member before the time that they were told
            return Refused("given too late")
        limit = Limit(amount=self.case.asked, measure=self._limits().measure)
        later = promise(limit, self.case.answer_by, self._calendar(self.case.unit))
        return Moves(answer_by=later, due=later, asked=0, extended=True)

    # -- 挂起 -----------------------------------------------------------------------------------
    def _paused(self) -> Moves:
        until = self._promise(self.known.rules.casework.pause, self.case.unit)
        return Moves(paused=self.now, due=until)

    # -- 并单 -----------------------------------------------------------------------------------
    def _merged(self, main: Standing | None) -> Moves | Refused:
        """From now on it lies where its main case lies, with the same owner and the same clock."""
        if main is None:
            return Refused("no such main")
        if main.number == self.case.number:
            return Refused("itself")
        if main.main or main.status not in MAIN:
            return Refused("no main")
        if self.case.talk or main.talk:
            return Refused("a talk")
        if main.confidential != self.case.confidential:
            return Refused("not alike")
        if _URGENCY.index(self.case.grade) < _URGENCY.index(main.grade):
            return Refused("more urgent")
        return Moves(
            main=main.number,
            unit=main.unit,
            owner=main.owner,
            sign_by=main.sign_by,
            answer_by=main.answer_by,
            due=main.due,
            asked=0,
            above="",
        )

    # -- the rest -------------------------------------------------------------------------------
    def _regraded(self, key: str) -> Moves | Refused:
        """Another grade has its own limits, from the moment from which the old one's counted.

        A grade whose time would be over already begins now, as the matter has become so grave only now; but what was
        promised before never moves further away by that.
        """
        if key not in set(Grade) or key == self.case.grade:
            return Refused("no such grade")
        rule = self.known.rules.limits(Grade(key), self.case.category)
        if rule.title:  # what a law gives stays, however urgent it is
            return Moves(grade=Grade(key))
        calendar = self._calendar(self.case.unit)
        answer_by = promise(rule.answer, self.case.began or self.case.opened, calendar)
        if answer_by <= self.now:
            answer_by = min(self.case.answer_by, promise(rule.answer, self.now, calendar))
        moves = Moves(grade=Grade(key), answer_by=answer_by)
        match self.case.status:
            case Status.WORKING:
                return replace(moves, due=answer_by)
            case Status.ACCEPTED:
                return replace(moves, due=min(self.case.sign_by, promise(rule.sign, self.now, calendar)))
            case _:  # it waits for somebody else, whose limit stays
                return moves

    def _tagged(self, wished: str) -> Moves | Refused:
        """Other tags; what is confidential bears no words that anybody could look for."""
        if self.case.confidential:
            return Refused("confidential")
        tags = wished_tags(self.case.tags, wished, self.known.rules.casework.tags)
        if isinstance(tags, Refused):
            return tags
        return Refused("same tags") if tags == self.case.tags else Moves(tags=tags)

    def _excluded(self, reason: str) -> Moves | Refused:
        if self.case.excluded:
            return Refused("excluded already")
        if reason not in self.known.rules.figures.reasons:
            return Refused("no such reason")
        return Moves(excluded=reason)

    def _limits(self) -> Limits:
        return self.known.rules.limits(self.case.grade, self.case.category)

    def _promise(self, limit: Limit, unit: str) -> datetime:
        return promise(limit, self.now, self._calendar(unit))

    def _calendar(self, unit: str) -> Calendar:
        return self.known.rules.calendar.of_unit(unit)

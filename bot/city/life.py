"""A case's whole life, as chance has it: claimed, asked about, sent on, answered, rated, filed; or still under way.

Who acts, when, and how often each act comes up is told by season.yaml; whether it may be done, by the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.city.crew import Person
from bot.city.script import script
from bot.city.telling import Telling
from dialogs.desk.cases import Act, Grade, Status
from dialogs.desk.deadlines import promise
from dialogs.effects import ActOnCase, Moves
from storage.moments import from_ms

_EVENING = 22
_MOST_ROUNDS = 6  # transfers and reopenings of one case; more is nobody's day


def live(case: Telling) -> None:
    """Lead an opened case to where it is at the season's end."""
    told = _Life(case)
    told.to_those_below()
    for _ in range(_MOST_ROUNDS):
        if not (told.signed() and told.worked() and told.answered()):
            break
        if not told.settled():
            break
    case.wait_for(case.until)


class _Life:
    def __init__(self, case: Telling) -> None:
        self.case, self.chance = case, case.chance
        self.shares, self.words = script().season["shares"], script().words
        self.withdraws = self._falls("withdraw")

    # -- chance and time ------------------------------------------------------------------------
    def _falls(self, share: str) -> bool:
        return bool(self.chance.random() < self.shares[share])

    def _say(self, what: str) -> str:
        return str(self.chance.choice(self.words[what]))

    def _hours(self, mean: float) -> timedelta:
        return timedelta(seconds=1 + 3600 * self.chance.expovariate(1 / mean))

    def _to_work(self) -> bool:
        """Let it be working time: red is looked at by night too, orange until late in the evening."""
        case, calendar = self.case, self.case.town.known.rules.calendar.of_unit(self.case.state.unit)
        local = calendar.local(case.now)
        if case.state.grade == Grade.RED or calendar.open_at(case.now):
            return case.now < case.until
        if case.state.grade == Grade.ORANGE:
            dawn = local.replace(hour=7, minute=0) + timedelta(days=local.hour >= _EVENING)
            return case.now < case.until if 7 <= local.hour < _EVENING else case.wait_for(dawn + self._hours(0.3))
        begins = promise("0 working hours", case.now, calendar)
        return case.wait_for(begins + timedelta(minutes=self.chance.uniform(2, 70)))

    def _able(self, act: Act, unit: str = "") -> Person | None:
        found = self.case.town.able(unit or self.case.state.unit, act)
        return self.chance.choice(found) if found else None

    # -- 派单、签收 ---------------------------------------------------------------------------------
    def to_those_below(self) -> None:
        """A case of a town, a district or the city is sent down to who can settle it."""
        case, units = self.case, self.case.town.known.units
        for _ in range(3):
            below = units.children(case.state.unit)
            home = units.get(case.state.unit)
            if home is None or home.level in {"community", "grid"} or not below or not self._falls("dispatch"):
                return
            if not (case.wait(self._hours(0.4)) and self._to_work()):
                return
            case.did(Act.DISPATCH, self._able(Act.DISPATCH), to=self.chance.choice(below).id)

    def signed(self) -> bool:
        """Somebody signs for it, mostly in time; or it is sent back first, and decided."""
        case = self.case
        if case.status is not Status.ACCEPTED:
            return case.status is Status.WORKING
        if self._falls("return") and not self._sent_back():
            return False
        limit = from_ms(case.state.sign_by) - case.now
        part = self.chance.uniform(1.1, 6) if self._falls("late_sign") else self.chance.betavariate(1.4, 3)
        if not (case.wait(max(limit, timedelta(minutes=2)) * part) and self._to_work()):
            return False
        return case.did(Act.CLAIM, self._able(Act.ANSWER))  # a volunteer could sign for it, and not end it

    def _sent_back(self) -> bool:
        case = self.case
        if not (case.wait(self._hours(0.5)) and self._to_work()):
            return False
        if not case.did(Act.RETURN, self._able(Act.RETURN), self._say("returns")):
            return True
        if not (case.wait(self._hours(3)) and self._to_work()):
            return False
        above = case.state.above
        others = case.town.known.units.children(above)
        if self._falls("taken_back") and others:
            to = self.chance.choice(others).id
            if case.did(Act.TAKE_BACK, self._able(Act.TAKE_BACK, above), self._say("take_backs"), to):
                return True
        return case.did(Act.SEND_BACK, self._able(Act.SEND_BACK, above), self._say("send_backs"))

    # -- 办理 -----------------------------------------------------------------------------------
    def worked(self) -> bool:
        """What happens between signing and answering, in whatever order; False once the season is over."""
        wanted: list[Callable[[], bool]] = [
            way
            for share, way in (
                ("note", self._note), ("reveal", self._reveal), ("write", self._write), ("add", self._add),
                ("regrade", self._regrade), ("hand_over", self._hand_over), ("ask_time", self._ask_time),
                ("urge", self._urge), ("raise", self._raise), ("pause", self._pause), ("transfer", self._transfer),
            )
            if self._falls(share)
        ]  # fmt: skip
        self.chance.shuffle(wanted)
        for way in wanted:
            left = max(from_ms(self.case.state.answer_by) - self.case.now, timedelta(hours=1))
            if not (self.case.wait(left * self.chance.betavariate(1, 8)) and self._to_work()):
                return False
            if self.case.status is Status.WORKING and not way():
                return False
            if self.case.status is Status.ACCEPTED and not self.signed():
                return False
        return self.case.status is Status.WORKING and not self._withdrawn()

    def _withdrawn(self) -> bool:
        case = self.case
        act = ActOnCase(number=case.state.number, act=Act.WITHDRAW)
        return self.withdraws and case.member_did("撤回", "已经撤回。还有事随时说。", act)

    def _note(self) -> bool:
        self.case.did(Act.NOTE, self._able(Act.NOTE), self._say("notes"))
        return True

    def _reveal(self) -> bool:
        self.case.did(Act.REVEAL, self.case.holder)
        return True

    def _write(self) -> bool:
        self.case.did(Act.WRITE, self.case.holder, self._say("writes"))
        return True

    def _add(self) -> bool:
        said = self._say("adds")
        act = ActOnCase(number=self.case.state.number, act=Act.ADD, words=said)
        self.case.member_did(said, "收到，已经转给经办人。", act)
        return True

    def _regrade(self) -> bool:
        self.case.did(Act.REGRADE, self.case.holder, to="blue")
        return True

    def _hand_over(self) -> bool:
        other = self._able(Act.ANSWER)
        self.case.did(Act.HAND_OVER, self.case.holder, to=other.name if other else "")
        return True

    def _urge(self) -> bool:
        above = self.case.town.known.units.path(self.case.state.unit)[-2:][0]
        self.case.did(Act.URGE, self._able(Act.URGE, above.id), self._say("urges"))
        return True

    def _ask_time(self) -> bool:
        case = self.case
        if not case.did(Act.ASK_TIME, case.holder, self._say("delays"), str(self.chance.randint(1, 5))):
            return True
        if not (case.wait(self._hours(2)) and self._to_work()):
            return False
        act = Act.GIVE_TIME if self._falls("given") else Act.KEEP_TIME
        case.did(act, self._able(act), self._say("delays" if act is Act.GIVE_TIME else "keeps"))
        return True

    def _raise(self) -> bool:
        case = self.case
        if not case.did(Act.RAISE, case.holder, self._say("raises")):
            return True
        if not (case.wait(self._hours(14)) and self._to_work()):
            return False
        return case.did(Act.DIRECT, self._able(Act.DIRECT, case.state.above), self._say("directs"))

    def _pause(self) -> bool:
        case = self.case
        if not case.did(Act.PAUSE, case.holder, self._say("pauses")):
            return True
        if self.chance.random() < 0.75:
            return case.wait(self._hours(20)) and self._add()
        return case.wait_for(from_ms(case.state.due)) and self._to_work() and case.did(Act.RESUME, case.holder)

    def _transfer(self) -> bool:
        case, units = self.case, self.case.town.known.units
        home = units.get(case.state.unit)
        others = [each for each in units.children(home.above) if each is not home] if home else []
        if others:
            case.did(Act.TRANSFER, case.holder, self._say("transfers"), self.chance.choice(others).id)
        return True

    # -- 答复、评价、归档 -------------------------------------------------------------------------
    def answered(self) -> bool:
        """The answer, mostly in time."""
        case = self.case
        left = max(from_ms(case.state.answer_by) - case.now, timedelta(hours=3))
        part = self.chance.uniform(1.02, 1.8) if self._falls("late_answer") else self.chance.betavariate(1.2, 2.4)
        if not (case.wait(left * part) and self._to_work()):
            return False
        if self._falls("refer") and case.did(Act.REFER, case.holder, self._say("refers")):
            return True
        return case.did(Act.ANSWER, case.holder, self._answer())

    def _answer(self) -> str:
        told = self.words["answers"]
        top = "party" if self.case.opened.service == "check_in" else self.case.opened.category.partition(".")[0]
        return str(self.chance.choice(told.get(top, told["other"])))

    def settled(self) -> bool:
        """What the member says of it, and filing. True where it is worked on again."""
        case = self.case
        if self._falls("rated"):
            if not case.wait(self._hours(9)):
                return False
            chosen = self.chance.random()
            if chosen < self.shares["solved"]:
                self._rated("yes", self.chance.choices((5, 4, 3), (70, 25, 5))[0])
            elif chosen < self.shares["solved"] + self.shares["partly"]:
                self._rated("partly", self.chance.choices((4, 3, 2), (30, 50, 20))[0])
            elif self._falls("reopen"):
                return self._reopened() and case.wait(self._hours(3)) and self._to_work()
            else:
                self._rated("no", self.chance.choices((3, 2, 1), (20, 40, 40))[0])
        if self._falls("close") and case.wait(self._hours(50)) and self._to_work():
            case.did(Act.CLOSE, self._able(Act.CLOSE))
        return False

    def _reopened(self) -> bool:
        """Not solved: it has the time of its grade anew, as where the member says so in the chat."""
        case, number, said = self.case, self.case.state.number, self._say("reopens")
        rules = case.town.known.rules
        limit = rules.centre.talk_answer if case.opened.talk else rules.grades[Grade(case.state.grade)].answer
        answer_by = promise(limit, case.now, rules.calendar.of_unit(case.state.unit))
        return case.member_did(
            said,
            "好的，重新办，编号不变。",
            ActOnCase(number=number, act=Act.RATE, solved="no"),
            ActOnCase(number=number, act=Act.ADD, words=said),
            ActOnCase(
                number=number,
                act=Act.REOPEN,
                moves=Moves(answer_by=answer_by, due=answer_by, asked=0, extended=False),
            ),
        )

    def _rated(self, solved: str, satisfied: int) -> None:
        number = self.case.state.number
        act = ActOnCase(number=number, act=Act.RATE, solved=solved)  # type: ignore[arg-type]
        self.case.member_did({"yes": "1", "partly": "2"}.get(solved, "3"), "这次办得您满意吗？", act)
        self.case.wait(timedelta(seconds=40))
        again = ActOnCase(number=number, act=Act.RATE, satisfied=satisfied)
        self.case.member_did(str(6 - satisfied), "谢谢您，记下了。", again)

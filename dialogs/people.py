"""When a person takes over: handing over, words that go to a case, answers of staff and what follows them."""

from __future__ import annotations

from dialogs import welcome
from dialogs.conversation import Question
from dialogs.desk.cases import OPEN, Act, Grade, Status
from dialogs.desk.deadlines import is_working, promise, say_moment
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, Filled, KeepMedia, Moves, OpenCase, RideAlong
from dialogs.events import MemberEvent, MemberSaid, MemberSent, StaffAnswered, StaffHeard
from dialogs.facts import KnownCase
from dialogs.forms.finishing import WHO, unit_of
from dialogs.units import Unit
from dialogs.wording import ours, theirs

RATED = frozenset({Status.ANSWERED, Status.CLOSED})
"""A case with its answer, which the member may rate or have opened again."""


def hand_over(draft: Draft, text: str = "", *, opening: str = "human", title: str = "找工作人员") -> None:
    """Open a case for a person to talk to this member, with what was collected so far."""
    rules = draft.facts.snapshots.rules
    before, in_work = talking(draft), draft.at_form
    if before:
        _bring(draft, before, text)
        draft.change(acknowledged=True)
        draft.say("human_already", number=before.number, phone=rules.centre.phone)
        _form_waits(draft, in_work=in_work)
        return
    number = draft.facts.number
    limits = rules.grades[Grade.YELLOW]
    unit = _unit(draft)
    calendar = rules.calendar.of_unit(unit.id)
    draft.do(
        OpenCase(
            number=number,
            service="human",
            title=title,
            grade=Grade.YELLOW,
            category="",
            unit=unit.id,
            post="party_affairs" if draft.form and draft.form.service == "check_in" else "livelihood",
            contact_by=promise(limits.contact, draft.now, calendar),
            sign_by=promise(limits.sign, draft.now, calendar),
            answer_by=promise(rules.centre.talk_answer, draft.now, calendar),
            matter=text,
            filled=_collected(draft),
            talk=True,
            confidential=_confidential(draft),
        )
    )
    draft.keep_photos(*(draft.form.media if draft.form else ()), number=number)
    draft.led_to("handed over", number)
    rest(draft)
    draft.change(question=None, misses=0, talking=(*draft.conversation.talking, number), acknowledged=True)
    _say_who(draft, number, opening)
    _form_waits(draft, in_work=in_work)


def _form_waits(draft: Draft, *, in_work: bool) -> None:
    """Say that the form that was in work until now waits, and how to go on."""
    if in_work and draft.form is not None:
        welcome.waits(draft)


def _unit(draft: Draft) -> Unit:
    """The member's unit; where a form found out another, that one."""
    service, form = draft.service(), draft.form
    return unit_of(draft, service.opens.unit, form) if service and service.opens and form else draft.unit()


def _bring(draft: Draft, case: KnownCase, text: str) -> None:
    """Bring words, and what a form had collected, to the person who has taken over already."""
    form = draft.form
    told = "\n".join(filter(None, (text, *(f"{each.label}：{each.value}" for each in _collected(draft)))))
    if told:
        draft.do(ActOnCase(number=case.number, act=Act.ADD, words=told))
    draft.keep_photos(*(form.media if form else ()), number=case.number)
    rest(draft)
    draft.change(question=None, misses=0)


def _say_who(draft: Draft, number: str, opening: str) -> None:
    rules = draft.facts.snapshots.rules
    if is_working(draft.now, rules.calendar):
        draft.say(
            f"{opening}_on" if opening == "human" else opening,
            pledge=ours(rules.centre.pledge),
            phone=rules.centre.phone,
        )
        draft.say("human_number", number=number)
        return
    opens = promise("0 working hours", draft.now, rules.calendar)
    when = ours(say_moment(opens, draft.now, rules.calendar))
    draft.say(f"{opening}_off", number=number, when=when, phone=rules.centre.phone)
    if opening != "human":
        draft.say("human_number", number=number)


def _collected(draft: Draft) -> tuple[Filled, ...]:
    service, form = draft.service(), draft.form
    if service is None or form is None:
        return ()
    city = draft.facts.snapshots.rules.centre.city
    return tuple(
        Filled(
            key=step.key,
            label=step.name.replace("{city}", city),
            value=held.value,
            shown=held.shown,
            private=step.private or (service.confidential and step.kind in WHO),
        )
        for step in service.steps
        if (held := form.held.get(step.key))
    )


def _confidential(draft: Draft) -> bool:
    """Whether what was collected was told in confidence."""
    service = draft.service()
    return service is not None and draft.form is not None and service.confidential


def rest(draft: Draft) -> None:
    """Let the form wait while something else is talked of; one that was not agreed to yet is dropped."""
    if draft.form is not None and draft.form.stage == "consent":
        draft.change(form=None)
    elif draft.form is not None:
        draft.change_form(stage="resting")


def talking(draft: Draft) -> KnownCase | None:
    """The case in which a person is already talking with the member, the one last spoken of."""
    for number in reversed(draft.conversation.talking):
        case = draft.case(number)
        if case and case.status in OPEN:
            return case
    return None


def one_too_many(draft: Draft) -> bool:
    """Count a message that was not understood. True: that is enough, a person takes over."""
    misses = draft.conversation.misses + 1
    draft.change(misses=misses)
    return misses >= (2 if draft.conversation.plain else 3)


def hear(draft: Draft, event: MemberEvent) -> bool:
    """Pass free words, photos and places on to the case that waits on staff. False if none does."""
    case = talking(draft)
    if case is None:
        if draft.conversation.talking:
            draft.change(talking=(), acknowledged=False)
        return False
    words = _words(draft, event)
    if words is None:
        return False
    draft.do(ActOnCase(number=case.number, act=Act.ADD, words=words))
    if isinstance(event, MemberSent | MemberSaid) and event.media:
        what = event.what if isinstance(event, MemberSent) else "voice"
        if what in {"photo", "voice", "video"}:
            draft.do(KeepMedia(media=event.media, what=what, number=case.number))
    draft.led_to("added", case.number)
    if not draft.conversation.acknowledged:
        draft.say("danger_added" if case.grade == Grade.RED else "added", number=case.number)
        draft.change(acknowledged=True)
    return True


def _words(draft: Draft, event: MemberEvent) -> str | None:
    if isinstance(event, MemberSaid):
        return event.text
    if isinstance(event, MemberSent):
        return event.text or draft.line(f"sent_{event.what}").template
    return None


# -- what staff say ------------------------------------------------------------------------
def staff_answered(draft: Draft, event: StaffAnswered) -> None:
    """Bring a person's words to the member; a final answer asks whether it is solved."""
    case = draft.case(event.number)
    if case is None:
        return
    act = Act.ANSWER if event.final else Act.WRITE
    draft.urgent = case.grade is Grade.RED
    draft.do(
        ActOnCase(
            number=event.number,
            act=act,
            by=event.by,
            words=event.text,
            version=event.version,
            post=event.post,
            stands_for=event.stands_for,
        )
    )
    if event.final:
        _final(draft, case, event)
    else:
        unit = draft.unit(case.unit)
        draft.say(
            "staff_wrote",
            unit=theirs(unit.name),
            post=ours(draft.facts.snapshots.rules.post(event.post)),
            number=case.number,
            words=theirs(event.text),
        )
        listen(draft, case, acknowledged=True)
    draft.led_to("answered" if event.final else "wrote", case.number)


def listen(draft: Draft, case: KnownCase, *, acknowledged: bool) -> None:
    """What the member says next is for the person who wrote."""
    draft.asks = ("", case.number)
    _make_room(draft)
    talking = tuple(n for n in draft.conversation.talking if n != case.number)
    draft.change(talking=(*talking, case.number), acknowledged=acknowledged)
    if draft.at_form:
        welcome.resting(draft)


def _make_room(draft: Draft) -> None:
    """A person writes in the middle of a form: the form waits, so that the answer goes to the person."""
    form, service = draft.form, draft.service()
    if form is None or service is None or form.stage == "resting":
        return
    rest(draft)
    if draft.form is not None:
        draft.say("form_waits", service=ours(service.name))


_RESULT = {"help": "staff_answered", "danger": "staff_answered", "human": "staff_answered_talk"}


def _final(draft: Draft, case: KnownCase, event: StaffAnswered) -> None:
    key = _RESULT.get(case.service, "staff_answered_other")
    draft.say(key, title=ours(case.title), number=case.number, words=theirs(event.text))
    settled(draft, case)


def settled(draft: Draft, case: KnownCase) -> None:
    """The case has its answer: nobody talks about it any more, and the member is asked whether it is solved."""
    draft.change(talking=tuple(n for n in draft.conversation.talking if n != case.number))
    if not draft.conversation.talking:
        draft.change(acknowledged=False)
    draft.asks = ("", case.number)
    speak_of(draft, case.number)
    question = Question(kind="solved", options=("yes", "no", "partly"), number=case.number)
    if draft.at_form:
        draft.change(later=(*draft.conversation.later, question))
        return
    ask_solved(draft, case.number)


def speak_of(draft: Draft, number: str) -> None:
    """Remember that the answer to this matter was spoken of now."""
    draft.change(answered=number, answered_at=draft.now)


def ask_solved(draft: Draft, number: str) -> None:
    """Put the question whether it is solved; its number binds once the words have arrived."""
    draft.asks = ("solved", number)
    draft.say("rate_solved")
    draft.choose([draft.line("rate_yes"), draft.line("rate_no"), draft.line("rate_partly")])


def rate(draft: Draft) -> None:
    """Ask about the newest matter that has its answer and was not rated yet."""
    case = next((case for case in draft.facts.cases if case.status in RATED and case.solved != "yes"), None)
    if case is None:
        draft.say("rate_none")
        return
    rest(draft)
    _ask_solved_of(draft, case, Question(kind="solved", options=("yes", "no", "partly"), number=case.number))


def ask_later(draft: Draft) -> None:
    """Put the oldest question that had to wait for the form to end."""
    question, *rest_of = draft.conversation.later
    case = draft.case(question.number)
    draft.change(later=tuple(rest_of))
    if question.kind == "solved" and case is not None and case.status in RATED and case.solved != "yes":
        _ask_solved_of(draft, case, question)


def _ask_solved_of(draft: Draft, case: KnownCase, question: Question) -> None:
    draft.say("rate_solved_of", title=ours(case.title), number=case.number)
    draft.choose([draft.line("rate_yes"), draft.line("rate_no"), draft.line("rate_partly")])
    draft.change(question=question)
    speak_of(draft, case.number)


def rated_solved(draft: Draft, code: str, number: str) -> None:
    """The member said whether the matter is solved."""
    case = draft.case(number)
    draft.change(later=tuple(each for each in draft.conversation.later if each.number != number))
    if case is None or case.status not in RATED:
        draft.change(question=None)
        draft.say("rate_thanks")
        return
    if code == "yes":
        draft.do(ActOnCase(number=number, act=Act.RATE, solved="yes"))
        draft.led_to("solved", number)
        draft.say("rate_satisfied")
        draft.choose([draft.line(f"rate_{grade}") for grade in (5, 4, 3, 2, 1)])
        draft.ask("satisfied", ("5", "4", "3", "2", "1"), number=number)
        return
    reopen(draft, case, partly=code == "partly")
    draft.say("reopened_partly" if code == "partly" else "reopened")
    draft.change(acknowledged=False)


def rated_by_telephone(draft: Draft, event: StaffHeard) -> None:
    """Take what the member said of the answer on the telephone; whoever rang them up says the rest."""
    rated_solved(draft, event.solved, event.number)
    case = draft.case(event.number)
    if event.solved == "yes" and event.satisfied and case is not None and case.status in RATED:
        rated_satisfied(draft, event.satisfied, event.number)
    draft.change(question=None)
    draft.lines.clear()


def reopen(draft: Draft, case: KnownCase, *, words: str = "", partly: bool = False) -> None:
    """Have an answered matter done again, with what the member says of it; what they say next goes there too."""
    number = case.number
    draft.do(ActOnCase(number=number, act=Act.RATE, solved="partly" if partly else "no"))
    again = ActOnCase(number=number, act=Act.REOPEN, moves=_again(draft, case))
    if words:
        add = ActOnCase(number=number, act=Act.ADD, words=words)
        # Who is told of the reopening finds the words there; a case that was filed takes none before.
        draft.do(*((again, add) if case.status is Status.CLOSED else (add, again)))
    else:
        draft.do(again)
    draft.led_to("reopened", number)
    later = tuple(each for each in draft.conversation.later if each.number != number)
    talking = (*draft.conversation.talking, number)
    draft.change(question=None, later=later, talking=talking, acknowledged=bool(words), misses=0)


def _again(draft: Draft, case: KnownCase) -> Moves:
    """What is taken up again has the time of its grade from now on, and may ask for more once."""
    rules = draft.facts.snapshots.rules
    limit = rules.centre.talk_answer if case.talk else rules.limits(case.grade, case.category).answer
    answer_by = promise(limit, draft.now, rules.calendar.of_unit(case.unit))
    return Moves(answer_by=answer_by, due=answer_by, asked=0, extended=False)


def rated_satisfied(draft: Draft, grade: int, number: str) -> None:
    """The member said how satisfied they are, from 5 down to 1."""
    draft.change(question=None)
    case = draft.case(number)
    if case is not None and case.status in RATED:
        draft.do(ActOnCase(number=number, act=Act.RATE, satisfied=grade))
        draft.led_to(f"satisfied {grade}", number)
    draft.say("rate_thanks" if grade >= 3 else "rate_sorry")


def waiting(draft: Draft) -> None:
    """Words that could not be sent before ride on this reply, first."""
    for each in draft.facts.waiting:
        draft.ride(each.number, draft.line("waited"), theirs(each.text))
    if draft.facts.waiting:
        draft.do(RideAlong(deliveries=tuple(each.delivery for each in draft.facts.waiting)))


def keep_waiting(draft: Draft) -> None:
    """Take back what was to ride on this reply: it rides on the next."""
    draft.lines.clear()
    draft.rides.clear()
    draft.effects = [effect for effect in draft.effects if not isinstance(effect, RideAlong)]


def rode(draft: Draft, before: Question | None) -> None:
    """What the words that rode along ask is answered from the next message on, never by the one they rode on.

    `before` is the question that stood when the member wrote. A form, or a newer question below, comes first.
    """
    if not draft.facts.waiting or not any(isinstance(effect, RideAlong) for effect in draft.effects):
        return
    asked = [question for each in draft.facts.waiting if (question := asks(each.asks, each.number))]
    for question in asked:
        if question.kind == "solved":
            speak_of(draft, question.number)
    standing = draft.conversation.question
    if not draft.at_form and (standing is None or standing is before):
        draft.change(question=asked.pop() if asked else None)
    draft.change(later=(*draft.conversation.later, *asked))


ASKED: dict[str, tuple[str, ...]] = {
    "solved": ("yes", "no", "partly"),
    "contact": ("fine", "moved", "need"),
}


def asks(kind: str, number: str) -> Question | None:
    """The question that a delivery put, from its stored kind."""
    return Question(kind=kind, options=ASKED[kind], number=number) if kind in ASKED else None

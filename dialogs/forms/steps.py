"""Kinds of question as a form asks them: the choices they show, and how an answer is taken.

The reading of words itself is in dialogs/fields/, one file a kind. Here an answer becomes an
outcome: `Took` (understood), `Narrow` (several things fit: choose by number), `Retry` (say it
again, with what was understood so far) or `Pass` (kept, but no answer).
"""

from __future__ import annotations

import re
from dataclasses import replace

from dialogs.catalogue import Step
from dialogs.conversation import Form, Held
from dialogs.draft import Draft
from dialogs.events import MemberEvent, MemberSaid, MemberSent
from dialogs.fields import READERS, WORDS_ALONE, Asked, shown
from dialogs.fields.heard import besides_unknown, no_phone, nothing
from dialogs.forms import categories, spots
from dialogs.forms.outcomes import Asking, Outcome, Pass, Reader, Took
from dialogs.masking import mask_phone
from dialogs.text import fold
from dialogs.wording import Line, ours


def take(draft: Draft, form: Form, step: Step, event: MemberEvent) -> Outcome:
    """Take the member's event as an answer to this step."""
    asking = Asking(draft, form, step)
    reader = _READERS.get(step.kind, _read_words)
    if isinstance(event, MemberSaid):
        return reader(asking, event)
    if isinstance(event, MemberSent) and event.what == "photo" and step.kind != "photo":
        return Pass(words=draft.line("photo_kept_form"), media=event.media)
    return reader(asking, event)


def choices(draft: Draft, step: Step) -> tuple[Line, ...]:
    """The numbered choices that are shown below the question, if it has any."""
    if step.kind == "choice":
        return tuple(ours(label) for label in step.options.values())
    if step.kind == "contact":
        phone = draft.facts.profile.phone
        call = draft.line("contact_call_known", phone=mask_phone(phone)) if phone else draft.line("contact_call")
        return (draft.line("contact_here"), call, draft.line("contact_none"))
    return ()


# -- words ---------------------------------------------------------------------------------
def _read_words(asking: Asking, event: MemberEvent) -> Outcome:
    step = asking.step
    if not isinstance(event, MemberSaid):
        return asking.retry("retry_text")
    asked = Asked(
        options=tuple(step.options.values()),
        now=asking.draft.now.astimezone(asking.draft.facts.snapshots.rules.zone),
        minimum=step.minimum,
        maximum=step.maximum,
        past_only=not step.future,
        max_length=step.max,
    )
    unknown = _unknown(asking, event) if step.kind == "text" else None
    if unknown:
        return unknown
    value = READERS[step.kind](event.text, asked)
    if value is None:
        unknown = _unknown(asking, event)
        if unknown:
            return unknown
        if step.kind == "phone" and no_phone(event.text):
            return asking.retry("retry_phone_none")
        if step.kind == "text" and len(event.text) > step.max:
            return asking.retry("retry_long", max=str(step.max))
        return asking.retry(f"retry_{step.kind}")
    return _took(asking, value)


def _took(asking: Asking, value: object) -> Took:
    step = asking.step
    if step.kind == "choice":
        assert isinstance(value, int)
        key = list(step.options)[value]
        return Took(held=Held(value=key, shown=step.shown.get(key, step.options[key]), ours=True))
    plain = str(value)
    mine = step.kind not in {"text", "name"}
    words = spaced(plain) if step.kind == "phone" else shown(step.kind, value)
    took = Line(step.took, {"words": ours(words) if mine else words}) if step.took else None
    back = mask_phone(plain) if step.kind == "phone" else words
    return Took(held=Held(value=plain, shown=back, ours=mine), words=took)


def spaced(phone: str) -> str:
    """138 1234 5678: a mobile number as it is read aloud."""
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}" if len(phone) == 11 and phone.startswith("1") else phone


def _unknown(asking: Asking, event: MemberSaid) -> Took | None:
    """「不知道」 is an answer where the step allows it; what is said besides is kept and checked by staff."""
    rest = besides_unknown(event.text) if asking.step.unknown else None
    if rest is None:
        return None
    said = rest[: asking.step.max]
    held = Held(value=said, shown=said, vague=True) if said else _nothing(asking)
    if not asking.step.vague:
        return Took(held=held)
    words = said or asking.draft.line("unknown_shown")
    return Took(held=held, words=Line(asking.step.vague, {"words": words}))


def _nothing(asking: Asking) -> Held:
    return Held(value="", shown=asking.draft.line("unknown_shown").template, vague=True, ours=True)


# -- a name, with a telephone number beside it -----------------------------------------------
_FIGURES = re.compile(
    r"[,，、;；。\s]*(?:我的|我)?(?:手机号码|手机号|手机|电话号码|电话|号码|联系方式)?[是:：\s]*"
    r"\+?[0-9][0-9\s\-]{6,}[0-9]"
)


def _read_name(asking: Asking, event: MemberEvent) -> Outcome:
    """Take a name; a telephone number that was said with it is not asked for again."""
    phone = READERS["phone"](event.text, WORDS_ALONE) if isinstance(event, MemberSaid) else None
    service = asking.draft.service()
    step = next((each for each in service.steps if each.kind == "phone"), None) if service else None
    if not isinstance(event, MemberSaid) or not isinstance(phone, str) or step is None:
        return _read_words(asking, event)
    alone = _FIGURES.sub("", event.text)
    outcome = _read_words(asking, replace(event, text=alone, folded=fold(alone)))
    if not isinstance(outcome, Took):
        return outcome
    held = Held(value=phone, shown=mask_phone(phone), ours=True, told=True)
    words = Line(step.took, {"words": ours(spaced(phone))}) if step.took else None
    return Took(held=outcome.held, words=outcome.words or words, also={step.key: held})


# -- photos --------------------------------------------------------------------------------
def _read_photo(asking: Asking, event: MemberEvent) -> Outcome:
    draft = asking.draft
    if isinstance(event, MemberSent) and event.what == "photo":
        held = Held(value="1", shown=draft.line("photo_some").template, ours=True)
        return Took(held=held, words=draft.line("took_photo"), media=event.media)
    if isinstance(event, MemberSaid) and (nothing(event.text) or READERS["confirm"](event.text, WORDS_ALONE) is False):
        return Took(held=Held(value="", shown=draft.line("photo_none").template, ours=True))
    return asking.retry("retry_photo")


# -- the matter ----------------------------------------------------------------------------
def _read_matter(asking: Asking, event: MemberEvent) -> Outcome:
    if not isinstance(event, MemberSaid) or len(event.folded) < 2 or event.folded.isdigit():
        return asking.retry("retry_matter")
    if len(event.text) > asking.step.max:
        return asking.retry("retry_long", max=str(asking.step.max))
    matter, service = event.text.strip(), asking.draft.service()
    also = spots.told(asking.draft, service, matter) if service else {}
    return Took(held=Held(value=matter, shown=matter), also=also)


# -- contact -------------------------------------------------------------------------------
_CONTACT = ("here", "call", "none")


def _read_contact(asking: Asking, event: MemberEvent) -> Outcome:
    if not isinstance(event, MemberSaid):
        return asking.retry("retry_contact")
    labels = [asking.draft.line(f"contact_{key}").template for key in _CONTACT]
    phone = READERS["phone"](event.text, WORDS_ALONE)
    if isinstance(phone, str):
        also = {"phone": Held(value=phone, shown=mask_phone(phone), ours=True)}
        return Took(held=Held(value="call", shown=mask_phone(phone), ours=True), also=also)
    picked = categories.pick(event, labels)
    if picked is None:
        picked = _contact_words(event.folded)
    if picked is None:
        return asking.retry("retry_contact")
    return Took(held=Held(value=_CONTACT[picked], shown=labels[picked], ours=True))


def _contact_words(folded: str) -> int | None:
    for place, words in enumerate(
        (("这里", "微信", "这儿", "发消息"), ("打电话", "电话", "打给我"), ("不留", "不用联系", "匿名"))
    ):
        if any(word in folded for word in words):
            return place
    return None


_READERS: dict[str, Reader] = {
    "name": _read_name,
    "unit": spots.read_unit,
    "place": spots.read_place,
    "photo": _read_photo,
    "matter": _read_matter,
    "category": categories.read,
    "contact": _read_contact,
}

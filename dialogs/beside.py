"""What is done besides passing words on, while a person talks with the member: the services still work.

The person sees every word. A question that is surely answered is answered all the same, and of a
trouble of another kind the member hears once how it is registered. Everything else stays silent.
"""

from __future__ import annotations

from dialogs import people, policy
from dialogs.classify import is_trouble, propose
from dialogs.desk.cases import Grade
from dialogs.draft import Draft
from dialogs.events import MemberSaid
from dialogs.facts import KnownCase
from dialogs.knowledge import Answered, is_question


def hear(draft: Draft, event: MemberSaid) -> bool:
    """Pass words on to the person, and help with what needs no person. False if nobody talks with the member."""
    mark = len(draft.lines)
    if not people.hear(draft, event):
        return False
    case = people.talking(draft)
    if case is not None and case.grade is not Grade.RED:
        _help(draft, case, event.text, mark)
    return True


def _help(draft: Draft, case: KnownCase, text: str, mark: int) -> None:
    """`mark` is where the acknowledgement begins, if there was one."""
    if is_question(text):
        found = policy.look_up(draft, text)
        if isinstance(found, Answered):
            policy.tell_first(draft, found.article)
    elif draft.conversation.hinted != case.number and _other_trouble(draft, case, text):
        del draft.lines[mark:]
        draft.say("added_other", number=case.number)
        draft.change(hinted=case.number)


def _other_trouble(draft: Draft, case: KnownCase, text: str) -> bool:
    """Whether the words complain of something that is surely of another kind than this case."""
    rules = draft.facts.snapshots.rules
    found = propose(text, rules) if is_trouble(text, rules) else []
    return bool(found) and found[0].score >= rules.lexicon.sure and found[0].key != case.category

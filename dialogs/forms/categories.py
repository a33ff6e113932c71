"""What kind of matter it is: proposed from the member's words, or chosen in two steps."""

from __future__ import annotations

from collections.abc import Sequence

from dialogs.classify import propose, summary
from dialogs.conversation import Form, Held
from dialogs.draft import Draft
from dialogs.events import MemberEvent, MemberSaid
from dialogs.fields import READERS, WORDS_ALONE, Asked
from dialogs.forms.outcomes import Asking, Narrow, Outcome, Took
from dialogs.wording import ours, theirs


def proposal(draft: Draft, form: Form) -> Narrow:
    """What the category question says first: a proposal from the words, or the top level to choose from."""
    matter = form.held.get("matter")
    rules = draft.facts.snapshots.rules
    found = propose(matter.value, rules) if matter else []
    if not found:
        return _tops(draft)
    best = found[0]
    short = summary(matter.value, rules) if matter else ""
    key = "propose" if short else "propose_short"
    head = draft.line(key, top=ours(best.top_title), sub=ours(best.title), summary=short)
    return Narrow(
        head=head, offered=("propose", best.key), labels=(draft.line("propose_yes"), draft.line("propose_no"))
    )


def standing(draft: Draft, form: Form) -> Narrow:
    """What the member is choosing from now, to be shown once more."""
    phase, *keys = form.offered or ("",)
    if phase == "top":
        return _tops(draft)
    top = draft.facts.snapshots.rules.categories.top_of(keys[0]) if phase == "sub" and keys else None
    return _subs(draft, top.key) if top else proposal(draft, form)


def _tops(draft: Draft) -> Narrow:
    """The top level of the categories."""
    found = draft.facts.snapshots.rules.categories.offered
    labels = tuple(ours(top.title) for top in found)
    return Narrow(head=draft.line("which_top"), offered=("top", *(top.key for top in found)), labels=labels)


def _subs(draft: Draft, key: str) -> Narrow:
    top = draft.facts.snapshots.rules.categories.top(key)
    assert top is not None
    if not top.offered:  # the last below it was closed meanwhile
        return _tops(draft)
    labels = (*(ours(sub.title) for sub in top.offered), draft.line("category_other"))
    return Narrow(head=draft.line("which_sub"), offered=("sub", *(sub.key for sub in top.offered)), labels=labels)


def read(asking: Asking, event: MemberEvent) -> Outcome:
    """Take the answer to a proposal, to the top level or to what is below it."""
    draft, offered = asking.draft, asking.form.offered
    if not isinstance(event, MemberSaid) or not offered:
        return proposal(draft, asking.form)
    categories = draft.facts.snapshots.rules.categories
    phase, *keys = offered
    known = categories.top if phase == "top" else categories.open
    if not keys or any(known(key) is None for key in keys):  # stored under the rules of another age
        return proposal(draft, asking.form)
    if phase == "propose":
        return _read_proposal(asking, event, keys[0])
    if phase == "top":
        picked = pick(event, [top.title for key in keys if (top := categories.top(key))])
        return _subs(draft, keys[picked]) if picked is not None else _guess(asking, event)
    titles = [sub.title for key in keys if (sub := categories.get(key))]
    picked = pick(event, [*titles, draft.line("category_other").template])
    if picked is None:
        return _guess(asking, event)
    return _category(asking, keys[picked]) if picked < len(keys) else _tops(draft)


def pick(event: MemberSaid, labels: Sequence[str]) -> int | None:
    """The index of the label that the member chose, by number or by its words."""
    picked = READERS["choice"](event.text, Asked(options=tuple(labels)))
    return picked if isinstance(picked, int) and not isinstance(picked, bool) else None


def _read_proposal(asking: Asking, event: MemberSaid, key: str) -> Outcome:
    said = READERS["confirm"](event.text, WORDS_ALONE)
    if said is True:
        return _category(asking, key)
    if said is False or "换" in event.folded:
        return _tops(asking.draft)
    return _guess(asking, event)


def _guess(asking: Asking, event: MemberSaid) -> Outcome:
    """The member named the matter in their own words instead of a number."""
    found = propose(event.text, asking.draft.facts.snapshots.rules)
    return _category(asking, found[0].key) if found else asking.retry("retry_choice")


def _category(asking: Asking, key: str) -> Took:
    found = asking.draft.facts.snapshots.rules.categories.get(key)
    assert found is not None
    place = next((held for held in asking.form.held.values() if held.told), None)
    words = asking.draft.line("told_place", words=theirs(place.shown)) if place else None
    return Took(held=Held(value=key, shown=found.shown, ours=True), words=words)

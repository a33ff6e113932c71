"""One turn in the making: the conversation so far, what will be said, what will be done.

Everything that answers a member works on a Draft and hands it on; `turn` closes it into values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from dialogs.catalogue import Service, Step
from dialogs.conversation import Conversation, Form, Part, Question, Turn
from dialogs.desk.cases import OPEN
from dialogs.effects import Effect, KeepMedia, LedTo, Say
from dialogs.facts import Facts, KnownCase
from dialogs.units import Unit
from dialogs.wording import Line, ours

_Value = TypeVar("_Value", Conversation, Form)


def _twin(value: _Value) -> _Value:
    """Copy a frozen value field by field."""
    made, put = object.__new__(type(value)), object.__setattr__
    for name in value.__slots__:
        put(made, name, getattr(value, name))
    return made


@dataclass(slots=True)
class Draft:
    """Collects lines and effects. `asks` names the question (kind, case) that is put once the words have arrived."""

    conversation: Conversation
    facts: Facts
    lines: list[Line] = field(default_factory=list)
    rides: list[tuple[str, tuple[Line, ...]]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    asks: tuple[str, str] = ("", "")
    urgent: bool = False
    _mine: Conversation | None = None
    _form: Form | None = None

    # -- saying ---------------------------------------------------------------------------
    def say(self, key: str, /, **values: str | Line) -> None:
        """Add a shared sentence."""
        self.lines.append(self.facts.snapshots.wording.line(key, **values))

    def line(self, key: str, /, **values: str | Line) -> Line:
        """Word a shared sentence without saying it yet."""
        return self.facts.snapshots.wording.line(key, **values)

    def put(self, line: Line) -> None:
        """Add a line that is already worded."""
        self.lines.append(line)

    def ride(self, number: str, *lines: Line) -> None:
        """Let words of a case go out with this turn's own, before them, without becoming part of what it is about."""
        self.rides.append((number, lines))

    def choose(self, labels: Iterable[str | Line]) -> None:
        """Add numbered choices, one a line, from 1."""
        for digit, label in enumerate(labels, 1):
            words = label if isinstance(label, Line) else ours(label)
            self.say("option", digit=str(digit), words=words)

    # -- doing ----------------------------------------------------------------------------
    def do(self, *effects: Effect) -> None:
        """Add effects, in order."""
        self.effects.extend(effects)

    def keep_photos(self, *media: str, number: str = "") -> None:
        """Have photos fetched now: the platform keeps them three days, a form may wait thirty.

        Once there is a case, said again with its number, they are linked to it.
        """
        for each in media:
            loose = KeepMedia(media=each, what="photo")
            if loose in self.effects:
                self.effects.remove(loose)
            self.do(KeepMedia(media=each, what="photo", number=number))

    def led_to(self, what: str, number: str = "") -> None:
        """Note what this turn led to, for the transcript."""
        self.effects.append(LedTo(what=what, number=number))

    # -- remembering ----------------------------------------------------------------------
    def change(self, **changes: Any) -> None:
        """Change fields of the conversation.

        The first change makes a copy that nobody else holds; later ones are made in it. (`replace`
        at every change was a tenth of a turn.)
        """
        if self.conversation is not self._mine:
            self.conversation = self._mine = _twin(self.conversation)
        for name, value in changes.items():
            object.__setattr__(self._mine, name, value)

    def change_form(self, **changes: Any) -> None:
        """Change fields of the form in work, and note that it was touched."""
        form = self.conversation.form
        assert form is not None
        if form is not self._form:
            form = self._form = _twin(form)
            self.change(form=form)
        object.__setattr__(form, "touched", self.facts.now)
        for name, value in changes.items():
            object.__setattr__(form, name, value)

    def ask(self, kind: str, options: Sequence[str], *, number: str = "", data: str = "") -> None:
        """Remember the numbered question that was just said."""
        self.change(question=Question(kind=kind, options=tuple(options), number=number, data=data))

    # -- knowing --------------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        """The moment of this turn, in UTC."""
        return self.facts.now

    @property
    def form(self) -> Form | None:
        """The form in work or at rest."""
        return self.conversation.form

    @property
    def at_form(self) -> bool:
        """Whether a form is in work; one at rest waits until the member comes back to it."""
        form = self.conversation.form
        return form is not None and form.stage != "resting"

    def service(self) -> Service | None:
        """The pinned service of the form; None if its version is gone."""
        form = self.conversation.form
        return self.facts.snapshots.services.pinned(form.service, form.version) if form else None

    def asked(self) -> Step | None:
        """The question that the form stands at, in work or at rest."""
        service, form = self.service(), self.conversation.form
        return service.step(form.step) if service and form else None

    def open_cases(self) -> tuple[KnownCase, ...]:
        """The member's own cases that are not settled, newest first."""
        return tuple(case for case in self.facts.cases if case.status in OPEN)

    def case(self, number: str) -> KnownCase | None:
        """One of the member's own cases."""
        return next((case for case in self.facts.cases if case.number == number), None)

    def unit(self, *ids: str) -> Unit:
        """The first unit of these that exists, else the member's, else the root of the tree."""
        units = self.facts.snapshots.units
        for unit in (*ids, self.conversation.unit, self.facts.profile.unit):
            found = units.standing(unit) if unit else None
            if found:
                return found
        return units.root

    # -- closing --------------------------------------------------------------------------
    def turn(self) -> Turn:
        """Close the draft: the lines become one message within the limit, in the member's script."""
        says = self._says()
        return Turn(conversation=self.conversation, effects=(*says, *self.effects))

    def _says(self) -> list[Say]:
        """What rode along, each case's words by themselves, then this turn's own; the rest waits for 「更多」."""
        numbers = [number for number, _ in self.rides]
        wording, script = self.facts.snapshots.wording, self.conversation.traditional
        parts = [*(lines for _, lines in self.rides), self.lines]
        words = [wording.render(lines, in_traditional=script) for lines in parts if lines]
        heads, rests = wording.fit(words, self.facts.limit, in_traditional=script)
        if any(rests):
            about = [*numbers, ""]
            self.change(more=tuple(Part(words=w, number=n) for n, w in zip(about, rests, strict=False) if w))
        says = [Say(text=head, number=n, rode=True) for n, head in zip(numbers, heads, strict=False) if head]
        own = heads[len(numbers)] if len(heads) > len(numbers) else ""
        if own:
            says.append(Say(text=own, asks=self.asks[0], number=self.asks[1], urgent=self.urgent))
        return says

"""What an answer to a form's question may turn out to be, and what whoever reads it may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dialogs.catalogue import Step
from dialogs.conversation import Form, Held
from dialogs.draft import Draft
from dialogs.events import MemberEvent
from dialogs.wording import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Understood: what is held under the step's key, and under others; `words` acknowledges it."""

    held: Held
    also: Mapping[str, Held] = field(default_factory=dict)
    words: Line | None = None
    media: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Several things fit: `offered` are their values, shown with these labels after `head`."""

    head: Line
    offered: tuple[str, ...]
    labels: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Not an answer; `words` say what would be one."""

    words: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Heard and kept, but it is no answer (a photo where a name was asked): the same question again, no miss."""

    words: Line
    media: str = ""


Outcome = Took | Narrow | Retry | Pass


@dataclass(frozen=True, slots=True)
class Asking:
    """One step being asked: everything a reader may look at."""

    draft: Draft
    form: Form
    step: Step

    def retry(self, key: str, /, **values: str | Line) -> Retry:
        """Ask again with the shared sentence of this key."""
        return Retry(words=self.draft.line(key, **values))


Reader = Callable[[Asking, MemberEvent], Outcome]

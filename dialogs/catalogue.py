"""Service files become Service values; every mistake is named by file and line, all at once.

One file is one service. `load` takes (name, text) pairs, so nothing here touches a disk. Several
versions of a service may be loaded together: a conversation goes on in the version it began.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError

from dialogs.desk.cases import Grade
from dialogs.reading import BadYamlError, Mistake, Path, Strict, read, slips
from dialogs.text import fold

if TYPE_CHECKING:
    from dialogs.rules import Rules

Kind = Literal[
    "text", "name", "phone", "choice", "confirm", "integer", "rating", "date", "datetime", "month",
    "unit", "place", "photo", "category", "contact", "matter",
]  # fmt: skip
Does = Literal["form", "answer", "progress", "withdraw", "rate", "human", "greet"]
_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_VALUE = re.compile(r"\{(\w+)\}")
RECEIPT_VALUES = frozenset({"number", "unit", "committee", "post", "by", "sign", "answer", "today", "neighbours"})
"""What may stand in braces in a receipt."""
_PROMISE = r"^(\d+) (working days|working hours|hours|days)$"


class Step(Strict):
    """One question. `when` asks it only after these answers; `unless` skips it where we know already."""

    key: str
    ask: str
    kind: Kind
    label: str = ""
    took: str = ""
    vague: str = ""
    again: str = ""
    max: Annotated[int, Field(gt=0, le=2000)] = 200
    minimum: int | None = None
    maximum: int | None = None
    options: dict[str, str] = Field(default_factory=dict)
    shown: dict[str, str] = Field(default_factory=dict)
    level: Literal["city", "district", "town", "community", "grid"] = "community"
    future: bool = True
    unknown: bool = False
    optional: bool = False
    counted: bool = True
    private: bool = False
    when: dict[str, str] = Field(default_factory=dict)
    unless: Literal["", "scanned", "since_said", "phone_known", "name_known"] = ""

    @property
    def name(self) -> str:
        """What the read-back calls it."""
        return self.label or self.ask


class Opens(Strict):
    """The case that a finished form opens. `unit` is `$step` or a unit; `promise` like `2 working days`."""

    case: str
    unit: str = "$where"
    post: str = "party_affairs"
    grade: Grade = Grade.YELLOW
    promise: Annotated[str, Field(pattern=_PROMISE)] | None = None


class Reminds(Strict):
    """What is asked again later: every so many months, with the sentence of this key."""

    every: Annotated[str, Field(pattern=r"^\d+ months$")]
    say: str


class Service(Strict):
    """One thing that a member can ask for."""

    service: str
    version: Annotated[int, Field(gt=0)]
    title: str
    short: str = ""
    words: list[str] = Field(default_factory=list)
    hears: list[str] = Field(default_factory=list)
    menu: int = 0
    does: Does = "form"
    intro: str = ""
    consent: str = ""
    once: bool = False
    confidential: bool = False
    readback: bool = True
    steps: list[Step] = Field(default_factory=list)
    opens: Opens | None = None
    reminds: Reminds | None = None
    receipt: str = ""
    joined: str = ""

    @property
    def name(self) -> str:
        """What sentences call it: 报到 rather than 流动党员报到."""
        return self.short or self.title

    def step(self, key: str) -> Step | None:
        """The step of this key, or None."""
        for step in self.steps:
            if step.key == key:
                return step
        return None


@dataclass(frozen=True, slots=True)
class Source:
    """A service file as it stands: for storing every version that was ever used."""

    name: str
    version: int
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services, current ones by name and every loaded version by (name, version)."""

    current: Mapping[str, Service]
    versions: Mapping[tuple[str, int], Service]
    sources: tuple[Source, ...] = ()
    registry: Mapping[str, str] = field(default_factory=dict)
    _menu: tuple[Service, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the menu in its order once: every greeting shows it."""
        menu = sorted((service for service in self.current.values() if service.menu), key=lambda service: service.menu)
        object.__setattr__(self, "_menu", tuple(menu))

    def pinned(self, name: str, version: int) -> Service | None:
        """The version that a conversation began with, or None if it is gone."""
        return self.versions.get((name, version))

    def named(self, folded: str) -> Service | None:
        """The service that this word opens: a menu entry, a typed word and a scanned code are one registry."""
        name = self.registry.get(folded)
        return self.current[name] if name else None

    def heard(self, folded: str) -> Service | None:
        """The service that a sentence asks for, by the longest phrase it contains."""
        found = [
            (len(phrase), service) for service in self.current.values() for phrase in service.hears if phrase in folded
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def on_menu(self) -> tuple[Service, ...]:
        """Services of the greeting, in their order."""
        return self._menu


class CatalogueError(ValueError):
    """Service files have mistakes: all of them are named, and the service does not start with them."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


def load(files: Iterable[tuple[str, str]], older: Iterable[Source] = (), rules: Rules | None = None) -> Catalogue:
    """Read service files into a catalogue, or raise CatalogueError with every mistake.

    `older` are versions stored from earlier starts; a file whose text changed under an unchanged
    version is a mistake. With `rules`, posts and consents that they do not know are mistakes too.
    """
    mistakes: list[Mistake] = []
    current: dict[str, Service] = {}
    sources: list[Source] = []
    known = {(source.name, source.version): source for source in older}
    for name, text in files:
        service, lines = _read(name, text, mistakes)
        if service is None:
            continue
        unknown = (*_unknown_names(service, rules), *_unknown_values(service))
        mistakes.extend(Mistake(name, lines(path), words) for path, words in unknown)
        digest = sha256(text.encode()).hexdigest()
        before = known.get((service.service, service.version))
        if before and before.digest != digest:
            mistakes.append(
                Mistake(name, lines(("version",)), f"内容改了而 version 仍是 {service.version}：请把它加 1")
            )
        if service.service in current:
            mistakes.append(Mistake(name, lines(("service",)), f"服务 {service.service} 已在另一个文件里"))
        current[service.service] = service
        sources.append(Source(service.service, service.version, digest, text))
    registry = _register(current, mistakes)
    if mistakes:
        raise CatalogueError(mistakes)
    versions = {(s.service, s.version): s for s in _older(known.values())}
    versions.update({(s.service, s.version): s for s in current.values()})
    return Catalogue(current, versions, tuple(sources), registry)


def _older(sources: Iterable[Source]) -> Iterable[Service]:
    for source in sources:
        service, _ = _read(source.name, source.text, [])
        if service is not None:
            yield service


def _register(current: Mapping[str, Service], mistakes: list[Mistake]) -> dict[str, str]:
    registry: dict[str, str] = {}
    for name, service in current.items():
        for word in {fold(word) for word in (service.title, *service.words)}:
            other = registry.setdefault(word, name)
            if other != name:
                mistakes.append(Mistake(f"{name}.yaml", 1, f"「{word}」同时属于 {other} 和 {name}"))
    return registry


def _read(name: str, text: str, mistakes: list[Mistake]) -> tuple[Service | None, Callable[[Path], int]]:
    """Read one file; mistakes are appended. Gives the service and what finds the line of a path."""
    try:
        tree = read(text)
    except BadYamlError as wrong:
        mistakes.append(Mistake(name, wrong.line, str(wrong)))
        return None, lambda _: 1
    if not isinstance(tree.value, dict):
        mistakes.append(Mistake(name, 1, "应当是「键: 值」"))
        return None, tree.line
    written = _named(tree.value)
    try:
        service = Service.model_validate(written)
    except ValidationError as wrong:
        found = [*slips(wrong), *_check_steps(_readable_steps(written))]
        mistakes.extend(Mistake(name, tree.line(path), words) for path, words in found)
        return None, tree.line
    found = list(_check(service))
    mistakes.extend(Mistake(name, tree.line(path), words) for path, words in found)
    return (None if found else service), tree.line


def _readable_steps(written: Mapping[str, Any]) -> Iterable[tuple[int, Step]]:
    """Give the steps that can be read though the file has mistakes, so that theirs are named in the same breath."""
    steps = written.get("steps")
    for place, step in enumerate(steps if isinstance(steps, list) else []):
        with suppress(ValidationError):
            yield place, Step.model_validate(step)


def _named(node: Any) -> Any:
    """Give the values with every key as a word: an option may be called 1."""
    if isinstance(node, dict):
        return {str(key): _named(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_named(value) for value in node]
    return node


def _check(service: Service) -> Iterable[tuple[Path, str]]:
    """Mistakes that no schema sees: empty, repeated or unreachable steps, references that lead nowhere."""
    if not _KEY.match(service.service):
        yield ("service",), "service 用小写字母、数字和下划线"
    if service.does == "form" and not service.steps:
        yield ("service",), "至少要有一步"
    yield from _check_steps(enumerate(service.steps))
    seen = {step.key for step in service.steps}
    if service.opens and service.opens.unit.startswith("$") and service.opens.unit[1:] not in seen:
        yield ("opens", "unit"), f"没有叫 {service.opens.unit[1:]} 的步骤"
    if service.does == "form" and service.steps and not service.opens:
        yield ("service",), "填完以后要 opens 一个事项"


def _unknown_names(service: Service, rules: Rules | None) -> Iterable[tuple[Path, str]]:
    """Posts and consents that the rules do not know: nobody would get the case, or nothing be shown."""
    if rules is None:
        return
    if service.opens and service.opens.post not in rules.posts:
        yield ("opens", "post"), f"没有叫 {service.opens.post} 的岗位（有：{'、'.join(rules.posts)}）"
    if service.consent and service.consent not in rules.consents:
        yield ("consent",), f"没有叫 {service.consent} 的同意书（有：{'、'.join(rules.consents)}）"


def _unknown_values(service: Service) -> Iterable[tuple[Path, str]]:
    """{…} that nothing is put into: the member would read a gap."""
    yield from _gaps(("receipt",), service.receipt, RECEIPT_VALUES)
    yield from _gaps(("joined",), service.joined, {"number", "status"})
    if service.does == "form":
        yield from _gaps(("intro",), service.intro, {"total"})
    said = {"city"}
    for place, step in enumerate(service.steps):
        yield from _gaps(("steps", place, "ask"), step.ask, said)
        yield from _gaps(("steps", place, "again"), step.again, said)
        yield from _gaps(("steps", place, "label"), step.label, {"city"})
        yield from _gaps(("steps", place, "took"), step.took, {"words"})
        yield from _gaps(("steps", place, "vague"), step.vague, {"words"})
        said.add(step.key)


def _gaps(path: Path, words: str, known: Collection[str]) -> Iterable[tuple[Path, str]]:
    for value in dict.fromkeys(_VALUE.findall(words)):
        if value not in known:
            yield path, f"{{{value}}} 填不上，这里可以用的是：{'、'.join(sorted(known)) or '（没有）'}"


def _check_steps(steps: Iterable[tuple[int, Step]]) -> Iterable[tuple[Path, str]]:
    seen: dict[str, Step] = {}
    for place, step in steps:
        yield from ((("steps", place, part), words) for part, words in _check_step(step, seen))
        seen[step.key] = step


def _check_step(step: Step, seen: Mapping[str, Step]) -> Iterable[tuple[str, str]]:
    if not _KEY.match(step.key):
        yield "key", "key 用小写字母、数字和下划线"
    if step.key in seen:
        yield "key", f"步骤 {step.key} 重复"
    if not step.ask.strip():
        yield "ask", "问句是空的"
    if (step.kind == "choice") != bool(step.options):
        yield "kind", "choice 要有 options，别的种类不要"
    for other, value in step.when.items():
        if other not in seen:
            yield "when", f"when 提到的 {other} 不在它前面，这一步永远问不到"
        elif seen[other].options and value not in seen[other].options:
            yield "when", f"{other} 没有 {value} 这个选项，这一步永远问不到"

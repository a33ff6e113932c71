"""People in words for their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from bot.people import standing
from dialogs.facts import Snapshots
from handlers.desk.frame import words
from storage.roster import Change, Listed, Person

_CHANGES = {
    "add": "{by}添加：{after}",
    "move": "{by}调整：{before} 改为 {after}",
    "off": "{by}停用{handed}",
    "on": "{by}重新启用",
    "hold": "{by}加了兼任：{after}",
    "leave": "{by}去掉了兼任：{before}",
    "reset": "{by}重设了密码",
    "choose": "本人改了密码",
    "clear": "{by}给了保密件的密级",
    "unclear": "{by}收回了保密件的密级",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A person in the list."""

    name: str
    post: str
    href: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The people of one unit."""

    unit: str
    people: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideView:
    """A further post."""

    id: int
    said: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person on their page."""

    name: str
    href: str
    post: str
    post_key: str
    unit: str
    unit_key: str
    active: bool
    one_time: bool
    administers: bool
    revision: int
    beside: tuple[BesideView, ...]
    past: tuple[str, ...]


def address(name: str) -> str:
    """Give a person's address: it bears no name, as addresses are written down in many places."""
    return f"/desk/person/{sha256(f'staff {name}'.encode()).hexdigest()[:16]}"


def group(unit: str, people: Sequence[Listed], known: Snapshots) -> Group:
    """Put the people of one unit under its name."""
    found = known.units.get(unit)
    return Group(
        unit=found.full_name if found else unit,
        people=tuple(
            Leaf(name=each.name, post=known.rules.post(each.post), href=address(each.name), active=each.active)
            for each in people
        ),
    )


def person_view(person: Person, known: Snapshots, now: datetime, zone: ZoneInfo) -> PersonView:
    """Put a person into words."""
    post, unit = known.rules.posts.get(person.post), known.units.get(person.unit)
    return PersonView(
        name=person.name,
        href=address(person.name),
        post=known.rules.post(person.post),
        post_key=person.post,
        unit=unit.full_name if unit else person.unit,
        unit_key=person.unit,
        active=person.active,
        one_time=person.one_time,
        administers=post is not None and post.keeps is not None,
        revision=person.revision,
        beside=tuple(
            BesideView(
                id=each.id,
                said=_held(f"{each.post}@{each.unit}", known),
                until=f"到 {words.moment(each.until, now, zone)}" if each.until else "没有定到哪天",
            )
            for each in standing(person, now)
        ),
        past=tuple(_past(each, known, now, zone) for each in reversed(person.past)),
    )


def _past(change: Change, known: Snapshots, now: datetime, zone: ZoneInfo) -> str:
    said = _CHANGES.get(change.what, "{by}" + change.what).format(
        by=change.by,
        before=_held(change.before, known),
        after=_held(change.after, known),
        handed=f"，手上的件交给{change.after}" if change.what == "off" and change.after else "",
    )
    return f"{words.moment(change.at, now, zone)}　{said}"


def _held(said: str, known: Snapshots) -> str:
    """「新城社区 对接协调员」 out of `coordinator@yushan-xincheng`."""
    post, at, unit = said.partition("@")
    if not at:
        return said
    found = known.units.get(unit)
    return f"{found.full_name if found else unit}{known.rules.post(post)}"

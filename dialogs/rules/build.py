"""From filled forms to rules: what no schema sees is checked here, with the line it stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

from dialogs.desk.cases import Grade
from dialogs.desk.directory import Directory, Entry
from dialogs.desk.replies import unknown
from dialogs.reading import Path
from dialogs.rules import files
from dialogs.rules.calendar import Calendar, Spans, Week, Year, parse_days, parse_spans, zone
from dialogs.rules.everyday import OWNERS, Everyday, Fillers, Places
from dialogs.rules.kinds import kinds_of
from dialogs.rules.limits import Limit, parse_limit
from dialogs.rules.phrases import Phrase, Phrases, split
from dialogs.rules.reading import Header, Page
from dialogs.rules.shapes import (
    Casework,
    Centre,
    Climb,
    Clocks,
    Consent,
    DutyRule,
    FigureRules,
    GradeClock,
    GradeRule,
    Limits,
    Post,
    Quotas,
    Records,
    Room,
    Secrecy,
    Starter,
    TagRules,
    Window,
)
from dialogs.units import LEVELS, Unit, check

Parts = dict[str, Any]
Whole = TypeVar("Whole")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ANY = Limit(amount=1, measure="hours")


def _limit(page: Page, path: Path, text: str) -> Limit:
    found: Limit = page.tried(path, lambda: parse_limit(text), _ANY)
    return found


def _centre(page: Page, form: files.CentreFile) -> Parts:
    plain = form.model_dump(exclude={*Header.model_fields, "zone", "talk_answer"})
    centre = Centre(**plain, talk_answer=_limit(page, ("talk_answer",), form.talk_answer))
    return {"centre": centre, "zone": page.tried(("zone",), lambda: zone(form.zone), None)}


def _posts(_page: Page, form: files.PostsFile) -> Parts:
    posts = {}
    for key, post in form.posts.items():
        posts[key] = Post(key=key, may=frozenset(post.may), **post.model_dump(exclude={"may"}))
    return {"posts": posts}


def _casework(page: Page, form: files.CaseworkFile) -> Parts:
    for missing in set(Grade) - set(form.extension):
        page.wrong(("extension",), f"缺 {missing.value} 这一级")
    return {
        "casework": Casework(
            return_decided=_limit(page, ("returned", "decided"), form.returned.decided),
            most_returns=form.returned.most,
            above_answers=_limit(page, ("above_answers",), form.above_answers),
            pause=_limit(page, ("pause",), form.pause),
            extension=form.extension,
            tags=TagRules(most=form.tags.most, longest=form.tags.longest),
        )
    }


def _secrecy(_page: Page, form: files.SecrecyFile) -> Parts:
    return {
        "secrecy": Secrecy(
            stand_in_days=form.stand_in_days,
            clearance_days=form.clearance_days,
            identity_stands=timedelta(hours=form.identity.hours),
            identity_shown=timedelta(minutes=form.identity.minutes),
            alias=form.alias,
        )
    }


def _records(_page: Page, form: files.RecordsFile) -> Parts:
    return {
        "records": Records(
            export_at_once=form.export.at_once,
            export_most=form.export.most,
            export_kept=timedelta(days=form.export.kept_days),
            audit_kept=timedelta(days=form.audit.kept_days),
        )
    }


def _room(page: Page, form: files.RoomFile) -> Parts:
    if form.presence.gone <= form.presence.every:
        page.wrong(("presence", "gone"), "要比 every 长")
    for at, each in enumerate(form.starters):
        for name in unknown(each.words):
            page.wrong(("starters", at, "words"), f"不认识「{{{name}}}」")
    return {
        "room": Room(
            drafts=form.drafts,
            calls=form.calls,
            presence_every=form.presence.every,
            presence_gone=form.presence.gone,
            replies=form.replies,
            starters=tuple(Starter(title=each.title, words=each.words) for each in form.starters),
            starters_until=form.review,
        )
    }


def _duty(page: Page, form: files.DutyFile) -> Parts:
    missing = set(Grade) - set(form.weights)
    if missing:
        page.wrong(("weights",), f"缺 {'、'.join(sorted(missing))}")
    return {"duty": DutyRule(assign=form.assign, units=dict(form.units), weights=dict(form.weights))}


def _figures(_page: Page, form: files.FiguresFile) -> Parts:
    figures = FigureRules(
        partly=form.partly,
        satisfied=form.satisfied,
        exclude_within=timedelta(days=form.exclude_within),
        smallest=form.smallest,
        hot_least=form.hot.least,
        hot_most=form.hot.most,
        hot_more=form.hot.more,
        months=form.months,
        reasons=form.reasons,
    )
    return {"figures": figures}


def _grades(page: Page, form: files.GradesFile) -> Parts:
    for missing in set(Grade) - set(form.grades):
        page.wrong(("grades",), f"缺 {missing.value} 这一级")
    rules = {}
    for grade, each in form.grades.items():
        path = ("grades", grade.value)
        rules[grade] = GradeRule(
            grade=grade,
            **each.model_dump(include={"title", "colour", "icon", "means"}),
            sign=_limit(page, (*path, "sign"), each.sign),
            contact=_limit(page, (*path, "contact"), each.contact),
            answer=_limit(page, (*path, "answer"), each.answer),
        )
    tracks = {key: _track(page, ("tracks", key), each) for key, each in form.tracks.items()}
    return {"grades": rules, "tracks": tracks}


def _track(page: Page, path: Path, form: files.TrackForm) -> Limits:
    return Limits(
        sign=_limit(page, (*path, "sign"), form.sign),
        contact=_limit(page, (*path, "contact"), form.contact),
        answer=_limit(page, (*path, "answer"), form.answer),
        extension=form.extension,
        measure="days",
        from_signing=form.answer_from == "signing",
        title=form.title,
    )


def _clocks(page: Page, form: files.ClocksFile) -> Parts:
    for missing in set(Grade) - set(form.grades):
        page.wrong(("grades",), f"缺 {missing.value} 这一级")
    return {
        "clocks": Clocks(
            grades={grade: _clock(page, ("grades", grade.value), each) for grade, each in form.grades.items()},
            tracks={key: _clock(page, ("tracks", key), each) for key, each in form.tracks.items()},
            overdue=form.overdue,
            unrated=_limit(page, ("filed", "unrated"), form.filed.unrated),
            rated=_limit(page, ("filed", "rated"), form.filed.rated),
            contacts=form.contacts.most,
            contacts_tell=form.contacts.tell,
        )
    }


def _clock(page: Page, path: Path, form: files.GradeClockForm) -> GradeClock:
    return GradeClock(
        sign=_limit(page, (*path, "remind", "sign"), form.remind.sign),
        answer=_limit(page, (*path, "remind", "answer"), form.remind.answer),
        above=_limit(page, (*path, "remind", "above"), form.remind.above),
        climbs=tuple(
            Climb(after=_limit(page, (*path, "climb", place, "after"), each.after), tell=each.tell)
            for place, each in enumerate(form.climb)
        ),
    )


# -- the calendar --------------------------------------------------------------------------
def _calendar(page: Page, form: files.CalendarFile) -> Parts:
    nothing = tuple(() for _ in _DAYS)
    week = _week(page, ("weekly",), form.weekly, nothing)
    if not any(week):
        page.wrong(("weekly",), "一周里至少要有一天办公")
    units = {unit: _week(page, ("units", unit), hours, week) for unit, hours in form.units.items()}
    extra = {each.day: _spans(page, ("extra", place, "open"), each.open) for place, each in enumerate(form.extra)}
    years = {number: _year(page, number, year) for number, year in form.years.items()}
    make_up = _spans(page, ("make_up",), form.make_up)
    why = {each.day: each.why for each in form.extra if each.why}
    return {"calendar": {"week": week, "make_up": make_up, "years": years, "extra": extra, "why": why, "units": units}}


def _week(page: Page, path: Path, form: files.WeekForm, usual: tuple[Spans, ...]) -> Week:
    days = []
    for place, day in enumerate(_DAYS):
        text = getattr(form, day)
        days.append(usual[place] if text is None else _spans(page, (*path, day), text))
    return (days[0], days[1], days[2], days[3], days[4], days[5], days[6])


def _spans(page: Page, path: Path, text: str) -> Spans:
    found: Spans = page.tried(path, lambda: parse_spans(text), ())
    return found


def _year(page: Page, number: int, form: files.YearForm) -> Year:
    def days(part: str, written: list[str | date]) -> frozenset[date]:
        found: set[date] = set()
        for place, each in enumerate(written):
            path = ("years", number, part, place)
            some: frozenset[date] = page.tried(path, lambda each=each: parse_days(str(each)), frozenset())  # type: ignore[misc]  # the default binds the loop's value
            if any(day.year != number for day in some):
                page.wrong(path, f"「{each}」不在 {number} 年")
            found |= some
        return frozenset(found)

    return Year(holidays=days("holidays", form.holidays), workdays=days("workdays", form.workdays))


# -- consents, quotas ----------------------------------------------------------------------
def _consents(_page: Page, form: files.ConsentsFile) -> Parts:
    return {"consents": {name: Consent(name=name, **each.model_dump()) for name, each in form.consents.items()}}


def _quotas(page: Page, form: files.QuotasFile) -> Parts:
    quotas = Quotas(
        bytes=form.bytes,
        message=_window(page, "message", form.windows.message),
        tap=_window(page, "tap", form.windows.tap),
        mass_a_month=form.mass.a_month,
        words=form.words.model_dump(),
    )
    return {"quotas": quotas}


def _window(page: Page, name: str, form: files.WindowForm) -> Window:
    path = ("windows", name, "lasts")
    lasts = _limit(page, path, form.lasts).wall
    if lasts is None:
        page.wrong(path, "窗口按钟表算，写 minutes 或 hours")
        lasts = timedelta(hours=1)
    if timedelta(seconds=form.early) >= lasts:
        page.wrong(("windows", name, "early"), "early 比窗口还长，永远发不出去")
    return Window(count=form.count, lasts=lasts, early=timedelta(seconds=form.early))


# -- categories and their words ------------------------------------------------------------
def _categories(page: Page, form: files.CategoriesFile) -> Parts:
    kinds = kinds_of(page, form)
    return {"kinds": kinds, "categories": kinds.categories(), "lexicon": kinds.lexicon()}


# -- everyday speech -----------------------------------------------------------------------
def _everyday(_page: Page, form: files.EverydayFile) -> Parts:
    lists = (form.trouble.sure, form.trouble.words, form.asks.sure, form.asks.words, form.never, form.elsewhere)
    phrases = [
        Phrase(word, (), owner, 1.0)
        for owner, (_, words) in enumerate(zip(OWNERS, lists, strict=True))
        for word in split(words)
    ]
    fillers = {key: _longest(words) for key, words in form.fillers.model_dump().items()}
    places = {key: _longest(words) for key, words in form.places.model_dump().items()}
    return {
        "everyday": {
            "phrases": Phrases(phrases),
            "short": form.short,
            "least": form.least,
            "fillers": Fillers(**fillers),
            "places": Places(**places),
        }
    }


def _longest(words: str) -> tuple[str, ...]:
    return tuple(sorted(split(words), key=lambda word: -len(word)))


# -- the town ------------------------------------------------------------------------------
def _town(page: Page, form: files.TownFile) -> Parts:
    units = tuple(_unit(each) for each in form.units)
    for slip in check(units):
        page.wrong(("units", slip.place, slip.part), slip.words)
    return {"town": units}


def _unit(form: files.UnitForm) -> Unit:
    plain = form.model_dump(exclude={"scenes", "aliases", "full_name"})
    return Unit(**plain, full_name=form.full_name or form.name, scenes=tuple(form.scenes), aliases=tuple(form.aliases))


# -- the dispatch directory ----------------------------------------------------------------
def _directory(page: Page, form: files.DirectoryFile) -> Parts:
    entries, seen = [], set[tuple[str, str]]()
    for number, each in enumerate(form.entries):
        if (each.category, each.place) in seen:
            page.wrong(("entries", number), "这一类、这个地方写了两次")
        seen.add((each.category, each.place))
        entries.append(Entry(**each.model_dump(exclude={"helpers"}), helpers=tuple(each.helpers)))
    return {"directory": Directory(version=form.version, since=form.in_force, entries=tuple(entries))}


PARTS: Mapping[str, Callable[[Page, Any], Parts]] = {
    "centre.yaml": _centre,
    "posts.yaml": _posts,
    "casework.yaml": _casework,
    "secrecy.yaml": _secrecy,
    "records.yaml": _records,
    "room.yaml": _room,
    "duty.yaml": _duty,
    "figures.yaml": _figures,
    "grades.yaml": _grades,
    "clocks.yaml": _clocks,
    "calendar.yaml": _calendar,
    "consents.yaml": _consents,
    "quotas.yaml": _quotas,
    "categories.yaml": _categories,
    "everyday.yaml": _everyday,
    "town.yaml": _town,
    "directory.yaml": _directory,
}


def cross_check(pages: Mapping[str, Page], known: Mapping[str, Header]) -> None:
    """Say what one file says of another: posts of categories, units of the centre and of the calendar."""
    posts, categories = known.get("posts.yaml"), known.get("categories.yaml")
    if isinstance(posts, files.PostsFile) and isinstance(categories, files.CategoriesFile):
        _check_posts(pages["categories.yaml"], categories, set(posts.posts))
    directory = known.get("directory.yaml")
    if isinstance(directory, files.DirectoryFile):
        _check_directory(pages["directory.yaml"], directory, known)
    clocks = known.get("clocks.yaml")
    if isinstance(posts, files.PostsFile) and isinstance(clocks, files.ClocksFile):
        _check_told(pages["clocks.yaml"], clocks, set(posts.posts))
    _check_tracks(pages, known)
    town, centre, calendar = known.get("town.yaml"), known.get("centre.yaml"), known.get("calendar.yaml")
    if not isinstance(town, files.TownFile):
        return
    units = {unit.id for unit in town.units}
    if isinstance(centre, files.CentreFile) and centre.unit not in units:
        pages["centre.yaml"].wrong(("unit",), f"town.yaml 里没有单位 {centre.unit}")
    if isinstance(calendar, files.CalendarFile):
        for unit in set(calendar.units) - units:
            pages["calendar.yaml"].wrong(("units", unit), f"town.yaml 里没有单位 {unit}")


def _check_directory(page: Page, form: files.DirectoryFile, known: Mapping[str, Header]) -> None:
    categories, posts, town = (known.get(f"{name}.yaml") for name in ("categories", "posts", "town"))
    keys = {""}
    if isinstance(categories, files.CategoriesFile):
        keys |= {top.key for top in categories.categories}
        keys |= {f"{top.key}.{sub.key}" for top in categories.categories for sub in top.of}
    units = {unit.id for unit in town.units} if isinstance(town, files.TownFile) else set[str]()
    for number, entry in enumerate(form.entries):
        path = ("entries", number)
        if isinstance(categories, files.CategoriesFile) and entry.category not in keys:
            page.wrong(path, f"categories.yaml 里没有类别 {entry.category}")
        if isinstance(posts, files.PostsFile) and entry.post and entry.post not in posts.posts:
            page.wrong(path, f"posts.yaml 里没有岗位 {entry.post}")
        for unit in (entry.to, *entry.helpers):
            if isinstance(town, files.TownFile) and unit not in units and unit not in LEVELS:
                page.wrong(path, f"town.yaml 里没有单位 {unit}")
        if isinstance(town, files.TownFile) and entry.place and entry.place not in units:
            page.wrong(path, f"town.yaml 里没有单位 {entry.place}")


def _check_posts(page: Page, form: files.CategoriesFile, posts: set[str]) -> None:
    for place, top in enumerate(form.categories):
        if top.post not in posts:
            page.wrong(("categories", place, "post"), f"posts.yaml 里没有岗位 {top.post}")
        for number, sub in enumerate(top.of):
            if sub.post and sub.post not in posts:
                page.wrong(("categories", place, "of", number, "post"), f"posts.yaml 里没有岗位 {sub.post}")


def _check_tracks(pages: Mapping[str, Page], known: Mapping[str, Header]) -> None:
    """Every track that a category names has its limits and its clock."""
    grades, clocks, categories = known.get("grades.yaml"), known.get("clocks.yaml"), known.get("categories.yaml")
    if not isinstance(categories, files.CategoriesFile):
        return
    for place, top in enumerate(categories.categories):
        for number, sub in enumerate(top.of):
            path = ("categories", place, "of", number, "track")
            if sub.track and isinstance(grades, files.GradesFile) and sub.track not in grades.tracks:
                pages["categories.yaml"].wrong(path, f"grades.yaml 的 tracks 里没有 {sub.track}")
            if sub.track and isinstance(clocks, files.ClocksFile) and sub.track not in clocks.tracks:
                pages["categories.yaml"].wrong(path, f"clocks.yaml 的 tracks 里没有 {sub.track}")


def _check_told(page: Page, form: files.ClocksFile, posts: set[str]) -> None:
    told: list[tuple[Path, str]] = [(("overdue",), form.overdue), (("contacts", "tell"), form.contacts.tell)]
    clocks = [(("grades", grade.value), clock) for grade, clock in form.grades.items()]
    clocks += [(("tracks", key), clock) for key, clock in form.tracks.items()]
    for at, clock in clocks:
        told += [((*at, "climb", place, "tell"), step.tell) for place, step in enumerate(clock.climb)]
    for path, post in told:
        if post not in posts:
            page.wrong(path, f"posts.yaml 里没有岗位 {post}")


def finish(whole: Callable[..., Whole], parts: Parts, **more: Any) -> Whole | None:
    """Put the parts together; None where one of them could not be made."""
    zone_found = parts.pop("zone")
    if zone_found is None:
        return None
    calendar = Calendar(zone=zone_found, **parts.pop("calendar"))
    everyday = Everyday(dialect=parts["lexicon"].dialect, **parts.pop("everyday"))
    return whole(calendar=calendar, everyday=everyday, **parts, **more)

"""The strict form of each rules file, as a person writes it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from dialogs.desk.cases import Act, Grade
from dialogs.reading import Strict
from dialogs.rules.reading import Header
from dialogs.rules.shapes import Assign, Keeps, Sees

Words = str
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Count = Annotated[int, Field(gt=0)]


class Weights(Strict):
    """What a word counts for, and how much is the least for a proposal."""

    sure: Count
    words: Count
    hints: Count
    least: Count


class SubForm(Strict):
    """A category of the second level."""

    key: Key
    title: str
    grade: Grade | None = None
    post: str = ""
    whole: bool = False
    track: str = ""
    sure: Words = ""
    words: Words = ""
    hints: Words = ""


class TopForm(Strict):
    """A category of the first level."""

    key: Key
    title: str
    post: str
    grade: Grade
    trouble: bool = False
    of: Annotated[list[SubForm], Field(min_length=1)]


class CategoriesFile(Header):
    """categories.yaml."""

    weights: Weights
    dialect: dict[str, str] = Field(default_factory=dict)
    alike: dict[str, Words] = Field(default_factory=dict)
    neutral: Words = ""
    categories: Annotated[list[TopForm], Field(min_length=1)]


class EntryForm(Strict):
    """A row of the dispatch directory."""

    category: str = ""
    place: str = ""
    to: str
    post: str = ""
    helpers: list[str] = Field(default_factory=list)


class DirectoryFile(Header):
    """directory.yaml."""

    version: Count
    entries: Annotated[list[EntryForm], Field(min_length=1)]


class GradeForm(Strict):
    """One grade."""

    title: str
    colour: str
    icon: str
    means: str
    sign: str
    contact: str
    answer: str


class TrackForm(Strict):
    """Limits that a law sets for some matters, whatever their grade."""

    title: str
    source: str
    sign: str
    contact: str
    answer: str
    answer_from: Literal["opening", "signing"]
    extension: Annotated[int, Field(ge=0, le=365)]


class GradesFile(Header):
    """grades.yaml."""

    grades: dict[Grade, GradeForm]
    tracks: dict[Key, TrackForm] = Field(default_factory=dict)


class ReturnForm(Strict):
    """Returned cases: how soon it is decided, and how often a case may be returned."""

    decided: str
    most: Annotated[int, Field(ge=0)]


class TagsForm(Strict):
    """Tags of one case: how many, how many characters."""

    most: Annotated[int, Field(ge=1, le=50)]
    longest: Annotated[int, Field(ge=2, le=40)]


class CaseworkFile(Header):
    """casework.yaml."""

    returned: ReturnForm
    above_answers: str
    pause: str
    extension: dict[Grade, Annotated[int, Field(ge=0)]]
    tags: TagsForm


class IdentityForm(Strict):
    """How long somebody may look, and how long one look lasts."""

    hours: Annotated[int, Field(ge=1, le=240)]
    minutes: Annotated[int, Field(ge=1, le=60)]


class SecrecyFile(Header):
    """secrecy.yaml."""

    stand_in_days: Annotated[int, Field(ge=1, le=366)]
    clearance_days: Annotated[int, Field(ge=1, le=1100)]
    identity: IdentityForm
    alias: str


class ExportForm(Strict):
    """How many rows at once, how many at most, how long a file is kept."""

    at_once: Annotated[int, Field(ge=0)]
    most: Annotated[int, Field(ge=1, le=1_000_000)]
    kept_days: Annotated[int, Field(ge=1)]


class AuditForm(Strict):
    """How long the audit log's records are kept; six months are law."""

    kept_days: Annotated[int, Field(ge=183)]


class RecordsFile(Header):
    """records.yaml."""

    export: ExportForm
    audit: AuditForm


class PresenceForm(Strict):
    """How often a window says that it is there, and after how many silent seconds it is not."""

    every: Annotated[int, Field(ge=2, le=120)]
    gone: Annotated[int, Field(ge=3, le=600)]


class StarterForm(Strict):
    """A canned reply to begin with."""

    title: str
    words: str


class RoomFile(Header):
    """room.yaml."""

    drafts: Annotated[int, Field(ge=1, le=365)]
    calls: Annotated[int, Field(ge=1, le=20)]
    presence: PresenceForm
    replies: Annotated[int, Field(ge=1, le=3650)]
    starters: list[StarterForm] = Field(default_factory=list)


class DutyFile(Header):
    """duty.yaml."""

    assign: Assign
    units: dict[str, Assign] = Field(default_factory=dict)
    weights: dict[Grade, Annotated[int, Field(ge=0)]]


class HotForm(Strict):
    """What makes a matter of the month."""

    least: Annotated[int, Field(ge=1)]
    most: Annotated[int, Field(ge=1)]
    more: Annotated[int, Field(ge=1)]


class FiguresFile(Header):
    """figures.yaml."""

    partly: Annotated[float, Field(ge=0, le=1)]
    satisfied: Annotated[int, Field(ge=1, le=5)]
    exclude_within: Annotated[int, Field(ge=0, le=31)]
    smallest: Annotated[int, Field(ge=1)]
    hot: HotForm
    months: Annotated[int, Field(ge=2, le=36)]
    reasons: Annotated[dict[Key, str], Field(min_length=1)]


class RemindForm(Strict):
    """How long before each limit of a grade somebody is reminded."""

    sign: str
    answer: str
    above: str


class ClimbForm(Strict):
    """One step up: how long after the step before, and whom it tells there."""

    after: str
    tell: str


class GradeClockForm(Strict):
    """The clock of one grade."""

    remind: RemindForm
    climb: Annotated[list[ClimbForm], Field(min_length=1)]


class FiledForm(Strict):
    """How long after the answer a case is filed by itself."""

    unrated: str
    rated: str


class ContactsForm(Strict):
    """How often a member may be asked for more, and whom one time more tells."""

    most: Count
    tell: str


class ClocksFile(Header):
    """clocks.yaml."""

    grades: dict[Grade, GradeClockForm]
    tracks: dict[Key, GradeClockForm] = Field(default_factory=dict)
    overdue: str
    filed: FiledForm
    contacts: ContactsForm


class WeekForm(Strict):
    """A week of a unit; a day that is left out is as the centre's."""

    mon: str | None = None
    tue: str | None = None
    wed: str | None = None
    thu: str | None = None
    fri: str | None = None
    sat: str | None = None
    sun: str | None = None


class YearForm(Strict):
    """A year's arrangements: days or spans of days."""

    holidays: list[str | date] = Field(default_factory=list)
    workdays: list[str | date] = Field(default_factory=list)


class ExtraForm(Strict):
    """A day of the centre's own."""

    day: date
    open: str = ""
    why: str = ""


class CalendarFile(Header):
    """calendar.yaml."""

    weekly: WeekForm
    make_up: str
    years: dict[Annotated[int, Field(ge=2000, le=2100)], YearForm] = Field(default_factory=dict)
    extra: list[ExtraForm] = Field(default_factory=list)
    units: dict[str, WeekForm] = Field(default_factory=dict)


class ConsentForm(Strict):
    """One consent text."""

    version: str
    title: str
    text: Annotated[str, Field(min_length=1)]


class ConsentsFile(Header):
    """consents.yaml."""

    consents: dict[Key, ConsentForm]


class WindowForm(Strict):
    """One window."""

    count: Count
    lasts: str
    early: Annotated[int, Field(ge=0)] = 0


class WindowsForm(Strict):
    """The windows that a member's acts open."""

    message: WindowForm
    tap: WindowForm


class MassForm(Strict):
    """Mass sends."""

    a_month: Count


class RouteWords(Strict):
    """What staff read about the way their words will go."""

    message: str
    tap: str
    gone: str
    never: str
    shut: str
    spent: str
    compose: str
    compose_wait: str
    too_long: str


class QuotasFile(Header):
    """quotas.yaml."""

    bytes: Count
    windows: WindowsForm
    mass: MassForm
    words: RouteWords


class CentreFile(Header):
    """centre.yaml."""

    name: str
    bot: str
    city: str
    unit: str
    phone: str
    duty_phone: str
    address: str
    zone: str
    demo: bool = False
    reach_metres: Count
    pledge: str
    talk_answer: str


class PostForm(Strict):
    """One post."""

    title: str
    of: Literal["committee", "unit"]
    desk: bool
    may: list[Act] = Field(default_factory=list)
    sees: Sees = "nothing"
    leads: bool = False
    export_whole: bool = False
    numbers: bool = False
    keeps: Keeps | None = None


class PostsFile(Header):
    """posts.yaml."""

    posts: dict[Key, PostForm]


class TroubleForm(Strict):
    """Words of trouble."""

    sure: Words
    words: Words


class FillersForm(Strict):
    """Words that a summary leaves out."""

    lead: Words
    anywhere: Words
    tail: Words


class PlacesForm(Strict):
    """How places are said."""

    building: Words
    entrance: Words
    road_number: Words
    compounds: Words
    spots: Words
    loose: Words
    noise: Words


class EverydayFile(Header):
    """everyday.yaml."""

    trouble: TroubleForm
    asks: TroubleForm
    never: Words
    elsewhere: Words
    short: Count
    least: Count
    fillers: FillersForm
    places: PlacesForm


class UnitForm(Strict):
    """One unit of the tree."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    name: Annotated[str, Field(min_length=1)]
    full_name: str = ""
    level: Literal["city", "district", "town", "community", "grid"]
    parent: str = ""
    scenes: list[str] = Field(default_factory=list)
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    committee: str = ""
    address: str = ""
    phone: str = ""
    aliases: list[str] = Field(default_factory=list)


class TownFile(Header):
    """town.yaml."""

    units: Annotated[list[UnitForm], Field(min_length=1)]

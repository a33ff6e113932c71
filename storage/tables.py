"""Every table on one page: one schema for SQLite and PostgreSQL.

Moments are whole milliseconds since the epoch (UTC) in BIGINT columns named by what happened then.
Columns of type LargeBinary are sealed (see crypto.py; the associated data is `table.column`), but for the audit
log's hashes and signatures.
Text columns have no length: limits belong to the rules and are checked before anything comes here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    false,
    text,
    true,
)

from dialogs.desk.cases import ALONE, Grade, Status

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _id() -> Column[int]:
    # SQLite gives away its fast row ids only to a column that is spelled INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _moment(name: str, *, index: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=False, index=index)


def _maybe(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _flag(name: str, *, on: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=true() if on else false())


def _some(name: str | None, where: str, *columns: str | TextClause) -> Index:
    """Index only the rows of which this holds. SQLite uses it where a question says the same, word for word."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def _sealed(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=True)


def _hash(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


# The statuses of a case that waits on somebody and stands for itself, in the words of a question and of a
# partial index.
OPEN_STATUSES = tuple(status.value for status in Status if status in ALONE)
OPEN_WORDS = f"status IN ({', '.join(repr(status) for status in OPEN_STATUSES)})"
_OPEN = OPEN_WORDS
# What hurts most comes first: red ones, which lie before every moment in this order, then what is due first.
HURTS = f"(CASE WHEN grade = '{Grade.RED.value}' THEN due - 100000000000000 ELSE due END)"


# A person who writes to us, with the state of their conversation and what the platform's windows
# need. `version` 0 and no state: only a push has been stored so far. `*_sent`: messages we sent of
# our own accord since that moment. `*_index`: blind indexes, '' where nothing is known.
members = Table(
    "members",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("user_key", Text, nullable=False),
    _sealed("state"),
    _count("version"),
    _sealed("name"),
    _sealed("phone"),
    _text("name_index"),
    _text("phone_index"),
    _text("tail_index"),
    _text("unit"),
    _flag("plain"),
    _flag("traditional"),
    _flag("follows", on=True),
    _moment("seen"),
    Column("said", BigInteger, nullable=False, server_default="0"),
    Column("tapped", BigInteger, nullable=False, server_default="0"),
    Column("followed", BigInteger, nullable=False, server_default="0"),
    Column("scanned", BigInteger, nullable=False, server_default="0"),
    _count("said_sent"),
    _count("tapped_sent"),
    _count("followed_sent"),
    _count("scanned_sent"),
    _some(None, "name_index <> ''", "name_index"),
    _some(None, "phone_index <> ''", "phone_index"),
    _some(None, "tail_index <> ''", "tail_index"),
)

# Everything that happened to a conversation, by its key, with the exact reply it got. `received`:
# stored and acknowledged but not turned yet, with its event; once it is turned, the transcript has the
# words. The reply is purged after seven days; the key stays, so that a late repeat is still known.
# `fetched`: when a repeat took the reply, or the outbox took its words; whoever was first.
inbound = Table(
    "inbound",
    metadata,
    _id(),
    Column("member", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("status", Text, nullable=False),
    _sealed("event"),
    _sealed("reply"),
    _moment("at"),
    _maybe("fetched"),
    # The key first: the platform's message ids grow, so that new entries share the index's last pages.
    UniqueConstraint("key", "member"),
    _some("ix_inbound_received", "status = 'received'", "member", "id"),
    _some("ix_inbound_kept", "reply IS NOT NULL", "at"),
)

# Everything said, in both directions and in order: what was heard (`kind` '' where nobody spoke) and
# what was said to it (`who` '' for silence). `turn` is the conversation's version after it; what one
# turn says beyond its first words has further parts. `run` names the service run the words belong to
# (service/began), `led` what they led to, `delivery` the key of the delivery that carries what was said.
# `at` is in the key because PostgreSQL keeps the table by month (see partitions.py).
transcript = Table(
    "transcript",
    metadata,
    Column("member", Text, primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    _text("kind"),
    _sealed("heard"),
    _text("media"),
    _text("who"),
    _sealed("said"),
    _text("number"),
    _text("run"),
    _text("led"),
    _text("delivery"),
    postgresql_partition_by="RANGE (at)",
)

# A matter that a person must settle. `due` is the deadline that counts now: to sign, then to
# answer, or to be answered by the unit `above`. `first_owner` is set once and never moves (首问负责),
# `first_unit` is where it was opened; `sent_by` is the unit that sent it here, `asked` how many days
# more somebody asks for, `paused` since when it waits for its member. `neighbours` counts the cases that
# joined this one (their `same_as`) and were not withdrawn; `run` and `since` say which words of the
# transcript are its own. `spot` is the unit in whose area it is; `why` says in a line why it came to `first_unit`,
# `book` which version of the dispatch directory sent it, `helpers` are the units that help, each between spaces.
# `came` is how it came where staff took it down: phone, letter, visit.
# `main` is the case that it was put under (并单); `proposed` the person on duty who is proposed for it.
# `tags` are the words that staff gave it, each between spaces.
# `contacted` is when staff first wrote to the member, `contact_by` when they should have; `excluded` is why it
# does not count in the rates.
# Limits count from `began`: opened, or opened again, moved on by what it was paused.
# `fires` is when its clock is looked at next, `stage` what has fired of the limit that runs, `fired` when, or
# else since when that limit runs (dialogs/desk/clocks.py); `climbed` is the unit that it climbed to, `contacts`
# how often the member was asked for more, `alarmed` that this was told above, `urged` when it was urged last.
cases = Table(
    "cases",
    metadata,
    Column("number", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("grade", Text, nullable=False),
    _text("category"),
    Column("unit", Text, nullable=False),
    _text("post"),
    _moment("opened"),
    _moment("sign_by"),
    _moment("answer_by"),
    _moment("due"),
    _maybe("signed"),
    _maybe("answered"),
    _maybe("closed"),
    _text("owner"),
    _text("first_owner"),
    Column("first_unit", Text, nullable=False),
    _text("sent_by"),
    _text("above"),
    _count("returns"),
    _count("asked"),
    _flag("extended"),
    _maybe("paused"),
    Column("version", Integer, nullable=False),
    _sealed("place"),
    _sealed("matter"),
    _sealed("filled"),
    Column("reach", Text, nullable=False),
    _flag("anonymous"),
    _flag("talk"),
    _flag("confidential"),
    _text("same_as"),
    _count("neighbours"),
    _text("solved"),
    _count("satisfied"),
    Column("last_who", Text, nullable=False),
    _moment("last_at"),
    _text("run"),
    _moment("since"),
    _text("spot"),
    _text("why"),
    _count("book"),
    _text("helpers"),
    _text("main"),
    _text("proposed"),
    Column("contact_by", BigInteger, nullable=False, server_default="0"),
    _maybe("contacted"),
    _text("excluded"),
    Column("began", BigInteger, nullable=False, server_default="0"),
    _maybe("fires"),
    Column("fired", BigInteger, nullable=False, server_default="0"),
    _text("stage"),
    _text("climbed"),
    _count("contacts"),
    _flag("alarmed"),
    _maybe("urged"),
    _text("came"),
    _text("tags"),
    Index(None, "member", "opened"),
    Index(None, "unit", "status", "due", "number"),
    Index(None, "owner", "status", "due", "number"),
    _some("ix_cases_nearby", f"{_OPEN} AND same_as = ''", "category", "unit", "opened"),
    Index(None, "contact_by"),
    _some("ix_cases_closed", "closed IS NOT NULL", "unit", "closed"),
    _some("ix_cases_main", "main <> ''", "main", "number"),
    _some("ix_cases_tagged", "tags <> ''", "unit", "opened"),
    _some("ix_cases_confidential", "confidential IS TRUE", "number"),
    _some("ix_cases_returned", "status = 'returned'", "above", "due", "number"),
    _some(
        "ix_cases_open",
        OPEN_WORDS,
        text(HURTS),
        "number",
        "unit",
        "status",
        "due",
        "grade",
        "owner",
        "confidential",
        "climbed",
        "urged",
        "alarmed",
    ),
    _some("ix_cases_answered", "status = 'answered'", text(HURTS), "number", "unit", "due", "grade", "confidential"),
    _some("ix_cases_filed", "closed IS NOT NULL", text("(-closed)"), "number", "unit", "closed", "confidential"),
    _some("ix_cases_unproposed", "status = 'accepted' AND proposed = ''", text(HURTS), "number"),
    _some("ix_cases_proposed", "proposed <> ''", "proposed", "number"),
    _some("ix_cases_fires", "fires IS NOT NULL", "fires", "number"),
)

# Every act on a case, in order (日记实). Rates and day logs are computed from these rows. `target` is where
# it was sent, to whom, which grade, how many days, until when, how it was rated: as the act has it. `unit` is where
# the case lay after the act, `answer_by` its limit then. `from_unit` and `from_limit` are what they were before, set
# where the act changed one of them or whether the clock runs: so that what was open at any moment is a sum.
# `post` is the post that allowed it, `stood_for` the absent colleague whose post that is, if it is not one's own.
case_events = Table(
    "case_events",
    metadata,
    _id(),
    Column("number", Text, nullable=False, index=True),
    _moment("at"),
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    _sealed("words"),
    _text("target"),
    _text("unit"),
    _maybe("answer_by"),
    Column("from_unit", Text, nullable=True),
    _maybe("from_limit"),
    _text("post"),
    _text("stood_for"),
    Index(None, "act", "at", "unit", "number"),
    _some("ix_case_events_moved", "from_unit IS NOT NULL", "at"),
)

# The outbox: one row is one thing to bring to one member, once. `hand`: a person brings it, on the telephone or in
# writing. `began` is set just before the call goes out: a lease that ends after it leaves the row `unknown`.
deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    Column("member", Text, nullable=False),
    _text("number"),
    _moment("created"),
    _moment("due"),
    _count("priority"),
    _sealed("text"),
    _text("asks"),
    Column("status", Text, nullable=False),
    _count("attempts"),
    _maybe("lease_until"),
    _text("lease_by"),
    _maybe("began"),
    _text("way"),
    _count("code"),
    _text("words"),
    _maybe("settled"),
    _some("ix_deliveries_open", "status IN ('ready', 'claimed', 'waiting')", "status", "priority", "id"),
    Index(None, "member", "status"),
    _some("ix_deliveries_hand", "status = 'hand'", "number", "id"),
    _some("ix_deliveries_settled", "settled IS NOT NULL", "settled", "status"),
)

# Moments at which a conversation wants to be woken. The key is the member's id and the reminder's
# own key; a done or cancelled row stays, so that the same reminder is never set twice.
timers = Table(
    "timers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _moment("at"),
    _text("number"),
    _text("data"),
    Column("status", Text, nullable=False),
    _count("attempts"),
    _maybe("lease_until"),
    _text("lease_by"),
    _maybe("settled"),
    _some("ix_timers_open", "status IN ('set', 'claimed')", "status", "at"),
    Index(None, "member", "number"),
)

# What a member agreed to and took back, with the text's version: one row an act, never changed.
consents = Table(
    "consents",
    metadata,
    _id(),
    Column("member", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    _moment("at"),
)

# Photos and recordings: first the wish to fetch one, then its bytes, here or in a `file` (see files.py).
media = Table(
    "media",
    metadata,
    _id(),
    Column("member", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("what", Text, nullable=False),
    _text("number"),
    Column("status", Text, nullable=False),
    _moment("created"),
    _moment("due"),
    _count("attempts"),
    _maybe("lease_until"),
    _text("lease_by"),
    _text("kind"),
    _text("words"),
    _sealed("content"),
    _text("file"),
    UniqueConstraint("member", "media"),
    _some(None, "number <> ''", "number"),
    _some("ix_media_open", "status IN ('wanted', 'claimed')", "status", "due"),
)

# The people at the desk with the post that they were taken on for. Their sign-in name is their id and never changes.
# `one_time`: the password is somebody else's making and must be changed before anything else.
staff = Table(
    "staff",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("unit", Text, nullable=False, index=True),
    _flag("active", on=True),
    _moment("created"),
    _flag("one_time"),
)

# The further posts that people hold beside it, from when, until when if that is known, and who gave them.
posts_held = Table(
    "posts_held",
    metadata,
    _id(),
    Column("staff", Text, nullable=False, index=True),
    Column("post", Text, nullable=False),
    Column("unit", Text, nullable=False, index=True),
    _moment("since"),
    _maybe("until"),
    Column("by", Text, nullable=False),
)

# What became of a person at the desk, one row a change, never changed: who did it, when, what it was before and after.
staff_changes = Table(
    "staff_changes",
    metadata,
    _id(),
    Column("staff", Text, nullable=False),
    _moment("at"),
    Column("by", Text, nullable=False),
    Column("what", Text, nullable=False),
    _text("before"),
    _text("after"),
    Index(None, "staff", "id"),
)

# 代班: who stands in for whom, in `since` <= now < `until`, once a security administrator has `allowed` it.
stand_ins = Table(
    "stand_ins",
    metadata,
    _id(),
    Column("absent", Text, nullable=False, index=True),
    Column("stand_in", Text, nullable=False, index=True),
    _moment("since"),
    _moment("until"),
    Column("asked_by", Text, nullable=False),
    _moment("asked"),
    _text("decided_by"),
    _maybe("allowed"),
    _maybe("ended"),
    _text("ended_by"),
)

# Who may know of confidential cases, in `since` <= now < `until`, given by a security administrator.
clearances = Table(
    "clearances",
    metadata,
    _id(),
    Column("staff", Text, nullable=False, index=True),
    _moment("since"),
    _moment("until"),
    Column("by", Text, nullable=False),
    _maybe("ended"),
    _text("ended_by"),
)

# Signed-in browsers; only the SHA-256 of a token is stored.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("staff", Text, nullable=False, index=True),
    _moment("opened"),
    _moment("seen", index=True),
    _moment("until"),
    _maybe("closed"),
    _text("address"),
)

# Failed sign-ins, for throttling; `who` is a name or an address, as the door decides.
failures = Table(
    "failures",
    metadata,
    _id(),
    Column("who", Text, nullable=False),
    _moment("at", index=True),
    Index(None, "who", "at"),
)

# Words that somebody wrote on a case and has not sent: one draft a person, case and box.
# Sealed, and purged in time; `sent` keeps what has just left from coming back by a save that was overtaken.
drafts = Table(
    "drafts",
    metadata,
    Column("staff", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("box", Text, primary_key=True),
    _sealed("words"),
    _moment("at", index=True),
    _maybe("sent"),
)

# Who was named with @ in an internal note, until they have looked at the case.
mentions = Table(
    "mentions",
    metadata,
    _id(),
    Column("staff", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("by", Text, nullable=False),
    _moment("at"),
    _maybe("seen"),
    Index(None, "staff", "id"),
    _some("ix_mentions_unseen", "seen IS NULL", "staff", "id"),
)

# Canned replies of a unit and everybody below it; the last day (YYYY-MM-DD) on which each may be used.
replies = Table(
    "replies",
    metadata,
    _id(),
    Column("unit", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("by", Text, nullable=False),
    _moment("at"),
    Column("version", Integer, nullable=False, server_default="1"),
    _maybe("closed"),
)

# The organisation tree, as JSON of dialogs.units.Unit in the order it was given.
units = Table(
    "units",
    metadata,
    Column("id", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

# What became of each unit, one row a change, never changed: `day` is the day from which it holds, `before` and
# `after` are the unit as JSON. The last id is the organisation's revision.
unit_changes = Table(
    "unit_changes",
    metadata,
    _id(),
    Column("unit", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("day", Text, nullable=False),
    _moment("at"),
    Column("by", Text, nullable=False),
    Column("before", Text, nullable=True),
    Column("after", Text, nullable=False),
    Index(None, "unit", "id"),
)

# Every version of every service that was ever loaded: conversations are pinned to them.
services = Table(
    "services",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("text", Text, nullable=False),
)

# The next free case number of each day: processes lease blocks of them, gaps are fine.
numbers = Table(
    "numbers",
    metadata,
    Column("day", Text, primary_key=True),
    Column("next", Integer, nullable=False),
)

# What the desk's routing goes by, every version whole, as JSON: the dispatch directory, the duty roster, the
# categories. `why` is what the change is for, a case's number where a case showed that it was needed.
books = Table(
    "books",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _moment("at"),
    Column("by", Text, nullable=False),
    _text("why"),
    Column("body", Text, nullable=False),
)

# What is brought to each member of a group once its main case has it: one row a member. The words are
# forgotten once they are brought.
bringings = Table(
    "bringings",
    metadata,
    _id(),
    Column("main", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False),
    _text("post"),
    _sealed("words"),
    _moment("at"),
    Column("status", Text, nullable=False),
    _count("attempts"),
    _maybe("lease_until"),
    _text("lease_by"),
    _maybe("settled"),
    _some("ix_bringings_open", "status IN ('ready', 'claimed')", "status", "id"),
    Index(None, "main", "id"),
)

# The words by which staff find a case, sealed, as they were at its `version`; never those of a confidential one.
# Their pairs of characters are in `case_grams`, which each engine makes of its own means (see grams.py); `grams` is
# what SQLite's must be told to take them out again: numbers that only our key makes of them.
case_words = Table(
    "case_words",
    metadata,
    _id(),
    Column("number", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    _sealed("words"),
    Column("grams", LargeBinary, nullable=True),
)

# What somebody did to many cases at once, as JSON of bulk_runs.BulkRun.
bulk_runs = Table(
    "bulk_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("staff", Text, nullable=False),
    _moment("at"),
    _sealed("body"),
)

# A list that somebody wants to come back to: a place and what narrows it, as its address says it. `unit` is set where
# everybody of that unit has it in their rail.
views = Table(
    "views",
    metadata,
    _id(),
    Column("staff", Text, nullable=False, index=True),
    _text("unit"),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False),
    _text("narrowed"),
    _moment("at"),
    _some("ix_views_unit", "unit <> ''", "unit"),
)

# How far a background work has come with the rows it follows, and who is at it.
cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", BigInteger, nullable=False, server_default="0"),
    _text("lease_by"),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
)

# What a centre changed of the packaged rules, texts and articles: the last row of a name holds.
overrides = Table(
    "overrides",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=True),
    Column("by", Text, nullable=False),
    _moment("at"),
    Index(None, "kind", "name", "id"),
)

# The audit log: who did what to what, as which post of which unit, from which kind of address. Appended in the
# transaction of the act itself, never changed but for `seq`, its place in the chain once it is linked (see audit.py).
# `key` is a random name that no two records share, `mac` signs the record as its writer wrote it.
audit = Table(
    "audit",
    metadata,
    _id(),
    _moment("at"),
    Column("by", Text, nullable=False),
    _text("post"),
    _text("unit"),
    Column("act", Text, nullable=False),
    _text("kind"),
    _text("subject"),
    _text("note"),
    _text("source"),
    Column("key", Text, nullable=False, unique=True),
    _hash("mac"),
    _maybe("seq"),
    Index(None, "at", "id"),
    Index(None, "by", "at"),
    Index(None, "subject", "at"),
    _some("ix_audit_waiting", "seq IS NULL", "id"),
)

# The chain over the audit log: only hashes, so that it holds when the records themselves are purged. `row` is the
# record's id; `chain` is SHA-256 of the chain before it and `hash`, the record's own.
audit_chain = Table(
    "audit_chain",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("row", BigInteger, nullable=False, unique=True),
    _hash("hash"),
    _hash("chain"),
    _moment("at"),
)

# The chain's signed end (one row): how long it is, up to where records were purged; and who links now, until when.
# `checked`, `checked_seq`, `broken`: when it was last checked, up to where, and the first broken place in words.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    _hash("chain"),
    _moment("at"),
    Column("purged", BigInteger, nullable=False),
    _hash("mac"),
    _text("lease_by"),
    _maybe("lease_until"),
    _maybe("checked"),
    _maybe("checked_seq"),
    _text("broken"),
)

# What the chain's end was on a day, signed; the same is printed in the service's log, where the database cannot reach.
audit_anchors = Table(
    "audit_anchors",
    metadata,
    Column("day", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    _hash("chain"),
    _moment("at"),
    _hash("mac"),
)

# Tables that somebody asked to be exported: who, what (`wish`, sealed: it may name whom was looked for), as which file,
# how far it is. `rights` is a digest of what they were allowed then; the file is gone after `until`.
exports = Table(
    "exports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("staff", Text, nullable=False),
    _text("post"),
    _text("unit"),
    _text("source"),
    Column("kind", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("title", Text, nullable=False),
    _sealed("wish"),
    _text("rights"),
    Column("status", Text, nullable=False),
    _moment("asked"),
    _count("total"),
    _count("done"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    _count("attempts"),
    _maybe("lease_until"),
    _text("lease_by"),
    _maybe("finished"),
    _maybe("until"),
    _text("words"),
    Index(None, "staff", "asked"),
    _some("ix_exports_open", "status IN ('waiting', 'claimed')", "status", "asked"),
)

# Their files in pieces, each sealed by itself.
export_parts = Table(
    "export_parts",
    metadata,
    Column("export", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    _sealed("content"),
)

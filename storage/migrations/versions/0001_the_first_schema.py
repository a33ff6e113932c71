"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_events",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index(op.f("ix_case_events_number"), "case_events", ["number"], unique=False)
    op.create_table(
        "cases",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), server_default="", nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("sign_by", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("signed", sa.BigInteger(), nullable=True),
        sa.Column("answered", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("first_owner", sa.Text(), server_default="", nullable=False),
        sa.Column("first_unit", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), server_default="", nullable=False),
        sa.Column("above", sa.Text(), server_default="", nullable=False),
        sa.Column("returns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("extended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("paused", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.Column("matter", sa.LargeBinary(), nullable=True),
        sa.Column("filled", sa.LargeBinary(), nullable=True),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("talk", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("confidential", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("same_as", sa.Text(), server_default="", nullable=False),
        sa.Column("neighbours", sa.Integer(), server_default="0", nullable=False),
        sa.Column("solved", sa.Text(), server_default="", nullable=False),
        sa.Column("satisfied", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_who", sa.Text(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_member_opened"), "cases", ["member", "opened"], unique=False)
    op.create_index(
        "ix_cases_nearby",
        "cases",
        ["category", "unit", "opened"],
        unique=False,
        sqlite_where=sa.text("status IN ('accepted', 'returned', 'working', 'raised', 'paused') AND same_as = ''"),
        postgresql_where=sa.text("status IN ('accepted', 'returned', 'working', 'raised', 'paused') AND same_as = ''"),
    )
    op.create_index(
        op.f("ix_cases_owner_status_due_number"), "cases", ["owner", "status", "due", "number"], unique=False
    )
    op.create_index(
        "ix_cases_closed",
        "cases",
        ["unit", "closed"],
        unique=False,
        sqlite_where=sa.text("closed IS NOT NULL"),
        postgresql_where=sa.text("closed IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_returned",
        "cases",
        ["above", "due", "number"],
        unique=False,
        sqlite_where=sa.text("status = 'returned'"),
        postgresql_where=sa.text("status = 'returned'"),
    )
    op.create_index(op.f("ix_cases_unit_status_due_number"), "cases", ["unit", "status", "due", "number"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_member"), "consents", ["member"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("asks", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_by", sa.Text(), server_default="", nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=True),
        sa.Column("way", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
    )
    op.create_index(op.f("ix_deliveries_member_status"), "deliveries", ["member", "status"], unique=False)
    op.create_index(
        "ix_deliveries_settled",
        "deliveries",
        ["settled", "status"],
        unique=False,
        sqlite_where=sa.text("settled IS NOT NULL"),
        postgresql_where=sa.text("settled IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["status", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("status IN ('ready', 'claimed', 'waiting')"),
        postgresql_where=sa.text("status IN ('ready', 'claimed', 'waiting')"),
    )
    op.create_table(
        "failures",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failures")),
    )
    op.create_index(op.f("ix_failures_at"), "failures", ["at"], unique=False)
    op.create_index(op.f("ix_failures_who_at"), "failures", ["who", "at"], unique=False)
    op.create_table(
        "inbound",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("key", "member", name=op.f("uq_inbound_key_member")),
    )
    op.create_index(
        "ix_inbound_kept",
        "inbound",
        ["at"],
        unique=False,
        sqlite_where=sa.text("reply IS NOT NULL"),
        postgresql_where=sa.text("reply IS NOT NULL"),
    )
    op.create_index(
        "ix_inbound_received",
        "inbound",
        ["member", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'received'"),
        postgresql_where=sa.text("status = 'received'"),
    )
    op.create_table(
        "media",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_by", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("member", "media", name=op.f("uq_media_member_media")),
    )
    op.create_index(
        op.f("ix_media_number"),
        "media",
        ["number"],
        unique=False,
        sqlite_where=sa.text("number <> ''"),
        postgresql_where=sa.text("number <> ''"),
    )
    op.create_index(
        "ix_media_open",
        "media",
        ["status", "due"],
        unique=False,
        sqlite_where=sa.text("status IN ('wanted', 'claimed')"),
        postgresql_where=sa.text("status IN ('wanted', 'claimed')"),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.Text(), server_default="", nullable=False),
        sa.Column("phone_index", sa.Text(), server_default="", nullable=False),
        sa.Column("tail_index", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("plain", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("traditional", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("follows", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tapped", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("followed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("scanned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("said_sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tapped_sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("followed_sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("scanned_sent", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
    )
    op.create_index(
        op.f("ix_members_name_index"),
        "members",
        ["name_index"],
        unique=False,
        sqlite_where=sa.text("name_index <> ''"),
        postgresql_where=sa.text("name_index <> ''"),
    )
    op.create_index(
        op.f("ix_members_phone_index"),
        "members",
        ["phone_index"],
        unique=False,
        sqlite_where=sa.text("phone_index <> ''"),
        postgresql_where=sa.text("phone_index <> ''"),
    )
    op.create_index(
        op.f("ix_members_tail_index"),
        "members",
        ["tail_index"],
        unique=False,
        sqlite_where=sa.text("tail_index <> ''"),
        postgresql_where=sa.text("tail_index <> ''"),
    )
    op.create_table(
        "numbers",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_numbers")),
    )
    op.create_table(
        "overrides",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index(op.f("ix_overrides_kind_name_id"), "overrides", ["kind", "name", "id"], unique=False)
    op.create_table(
        "services",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_services")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_seen"), "sessions", ["seen"], unique=False)
    op.create_index(op.f("ix_sessions_staff"), "sessions", ["staff"], unique=False)
    op.create_table(
        "staff",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_staff")),
    )
    op.create_index(op.f("ix_staff_unit"), "staff", ["unit"], unique=False)
    op.create_table(
        "timers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_by", sa.Text(), server_default="", nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_timers")),
    )
    op.create_index(op.f("ix_timers_member_number"), "timers", ["member", "number"], unique=False)
    op.create_index(
        "ix_timers_open",
        "timers",
        ["status", "at"],
        unique=False,
        sqlite_where=sa.text("status IN ('set', 'claimed')"),
        postgresql_where=sa.text("status IN ('set', 'claimed')"),
    )
    op.create_table(
        "transcript",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("heard", sa.LargeBinary(), nullable=True),
        sa.Column("media", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("run", sa.Text(), server_default="", nullable=False),
        sa.Column("led", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("member", "turn", "part", "at", name=op.f("pk_transcript")),
        postgresql_partition_by="RANGE (at)",
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE transcript_others PARTITION OF transcript DEFAULT")
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )


def downgrade() -> None:
    for table in (
        "units",
        "transcript",
        "timers",
        "staff",
        "sessions",
        "services",
        "overrides",
        "numbers",
        "members",
        "media",
        "inbound",
        "failures",
        "deliveries",
        "consents",
        "cases",
        "case_events",
    ):
        op.drop_table(table)

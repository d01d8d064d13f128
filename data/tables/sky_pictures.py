"""The tables of satellite and radar pictures: the newest of each source, and what groups got."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, String, Table, Text, text

from data.tables.columns import UtcDateTime, metadata

# The newest picture of each source: an older one is of no use to anybody, and is not kept.
sky_pictures = Table(
    "sky_pictures",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("taken_at", UtcDateTime),  # its own time; null: not known
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of its bytes
    Column("kind", String(8), nullable=False),
    Column("as_photo", Boolean, nullable=False),
    # Digests of those before it, the newest first: one of them is not sent as new.
    Column("before", Text, nullable=False, server_default=text("''")),
    Column("body", LargeBinary, nullable=False),
)

# What a group was sent of a source last, and after which picture it heard that none follow.
sky_groups = Table(
    "sky_groups",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, server_default=text("''")),
    Column("stopped_after", String(64), nullable=False, server_default=text("''")),
)

# Groups that want no pictures of the warnings that were in force then.
sky_mutes = Table(
    "sky_mutes",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("muted_at", UtcDateTime, nullable=False),
)

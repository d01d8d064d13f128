"""The tables of the command board; see ``data.tables`` for how times are kept."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from data.columns import Id, UtcDateTime
from data.tables import metadata

# One row, made by the migration: so all processes on a database sign and verify alike.
board_keys = Table(
    "board_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
)

board_links = Table(
    "board_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime),  # null: not opened yet; a link opens once
    Index("board_links_made", "made_at"),
)

"""The tables of templates and mechanisms: every version that was edited in a chat or imported."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from data.tables.columns import Id, UtcDateTime, metadata, one_of, rule

# The newest version of a division holds there and below, above files; one without a body says that
# the division's own is given up. Nothing is ever changed or deleted: old ones can be restored.
template_versions = Table(
    "template_versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("key", String(40), nullable=False),  # its file's name without ending
    Column("division_code", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text),  # the file's text
    Column("by_id", ForeignKey("people.id")),  # null: on the server
    Column("at", UtcDateTime, nullable=False),
    Column("restored", Integer),  # which version it says again
    UniqueConstraint("kind", "key", "division_code", "version"),
    one_of("kind", "warning", "card", "list", "frame"),
    rule("version_positive", "version > 0"),
)

# Mechanisms of departments that were imported: the newest version of a key holds, above files.
# Nothing is ever changed or deleted.
mechanism_versions = Table(
    "mechanism_versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(40), nullable=False),  # its file's name without ending
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),  # the file's text
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("key", "version"),
    rule("version_positive", "version > 0"),
)

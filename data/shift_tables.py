"""The tables of patrol shifts: when somebody is to report a position, and who has not.

Times of ``patrol_shifts`` and ``patrol_orders`` are instants; ``day`` is the local day they were
ordered for, whose usual hours they replace.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, text

from data.columns import UtcDateTime
from data.tables import metadata, only

# One person's hours on one day; every_minutes 0: nothing is expected of them (a day off).
patrol_shifts = Table(
    "patrol_shifts",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("starts_at", UtcDateTime, primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("every_minutes", Integer, nullable=False),
)

# The same for everybody of a division who has no hours of their own that day.
patrol_orders = Table(
    "patrol_orders",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("starts_at", UtcDateTime, primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("every_minutes", Integer, nullable=False),
)

# One row a patroller: what is expected next, and how far the chase of a missed check-in has come.
check_in_watches = Table(
    "check_in_watches",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    # which day and which settings the row was worked out for; another one: work it out anew
    Column("plan", String(64), nullable=False, server_default=text("''")),
    Column("times", JSON, nullable=False),  # the plan: milliseconds since the epoch, UTC
    Column("expected_at", UtcDateTime),  # the next check-in; null: none more in this plan
    Column("missed_at", UtcDateTime),  # the first check-in missed since the last sign of life
    Column("missed", Integer, nullable=False, server_default=text("0")),
    Column("round_at", UtcDateTime),  # the missed check-in from which the running round counts
    Column(
        "steps", Integer, nullable=False, server_default=text("0")
    ),  # bits of Rung of this round
    Column("told", Integer, nullable=False, server_default=text("0")),  # bits of Rung ever told
    Column("back_at", UtcDateTime),  # a sign of life those told have not heard of yet
    Column("due_at", UtcDateTime),  # when the sweep has to look; null: never
    Index("check_in_watches_due", "due_at", **only(text("due_at IS NOT NULL"))),
    Index("check_in_watches_missed", "missed_at", **only(text("missed_at IS NOT NULL"))),
)

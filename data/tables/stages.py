"""The table of warnings planned in stages."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table, text

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# A warning planned in stages. ``draft`` holds what it says; ``stages`` a list of its stages, the
# earliest first: minutes of lead, what became of it, when, by whom. ``alert_id``: the warning,
# since its first stage went out. ``next_at``: when the sweep has to look; null: never again.
stage_plans = Table(
    "stage_plans",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id")),
    Column("draft", JSON, nullable=False),
    Column("stages", JSON, nullable=False),
    Column("onset_at", UtcDateTime, nullable=False),
    Column("since_at", UtcDateTime, nullable=False),  # when it was planned, or moved
    Column("by_itself", Boolean, nullable=False),
    Column("state", String(10), nullable=False),
    Column("planned_by", ForeignKey("people.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", ForeignKey("people.id")),
    Column("next_at", UtcDateTime),
    Index("stage_plans_next", "next_at", **only(text("next_at IS NOT NULL"))),
    Index("stage_plans_alert", "alert_id", **only(text("alert_id IS NOT NULL"))),
    one_of("state", "running", "done", "cancelled"),
    rule("running_is_looked_at", "state <> 'running' OR next_at IS NOT NULL"),
)

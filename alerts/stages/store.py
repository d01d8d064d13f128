"""Plans in stages as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from alerts.drafts.model import draft_as_json, draft_from_json
from alerts.model import Draft
from alerts.stages.plan import Plan, PlanState, Stage, StageState, StoredPlan
from data.due import any_by
from data.set_aside import DueColumn
from data.tables.stages import stage_plans as table

DUE = DueColumn("stages", table.c.id, table.c.next_at)


def add(connection: Connection, draft: Draft, plan: Plan, by_id: int, now: datetime) -> int:
    """Keep a plan; its id."""
    values = {"draft": draft_as_json(draft), "planned_by": by_id, "created_at": now, "next_at": now}
    made = insert(table).values(**values, **_columns(plan)).returning(table.c.id)
    return int(connection.execute(made).scalar_one())


def plan(connection: Connection, plan_id: int, *, lock: bool = False) -> StoredPlan | None:
    """One plan."""
    query = select(table).where(table.c.id == plan_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _stored(row)


def running(connection: Connection) -> list[StoredPlan]:
    """The plans of which something is still to be decided; the next to begin first."""
    query = select(table).where(table.c.state == PlanState.RUNNING.value)
    return [_stored(row) for row in connection.execute(query.order_by(table.c.onset_at))]


def of_alerts(connection: Connection, alert_ids: Iterable[int]) -> dict[int, StoredPlan]:
    """The plans of these warnings, by the warning."""
    ids: Sequence[int] = list(alert_ids)
    if not ids:
        return {}
    query = select(table).where(table.c.alert_id.in_(ids)).order_by(table.c.id)
    return {row.alert_id: _stored(row) for row in connection.execute(query)}


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether the sweep has something to do."""
    return any_by(connection, table.c.next_at, now)


def due(connection: Connection, now: datetime, limit: int) -> list[StoredPlan]:
    """The plans that the sweep has to look at."""
    query = select(table).where(table.c.next_at <= now).order_by(table.c.next_at, table.c.id)
    return [_stored(row) for row in connection.execute(query.limit(limit))]


def save(connection: Connection, plan_id: int, plan: Plan, **values: Any) -> None:
    """How a plan is now; and further columns."""
    change = update(table).where(table.c.id == plan_id).values(**_columns(plan), **values)
    connection.execute(change)


def _columns(plan: Plan) -> dict[str, Any]:
    return {
        "stages": [_as_json(stage) for stage in plan.stages],
        "onset_at": plan.onset_at,
        "since_at": plan.since,
        "by_itself": plan.by_itself,
        "state": plan.state.value,
    }


def _as_json(stage: Stage) -> dict[str, Any]:
    return {
        "lead": stage.lead,
        "state": stage.state.value,
        "reminded": stage.reminded,
        "at": None if stage.decided_at is None else stage.decided_at.timestamp(),
        "by": stage.decided_by,
    }


def _stage(values: Mapping[str, Any]) -> Stage:
    at = values["at"]
    return Stage(
        values["lead"],
        StageState(values["state"]),
        values["reminded"],
        None if at is None else datetime.fromtimestamp(at, UTC),
        values["by"],
    )


def _stored(row: Row[Any]) -> StoredPlan:
    stages = tuple(_stage(values) for values in row.stages)
    plan = Plan(row.onset_at, stages, row.since_at, row.by_itself, PlanState(row.state))
    return StoredPlan(
        row.id,
        plan,
        draft_from_json(row.draft),
        row.planned_by,
        row.created_at,
        row.alert_id,
        row.ended_at,
        row.ended_by,
    )

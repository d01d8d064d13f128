"""Rows to hotspot tasks, the hotspots they are made of and who was asked, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from alerts.patrol.hotspots.model import OPEN, AskState, Task, TaskState, TaskStep, Verdict
from alerts.sources.hotspots import Instrument
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person
from data.due import any_by
from data.json_rows import GIVEN_IDS, as_json
from data.set_aside import DueColumn
from data.tables.contacts import people
from data.tables.hotspots import hotspot_asks, hotspot_tasks, hotspots
from data.tables.patrol import field_reports

_OPEN = sorted(state.value for state in OPEN)
_PIXEL = tuple(
    hotspots.c[name] for name in "key lon lat acquired_at satellite instrument task_id".split()
)


@dataclass(frozen=True, slots=True)
class StoredPixel:
    """A hotspot taken in before, as clustering wants it."""

    key: str
    lon: float
    lat: float
    acquired_at: datetime
    satellite: str
    instrument: Instrument
    task_id: int | None

    @property
    def pixel_m(self) -> float:
        """The side of its pixel below the satellite, metres."""
        return self.instrument.pixel_m


@dataclass(frozen=True, slots=True)
class Asked:
    """One person asked to go, how far away they were (metres), and the answer."""

    person: Person
    asked_at: datetime
    away_m: float
    answer: AskState
    answered_at: datetime | None


def pixels_since(connection: Connection, since: datetime) -> list[StoredPixel]:
    """Every hotspot acquired since then, masked ones too."""
    columns = hotspots.c
    query = select(*_PIXEL).where(columns.acquired_at >= since)
    return [_pixel(row) for row in connection.execute(query.order_by(columns.id))]


def pixels_of(connection: Connection, task_id: int) -> list[StoredPixel]:
    """The hotspots of one task, oldest first."""
    columns = hotspots.c
    query = select(*_PIXEL).where(columns.task_id == task_id)
    rows = connection.execute(query.order_by(columns.acquired_at, columns.id))
    return [_pixel(row) for row in rows]


def newest_pixel(connection: Connection) -> int:
    """The id of the hotspot stored last; 0 when there is none."""
    found: int | None = connection.execute(select(func.max(hotspots.c.id))).scalar_one()
    return found or 0


def add_hotspots(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store hotspots."""
    if rows:
        connection.execute(insert(hotspots), list(rows))


# -- tasks ------------------------------------------------------------------------------------


def add_task(connection: Connection, values: Mapping[str, Any]) -> Task:
    """Store a new task, which waits for somebody to be sent."""
    key = connection.execute(
        insert(hotspot_tasks).values({**values, "state": TaskState.WAITING.value})
    ).inserted_primary_key
    assert key is not None
    found = task(connection, int(key[0]))
    assert found is not None
    return found


def task(connection: Connection, task_id: int, *, lock: bool = False) -> Task | None:
    """The task of this number; ``lock`` it to write it back."""
    query = select(hotspot_tasks).where(hotspot_tasks.c.id == task_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _task(row)


def tasks(connection: Connection, ids: Collection[int], *, lock: bool = False) -> dict[int, Task]:
    """Tasks by id, in its order; ``lock`` them to write them back."""
    rows = connection.execute(_GIVEN_LOCKED if lock else _GIVEN, {"ids": as_json(ids)})
    return {row.id: _task(row) for row in rows}


_GIVEN = select(hotspot_tasks).where(hotspot_tasks.c.id.in_(GIVEN_IDS)).order_by(hotspot_tasks.c.id)
# In the order of their ids: two that lock several do not wait for each other in a circle.
_GIVEN_LOCKED = _GIVEN.with_for_update()


def change(connection: Connection, task_id: int, **values: Any) -> Task:
    """Set columns of a task; the task as it is then."""
    plain = {
        name: value.value if isinstance(value, TaskState | Verdict) else value
        for name, value in values.items()
    }
    if "steps" in plain:
        plain["steps"] = int(plain["steps"])
    connection.execute(update(hotspot_tasks).where(hotspot_tasks.c.id == task_id).values(**plain))
    found = task(connection, task_id)
    assert found is not None
    return found


DUE = DueColumn("hotspot", hotspot_tasks.c.id, hotspot_tasks.c.next_at)


def due(connection: Connection, now: datetime, limit: int) -> list[Task]:
    """The open tasks to be looked at by ``now``, earliest first."""
    columns = hotspot_tasks.c
    query = (
        select(hotspot_tasks)
        .where(columns.next_at.is_not(None), columns.next_at <= now)
        .order_by(columns.next_at, columns.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_task(row) for row in connection.execute(query)]


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether any task is to be looked at: asked often, so one look at an index."""
    return any_by(connection, hotspot_tasks.c.next_at, now)


def open_tasks(connection: Connection, low: str, high: str, limit: int = 200) -> list[Task]:
    """The open tasks of a range of counties, by county, oldest first."""
    columns = hotspot_tasks.c
    query = (
        select(hotspot_tasks)
        .where(columns.state.in_(_OPEN), columns.county_code.between(low, high))
        .order_by(columns.county_code, columns.opened_at, columns.id)
        .limit(limit)
    )
    return [_task(row) for row in connection.execute(query)]


def count_open(connection: Connection, low: str, high: str) -> dict[str, int]:
    """How many tasks are open, by county."""
    columns = hotspot_tasks.c
    query = (
        select(columns.county_code, func.count())
        .where(columns.state.in_(_OPEN), columns.county_code.between(low, high))
        .group_by(columns.county_code)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def tasks_of(connection: Connection, person_id: int, limit: int = 5) -> list[Task]:
    """The open tasks this person was asked about and has not declined, oldest first."""
    mine = select(hotspot_asks.c.task_id).where(
        hotspot_asks.c.person_id == person_id,
        hotspot_asks.c.answer.in_([AskState.AWAITED.value, AskState.ACCEPTED.value]),
    )
    query = select(hotspot_tasks).where(
        hotspot_tasks.c.state.in_(_OPEN), hotspot_tasks.c.id.in_(mine)
    )
    rows = connection.execute(query.order_by(hotspot_tasks.c.id).limit(limit))
    return [_task(row) for row in rows]


def accepted_by(connection: Connection, person_id: int, since: datetime) -> list[Task]:
    """The tasks this person is on, or gave a verdict on since then."""
    columns = hotspot_tasks.c
    query = select(hotspot_tasks).where(
        columns.accepted_by == person_id,
        or_(
            columns.state == TaskState.ACCEPTED.value,
            (columns.verdict_by == person_id) & (columns.verdict_at >= since),
        ),
    )
    return [_task(row) for row in connection.execute(query.order_by(columns.id))]


# -- what came from the spot ------------------------------------------------------------------


def last_picture(connection: Connection, person_id: int, since: datetime) -> int | None:
    """The newest photo or video the person reported since then."""
    columns = field_reports.c
    query = select(func.max(columns.id)).where(
        columns.person_id == person_id,
        columns.at >= since,
        columns.kind.in_(["photo", "video", "video_note"]),
    )
    found: int | None = connection.execute(query).scalar_one()
    return found


# -- who was asked ----------------------------------------------------------------------------


def asks(connection: Connection, task_id: int) -> list[Asked]:
    """Everybody asked about a task, in order."""
    columns = hotspot_asks.c
    query = (
        select(
            *PERSON_COLUMNS,
            columns.asked_at,
            columns.away_m,
            columns.answer,
            columns.answered_at,
        )
        .join(people, people.c.id == columns.person_id)
        .where(columns.task_id == task_id)
        .order_by(columns.asked_at, columns.person_id)
    )
    return [
        Asked(as_person(row), row.asked_at, row.away_m, AskState(row.answer), row.answered_at)
        for row in connection.execute(query)
    ]


def add_ask(
    connection: Connection, task_id: int, person_id: int, away_m: float, now: datetime
) -> None:
    """Somebody is asked to go; whoever was spared before may be asked again."""
    columns = hotspot_asks.c
    connection.execute(
        delete(hotspot_asks).where(columns.task_id == task_id, columns.person_id == person_id)
    )
    connection.execute(
        insert(hotspot_asks).values(
            task_id=task_id,
            person_id=person_id,
            asked_at=now,
            away_m=away_m,
            answer=AskState.AWAITED.value,
        )
    )


def answer(
    connection: Connection, task_id: int, person_id: int, answer: AskState, now: datetime
) -> None:
    """What somebody answered, or that they did not."""
    columns = hotspot_asks.c
    connection.execute(
        update(hotspot_asks)
        .where(columns.task_id == task_id, columns.person_id == person_id)
        .values(answer=answer.value, answered_at=now)
    )


def busy(connection: Connection) -> set[int]:
    """Who is on the way to a task, or is being asked about one."""
    query = (
        select(hotspot_asks.c.person_id)
        .join(hotspot_tasks, hotspot_tasks.c.id == hotspot_asks.c.task_id)
        .where(
            hotspot_tasks.c.state.in_(_OPEN),
            hotspot_asks.c.answer.in_([AskState.AWAITED.value, AskState.ACCEPTED.value]),
        )
    )
    return set(connection.execute(query).scalars())


def people_of(asks: Collection[Asked], answer: AskState) -> list[Person]:
    """Those of the asked who gave this answer."""
    return [asked.person for asked in asks if asked.answer is answer]


def _pixel(row: Sequence[Any]) -> StoredPixel:
    key, lon, lat, acquired_at, satellite, instrument, task_id = row
    return StoredPixel(key, lon, lat, acquired_at, satellite, Instrument(instrument), task_id)


def _task(row: Row[Any]) -> Task:
    values = dict(row._mapping)
    values["state"] = TaskState(values["state"])
    values["verdict"] = None if values["verdict"] is None else Verdict(values["verdict"])
    values["steps"] = TaskStep(values["steps"])
    return Task(**values)

"""Rows to calls, and back. No rule lives here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    SelectBase,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    select,
    true,
    update,
)

from alerts import call_post_store
from alerts.calls import INCLUDED, Call, CallState, Reach, Report, Via
from alerts.history.store import as_kept, calls_of
from contacts.divisions.codes import LAST_CODE
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person, reachable
from data.json_rows import GIVEN_IDS, as_json, given_rows
from data.tables.alerts import alerts
from data.tables.alerts import calls as table
from data.tables.columns import UtcDateTime, constant, to_milliseconds
from data.tables.contacts import people
from data.upserts import insert_into

CALL_COLUMNS = [table.c[name] for name in Call._fields]

# Built once: every tap asks, and building a query costs as much as running it.
_THESE = select(*CALL_COLUMNS).where(table.c.id.in_(GIVEN_IDS))
_BY_ID = select(*CALL_COLUMNS).where(table.c.id == bindparam("key"))
_OF_PERSON = select(*CALL_COLUMNS).where(
    table.c.alert_id == bindparam("alert"), table.c.person_id == bindparam("person")
)
# As text: SQLite uses an index of open calls only where the statement itself says "open".
WAITING: ColumnElement[str] = constant(CallState.WAITING.value)
_STILL_ASKED = (
    select(table.c.id, table.c.called_at)
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(
        table.c.id.in_(GIVEN_IDS),
        # The calls are to be found by id. Within CASE the rest tempts no planner to another way:
        # PostgreSQL, which had seen no call open for a year, read all open ones (170 ms of 3).
        case(
            (
                and_(
                    table.c.state == WAITING,
                    alerts.c.held_at.is_(None),
                    alerts.c.expires_at > bindparam("now", type_=UtcDateTime),
                ),
                true(),
            ),
            else_=false(),
        ),
    )
)


def call(connection: Connection, call_id: int) -> Call | None:
    """The call, or ``None``."""
    row = connection.execute(_BY_ID, {"key": call_id}).first()
    return None if row is None else as_call(row)


def call_of(connection: Connection, alert_id: int, person_id: int) -> Call | None:
    """This person's call in this alert, or ``None``."""
    row = connection.execute(_OF_PERSON, {"alert": alert_id, "person": person_id}).first()
    return None if row is None else as_call(row)


def pressed(
    connection: Connection, taps: Sequence[tuple[int, int, int | None]]
) -> dict[int, tuple[Person | None, Call | None]]:
    """Whose account, and which call, of (number, account, call id); by number."""
    return _people_and_calls(connection, _PRESSED, taps)


def pressed_in_group(
    connection: Connection, taps: Sequence[tuple[int, int, int | None]]
) -> dict[int, tuple[Person | None, Call | None]]:
    """Whose account, and their call, of (number, account, alert id); by number."""
    return _people_and_calls(connection, _PRESSED_IN_GROUP, taps)


def save_answers(connection: Connection, answers: Iterable[tuple[Call, datetime | None]]) -> None:
    """Write back calls that were just acknowledged, each with when its report is due."""
    rows = []
    for call, due in answers:
        assert call.answered_at is not None and call.answered_via is not None
        due_ms = None if due is None else to_milliseconds(due)
        rows.append((call.id, to_milliseconds(call.answered_at), call.answered_via.value, due_ms))
    connection.execute(_SAVE_ANSWERS, {"rows": as_json(rows)})


def calls(connection: Connection, ids: Iterable[int]) -> list[Call]:
    """These calls, in no order."""
    return [as_call(row) for row in connection.execute(_THESE, {"ids": as_json(ids)})]


def open_exists(connection: Connection, alert_id: int) -> bool:
    """Whether anybody has still to answer."""
    query = select(table.c.id).where(table.c.alert_id == alert_id, table.c.state == WAITING)
    return connection.execute(query.limit(1)).first() is not None


def silent(
    connection: Connection, alert_id: int, low: str, high: str, *, limit: int = 100, offset: int = 0
) -> list[Call]:
    """The open calls of the divisions in ``[low, high]``, villages in order of code."""
    query = (
        select(*CALL_COLUMNS)
        .where(_silent(alert_id, low, high))
        .order_by(table.c.division_code, table.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [as_call(row) for row in connection.execute(query)]


def count_silent(
    connection: Connection, alert_id: int, low: str = "", high: str = LAST_CODE
) -> int:
    """How many calls of the divisions in ``[low, high]`` are open."""
    query = select(func.count()).select_from(table).where(_silent(alert_id, low, high))
    return int(connection.execute(query).scalar_one())


def count_audience(
    connection: Connection, audience: SelectBase, *, excluding: Sequence[int] = ()
) -> tuple[int, int]:
    """How many persons ``audience`` selects, and how many of them can be reached."""
    who = audience.subquery()
    query = select(func.count(), func.count(case((reachable(who), 1)))).select_from(who)
    query = query.where(who.c.id.not_in(excluding)) if excluding else query
    persons, within_reach = connection.execute(query).one()
    return int(persons), int(within_reach)


def selects_any(
    connection: Connection, audience: SelectBase, *, excluding: Sequence[int] = ()
) -> bool:
    """Whether ``audience`` selects anybody."""
    who = audience.subquery()
    query = select(who.c.id).where(who.c.id.not_in(excluding)).limit(1)
    return connection.execute(query).first() is not None


def add_calls_from(
    connection: Connection,
    audience: SelectBase,
    alert_id: int,
    now: datetime,
    due: Mapping[Reach, datetime | None],
    *,
    excluding: Sequence[int] = (),
    unless_called: bool = False,
) -> int:
    """One call for each person ``audience`` selects (as ``audience_query`` does).

    ``progress_store.count_release`` counts them: a trigger for each took a third of a release.

    :param unless_called: some have a call already, or are selected several times; without, nobody.
    """
    who = audience.subquery()
    query = _new_calls(who, alert_id, now, due, excluding, counted_apart=True)
    if unless_called:
        query = query.where(~called(alert_id, who))
    return _add(connection, query, unless_called=unless_called)


def add_more_calls(
    connection: Connection,
    audience: SelectBase,
    alert_id: int,
    now: datetime,
    limit: int,
    *,
    excluding: Sequence[int] = (),
    due: Mapping[Reach, datetime | None] | None = None,
    included: bool = False,
) -> int:
    """Calls for ``limit`` more persons of ``audience``, by division.

    :param due: when their first step is due; without, nothing is due yet.
    :param included: the alert was made wider.
    """
    who, never = audience.subquery(), dict.fromkeys(Reach)
    steps = INCLUDED if included else 0
    query = (
        _new_calls(who, alert_id, now, due or never, excluding, counted_apart=False, steps=steps)
        .where(~called(alert_id, who))
        .order_by(who.c.division_code)
        .limit(limit)
    )
    return _add(connection, query)


def called(alert_id: int, who: Subquery) -> ColumnElement[bool]:
    """SQL: that a person has a call of the alert."""
    return exists().where(table.c.alert_id == alert_id, table.c.person_id == who.c.id)


def start_ladders(
    connection: Connection,
    alert_id: int,
    ids: tuple[int, int],
    now: datetime,
    due: Mapping[Reach, datetime | None],
) -> None:
    """The calls of the alert with ids from the first to the second are made now."""
    connection.execute(
        update(table)
        # By id: plus 0, no index of the alert's calls is thought of.
        .where(table.c.id.between(*ids), table.c.alert_id + 0 == alert_id, table.c.state == WAITING)
        .values(
            called_at=now,
            due_at=case(
                (
                    table.c.reach == Reach.UNREACHABLE.value,
                    literal(due[Reach.UNREACHABLE], UtcDateTime),
                ),
                else_=literal(due[Reach.QUEUED], UtcDateTime),
            ),
        )
    )


def _new_calls(
    who: Subquery,
    alert_id: int,
    now: datetime,
    due: Mapping[Reach, datetime | None],
    excluding: Sequence[int],
    *,
    counted_apart: bool,
    steps: int = 0,
) -> Select[Any]:
    unreachable = not_(reachable(who))
    query = select(
        literal(alert_id),
        who.c.id,
        who.c.division_code,
        who.c.role,
        literal(CallState.WAITING.value),
        case((unreachable, Reach.UNREACHABLE.value), else_=Reach.QUEUED.value),
        literal(now, UtcDateTime),
        case(
            (unreachable, literal(due[Reach.UNREACHABLE], UtcDateTime)),
            else_=literal(due[Reach.QUEUED], UtcDateTime),
        ),
        true() if counted_apart else false(),
        who.c.place_code,
        literal(steps),
    )
    return query.where(who.c.id.not_in(excluding)) if excluding else query


def _add(connection: Connection, query: Select[Any], *, unless_called: bool = False) -> int:
    names = (
        "alert_id person_id division_code role state reach called_at due_at counted_apart "
        "place_code steps"
    ).split()
    added = insert_into(connection, table).from_select(names, query)
    if unless_called:
        added = added.on_conflict_do_nothing()
    return connection.execute(added, execution_options={"preserve_rowcount": True}).rowcount


class NewCall(NamedTuple):
    """A call about to be made: ``role`` as a ``contacts.people.Role`` value."""

    alert_id: int
    person_id: int
    division_code: str
    role: str
    reach: Reach
    called_at: datetime
    due_at: datetime | None
    stand_in_for: int | None = None
    place_code: str = ""


def add_call(connection: Connection, new: NewCall) -> int | None:
    """Store one call; ``None`` when the person already has one in this alert."""
    already = call_of(connection, new.alert_id, new.person_id)
    if already is not None:
        return None
    values = new._asdict() | {"reach": new.reach.value, "state": CallState.WAITING.value}
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def save_call(connection: Connection, call: Call, **more: Any) -> None:
    """Write back everything that may change of ``call``; ``more`` are columns besides."""
    connection.execute(_SAVE, {"call_id": call.id, **_changing(call), **_KEPT, **more})


def save_asked_again(connection: Connection, call: Call, due: datetime | None) -> None:
    """Write back a call that is made anew: as ``save_call``, and when it was made."""
    save_call(connection, call, due=due)
    connection.execute(update(table).where(table.c.id == call.id).values(called_at=call.called_at))


def still_asked(connection: Connection, ids: Iterable[int], now: datetime) -> set[int]:
    """Those of these calls that nobody has answered, of warnings in force that are not held."""
    return set(asked_since(connection, ids, now))


def asked_since(connection: Connection, ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    """The same, with when each was made, or made anew."""
    rows = connection.execute(_STILL_ASKED, {"ids": as_json(ids), "now": now})
    return dict(tuple(row) for row in rows)


def end_open_calls(connection: Connection, alert_id: int, state: CallState, **values: Any) -> int:
    """Close every open call of the alert; returns how many."""
    return connection.execute(
        update(table)
        .where(table.c.alert_id == alert_id, table.c.state == WAITING)
        .values(state=state.value, due_at=None, **values)
    ).rowcount


def last_called_at(connection: Connection, alert_id: int) -> datetime | None:
    """When the last of the alert's calls was made."""
    query = select(func.max(table.c.called_at)).where(table.c.alert_id == alert_id)
    return connection.execute(query).scalar()


def stop_ladders(connection: Connection, alert_id: int) -> None:
    """No step of the open calls of this alert is due."""
    connection.execute(
        update(table)
        .where(table.c.alert_id == alert_id, table.c.state == WAITING)
        .values(due_at=None)
    )


def call_anew(
    connection: Connection,
    alert_id: int,
    now: datetime,
    due: Mapping[Reach, datetime | None],
) -> int:
    """The open calls of this alert are made now, as if for the first time; returns how many."""
    within_reach = exists().where(people.c.id == table.c.person_id, reachable())
    return connection.execute(
        update(table)
        .where(table.c.alert_id == alert_id, table.c.state == WAITING)
        .values(
            called_at=now,
            delivered_at=None,
            last_step_at=None,
            steps=0,
            repeats=0,
            reach=case((within_reach, Reach.QUEUED.value), else_=Reach.UNREACHABLE.value),
            due_at=case(
                (within_reach, literal(due[Reach.QUEUED], UtcDateTime)),
                else_=literal(due[Reach.UNREACHABLE], UtcDateTime),
            ),
        )
    ).rowcount


def stop_reports(connection: Connection, alert_id: int) -> None:
    """Nobody is reminded of a report of this alert any more."""
    connection.execute(
        update(table)
        .where(table.c.alert_id == alert_id, table.c.report_due_at.is_not(None))
        .values(report_due_at=None)
    )


def all_calls(connection: Connection, alert_id: int) -> list[tuple[Call, str, str]]:
    """Every call with its person's name and phone, in order of division: for the report."""
    table = calls_of(connection, alert_id)
    columns = [table.c[name] for name in Call._fields]
    query = (
        select(*columns, people.c.name, people.c.phone)
        .join(people, people.c.id == table.c.person_id)
        .where(table.c.alert_id == alert_id)
        .order_by(table.c.division_code, table.c.id)
    )
    return [(as_kept(as_call(row)), row.name, row.phone) for row in connection.execute(query)]


_STATES = {state.value: state for state in CallState}
_REACHES = {reach.value: reach for reach in Reach}
_VIAS: dict[str | None, Via | None] = {None: None} | {via.value: via for via in Via}
_REPORTS: dict[str | None, Report | None] = {None: None} | {what.value: what for what in Report}
_AT = {name: place for place, name in enumerate(Call._fields)}
_STATE, _REACH = _AT["state"], _AT["reach"]
_VIA, _REPORT = _AT["answered_via"], _AT["report"]


def as_call(row: Sequence[Any]) -> Call:
    """The call of a row selected by this store (the columns in the order of ``Call``'s fields)."""
    values = list(row[: len(_AT)])
    values[_STATE] = _STATES[values[_STATE]]
    values[_REACH] = _REACHES[values[_REACH]]
    values[_VIA] = _VIAS[values[_VIA]]
    values[_REPORT] = _REPORTS[values[_REPORT]]
    return Call(*values)


def _silent(alert_id: int, low: str, high: str) -> ColumnElement[bool]:
    inside = call_post_store.in_divisions(alert_id, low, high)
    return (table.c.alert_id == alert_id) & (table.c.state == WAITING) & inside


def _people_and_calls(
    connection: Connection, query: Select[Any], taps: Sequence[tuple[int, int, int | None]]
) -> dict[int, tuple[Person | None, Call | None]]:
    found: dict[int, tuple[Person | None, Call | None]] = {}
    for row in connection.execute(query, {"rows": as_json(taps)}).all():
        person = None if row[1] is None else as_person(row[1:])
        call = None if row[_CALL_BEGINS] is None else as_call(row[_CALL_BEGINS:])
        found[row[0]] = person, call
    return found


_CALL_BEGINS = 1 + len(PERSON_COLUMNS)
_TAPPED = given_rows(number=Integer(), account=BigInteger(), about=BigInteger()).subquery("tapped")
_PRESSED, _PRESSED_IN_GROUP = (
    select(_TAPPED.c.number, *PERSON_COLUMNS, *CALL_COLUMNS).select_from(
        _TAPPED.outerjoin(people, people.c.telegram_id == _TAPPED.c.account).outerjoin(
            table, condition
        )
    )
    for condition in (
        table.c.id == _TAPPED.c.about,
        and_(table.c.alert_id == _TAPPED.c.about, table.c.person_id == people.c.id),
    )
)
_ANSWERS = given_rows(
    id=BigInteger(), answered_at=BigInteger(), via=Text(), report_due_at=BigInteger()
).cte("answers")
_SAVE_ANSWERS = (
    update(table)
    .where(table.c.id == _ANSWERS.c.id)
    .values(
        state=CallState.ACKNOWLEDGED.value,
        answered_at=_ANSWERS.c.answered_at,
        answered_via=_ANSWERS.c.via,
        report_due_at=_ANSWERS.c.report_due_at,
        due_at=None,
    )
)
_SAVE_FIELDS = (
    "state reach delivered_at message_id steps repeats last_step_at answered_at answered_via "
    "proxy_by proxy_how reported_at report households persons report_text discharged_by "
    "discharge_reason"
).split()


def _changing(call: Call) -> dict[str, Any]:
    values = {f"new_{name}": getattr(call, name) for name in _SAVE_FIELDS}
    return {name: getattr(value, "value", value) for name, value in values.items()}


_KEPT: dict[str, Any] = {"due": None, "report_due": None}

_SAVE = (
    update(table)
    .where(table.c.id == bindparam("call_id"))
    .values(
        {name: bindparam(f"new_{name}") for name in _SAVE_FIELDS}
        | {"due_at": bindparam("due"), "report_due_at": bindparam("report_due")}
    )
)

"""The CAP messages of warnings, as rows: written with the release, each change and the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from alerts.lifecycle import AlertMessage, ChangeKind, MessageType, Terms, terms_of
from alerts.model import Alert, Level, Status
from alerts.publishing import store as publishing_store
from alerts.publishing.model import Event, Happened
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts
from data.tables.changes import alert_messages as table

_HAPPENED: Mapping[ChangeKind, Happened] = {
    ChangeKind.ALERT: Happened.RELEASED,
    ChangeKind.LIFT: Happened.LIFTED,
    ChangeKind.CANCEL: Happened.CANCELLED,
}


def add(connection: Connection, message: AlertMessage) -> None:
    """Store a message; other systems are told of it."""
    terms = message.terms
    connection.execute(
        insert(table).values(
            alert_id=message.alert_id,
            number=message.number,
            identifier=message.identifier,
            msg_type=message.type.value,
            kind=message.kind.value,
            kinds=[kind.value for kind in message.kinds],
            sent_at=message.sent_at,
            by_id=message.by_id,
            confirmed_by=message.confirmed_by,
            level=terms.level.value,
            headline=terms.headline,
            description=terms.description,
            areas=list(terms.areas),
            places=list(terms.places) or None,
            lead_minutes=terms.lead_minutes,
            expires_at=terms.expires_at,
            besides=list(terms.besides) or None,
            shape=terms.shape or None,
            stage=terms.stage,
            issued_by=terms.issued_by or None,
            note=message.note,
        )
    )
    happened = _HAPPENED.get(message.kind, Happened.UPDATED)
    publishing_store.add(
        connection, Event(0, happened, message.alert_id, message.sent_at, message.number)
    )


def add_release(connection: Connection, alert: Alert, now: datetime) -> None:
    """The first message of a warning: it was just released."""
    add(
        connection,
        AlertMessage(
            alert.id,
            1,
            alert.identifier,
            MessageType.ALERT,
            (ChangeKind.ALERT,),
            now,
            alert.sender_id,
            terms_of(alert),
            alert.confirmed_by,
        ),
    )


def add_next(
    connection: Connection,
    alert: Alert,
    kinds: tuple[ChangeKind, ...],
    by_id: int,
    now: datetime,
    zone: tzinfo,
    *,
    confirmed_by: int | None = None,
    note: str = "",
) -> AlertMessage:
    """The message of what was just done to a warning; ``alert`` is as it is now.

    Its number is the warning's version.
    """
    kind = kinds[0].message_type
    assert kind is not None
    message = AlertMessage(
        alert.id,
        alert.version,
        next_identifier(connection, alert.identifier[:14], now, zone),
        kind,
        kinds,
        now,
        by_id,
        terms_of(alert),
        confirmed_by,
        note,
    )
    add(connection, message)
    return message


def next_identifier(connection: Connection, unit: str, now: datetime, zone: tzinfo) -> str:
    """An identifier of GB/T 35965.1 that no message bears: of the unit's 14 characters and time.

    Ten messages of one unit in one second: the eleventh takes the next second's stamp.
    """
    at = now
    while (serial := _used(connection, stem := _stem(unit, at, zone))) >= 10:
        at += timedelta(seconds=1)
    return f"{stem}{serial}"


def of_alert(connection: Connection, alert_id: int) -> list[AlertMessage]:
    """The messages of a warning, the first first."""
    return of_alerts(connection, [alert_id]).get(alert_id, [])


def of_alerts(connection: Connection, alert_ids: Iterable[int]) -> Mapping[int, list[AlertMessage]]:
    """The messages of warnings, by warning; each the first first."""
    found: dict[int, list[AlertMessage]] = {}
    query = select(table).where(table.c.alert_id.in_(GIVEN_IDS))
    query = query.order_by(table.c.alert_id, table.c.number)
    for row in connection.execute(query, {"ids": as_json(alert_ids)}):
        found.setdefault(row.alert_id, []).append(_message(row))
    return found


def numbered(connection: Connection, alert_id: int, number: int) -> AlertMessage | None:
    """One message of a warning."""
    query = select(table).where(table.c.alert_id == alert_id, table.c.number == number)
    row = connection.execute(query).first()
    return None if row is None else _message(row)


def after(connection: Connection, message_id: int, limit: int) -> list[tuple[int, AlertMessage]]:
    """The messages of all warnings stored after the one of this row number, with theirs."""
    query = select(table).where(table.c.id > message_id).order_by(table.c.id).limit(limit)
    return [(row.id, _message(row)) for row in connection.execute(query)]


def areas_said_alone(
    connection: Connection, person_id: int, levels: Iterable[Level], since: datetime
) -> set[str]:
    """The areas of the real warnings of which one person said since then, without a second person,
    that they are of these levels: released so, raised or widened."""
    query = (
        select(table.c.areas)
        .join(alerts, alerts.c.id == table.c.alert_id)
        .where(
            table.c.by_id == person_id,
            table.c.sent_at > since,
            table.c.level.in_([level.value for level in levels]),
            table.c.confirmed_by.is_(None),
            table.c.msg_type != MessageType.CANCEL.value,
            alerts.c.status == Status.ACTUAL.value,
        )
    )
    return {code for areas in connection.execute(query).scalars() for code in areas}


def _stem(unit: str, at: datetime, zone: tzinfo) -> str:
    return f"{unit}_{at.astimezone(zone):%Y%m%d%H%M%S}_"


def _used(connection: Connection, stem: str) -> int:
    """How many identifiers begin so: of messages, and of warnings that have none yet."""
    messages = select(table.c.identifier).where(table.c.identifier.startswith(stem))
    proposed = select(alerts.c.identifier).where(alerts.c.identifier.startswith(stem))
    both = messages.union(proposed).subquery()
    return int(connection.execute(select(func.count()).select_from(both)).scalar_one())


def _message(row: Row[Any]) -> AlertMessage:
    return AlertMessage(
        row.alert_id,
        row.number,
        row.identifier,
        MessageType(row.msg_type),
        tuple(ChangeKind(kind) for kind in row.kinds),
        row.sent_at,
        row.by_id,
        Terms(
            Level(row.level),
            row.description,
            tuple(row.areas),
            row.expires_at,
            row.headline,
            tuple(row.places or ()),
            row.lead_minutes,
            tuple(row.besides or ()),
            row.shape or "",
            row.stage,
            row.issued_by or "",
        ),
        row.confirmed_by,
        row.note,
    )

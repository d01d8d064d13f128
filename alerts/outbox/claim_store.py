"""The outbox from the dispatcher's side: what is next is claimed, or given back.

What became of it is written down by ``outcome_store``.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    TextClause,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)

from alerts.outbox.deliveries import IMPOSSIBLE, Delivery, DeliveryState
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import PARAMS_WHEN_OVER
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import deliveries
from data.tables.columns import UtcDateTime, constant, from_milliseconds

log = logging.getLogger(__name__)

CLAIMED = constant(DeliveryState.CLAIMED.value)
_QUEUED = constant(DeliveryState.QUEUED.value)

ANY_NUMBER = 2**31 - 1


def claim(
    connection: Connection,
    worker: str,
    now: datetime,
    room: Mapping[Lane, int],
    bot_id: int,
    *,
    per_chat: int = ANY_NUMBER,
    full: Mapping[Lane, Collection[int]] | None = None,
) -> list[Delivery]:
    """Take a bot's next deliveries for ``worker``, in order of sending.

    A row that cannot be read is set aside as failed.

    :param room: how many of each lane at most; so many are looked at, too.
    :param per_chat: how many of each lane for one chat.
    :param full: by lane, the chats for which nothing is taken.
    """
    given = {
        "worker": worker,
        "now": now,
        "bot": bot_id,
        "each": per_chat,
        "full": _NO_CHATS if not full else _chats_by_lane(full),
        **_NO_ROOM,
        **{_ROOM[lane]: max(0, most) for lane, most in room.items()},
    }
    if connection.dialect.name == "postgresql":
        rows: list[Sequence[Any]] = sorted(connection.execute(_CLAIM, given).all(), key=_IN_ORDER)
    else:
        rows = _claim_in_sqlite(connection, given, per_chat)
    taken: list[Delivery] = []
    for row in rows:
        try:
            taken.append(as_delivery(row))
        except (LookupError, ValueError):
            log.exception("delivery %s cannot be read: it is set aside", row[0])
            aside = update(deliveries).where(deliveries.c.id == row[0])
            failed = {"state": DeliveryState.FAILED.value, "sent_at": now, "error": IMPOSSIBLE}
            connection.execute(aside.values(**failed, params=PARAMS_WHEN_OVER))
    return taken


def _claim_in_sqlite(
    connection: Connection, given: Mapping[str, Any], per_chat: int
) -> list[Sequence[Any]]:
    """Look, choose, then claim: in SQLite a third less than one statement. The writer is alone."""
    rows: list[Sequence[Any]] = sorted(connection.execute(_LOOK, given).all(), key=_IN_ORDER)
    if per_chat < len(rows):
        rows = _first_of_each_chat(rows, per_chat)
    if rows:
        ids = as_json(row[0] for row in rows)
        connection.execute(_TAKE, {"ids": ids, "worker": given["worker"], "now": given["now"]})
    return rows


def _first_of_each_chat(rows: Iterable[Sequence[Any]], most: int) -> list[Sequence[Any]]:
    of_chat: Counter[tuple[int, int]] = Counter()
    first: list[Sequence[Any]] = []
    for row in rows:
        lane_and_chat = row[2], row[4]
        of_chat[lane_and_chat] += 1
        if of_chat[lane_and_chat] <= most:
            first.append(row)
    return first


def due(connection: Connection, bots: Iterable[int], now: datetime) -> dict[int, set[Lane]]:
    """Which lanes of these bots hold something to be claimed now."""
    rows = connection.execute(
        _DUE[connection.dialect.name == "postgresql"], {"bots": as_json(bots), "now": now}
    )
    found: dict[int, set[Lane]] = {}
    for bot_id, lane in rows:
        found.setdefault(bot_id, set()).add(Lane(lane))
    return found


def waiting(connection: Connection) -> dict[Lane, int]:
    """How many deliveries are queued in each lane."""
    query = (
        select(deliveries.c.lane, func.count())
        .where(deliveries.c.state == _QUEUED)
        .group_by(deliveries.c.lane)
    )
    return {Lane(row[0]): row[1] for row in connection.execute(query)}


def still_claimed(connection: Connection, claimed: Sequence[Delivery]) -> set[int]:
    """Those of these deliveries whose claim is still that of whoever holds them; by id."""
    ids = as_json(delivery.id for delivery in claimed)
    owners = {row[0]: row[1] for row in connection.execute(_OWNERS, {"ids": ids})}
    return {delivery.id for delivery in claimed if owners.get(delivery.id) == delivery.claimed_by}


def give_back(
    connection: Connection,
    now: datetime,
    *,
    bot_id: int,
    worker: str | None = None,
    except_ids: Iterable[int] = (),
) -> int:
    """Queue again what was claimed of a bot's deliveries.

    :param worker: only what this one had claimed and did not send; otherwise whoever claimed it
        is no more, and it may have been sent.
    :param except_ids: what it still holds.
    """
    query = update(deliveries).where(deliveries.c.state == CLAIMED, deliveries.c.bot_id == bot_id)
    if worker is not None:
        query = query.where(deliveries.c.claimed_by == worker)
    uncertain = {} if worker is not None else {"uncertain_at": now}
    params: dict[str, Any] = {}
    if held := list(except_ids):
        query = query.where(deliveries.c.id.not_in(GIVEN_IDS))
        params["ids"] = as_json(held)
    dropped = query.where(OVERTAKEN).values(
        state=DeliveryState.DROPPED.value, params=PARAMS_WHEN_OVER, **uncertain
    )
    connection.execute(dropped, params)
    return connection.execute(
        query.values(
            state=DeliveryState.QUEUED.value,
            attempts=deliveries.c.attempts + 1,
            not_before=now,
            **uncertain,
        ),
        params,
    ).rowcount


_KINDS = {kind.value: kind for kind in MessageKind}
_LANES = {int(lane): lane for lane in Lane}


def as_delivery(row: Any) -> Delivery:
    """The delivery of a row holding ``_COLUMNS`` in their order.

    :raises LookupError: a kind or lane that this release does not know.
    :raises ValueError: its parameters are no JSON.
    """
    id_, kind, lane, order, chat_id, language, role, alert_id, call_id, person_id, *rest = row
    stored, attempts, coalesce_key, queued_at, worker = rest
    # SQLite keeps JSON as text.
    params = orjson.loads(stored) if isinstance(stored, str) else stored
    return Delivery(
        id_,
        _KINDS[kind],
        _LANES[lane],
        order,
        chat_id,
        language,
        role,
        alert_id,
        call_id,
        person_id,
        params,
        attempts,
        coalesce_key,
        worker,
        from_milliseconds(queued_at),
    )


_IN_ORDER = itemgetter(2, 3, 0)  # lane, place and id, of a row holding ``_COLUMNS``
_UNCLAIMED = (
    "id, kind, lane, place, chat_id, language, role, alert_id, call_id, person_id, params, "
    "attempts, coalesce_key, created_at"
)
_COLUMNS = f"{_UNCLAIMED}, claimed_by"

_ROOM = {lane: f"room_{int(lane)}" for lane in Lane}
_NO_ROOM = dict.fromkeys(_ROOM.values(), 0)
_NO_CHATS = "{}"


def _chats_by_lane(full: Mapping[Lane, Collection[int]]) -> str:
    return orjson.dumps({str(int(lane)): list(chats) for lane, chats in full.items()}).decode()


def _overtaken() -> ColumnElement[bool]:
    """Whether a newer delivery of the same key is there.

    Two questions, each with an index: in one, a restart read all deliveries for each claimed row.
    """
    clash = deliveries.alias()
    same = select(clash.c.id).where(clash.c.coalesce_key == deliveries.c.coalesce_key)
    queued = same.where(clash.c.state == _QUEUED).exists()
    # "+ 0": the few that are claimed are looked through, not all that are newer.
    claimed = same.where(clash.c.state == CLAIMED, clash.c.id + 0 > deliveries.c.id).exists()
    return and_(deliveries.c.coalesce_key.is_not(None), or_(queued, claimed))


OVERTAKEN = _overtaken()


def _first_of_lanes(columns: str, chats: str, more: str = "") -> str:
    """SQL: the next of each lane, so many as there is room for."""
    of_lane = (
        f"SELECT * FROM (SELECT {columns} FROM deliveries WHERE state = 'queued' "
        "AND bot_id = :bot AND lane = {lane} AND not_before <= :now "
        f"AND chat_id NOT IN ({chats}) ORDER BY place, id LIMIT :{{room}}{more}) AS lane_{{lane}}"
    )
    return " UNION ALL ".join(of_lane.format(lane=int(lane), room=_ROOM[lane]) for lane in Lane)


def _written_out(statement: str) -> TextClause:
    """As text: its compiled form is looked up by it, quicker than a tree's."""
    return text(statement).bindparams(
        bindparam("bot", type_=BigInteger), bindparam("now", type_=UtcDateTime)
    )


def _claim() -> TextClause:
    """PostgreSQL: one statement for all lanes, of each the first, of these the first of each chat.

    As an array, it finds them by the key, whatever it believes their number to be.
    """
    chats = (
        "SELECT CAST(value #>> '{{}}' AS bigint) "
        "FROM jsonb_array_elements(CAST(:full AS jsonb) -> '{lane}') AS chats(value)"
    )
    first = _first_of_lanes("id, lane, chat_id, place", chats, " FOR UPDATE SKIP LOCKED")
    return _written_out(
        "UPDATE deliveries SET state = 'claimed', claimed_by = :worker, claimed_at = :now "
        "WHERE id = ANY(ARRAY(SELECT id FROM (SELECT id, row_number() OVER "
        f"(PARTITION BY lane, chat_id ORDER BY place, id) AS number FROM ({first}) AS lanes) "
        f"AS numbered WHERE number <= :each)) RETURNING {_COLUMNS}"
    )


_CLAIM = _claim()

_LOOK = _written_out(
    _first_of_lanes(
        f"{_UNCLAIMED}, :worker AS claimed_by", "SELECT value FROM json_each(:full, '$.{lane}')"
    )
)
_TAKE = (
    update(deliveries)
    .where(deliveries.c.id.in_(GIVEN_IDS))
    .values(state=CLAIMED, claimed_by=bindparam("worker"), claimed_at=bindparam("now"))
)


def _due(postgresql: bool) -> Any:
    bots, lanes = (
        (
            "(SELECT CAST(value #>> '{}' AS bigint) AS bot "
            "FROM jsonb_array_elements(CAST(:bots AS jsonb)) AS given(value)) AS bots",
            "unnest(ARRAY[{}]) AS lanes(lane)",
        )
        if postgresql
        else (
            "(SELECT value AS bot FROM json_each(:bots)) AS bots",
            "(SELECT value AS lane FROM json_each('[{}]')) AS lanes",
        )
    )
    lanes = lanes.format(", ".join(str(int(lane)) for lane in Lane))
    return text(
        f"SELECT bot, lane FROM {bots} CROSS JOIN {lanes} WHERE EXISTS (SELECT 1 "
        "FROM deliveries AS d WHERE d.state = 'queued' AND d.bot_id = bots.bot "
        "AND d.lane = lanes.lane AND d.not_before <= :now)"
    ).bindparams(bindparam("now", type_=UtcDateTime))


_DUE = {False: _due(False), True: _due(True)}

_OWNERS = select(deliveries.c.id, deliveries.c.claimed_by).where(
    deliveries.c.id.in_(GIVEN_IDS), deliveries.c.state == CLAIMED
)

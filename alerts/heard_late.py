"""Answers that were given while a warning held and are heard after its end: they count.

A message may wait at Telegram or at a provider while the bot is out; the warning ends meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts import alert_store, open_calls_store
from alerts.calls import Call
from alerts.lookup import person_of
from alerts.model import Alert
from data.database import Connection


def ended_since(
    connection: Connection, person_ids: Iterable[int], at: datetime, slack: timedelta
) -> list[tuple[Call, Alert]]:
    """What these persons can have meant who answered ``at`` that time, though it is over by now:
    the newest first.

    :param slack: by how much the time may be too early.
    """
    found = open_calls_store.ended_unanswered(connection, person_ids, at)
    alerts = alert_store.alerts_by_id(connection, {call.alert_id for call in found})
    meant = [(call, alerts[call.alert_id]) for call in found if call.called_at <= at + slack]
    return sorted(meant, key=lambda pair: (pair[0].alert_id, pair[0].id), reverse=True)


def ended_since_typed(
    connection: Connection, telegram_id: int, typed_at: datetime, slack: timedelta
) -> list[tuple[Call, Alert]]:
    """The same, of whoever typed it then by this account.

    :raises NotAllowed: a stranger.
    """
    return ended_since(connection, [person_of(connection, telegram_id).id], typed_at, slack)

"""Keeping the silent lists true: whoever answers is off the list an officer is telephoning from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import alert_store
from alerts.calls import SETTLED, CallState
from alerts.cards import silent_list_store
from alerts.cards.progress_cards import counts_of
from alerts.cards.silent_list_store import SilentList
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from data.database import Connection

AFTERMATH = timedelta(hours=1)
"""How long after its alert's end a list is still brought up to date (ours)."""


@dataclass(frozen=True, slots=True)
class StaleList:
    """A list and the digest of what it should show."""

    listed: SilentList
    shows: str


def stale_lists(connection: Connection, now: datetime) -> list[StaleList]:
    """The lists that no longer show who is silent; reads only.

    One that an officer has open at a person is left alone until it shows a page again: buttons must
    not change under a finger.
    """
    by_alert: dict[int, list[SilentList]] = defaultdict(list)
    for one in silent_list_store.newest(connection, now - AFTERMATH):
        if one.page is not None:
            by_alert[one.alert_id].append(one)
    stale = []
    for alert_id, lists in by_alert.items():
        alert = alert_store.alert(connection, alert_id)
        assert alert is not None
        counts = counts_of(connection, alert_id, [one.division for one in lists])
        for one in lists:
            shows = _digest(alert, counts[one.division])
            if shows != one.shown:
                stale.append(StaleList(one, shows))
    return stale


def queue_list_edits(connection: Connection, stale: Iterable[StaleList], now: datetime) -> None:
    """Queue an edit of each stale list; one not sent yet is replaced by it."""
    stale = list(stale)
    silent_list_store.mark(connection, [(one.listed, one.shows) for one in stale])
    for listed in (one.listed for one in stale):
        outbox_store.add(
            connection,
            MessageKind.SILENT_LIST_EDIT,
            Lane.CARD,
            listed.chat_id,
            now,
            place=LaneOrder.GROUP,
            language=listed.language,
            alert_id=listed.alert_id,
            person_id=listed.person_id,
            params={
                "division": listed.division,
                "page": listed.page,
                "message": listed.message_id,
            },
            coalesce_key=f"list-edit:{listed.alert_id}:{listed.chat_id}",
        )


def _digest(alert: Alert, states: dict[str, int]) -> str:
    """Who is silent changes when somebody is called, or settled in any way."""
    settled = sum(states.get(state.value, 0) for state in SETTLED)
    return f"{alert.state.value} {states.get(CallState.WAITING.value, 0)} {settled}"

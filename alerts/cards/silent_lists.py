"""Keeping silent lists true: whoever answers goes off the list that an officer telephones from, and
is no longer named in the group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import alert_store, progress_store
from alerts.cards import silent_list_store
from alerts.cards.faults import Faults, noted
from alerts.cards.silent_list_store import SentList
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import ChaseEdit, SilentList, SilentListEdit
from alerts.progress import Progress
from contacts.people import Person
from data.database import Connection

AFTERMATH = timedelta(hours=1)
"""How long after its alert's end a list is still brought up to date (ours)."""


@dataclass(frozen=True, slots=True)
class StaleList:
    """A list and the digest of what it should show."""

    sent: SentList
    shows: str


def stale_lists(
    connection: Connection,
    now: datetime,
    *,
    but: Collection[str] = (),
    faults: Faults | None = None,
) -> list[StaleList]:
    """The lists that no longer show who is silent; reads only.

    One that an officer has open at a person is left alone until it shows a page again: buttons must
    not change under a finger.

    :param but: alerts, by id, at which it does not look.
    :param faults: gets the alerts whose lists cannot be worked out; without, the first is raised.
    """
    by_alert: dict[int, list[SentList]] = defaultdict(list)
    for sent in silent_list_store.newest(connection, now - AFTERMATH):
        if not sent.turned_away:
            by_alert[sent.alert_id].append(sent)
    stale: list[StaleList] = []
    for alert_id, lists in by_alert.items():
        if str(alert_id) not in but:
            with noted(faults, alert_id):
                stale += _stale_of(connection, alert_id, lists)
    return stale


def _stale_of(connection: Connection, alert_id: int, lists: list[SentList]) -> list[StaleList]:
    alert = alert_store.alert(connection, alert_id)
    assert alert is not None
    counts = progress_store.of_divisions(
        connection, alert_id, {sent.message.division for sent in lists}
    )
    digests = ((sent, _digest(alert, counts[sent.message.division])) for sent in lists)
    return [StaleList(sent, shows) for sent, shows in digests if shows != sent.message.shown]


def queue_list_edits(connection: Connection, stale: Iterable[StaleList], now: datetime) -> None:
    """Queue an edit of each stale list; one not sent yet is replaced by it."""
    stale = list(stale)
    silent_list_store.mark(connection, [(outdated.sent, outdated.shows) for outdated in stale])
    outbox_store.add_many(connection, [_edit(outdated.sent) for outdated in stale], now)


def reader_edit(
    reader: Person, alert_id: int, division: str, chat_id: int, message_id: int, bot_id: int
) -> NewDelivery:
    """The first page of a list, in place of the message that its reader has just done with."""
    return NewDelivery(
        SilentListEdit(division, 0, message_id),
        Lane.ANSWER,
        chat_id,
        LaneOrder.GROUP,
        reader.language,
        alert_id=alert_id,
        person_id=reader.id,
        coalesce_key=outbox_store.edit_key(bot_id, chat_id, message_id),
        bot_id=bot_id,
    )


def _edit(sent: SentList) -> NewDelivery:
    message: SilentListEdit | ChaseEdit
    if isinstance(sent.message, SilentList):
        assert sent.message.page is not None
        message = SilentListEdit(sent.message.division, sent.message.page, sent.message_id)
    else:
        message = ChaseEdit(sent.message.division, sent.message_id)
    return NewDelivery(
        message,
        Lane.CARD,
        sent.chat_id,
        LaneOrder.GROUP,
        sent.language,
        alert_id=sent.alert_id,
        person_id=sent.person_id,
        coalesce_key=f"list-edit:{sent.alert_id}:{sent.chat_id}",
    )


def _digest(alert: Alert, progress: Progress) -> str:
    """Who is silent changes when somebody is called, or settled in any way."""
    state = "held" if alert.held else alert.state.value
    return f"{state} {progress.waiting} {progress.closed}"

"""Keeping silent lists true: whoever answers goes off the list that an officer telephones from, and
is no longer named in the group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import alert_store, progress_store, silent_store
from alerts.cards import silent_list_store
from alerts.cards.faults import Faults, noted
from alerts.cards.silent_list_store import SentList
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import ChaseEdit, LedgerSheet, SilentList, SilentListEdit, SilentSheet
from alerts.progress import Progress
from alerts.silence import ListPage, Only
from contacts.divisions.codes import EVERYWHERE, code_range
from contacts.people import Person
from data.audit import Entry, append
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
                stale += _stale_of(connection, alert_id, lists, now)
    return stale


def _stale_of(
    connection: Connection, alert_id: int, lists: list[SentList], now: datetime
) -> list[StaleList]:
    alert = alert_store.alert(connection, alert_id)
    assert alert is not None
    counts = progress_store.of_divisions(
        connection, alert_id, {sent.message.division for sent in lists}
    )
    rung = silent_store.rung_up_in(connection, alert_id, now)
    digests = (
        (sent, _digest(alert, counts[sent.message.division], _shown_as_rung(sent, rung)))
        for sent in lists
    )
    return [StaleList(sent, shows) for sent, shows in digests if shows != sent.message.shown]


def queue_list_edits(connection: Connection, stale: Iterable[StaleList], now: datetime) -> None:
    """Queue an edit of each stale list; one not sent yet is replaced by it."""
    stale = list(stale)
    silent_list_store.mark(connection, [(outdated.sent, outdated.shows) for outdated in stale])
    outbox_store.add_many(connection, [_edit(outdated.sent) for outdated in stale], now)


def reader_edit(
    reader: Person, alert_id: int, page: ListPage, chat_id: int, message_id: int, bot_id: int
) -> NewDelivery:
    """A page of a list, in place of the message that its reader has just done with."""
    return NewDelivery(
        SilentListEdit(page.division, page.page, message_id, page.only),
        Lane.ANSWER,
        chat_id,
        LaneOrder.GROUP,
        reader.language,
        alert_id=alert_id,
        person_id=reader.id,
        coalesce_key=outbox_store.edit_key(bot_id, chat_id, message_id),
        bot_id=bot_id,
    )


def order_list(
    connection: Connection,
    reader: Person,
    alert: Alert,
    division: str,
    chat_id: int,
    now: datetime,
) -> None:
    """Queue the list to whoever asked for it: it is kept true from then on.

    :param division: of whom; empty for the whole warning.
    """
    asked_for = _to_reader(SilentList(division=division), reader, alert, chat_id)
    outbox_store.add(connection, asked_for, now)


def order_sheet(
    connection: Connection,
    reader: Person,
    alert: Alert,
    division: str,
    only: Only | None,
    chat_id: int,
    now: datetime,
) -> None:
    """Queue the list as a spreadsheet to whoever asked for it: it holds telephone numbers, so the
    trail says who did. Asked for again before it has left, it comes once.

    :param division: of whom; empty for the whole warning.
    """
    key = f"silent-sheet:{alert.id}:{reader.id}"
    asked_for = _to_reader(SilentSheet(division, only), reader, alert, chat_id, key)
    outbox_store.add(connection, asked_for, now)
    detail = {"areas": [division] if division else list(alert.areas)}
    entry = Entry("alert.silent_exported", f"alert:{alert.id}", reader.id, detail)
    append(connection, now, [entry])


def order_ledger(
    connection: Connection,
    reader: Person,
    alert: Alert,
    division: str,
    chat_id: int,
    now: datetime,
) -> None:
    """Queue the ledger of calls to whoever asked for it, as ``order_sheet`` does the list."""
    key = f"ledger:{alert.id}:{reader.id}"
    asked_for = _to_reader(LedgerSheet(division), reader, alert, chat_id, key)
    outbox_store.add(connection, asked_for, now)
    detail = {"areas": [division] if division else list(alert.areas)}
    entry = Entry("alert.ledger_exported", f"alert:{alert.id}", reader.id, detail)
    append(connection, now, [entry])


def _to_reader(
    message: SilentList | SilentSheet | LedgerSheet,
    reader: Person,
    alert: Alert,
    chat_id: int,
    coalesce_key: str | None = None,
) -> NewDelivery:
    """What somebody asked for, to the chat in which they did."""
    return NewDelivery(
        message,
        Lane.ANSWER,
        chat_id,
        LaneOrder.GROUP,
        reader.language,
        alert_id=alert.id,
        person_id=reader.id,
        coalesce_key=coalesce_key,
    )


def _edit(sent: SentList) -> NewDelivery:
    message: SilentListEdit | ChaseEdit
    if isinstance(sent.message, SilentList):
        assert sent.message.page is not None
        division = sent.message.within or sent.message.division
        message = SilentListEdit(division, sent.message.page, sent.message_id, sent.message.only)
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


def _shown_as_rung(sent: SentList, rung: list[tuple[str, int, int]]) -> str:
    """Who of an officer's list is being rung up, and by whom: calls and officers."""
    if not isinstance(sent.message, SilentList):
        return ""
    low, high = code_range(sent.message.division) if sent.message.division else EVERYWHERE
    return ",".join(f"{call}:{officer}" for code, call, officer in rung if low <= code <= high)


def _digest(alert: Alert, progress: Progress, rung: str) -> str:
    """Who is silent changes when somebody is called, or settled in any way."""
    state = "held" if alert.held else alert.state.value
    return f"{state} {progress.waiting} {progress.closed} {rung}".rstrip()

"""Keeping the progress cards true: a card is edited when what it shows has changed, not oftener."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import alert_store, help_store, progress_store
from alerts.cards import progress_card_store
from alerts.cards.faults import Faults, noted
from alerts.cards.progress_card_store import Card, Drawn
from alerts.loop.evacuation import move_store
from alerts.loop.mechanism import store as mechanism_store
from alerts.loop.mechanism.standing import Owing
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.progress import Progress
from alerts.reports import NO_HELP, HelpCounts
from data.database import Connection


@dataclass(frozen=True, slots=True)
class Stale:
    """A card, the digest of what it should show, and the state of its alert that this tells."""

    card: Card
    shows: str
    alert: Alert


def digest(
    alert: Alert,
    progress: Progress,
    *,
    group: bool = False,
    wanted: HelpCounts = NO_HELP,
    owing: Owing | None = None,
    last_move: int = 0,
) -> str:
    """What a card shows, in short: equal digests, equal cards.

    :param group: a group's post, which does not show what was reported.
    :param wanted: who asked for help.
    :param owing: what departments owe, if any is called.
    :param last_move: the last tick of a household.
    """
    state = "held" if alert.held else alert.state.value
    if alert.version > 1:
        state += f" v{alert.version}"
    answers = f"{state} {progress.acknowledged} {progress.proxied} {progress.discharged}"
    if group:
        return answers
    told = f"{progress.reported} {progress.households} {progress.persons}"
    shown = f"{answers} {told} {wanted.open} {wanted.untaken}"
    if owing is not None and owing.every:
        shown += f" {owing.every} {owing.handed_in} {owing.overdue}"
    return f"{shown} m{last_move}" if last_move else shown


def stale_cards(
    connection: Connection,
    now: datetime,
    *,
    but: Collection[str] = (),
    faults: Faults | None = None,
) -> list[Stale]:
    """The cards that no longer show how things stand; only reads.

    Where a question is asked in the place of a card, that stays for its minute.

    The cards of alerts in force are looked at, and of alerts that ended since they were drawn.

    :param but: alerts, by id, at which it does not look.
    :param faults: gets the alerts whose cards cannot be worked out; without, the first is raised.
    """
    stale: list[Stale] = []
    for alert_id, drawn in progress_card_store.unsettled(connection).items():
        if str(alert_id) not in but:
            with noted(faults, alert_id):
                cards = [card for card in drawn if not _asks(card, now)]
                stale += _stale_of(connection, alert_id, cards, now) if cards else []
    return stale


def _asks(card: Card, now: datetime) -> bool:
    return card.asks_until is not None and card.asks_until > now


def _stale_of(
    connection: Connection, alert_id: int, drawn: Sequence[Card], now: datetime
) -> list[Stale]:
    alert = alert_store.alert(connection, alert_id)
    assert alert is not None
    counts = progress_store.of_divisions(
        connection, alert_id, {card.division_code for card in drawn}
    )
    wanted = help_store.counts_of(connection, alert_id)
    owing = mechanism_store.owing_of(connection, alert_id, now)
    last_move = move_store.last_move(connection, alert_id)

    def shows(card: Card) -> str:
        group = card.chat_id < 0
        return digest(
            alert,
            counts[card.division_code],
            group=group,
            wanted=wanted,
            owing=owing,
            last_move=last_move,
        )

    digests = ((card, shows(card)) for card in drawn)
    return [Stale(card, shows, alert) for card, shows in digests if shows != card.shown]


def queue_edits(connection: Connection, stale: Iterable[Stale], now: datetime) -> None:
    """Queue an edit of each stale card; one not sent yet is replaced by it."""
    stale = list(stale)
    progress_card_store.mark(
        connection,
        [Drawn(outdated.card, outdated.shows, outdated.alert.state) for outdated in stale],
    )
    outbox_store.add_many(connection, [_edit(outdated.card) for outdated in stale], now)


def _edit(card: Card) -> NewDelivery:
    group = card.chat_id < 0
    return NewDelivery(
        MessageKind.POST_CARD if group else MessageKind.CARD,
        Lane.CARD,
        card.chat_id,
        LaneOrder.PROVINCE if group else LaneOrder.GROUP,
        card.language,
        alert_id=card.alert_id,
        coalesce_key=f"card:{card.alert_id}:{card.chat_id}",
    )

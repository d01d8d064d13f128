"""Keeping the progress cards true: a card is edited when what it shows has changed, not oftener."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import alert_store, call_store
from alerts.calls import CallState
from alerts.cards import progress_card_store
from alerts.cards.progress_card_store import Card
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from contacts.divisions.codes import Tier, prefix_of, tier_of
from data.database import Connection


@dataclass(frozen=True, slots=True)
class Stale:
    """A card and the digest of what it should show."""

    card: Card
    shows: str


def digest(alert: Alert, states: Counter[str]) -> str:
    """What a card shows, in short: equal digests, equal cards."""
    reported = states[CallState.REPORTED.value]
    return (
        f"{alert.state.value} {states[CallState.ACKNOWLEDGED.value] + reported} "
        f"{states[CallState.PROXIED.value]} {states[CallState.DISCHARGED.value]} {reported}"
    )


def stale_cards(connection: Connection) -> list[Stale]:
    """The cards that no longer show how things stand; reads only, in one pass over the calls."""
    stale = []
    for alert_id in progress_card_store.alerts_to_check(connection):
        alert = alert_store.alert(connection, alert_id)
        assert alert is not None
        drawn = progress_card_store.of_alert(connection, alert_id)
        rows = call_store.tally(
            connection, alert_id, tier=_finest(card.division_code for card in drawn)
        )
        counts = _by_prefix(rows, {_prefix(card.division_code) for card in drawn})
        for card in drawn:
            shows = digest(alert, counts[_prefix(card.division_code)])
            if shows != card.shown:
                stale.append(Stale(card, shows))
    return stale


def counts_of(
    connection: Connection, alert_id: int, divisions: Iterable[str]
) -> dict[str, Counter[str]]:
    """How many calls of each division are in each state; the empty division is the whole alert."""
    wanted = set(divisions)
    rows = call_store.tally(connection, alert_id, tier=_finest(wanted))
    counts = _by_prefix(rows, {_prefix(division) for division in wanted})
    return {division: counts[_prefix(division)] for division in wanted}


def queue_edits(connection: Connection, stale: Iterable[Stale], now: datetime) -> None:
    """Queue an edit of each stale card; one not sent yet is replaced by it."""
    stale = list(stale)
    progress_card_store.mark(connection, [(outdated.card, outdated.shows) for outdated in stale])
    outbox_store.add_many(connection, [_edit(outdated.card) for outdated in stale], now)


def _prefix(division_code: str) -> str:
    return prefix_of(division_code) if division_code else ""


def _finest(codes: Iterable[str]) -> Tier:
    return max((tier_of(code) for code in codes if code), key=lambda t: t.depth, default=Tier.CITY)


def _by_prefix(rows: Iterable[Any], prefixes: set[str]) -> dict[str, Counter[str]]:
    """The states counted for each division asked for, each row once for each that holds it."""
    lengths = sorted({len(prefix) for prefix in prefixes})
    counts: dict[str, Counter[str]] = {prefix: Counter() for prefix in prefixes}
    for row in rows:
        for length in lengths:
            held = counts.get(row.division_code[:length])
            if held is not None:
                held[row.state] += row.n
    return counts


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

"""Keeping the progress cards true: a card is edited when what it shows has changed, not oftener."""

from __future__ import annotations

from datetime import datetime

from alerts.deliveries import Kind, Place
from alerts.lanes import Lane
from alerts.model import Alert
from alerts.outbox_store import Outbox
from alerts.progress_store import Cards
from alerts.report import Progress, total
from alerts.store import Alerts
from contacts.division_codes import code_range
from data.database import Connection


def digest(alert: Alert, counts: Progress) -> str:
    """What a card shows, in short: equal digests, equal cards."""
    return (
        f"{alert.state.value} {counts.acknowledged} {counts.proxied} {counts.discharged} "
        f"{counts.reported}"
    )


def refresh_cards(connection: Connection, now: datetime) -> int:
    """Queue an edit of each card whose alert has moved on; returns how many were queued."""
    store, cards, outbox = Alerts(connection), Cards(connection), Outbox(connection)
    queued = []
    for alert_id in cards.alerts_to_check():
        alert = store.alert(alert_id)
        assert alert is not None
        rows = store.tally(alert_id)
        for card in cards.of_alert(alert_id):
            low, high = code_range(card.division_code) if card.division_code else ("", "~")
            shows = digest(alert, total(rows, low, high))
            if shows == card.shown:
                continue
            cards.mark(card, shows)
            queued.append(
                {
                    "kind": (Kind.POST_CARD if card.chat_id < 0 else Kind.CARD).value,
                    "lane": int(Lane.CARD),
                    "place": int(Place.PROVINCE if card.chat_id < 0 else Place.GROUP),
                    "chat_id": card.chat_id,
                    "language": card.language,
                    "role": None,
                    "alert_id": alert_id,
                    "call_id": None,
                    "person_id": None,
                    "params": None,
                    "coalesce_key": f"card:{alert_id}:{card.chat_id}",
                    "not_before": now,
                    "created_at": now,
                }
            )
    outbox.add_many(queued)
    return len(queued)

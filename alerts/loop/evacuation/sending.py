"""Sending a village's card to whoever has answered its red warning: once a call.

Which calls are owed one is looked up when the warning is out, and again when it was changed; then
the sweep asks only who of these has answered. So neither a release nor a tap does more for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.calls import ANSWERED_BY
from alerts.channels import news, news_store
from alerts.channels.model import Kind
from alerts.loop.evacuation import card_store, send_store
from alerts.loop.evacuation.model import Target
from alerts.loop.evacuation.rules import EvacuationRules
from alerts.loop.evacuation.send_store import CalledAt
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Picture
from alerts.rules import Rules
from contacts import people_store
from contacts.channels import Channel
from data.audit import Entry, append
from data.database import Connection

CHUNK = 1_000
"""Calls that are noted in one transaction."""

AT_ONCE = 10
"""Cards queued at one look: each picture is drawn when it leaves, and must keep nothing waiting."""

MOST_CARDS = 3
"""Of a village with a card for each settlement: the others are there with /card (ours)."""


CHANNEL_OF = {via: channel for channel, via in ANSWERED_BY.items()}
"""The channel beside Telegram in which somebody has answered."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be done: warnings to look through, to end, and whether cards are to be sent."""

    begin: tuple[Alert, ...] = ()
    end: tuple[int, ...] = ()
    stand_ins: tuple[Alert, ...] = ()
    due: bool = False

    def __bool__(self) -> bool:
        return bool(self.begin or self.end or self.stand_ins or self.due)


def look(connection: Connection, rules: EvacuationRules, now: datetime) -> Look:
    """What is to be done now. Where there are no cards, that is one look into an empty table."""
    rounds = send_store.all_rounds(connection) if send_store.any_round(connection) else {}
    if not rounds and not (rules.levels and card_store.any_card(connection)):
        return Look()
    running = {
        alert.id: alert
        for alert in send_store.running(connection, rules.levels, rules.hazards)
        if rules.sends(alert) and alert.expires_at > now
    }
    waiting = send_store.unfinished(connection)
    begin = [
        alert
        for alert in running.values()
        if rounds.get(alert.id) != alert.version and alert.id not in waiting
    ]
    begun = [alert for alert in running.values() if rounds.get(alert.id) == alert.version]
    stand_ins = [alert for alert in begun if send_store.stand_ins_without(connection, alert)]
    return Look(
        tuple(begin),
        tuple(alert_id for alert_id in rounds if alert_id not in running),
        tuple(stand_ins),
        send_store.anything_due(connection),
    )


def missing(connection: Connection, alert: Alert) -> list[tuple[int, int]]:
    """Calls and cards that are to be noted for a warning and are not yet."""
    targets = card_store.targets_of(connection, alert)
    if not targets:
        return []
    by_village: dict[str, list[Target]] = {}
    for target in targets:
        by_village.setdefault(target.division_code, []).append(target)
    known = send_store.owed(connection, alert.id)
    pairs = {
        (post.call_id, card_id)
        for post in send_store.called_in(connection, alert.id, by_village)
        for card_id in cards_for(post, by_village[post.division_code])
    }
    return sorted(pairs - known)


def note(
    connection: Connection, alert_id: int, pairs: Sequence[tuple[int, int]], *, last: int | None
) -> None:
    """Note a part of them; those that were noted meanwhile are passed over.

    :param last: the version that is looked through with these; ``None``: more follow.
    """
    known = send_store.owed(connection, alert_id)
    send_store.owe(connection, alert_id, [pair for pair in pairs if pair not in known])
    if last is not None:
        send_store.looked_through(connection, alert_id, last)


def send_due(connection: Connection, rules: Rules, now: datetime, limit: int = AT_ONCE) -> int:
    """Queue the cards of those who have answered; how many there were.

    Pictures go by Telegram. Who has none, or answered in another channel, gets the card there in
    words: one message a call; whom no channel reaches is named to the duty officer, to be rung up.
    """
    found = send_store.due(connection, limit)
    people = people_store.people(connection, {each.person_id for each in found})
    deliveries, entries = [], []
    written: dict[int, Channel | None] = {}
    by_hand: dict[int, send_store.Due] = {}
    for each in found:
        send_store.sent(connection, each, now)
        person = people.get(each.person_id)
        if person is None:
            continue
        answered_in = CHANNEL_OF.get(each.via)
        if each.call_id not in written and (answered_in or person.telegram_id is None):
            ladder = rules.policies[each.level].channels
            channels = news.text_channels(ladder, rules.news_by, answered_in)
            where = (each.call_id, each.alert_id, person)
            written[each.call_id] = news.write_card(connection, *where, channels, now)
        by = written.get(each.call_id)
        detail: dict[str, object] = {
            "person": person.id,
            "call": each.call_id,
            "card": each.card_id,
        }
        if by is not None:
            detail["by"] = by.value
        if person.telegram_id is not None:
            deliveries.append(
                to_person(
                    person,
                    Picture(card_id=each.card_id),
                    Lane.REST,
                    role=each.role,
                    alert_id=each.alert_id,
                    call_id=each.call_id,
                    coalesce_key=f"evac:{each.call_id}:{each.card_id}",
                )
            )
        elif by is None:  # no channel can tell them: an officer does
            detail["by"] = "officer"
            by_hand.setdefault(each.call_id, each)
        entries.append(Entry("evacuation_card.sent", f"alert:{each.alert_id}", None, detail))
    outbox_store.add_many(connection, deliveries, now)
    append(connection, now, entries)
    for alert_id in {each.alert_id for each in by_hand.values()}:
        left = news_store.unheard(
            connection,
            [each.call_id for each in by_hand.values() if each.alert_id == alert_id],
            Kind.CARD,
        )
        news.name_to_officers(connection, alert_id, Kind.CARD, left, now)
    return len(found)


def end(connection: Connection, alert_id: int) -> None:
    """The warning is over, or not one of those any more: nothing is owed for it."""
    send_store.end(connection, alert_id)


def cards_for(post: CalledAt, cards: Iterable[Target]) -> list[int]:
    """Which cards of a village somebody called for this post is sent.

    At a place, that of the place; in the village, that of the village, else those of its parts.
    """
    here = list(cards)
    own = [card.card_id for card in here if post.place_code and card.place_code == post.place_code]
    whole = [card.card_id for card in here if not card.place_code]
    parts = [card.card_id for card in here]
    return own or whole or parts[:MOST_CARDS]

"""What is told of a warning and asks for no answer, in words; and whom an officer tells it."""

from __future__ import annotations

from datetime import datetime

from alerts import call_store
from alerts.channels.model import Kind
from alerts.channels.news_store import ENDED_BY_WORD
from alerts.lifecycle import TOLD
from alerts.loop.evacuation import card_store, send_store
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.news_messages import RingUp
from alerts.template_files.holding import frame_in
from alerts.updates.fate import relieves
from bot.messages.cut_off import contact
from bot.messages.evacuation import may_see
from bot.messages.facts import Facts
from bot.messages.households import shows_phones
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.warnings.ring_up import ToRing, ring_up
from bot.views.warnings.written_news import (
    card_words,
    changed_words,
    end_words,
    narrowed_words,
)
from contacts import people_store
from contacts.access import may_be_informed, may_see_households
from contacts.people import Person

NEWS_BY_HAND = Topic()


@NEWS_BY_HAND.says(RingUp)
def _ring_up(facts: Facts, delivery: Delivery, message: RingUp) -> Request | None:
    alert, viewer = facts.alert(delivery), facts.officer(delivery)
    if viewer is None:
        return None
    cards = message.news is Kind.CARD
    words = "" if cards else news_words(facts, message.news, alert, viewer.language)
    if (cards and not alert.in_force) or not (cards or words):
        return None  # it is not true any more
    calls = {call.id: call for call in call_store.calls(facts.connection, message.calls)}
    people = people_store.people(facts.connection, {call.person_id for call in calls.values()})
    rows = []
    for call_id in message.calls:
        call = calls.get(call_id)
        person = None if call is None else people.get(call.person_id)
        if call is None or person is None or not person.active:
            continue
        said = words_of_cards(facts, call_id, person, viewer) if cards else ""
        if cards and not said:
            continue
        place = facts.place_in(call.division_code, viewer.division_code)
        rows.append(ToRing(contact(facts, viewer, person, call), place, said))
    if not rows:
        return None
    screen = ring_up(alert, rows, words, viewer.language, facts.area(alert))
    return as_message(delivery.chat_id, screen)


def news_words(
    facts: Facts, kind: Kind, alert: Alert, language: str, still: list[str] | None = None
) -> str:
    """That a warning is over, no more there, or what changed; empty: it is not so any more.

    :param still: the other warnings that hold for the reader.
    """
    if kind is Kind.CHANGED:
        return changed_since(facts, alert, language)
    moved = facts.moved(alert)
    if kind is Kind.END:
        if alert.state not in ENDED_BY_WORD:
            return ""
        return end_words(alert, language, moved=moved, still=still or [])
    # Whoever was left out is not told of its end: this is true after it, too.
    last = [each for each in facts.messages_of(alert.id) if not each.kind.ends][-1:]
    relieved = any(relieves(each.kinds, alert) for each in last)
    over = not alert.in_force
    return narrowed_words(language, moved=moved, relieved=relieved, over=over, still=still or [])


def changed_since(
    facts: Facts, alert: Alert, language: str, said_at: datetime | None = None
) -> str:
    """What changed of a warning that goes on; empty: nothing that its people are to hear.

    :param said_at: when the reader last heard how things are; else it is the last change.
    """
    if not alert.in_force:
        return ""
    said = [message for message in facts.messages_of(alert.id) if not message.kind.ends]
    number = next((each for each in reversed(said) if TOLD.intersection(each.kinds)), said[-1])
    known = [each for each in said if each.number < number.number][-1:]
    if said_at is not None:
        # Nobody heard less than the warning as it was released.
        known = [each for each in said if each.sent_at <= said_at][-1:] or said[:1]
    if not known:
        return ""
    moved = facts.moved(alert) and not (alert.hazard.response or alert.hazard.homeward)
    before, after = known[0].terms, said[-1].terms
    return changed_words(before, after, alert.hazard, language, moved=moved, zone=facts.zone)


def words_of_cards(facts: Facts, call_id: int, person: Person, reader: Person) -> str:
    """What a call's evacuation cards tell its person; empty where there is none any more.

    :param reader: who reads them, to that person perhaps: numbers are shown that they may see.
    """
    ids = send_store.cards_of_call(facts.connection, call_id)
    found = [card_store.card(facts.connection, card_id) for card_id in ids]
    cards = [card for card in found if card and may_see(person, card)]
    if not cards:
        return ""
    numbers = shows_phones(facts) and all(
        may_see_households(reader, card.division_code).allowed
        or may_be_informed(reader, card.division_code).allowed
        for card in cards
    )
    frame = frame_in(facts.connection, cards[0].division_code, facts.services.rules.folders)
    return card_words(cards, frame, reader.language, numbers=numbers)

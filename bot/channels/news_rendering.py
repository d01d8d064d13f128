"""What other channels tell and ask no answer for: facts read when it is about to be told."""

from __future__ import annotations

from alerts import one_card_store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import NEWS_FOR, Kind
from alerts.channels.news_store import ENDED_BY_WORD
from alerts.loop.evacuation import card_store, send_store
from alerts.model import Alert
from alerts.template_files.holding import frame_in
from alerts.updates.fate import relieves
from bot.channels.events import Handle, OutgoingCall
from bot.messages.evacuation import may_see
from bot.messages.facts import Facts
from bot.messages.households import shows_phones
from bot.views.warnings.channel_card import card_title
from bot.views.warnings.spoken import warning_variables
from bot.views.warnings.written_news import (
    card_words,
    end_words,
    narrowed_words,
    news_text,
    still_named,
)
from contacts.access import may_be_informed, may_see_households
from contacts.channels import Channel


def outgoing_news(facts: Facts, delivery: ChannelDelivery, alert: Alert) -> OutgoingCall | None:
    """A delivery of ``model.NEWS`` as it is handed over; ``None``: it is not true any more."""
    person = facts.person(delivery.person_id)
    if person is None:
        return None
    language = person.language
    words = _words(facts, delivery, alert, language)
    if not words:
        return None
    place, sender = facts.area(alert), facts.signed_by(alert, alert.sender_id)
    if not alert.in_force:
        sender = facts.signed_by(alert, alert.cancelled_by or alert.lifted_by)
    variables = warning_variables(alert, place, sender, words, language)
    written = delivery.channel is Channel.SMS
    return OutgoingCall(
        handle=Handle(delivery.id, delivery.attempts),
        channel=delivery.channel,
        kind=delivery.kind.value,
        to=delivery.address,
        text=news_text(variables, words, language) if written else words,
        variables=variables,
        keys={},
        seconds=0.0,
        exercise=alert.exercise,
        valid_until=delivery.created_at + NEWS_FOR,
        title=card_title(alert, place, language),
        language=language,
        queued_at=delivery.created_at,
    )


def _words(facts: Facts, delivery: ChannelDelivery, alert: Alert, language: str) -> str:
    if delivery.kind is Kind.CARD:
        return _card(facts, delivery, language) if alert.in_force else ""
    moved = facts.moved(alert)
    still = _still(facts, delivery, language)
    if delivery.kind is Kind.END:
        if alert.state not in ENDED_BY_WORD:
            return ""
        return end_words(alert, language, moved=moved, still=still)
    if not alert.in_force:
        return ""
    last = facts.messages_of(alert.id)[-1:]
    relieved = any(relieves(each.kinds, alert) for each in last)
    return narrowed_words(language, moved=moved, relieved=relieved, still=still)


def _card(facts: Facts, delivery: ChannelDelivery, language: str) -> str:
    reader = facts.person(delivery.person_id)
    ids = send_store.cards_of_call(facts.connection, delivery.call_id)
    found = [card_store.card(facts.connection, card_id) for card_id in ids]
    cards = [card for card in found if card and reader and may_see(reader, card)]
    if not cards or reader is None:
        return ""
    numbers = shows_phones(facts) and all(
        may_see_households(reader, card.division_code).allowed
        or may_be_informed(reader, card.division_code).allowed
        for card in cards
    )
    frame = frame_in(facts.connection, cards[0].division_code, facts.services.rules.folders)
    return card_words(cards, frame, language, numbers=numbers)


def _still(facts: Facts, delivery: ChannelDelivery, language: str) -> list[str]:
    """The other warnings that hold for the reader: nobody takes one end for the end of all."""
    held = one_card_store.still_held(
        facts.connection, {delivery.person_id}, {delivery.alert_id}, facts.now
    )
    alerts = [facts.alert_numbered(number) for number in held.get(delivery.person_id, ())]
    return [still_named(each, facts.area(each), language) for each in alerts if each is not None]

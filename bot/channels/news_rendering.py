"""What other channels tell and ask no answer for: facts read when it is about to be told."""

from __future__ import annotations

from alerts import one_card_store
from alerts.channels import news_store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import NEWS_FOR, Kind
from alerts.model import Alert
from bot.channels.events import Handle, OutgoingCall
from bot.messages.facts import Facts
from bot.messages.news import changed_since, news_words, words_of_cards
from bot.views.warnings.channel_card import card_title
from bot.views.warnings.spoken import (
    NEWS_KEYS,
    speaking_seconds,
    spoken_news,
    warning_variables,
)
from bot.views.warnings.written_news import news_text, still_named
from contacts.channels import Channel
from contacts.people import Person


def outgoing_news(facts: Facts, delivery: ChannelDelivery, alert: Alert) -> OutgoingCall | None:
    """A delivery of ``model.NEWS`` as it is handed over; ``None``: it is not true any more."""
    person = facts.person(delivery.person_id)
    if person is None:
        return None
    language = person.language
    words = _words(facts, delivery, alert, person)
    if not words:
        return None
    place, sender = facts.area(alert), facts.signed_by(alert, alert.sender_id)
    if delivery.kind is Kind.CHANGED:
        sender = facts.signed_by(alert, facts.messages_of(alert.id)[-1].by_id)
    if not alert.in_force:
        sender = facts.signed_by(alert, alert.cancelled_by or alert.lifted_by)
    variables = warning_variables(alert, place, sender, words, language)
    spoken = delivery.channel is Channel.VOICE
    text = words
    if spoken:
        text = spoken_news(alert, place, sender, words, language)
    elif delivery.channel is Channel.SMS:
        text = news_text(variables, words, language)
    return OutgoingCall(
        handle=Handle(delivery.id, delivery.attempts),
        channel=delivery.channel,
        kind=delivery.kind.value,
        to=delivery.address,
        text=text,
        variables=variables,
        keys=NEWS_KEYS if spoken else {},
        seconds=speaking_seconds(text, language) if spoken else 0.0,
        exercise=alert.exercise,
        valid_until=delivery.created_at + NEWS_FOR,
        title=card_title(alert, place, language),
        language=language,
        queued_at=delivery.created_at,
    )


def _words(facts: Facts, delivery: ChannelDelivery, alert: Alert, person: Person) -> str:
    if delivery.kind is Kind.CARD:
        own = words_of_cards(facts, delivery.call_id, person, person)
        return own if alert.in_force else ""
    if delivery.kind is Kind.CHANGED:
        said_at = news_store.last_said_at(facts.connection, delivery)
        return changed_since(facts, alert, person.language, said_at)
    still = _still(facts, delivery, person.language)
    return news_words(facts, delivery.kind, alert, person.language, still)


def _still(facts: Facts, delivery: ChannelDelivery, language: str) -> list[str]:
    """The other warnings that hold for the reader: nobody takes one end for the end of all."""
    held = one_card_store.still_held(
        facts.connection, {delivery.person_id}, {delivery.alert_id}, facts.now
    )
    alerts = [facts.alert_numbered(number) for number in held.get(delivery.person_id, ())]
    return [still_named(each, facts.area(each), language) for each in alerts if each is not None]

"""What a delivery about a red danger day says: its facts read, its view called."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import RedDayAsk, RedDayFire, RedDaySilent
from alerts.patrol.red_days import store as red_day_store
from alerts.season.store import danger_on
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.patrol import red_days as views
from contacts import people_store
from contacts.divisions.codes import county_of

RED_DAYS = Topic()


@RED_DAYS.says(RedDayAsk)
def _asked(facts: Facts, delivery: Delivery, message: RedDayAsk) -> Request | None:
    ask = red_day_store.asked(facts.connection, message.ask_id)
    if ask is None:
        return None
    if ask.recalled_at is not None:
        danger = danger_on(facts.connection, ask.division_code, ask.day)
        screen = views.recalled(ask, facts.place(ask.division_code), danger, delivery.language)
        return as_message(delivery.chat_id, screen)
    if ask.answer is not None:
        return None
    place = facts.place(ask.division_code)
    return as_message(
        delivery.chat_id, views.asked(ask, place, delivery.language, again=message.again)
    )


@RED_DAYS.says(RedDaySilent)
def _silent(facts: Facts, delivery: Delivery, message: RedDaySilent) -> Request | None:
    """Those who answered while the list waited to be sent are left out."""
    asks = red_day_store.asks(facts.connection, message.asks)
    late = [ask for ask in asks if ask.answer is None and ask.recalled_at is None]
    if not late:
        return None
    people = people_store.people(facts.connection, [ask.person_id for ask in late])
    # In the county's list villages bear their township.
    rows = [
        (
            people[ask.person_id],
            facts.place_in(ask.division_code, county_of(ask.division_code) or ""),
        )
        for ask in late
    ]
    total = message.total - (len(asks) - len(late))
    return as_message(delivery.chat_id, views.silent(message.asked, rows, total, delivery.language))


@RED_DAYS.says(RedDayFire)
def _fire(facts: Facts, delivery: Delivery, message: RedDayFire) -> Request | None:
    ask = red_day_store.asked(facts.connection, message.ask_id)
    person = None if ask is None else facts.person(ask.person_id)
    if person is None:
        return None
    path = facts.services.gazetteer.path(person.division_code)
    return as_message(delivery.chat_id, views.fire(person, path, delivery.language))

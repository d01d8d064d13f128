"""What a delivery about a red danger day says: its facts read, its view called."""

from __future__ import annotations

from datetime import date

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import RedDayAsk, RedDayFire, RedDaySilent
from alerts.outbox.season_messages import ClosedTimeNews
from alerts.patrol.red_days import store as red_day_store
from alerts.season.closed import closed_for
from alerts.season.closed_store import closed_in, closed_on, known
from alerts.season.store import danger_on
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.patrol import closed_time as closed_views
from bot.views.patrol import red_days as views
from contacts import people_store
from contacts.divisions.codes import contains, county_of
from contacts.people import PATROLLING, Role

RED_DAYS = Topic()


@RED_DAYS.says(RedDayAsk)
def _asked(facts: Facts, delivery: Delivery, message: RedDayAsk) -> Request | None:
    ask = red_day_store.asked(facts.connection, message.ask_id)
    if ask is None:
        return None
    danger = danger_on(facts.connection, ask.division_code, ask.day)
    if ask.recalled_at is not None:
        closed = closed_in(facts.connection, ask.division_code, ask.day) is not None
        place = facts.place(ask.division_code)
        screen = views.recalled(ask, place, danger, delivery.language, closed=closed)
        return as_message(delivery.chat_id, screen)
    if ask.answer is not None:
        return None
    place = facts.place(ask.division_code)
    return as_message(
        delivery.chat_id,
        views.asked(ask, place, delivery.language, again=message.again, danger=danger),
    )


@RED_DAYS.says(ClosedTimeNews)
def _closed_time(facts: Facts, delivery: Delivery, message: ClosedTimeNews) -> Request | None:
    person = None if delivery.person_id is None else facts.person(delivery.person_id)
    today = facts.now.astimezone(facts.services.zone).date()
    starts_on = date.fromisoformat(message.starts_on)
    closed = known(facts.connection, message.division, starts_on)
    if person is None or closed is None or message.over == closed.covers(today):
        return None  # its dates were changed meanwhile
    place = facts.place(message.division)
    if message.over:
        holding = closed_on(facts.connection, today)
        if closed_for(holding, person.division_code, today) is not None:
            return None  # another one holds there
        within = any(contains(message.division, other.division_code) for other in holding)
        screen = closed_views.over(place, delivery.language, within=within)
        return as_message(delivery.chat_id, screen)
    screen = closed_views.begun(
        closed,
        place,
        today,
        delivery.language,
        patrols=person.holds(PATROLLING),
        village=person.holds(frozenset({Role.VILLAGE_RESPONSIBLE})),
    )
    return as_message(delivery.chat_id, screen)


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

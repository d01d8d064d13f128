"""What a delivery about a red danger day says: its facts read, its view called."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.patrol.red_days import store as red_day_store
from alerts.patrol.red_days.orders import AskKind
from bot.messages.facts import Facts
from bot.telegram.outgoing import Request
from bot.views.patrol import red_days as views
from bot.views.screen import Screen, method, payload
from contacts import people_store


def _asked(facts: Facts, one: Delivery) -> Request | None:
    params = one.params or {}
    ask = red_day_store.asked(facts.connection, params["ask"])
    if ask is None or ask.answer is not None:
        return None
    place = facts.place(ask.division_code)
    return _message(one, views.asked(ask, place, one.language, again=params["again"]))


def _silent(facts: Facts, one: Delivery) -> Request | None:
    """Those who answered while the list waited to be sent are left out."""
    params = one.params or {}
    asks = red_day_store.asks(facts.connection, params["asks"])
    late = [ask for ask in asks if ask.answer is None]
    if not late:
        return None
    people = people_store.people(facts.connection, [ask.person_id for ask in late])
    rows = [(people[ask.person_id], facts.place(ask.division_code)) for ask in late]
    total = params["total"] - (len(asks) - len(late))
    return _message(one, views.silent(AskKind(params["kind"]), rows, total, one.language))


def _fire(facts: Facts, one: Delivery) -> Request | None:
    ask = red_day_store.asked(facts.connection, (one.params or {})["ask"])
    person = None if ask is None else facts.person(ask.person_id)
    if person is None:
        return None
    path = facts.services.gazetteer.path(person.division_code)
    return _message(one, views.fire(person, path, one.language))


RED_DAY_RENDERERS: dict[MessageKind, Callable[[Facts, Delivery], Request | None]] = {
    MessageKind.RED_DAY: _asked,
    MessageKind.RED_DAY_SILENT: _silent,
    MessageKind.RED_DAY_FIRE: _fire,
}


def _message(one: Delivery, screen: Screen) -> Request:
    return Request(method(screen), orjson.dumps(payload(screen, one.chat_id)))

"""A test call's results: facts read, a view called; at its end told to those in charge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.test_calls import store
from alerts.test_calls.model import AreaResult, Outcome, Result, TestCall, by_area, summed
from bot.locale.local_day import LocalDay
from bot.messages.requests import as_message
from bot.services.services import Services
from bot.telegram.outgoing import reply_of
from bot.views import test_calls as views
from bot.views.screen import Screen
from bot.views.test_calls import Tested
from contacts import people_store, place_store
from contacts.access import may_release, may_see_phone, may_take_charge
from contacts.divisions.codes import ancestors
from contacts.duty_store import duty_officers_many
from contacts.people import Person
from data.database import Connection

PlaceOf = Callable[[str], str]


def standing_screen(
    connection: Connection,
    services: Services,
    test: TestCall,
    reader: Person,
    language: str,
    area: str = "",
) -> Screen:
    """How a test stands, for an officer: the part of it in ``area``, or all of it."""
    within = area or test.division_code
    results = store.results(connection, test, within)
    areas, total = by_area(results, within), summed(results, within)
    missed = [result for result in results if result.outcome is not Outcome.PROVEN]
    unreached = worst_first(missed, areas)
    name = services.gazetteer.name
    shown = unreached[: views.LISTED_PERSONS]
    return views.standing(
        test,
        total,
        [(each, name(each.division_code)) for each in areas],
        named_results(connection, shown, name, language, reader),
        len(unreached) - len(shown),
        services.gazetteer.path(within),
        language,
        LocalDay(services.zone, services.clock()),
        may_stop=may_release(reader, [test.division_code]).allowed,
    )


def named_results(
    connection: Connection,
    results: Sequence[Result],
    place_of: PlaceOf,
    language: str,
    reader: Person | None = None,
) -> list[Tested]:
    """These results with names and places.

    :param reader: reads the numbers that they may; ``None``: the operator, who may read all.
    """
    ids = {result.line.person_id for result in results if result.line.person_id is not None}
    people = people_store.people(connection, ids)
    names = place_store.names(connection, [result.line.place_code for result in results])
    found = []
    for result in results:
        line = result.line
        place = f"{place_of(line.division_code)} {names.get(line.place_code, '')}".rstrip()
        person = None if line.person_id is None else people.get(line.person_id)
        who = views.satellite_name(language) if person is None else person.name
        shown = reader is None or person is None or may_see_phone(reader, person).allowed
        number = views.shown_address(line.channel, line.address) if shown else ""
        found.append(Tested(result, who, place, number))
    return found


def worst_first(results: Sequence[Result], areas: Sequence[AreaResult]) -> list[Result]:
    """The results in the order of their townships."""
    order = {each.division_code: at for at, each in enumerate(areas)}
    return sorted(results, key=lambda result: _place_in(order, result.line.division_code))


def tell_results(connection: Connection, services: Services, test: TestCall, now: datetime) -> None:
    """A test is over: whoever began it and the duty officers of its division read what came."""
    code = test.division_code
    readers = {
        officer.id: officer for officer in duty_officers_many(connection, [code], now).get(code, ())
    }
    starter = people_store.person(connection, test.started_by)
    if starter is not None and may_take_charge(starter, code).allowed:
        readers[starter.id] = starter  # who has left, or has another post, reads nobody's name
    for reader in readers.values():
        if not reader.reachable or reader.telegram_id is None:
            continue
        screen = standing_screen(connection, services, test, reader, reader.language)
        message = reply_of(as_message(reader.telegram_id, screen))
        outbox_store.add(connection, to_person(reader, message, Lane.REST), now)


def _place_in(order: dict[str, int], code: str) -> tuple[int, str]:
    for each in (code, *ancestors(code)):
        if each in order:
            return order[each], code
    return len(order), code

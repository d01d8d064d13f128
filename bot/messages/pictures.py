"""Maps: their facts are read when they are rendered, they are drawn when they leave.

What draws is imported with the first picture: no warning waits for it after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import Picture
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.model import Task
from alerts.patrol.positions.store import last_good_position
from alerts.patrol.roll_calls import roll_store
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.patrol.roll_calls.model import RollCall
from alerts.patrol.roll_calls.roll_store import roll_call_picture_facts
from bot.messages.facts import Facts
from bot.messages.hotspots import shown
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.pictures.projection import Place
from bot.telegram.outgoing import Request
from bot.telegram.picture_requests import picture_fields
from bot.views.patrol import pictures as views
from bot.views.screen import Screen
from contacts import people_store
from contacts.access import may_be_informed, may_look_into, may_see_positions
from contacts.divisions.codes import Tier, ancestors, code_range, contains, tier_of
from contacts.people import PATROLLING, Person

_FINE = 0.0005
"""Degrees: a boundary in a county's picture is true to some fifty metres."""

_COARSE = 0.004


PICTURES = Topic()


@PICTURES.says(Picture)
def picture(facts: Facts, delivery: Delivery, message: Picture) -> Request | None:
    """The picture asked for; ``None`` when its reader may not see it any more."""
    reader = people_store.person_by_telegram(facts.connection, delivery.chat_id)
    if reader is None or not reader.active:
        return None
    if message.card_id is not None:
        return _evacuation(facts, delivery, reader, message.card_id)
    if message.gauge:
        return _curve(facts, delivery, reader, message.gauge)
    if message.chart and message.sheet:
        return _task_sheet(facts, delivery, reader, message.chart)
    if message.chart:
        return _task_chart(facts, delivery, reader, message.chart)
    if message.roll_call_id is not None:
        roll_call = roll_call_store.roll_call(facts.connection, message.roll_call_id)
        if roll_call is None:
            return None
        return _roll_call(facts, delivery, reader, roll_call, new=message.new)
    assert message.hotspot_id is not None
    task = hotspot_store.task(facts.connection, message.hotspot_id)
    return None if task is None else _hotspot(facts, delivery, reader, task)


def _roll_call(
    facts: Facts, delivery: Delivery, reader: Person, roll_call: RollCall, *, new: bool
) -> Request | None:
    from bot.pictures.roll_call_map import RollCallMap, draw_roll_call

    if not contains(reader.division_code, roll_call.division_code):
        return None
    counts = roll_store.counts(facts.connection, roll_call.id)
    where = roll_call_picture_facts(
        facts.connection, roll_call, facts.now, partial(_place_of, facts)
    )
    place = facts.place(roll_call.division_code)
    drawn = RollCallMap(
        title=views.roll_call_title(roll_call, place, delivery.language),
        subtitle=views.roll_call_subtitle(counts, delivery.language),
        outlines=_outlines(facts, roll_call.division_code),
        counts=counts,
        at=facts.now,
        language=delivery.language,
        zone=facts.zone,
        answered=where.answered,
        far=where.far,
        silent=where.silent,
        unreachable=where.unreachable,
    )
    # Whoever asks for it wants to see it come; later ones take the place of the last.
    own = delivery.chat_id == roll_call.chat_id and not new
    return _request(
        delivery.chat_id,
        views.roll_call_caption(
            roll_call, counts, place, delivery.language, facts.now, zone=facts.zone
        ),
        partial(draw_roll_call, drawn),
        roll_call.map_message_id if own else None,
    )


def _hotspot(facts: Facts, delivery: Delivery, reader: Person, task: Task) -> Request | None:
    from bot.pictures.hotspot_map import HotPixel, HotspotMap, draw_hotspot

    of = shown(facts, task, reader)
    in_charge = may_look_into(reader, task.county_code).allowed
    if not in_charge and reader.id not in {ask.person.id for ask in of.asks}:
        return None
    rules = facts.services.rules.hotspots
    since = facts.now - timedelta(minutes=rules.seen_minutes)
    patrollers = []
    for ask in of.asks:
        seen = last_good_position(facts.connection, ask.person.id, since)
        seeing = in_charge and may_see_positions(reader, ask.person).allowed
        if seen is not None and (seeing or ask.person.id == reader.id):
            label = views.patroller_label(ask.person, ask.away_m, delivery.language)
            patrollers.append((seen.fix.lon, seen.fix.lat, label))
    village = None
    if task.village_code is not None and (place := _place_of(facts, task.village_code)):
        village = (*place, views.village_label(of, delivery.language))
    drawn = HotspotMap(
        number=task.id,
        county=facts.services.gazetteer.path(task.county_code),
        outlines=_outlines(facts, task.county_code),
        pixels=[
            HotPixel(pixel.lon, pixel.lat, pixel.pixel_m)
            for pixel in hotspot_store.pixels_of(facts.connection, task.id)
        ],
        lon=task.lon,
        lat=task.lat,
        satellites=task.satellites,
        seen_at=task.last_at,
        at=facts.now,
        village=village,
        patrollers=patrollers,
        language=delivery.language,
        zone=facts.zone,
    )
    plain = reader.holds(PATROLLING)
    caption = views.hotspot_caption(of, delivery.language, plain=plain, zone=facts.zone)
    return _request(delivery.chat_id, caption, partial(draw_hotspot, drawn), None)


def _curve(facts: Facts, delivery: Delivery, reader: Person, gauge: str) -> Request | None:
    from bot.messages.curves import curve
    from bot.pictures.curve import draw_curve

    found = curve(facts, gauge, reader, delivery.language)
    if found is None:
        return None
    caption, drawn = found
    return _request(delivery.chat_id, caption, partial(draw_curve, drawn), None)


def _task_chart(facts: Facts, delivery: Delivery, reader: Person, code: str) -> Request | None:
    from bot.messages.task_charts import task_chart
    from bot.pictures.task_chart import draw_task_chart

    found = task_chart(facts, code, reader, delivery.language)
    if found is None:
        return None
    caption, drawn = found
    if drawn is None:
        return as_message(delivery.chat_id, caption)
    return _request(delivery.chat_id, caption, partial(draw_task_chart, drawn), None)


def _task_sheet(facts: Facts, delivery: Delivery, reader: Person, code: str) -> Request | None:
    from bot.messages.task_charts import task_book
    from bot.views.tasks.chart import sheet_caption
    from bot.views.tasks.workbook import task_workbook

    if not may_be_informed(reader, code).allowed:
        return None
    book = task_book(facts, code, delivery.language)
    caption = sheet_caption(facts.place(code), len(book.tasks), delivery.language)
    return Request(
        "sendDocument",
        orjson.dumps({"chat_id": delivery.chat_id, "caption": caption, "parse_mode": "HTML"}),
        partial(task_workbook, book),
        file_name=f"清单-{facts.place(code)}-{facts.now.astimezone(facts.zone):%m%d-%H%M}.xlsx",
    )


def _evacuation(facts: Facts, delivery: Delivery, reader: Person, card_id: int) -> Request | None:
    from bot.messages.evacuation import card_and_map

    found = card_and_map(facts, delivery, reader, card_id)
    if found is None:
        return None
    caption, draw = found
    if draw is None:
        return as_message(delivery.chat_id, caption)
    return _request(delivery.chat_id, caption, draw, None)


def _request(
    chat_id: int, caption: Screen, draw: Callable[[], bytes], message_id: int | None
) -> Request:
    name, body = picture_fields(
        chat_id,
        caption.text,
        message_id=message_id,
        markup=None if caption.keyboard is None else caption.keyboard.as_dict(),
    )
    return Request(name, body, draw)


def _outlines(facts: Facts, code: str) -> Sequence[Sequence[Place]]:
    """The counties of a division, or the county it lies in; nothing where none is drawn."""
    boundaries = facts.services.boundaries
    if tier_of(code).depth < Tier.COUNTY.depth:
        low, high = code_range(code)
        inside = [code for code in boundaries.codes if low <= code <= high]
        counties = [code for code in inside if tier_of(code) is Tier.COUNTY]
        return [ring for county in counties for ring in boundaries.rings(county, _COARSE)]
    drawn = next((each for each in (code, *ancestors(code)) if boundaries.has(each)), None)
    if drawn is None or tier_of(drawn).depth < Tier.COUNTY.depth:
        return []
    return boundaries.rings(drawn, _FINE)


def _place_of(facts: Facts, code: str) -> Place | None:
    """Where a village or township is, when the divisions file says so."""
    for each in (code, *ancestors(code)):
        found = facts.services.gazetteer.get(each)
        if found is None or found.tier.depth <= Tier.COUNTY.depth:
            continue
        if found.lon is not None and found.lat is not None:
            return found.lon, found.lat
    return None

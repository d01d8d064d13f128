"""An evacuation card as a picture with words: its facts are read when it leaves, then drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from alerts import alert_store
from alerts.loop.evacuation import card_store, flood_zone_store
from alerts.loop.evacuation.model import Card
from alerts.outbox.deliveries import Delivery
from alerts.template_files.frames import CardFrame
from alerts.template_files.holding import frame_in
from bot.messages.facts import Facts
from bot.messages.households import shows_phones
from bot.views.evacuation import card as views
from bot.views.screen import Screen
from contacts import duty_store
from contacts.access import may_be_informed, may_see_households
from contacts.divisions.codes import contains, county_of
from contacts.people import Person
from data.database import Connection
from data.geo.zone_geometry import Point

if TYPE_CHECKING:
    from bot.pictures.evacuation_map import EvacuationMap
    from data.geo.boundaries import Boundaries

_FINE = 0.0005
_MOST_KEPT = 32
_AROUND = 0.02  # degrees: land that floods this near to a card is drawn

_drawn: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
_lock = Lock()


def card_and_map(
    facts: Facts, delivery: Delivery, reader: Person, card_id: int
) -> tuple[Screen, Callable[[], bytes] | None] | None:
    """The words of a card and what draws its map (``None``: no place on it is known).

    ``None``: there is no such card any more, or the warning it was for is over.
    """
    card = card_store.card(facts.connection, card_id)
    if card is None or not may_see(reader, card):
        return None
    alert = None
    if delivery.alert_id is not None:
        alert = alert_store.alert(facts.connection, delivery.alert_id)
        if alert is None or not alert.in_force:
            return None
    on_duty = duty_store.duty_divisions(facts.connection, reader.id, facts.now)
    names = may_see_households(reader, card.division_code, on_duty).allowed
    listed = card_store.households(facts.connection, card.id)
    frame = frame_in(facts.connection, card.division_code, facts.services.rules.folders)
    caption = views.card_caption(
        card,
        frame,
        delivery.language,
        numbers=shows_phones(facts)
        and (names or may_be_informed(reader, card.division_code).allowed),
        frail=sum(each.frail is not None for each in listed),
        exercise=alert is not None and alert.exercise,
        ticked_in=alert.id if alert is not None and names and listed else None,
    )
    shown = map_of(facts.connection, card, frame, delivery.language, facts.services.boundaries)
    if shown is None:
        return caption, None
    if alert is not None and alert.exercise:
        shown = replace(shown, exercise=True)
    titles = (shown.title, shown.subtitle, shown.exercise)
    key = (card.id, card.version, delivery.language, len(shown.flooded), *titles)
    return caption, partial(_draw_once, key, shown)


def may_see(reader: Person, card: Card) -> bool:
    """Whether somebody may see a card: of their own division and below, or as its organiser."""
    own = any(contains(post.division_code, card.division_code) for post in reader.posts)
    return own or reader.id == card.organiser_id


def map_of(
    connection: Connection, card: Card, frame: CardFrame, language: str, boundaries: Boundaries
) -> EvacuationMap | None:
    """What the picture of a card shows; ``None`` where no place on it is known."""
    from bot.pictures.evacuation_map import EvacuationMap

    spot = None if card.shelter is None else card.shelter.spot
    start = card.route[0] if card.route else None
    places = [place for place in (*card.route, spot) if place is not None]
    if not places or card.at is None:
        return None
    named = "" if card.shelter is None else card.shelter.name
    return EvacuationMap(
        views.card_title(card, frame, language),
        views.card_subtitle(card, frame, language),
        card.at,
        card.route,
        start,
        card.name,
        spot,
        named,
        _outlines(card, boundaries),
        _flooded(connection, places),
        card.version,
        language,
    )


def _outlines(card: Card, boundaries: Boundaries) -> Sequence[Sequence[Point]]:
    county = county_of(card.division_code)
    if county is None or not boundaries.has(county):
        return []
    return boundaries.rings(county, _FINE)


def _flooded(connection: Connection, places: Sequence[Point]) -> list[Sequence[Point]]:
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    box = (min(lons) - _AROUND, min(lats) - _AROUND, max(lons) + _AROUND, max(lats) + _AROUND)
    zones = flood_zone_store.zones_in(connection, box)
    return [polygon[0] for shape in zones.values() for polygon in shape.polygons]


def _draw_once(key: tuple[object, ...], shown: EvacuationMap) -> bytes:
    """Draw it, or take what was drawn for another of the village; in a thread of its own."""
    from bot.pictures.evacuation_map import draw_evacuation

    with _lock:
        if key in _drawn:
            _drawn.move_to_end(key)
            return _drawn[key]
    picture = draw_evacuation(shown)
    with _lock:
        _drawn[key] = picture
        if len(_drawn) > _MOST_KEPT:
            _drawn.popitem(last=False)
    return picture

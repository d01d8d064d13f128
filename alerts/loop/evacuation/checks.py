"""What is wrong with a card before anybody runs by it: the checks of an import. Pure.

The numbers are ours: no published rule says how far from its village a route may begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alerts.loop.evacuation.findings import Doubt, Finding, Note
from alerts.loop.evacuation.model import Card
from alerts.reports import Plausible
from contacts.divisions.codes import Tier, county_of, tier_of
from data.geo.coordinates import distance_m
from data.geo.zone_geometry import Point

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries
    from data.geo.shape_cover import Cover

FAR_FROM_VILLAGE_M = 3_000.0
"""From the village's position to where the route begins: villages are strung along their valley."""

FAR_FROM_SHELTER_M = 300.0

MOST_BESIDE_LIST, SMALL = 10, 100
"""A figure so many times as large as the list by name is more likely a slip; not a small one: many
lists have only the frail."""

_STEP_M = 250.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What the land says: boundaries of counties, land that floods, where villages are."""

    boundaries: Boundaries | None = None
    zones: Mapping[str, Cover] = field(default_factory=dict)
    villages: Mapping[str, Point] = field(default_factory=dict)


def findings_of(
    card: Card, ground: Ground, whole: tuple[int | None, int | None] = (None, None)
) -> Iterator[Finding]:
    """Everything doubtful or missing of one card.

    :param whole: how many households and persons the whole village has, if that is known.
    """
    yield from (_finding(card, note) for note in _missing(card))
    yield from _too_many(card, whole)
    shelter = card.shelter
    if shelter is not None and shelter.spot is not None:
        lon, lat = shelter.spot
        for name, zone in ground.zones.items():
            if zone.contains([lon], [lat])[0]:
                yield _finding(card, Doubt.SHELTER_FLOODED, shelter=shelter.name, zone=name)
                break
        county = _elsewhere(card, ground, [shelter.spot])
        if county is not None:
            yield _finding(card, Doubt.SHELTER_ELSEWHERE, shelter=shelter.name, county=county)
    yield from _of_route(card, ground)


def capacity_findings(cards: Iterable[Card]) -> Iterator[Finding]:
    """Shelters that take fewer than all who are to go there, by one card or by several."""
    by_shelter: dict[tuple[str, str], list[Card]] = {}
    for card in cards:
        if card.shelter is not None:
            by_shelter.setdefault((card.shelter.division_code, card.shelter.name), []).append(card)
    for sharing in by_shelter.values():
        capacities = {
            card.shelter.capacity
            for card in sharing
            if card.shelter is not None and card.shelter.capacity is not None
        }
        name = sharing[0].shelter.name if sharing[0].shelter is not None else ""
        if len(capacities) > 1:
            one, other = sorted(capacities)[:2]
            yield _finding(sharing[0], Doubt.TWO_CAPACITIES, shelter=name, one=one, other=other)
        persons = sum(card.persons for card in sharing)
        if capacities and persons > max(capacities):
            facts = {"shelter": name, "capacity": max(capacities), "persons": persons}
            yield _finding(sharing[0], Doubt.CAPACITY_SHORT, cards=len(sharing), **facts)


def _missing(card: Card) -> Iterator[Note]:
    if card.shelter is None:
        yield Note.NO_SHELTER
    elif not card.shelter.key_holder:
        yield Note.NO_KEY_HOLDER
    if not card.organiser:
        yield Note.NO_ORGANISER
    elif not card.organiser_phone:
        yield Note.NO_PHONE
    if not card.route and not card.route_words:
        yield Note.NO_ROUTE
    if not card.signal:
        yield Note.NO_SIGNAL


def _too_many(card: Card, whole: tuple[int | None, int | None]) -> Iterator[Finding]:
    households, persons = whole
    if households is not None and card.households > households:
        facts = {"of": "households", "count": card.households, "most": households}
        yield _finding(card, Doubt.MORE_THAN_VILLAGE, **facts)
    elif persons is not None and card.persons > persons:
        facts = {"of": "persons", "count": card.persons, "most": persons}
        yield _finding(card, Doubt.MORE_THAN_VILLAGE, **facts)
    elif tier_of(card.division_code) is Tier.VILLAGE and Plausible().doubts(
        card.division_code, card.households, card.persons
    ):
        facts = {"households": card.households, "persons": card.persons}
        yield _finding(card, Doubt.NOT_BELIEVED, **facts)


def listed_findings(card: Card, listed: int) -> Iterator[Finding]:
    """How the card's figure stands to those who are listed by name."""
    facts = {"households": card.households, "listed": listed}
    if card.households > max(listed * MOST_BESIDE_LIST, SMALL):
        yield _finding(card, Doubt.MORE_THAN_LISTED, **facts)
    elif card.households != listed:
        yield _finding(card, Note.COUNTS_DIFFER, **facts)


def _of_route(card: Card, ground: Ground) -> Iterator[Finding]:
    if not card.route:
        return
    if ground.boundaries is not None:
        way = list(_walked(card.route))
        if any(not ground.boundaries.contains_province(*point) for point in way):
            yield _finding(card, Doubt.OUTSIDE_PROVINCE)
        elif (county := _elsewhere(card, ground, way)) is not None:
            yield _finding(card, Doubt.OTHER_COUNTY, county=county)
    village = ground.villages.get(card.division_code)
    if village is not None and not card.place_code:
        metres = distance_m(*village, *card.route[0])
        if metres > FAR_FROM_VILLAGE_M:
            yield _finding(card, Doubt.FAR_FROM_VILLAGE, km=round(metres / 1000, 1))
    shelter = card.shelter
    if shelter is not None and shelter.spot is not None:
        metres = distance_m(*shelter.spot, *card.route[-1])
        if metres > FAR_FROM_SHELTER_M:
            facts = {"km": round(metres / 1000, 1), "shelter": shelter.name}
            yield _finding(card, Doubt.FAR_FROM_SHELTER, **facts)


def _elsewhere(card: Card, ground: Ground, way: Sequence[Point]) -> str | None:
    """The county, not the card's own, in which a point of the way lies."""
    own = county_of(card.division_code)
    if ground.boundaries is None or own is None or not ground.boundaries.has(own):
        return None  # a development zone has no boundary of its own
    for point in way:
        found = ground.boundaries.locate(*point)
        if found is not None and county_of(found) not in (None, own):
            return county_of(found)
    return None


def _walked(route: Sequence[Point]) -> Iterator[Point]:
    """Points along a route, near enough to each other that no county is stepped over."""
    before: Point | None = None
    for here in route:
        if before is not None:
            steps = int(distance_m(*before, *here) // _STEP_M)
            for step in range(1, steps + 1):
                part = step / (steps + 1)
                lon = before[0] + (here[0] - before[0]) * part
                yield lon, before[1] + (here[1] - before[1]) * part
        yield here
        before = here


def _finding(card: Card, kind: Doubt | Note, **facts: object) -> Finding:
    return Finding(kind, card.name, facts={"division": card.division_code, **facts})

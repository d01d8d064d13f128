"""Where a warning of another agency holds, in divisions of ours.

By polygons and circles, by codes of GB/T 2260 (6 digits) and of the statistical office (9 and 12),
else by names, else by who issued it. Codes of other schemes are not ours, however many digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from alerts.preview import MOST_AREAS
from alerts.sources.cap import doubts
from alerts.sources.cap.model import CapAlert, CapArea, CapCircle, Doubt
from contacts import place_store
from contacts.area_shapes import Land, PlacesOnMap, covered
from contacts.divisions.codes import CODE_LENGTH, ancestors, contains, tier_of, valid_code
from contacts.divisions.gazetteer import Found, Gazetteer
from contacts.divisions.leaves import leaves_of
from data.database import Connection
from data.errors import InvalidInput
from data.geo.shape_cover import Cover, sound
from data.geo.shapes import Box, Shape, ShapeNote, circle, shape_of_polygons

_OTHER_SCHEMES = re.compile(
    r"same|ugc|fips|emma|nuts|clc|layer|cap-cp|lgd|warncell|amoc|jma|iso|ibge|psgc|fema|zone",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{6}|\d{9}|\d{12}")
_BETWEEN_NAMES = re.compile(r"[、,，;；/\n和及与]+")

MOST_POINTS = 500
SIMPLIFIED_M = 200.0
"""A drawing of more points is kept simplified, to within so many metres (ours)."""

MOST_HOLES = 100
"""Of one area (ours). Where more are cut out, none is: it is warned of too much, not too little."""

MOST_CROSSINGS = 500_000
"""Sides of polygons that are looked at to find what is cut out of which, of one message (ours): it
is done while others wait to write.
"""

LEAST_KM = 1.0
"""A circle of radius 0 is a spot: so much around it (ours)."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a warning holds. ``areas`` empty: nowhere of ours. ``shape``: as GeoJSON, if drawn."""

    areas: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    shape: str = ""
    notes: tuple[str, ...] = ()


NOWHERE = Where()


class Ground:
    """Our divisions, and the places in them; only those below ``within`` count.

    Made for a poll: the places are read with the first drawing, not with each message.
    """

    def __init__(self, land: Land, within: str = "") -> None:
        self.land, self.within = land, within
        self.box: Box = land.boundaries.box
        """Around all that is drawn."""
        self._places: PlacesOnMap | None = None

    def places(self, connection: Connection) -> PlacesOnMap:
        """Those that lie in ``box``."""
        if self._places is None:
            self._places = PlacesOnMap(place_store.places_in_box(connection, self.box))
        return self._places


def where(
    connection: Connection, ground: Ground, alert: CapAlert, areas: Iterable[CapArea]
) -> Where:
    """The divisions of ``ground`` that a message is about."""
    found = _where(connection, ground, alert, list(areas))
    if found.besides and not found.areas:  # a warning is for some division at least
        of_places = place_store.divisions_of(connection, found.besides)
        return replace(found, areas=_outermost(sorted(of_places)))
    return found


def is_here(
    connection: Connection, ground: Ground, alert: CapAlert, areas: Sequence[CapArea]
) -> bool:
    """Whether ``where`` would find anything: told by a single village in what is drawn."""
    drawn = _near(areas, ground.box, set())
    with suppress(InvalidInput):
        leaves = leaves_of(ground.land.gazetteer)
        inside = Cover(drawn).contains(leaves.lons, leaves.lats)
        if (inside & leaves.chosen([ground.within]) if ground.within else inside).any():
            return True
    place = where(connection, ground, alert, areas)
    return bool(place.areas or place.besides)


def _where(connection: Connection, ground: Ground, alert: CapAlert, areas: list[CapArea]) -> Where:
    land, within = ground.land, ground.within
    notes: list[str] = []
    codes, known = _by_code(land.gazetteer, areas, notes)
    codes = [code for code in codes if not within or contains(within, code)]
    drawn = any(area.rings or area.circles for area in areas)
    if drawn:
        found = _by_shape(connection, ground, areas, notes)
        if found.areas or found.besides:
            return _both(codes, found, notes)
    if codes:
        return Where(_outermost(codes), notes=tuple(notes))
    if known or drawn:  # it says where, and that is not here
        return NOWHERE
    named = _by_name(land.gazetteer, areas, within)
    if named:
        return Where(_outermost(named), notes=(*notes, doubts.BY_NAME))
    if any(area.name for area in areas):
        return NOWHERE
    issuer = alert.sender_code[:6].ljust(CODE_LENGTH, "0")
    if len(alert.sender_code) >= 6 and issuer in land.gazetteer:
        if within and not contains(within, issuer):
            return NOWHERE
        return Where((issuer,), notes=(*notes, doubts.NO_AREA_SENDER))
    if within:
        return Where((within,), notes=(*notes, doubts.NO_AREA_FEED))
    return NOWHERE


def _by_code(
    gazetteer: Gazetteer, areas: Iterable[CapArea], notes: list[str]
) -> tuple[list[str], bool]:
    """Codes of divisions we know, and whether there were codes of divisions at all."""
    found: list[str] = []
    any_code = other = False
    for scheme, value in (code for area in areas for code in area.geocodes):
        code = value.ljust(CODE_LENGTH, "0") if _DIGITS.fullmatch(value) else ""
        if _OTHER_SCHEMES.search(scheme) or not valid_code(code):
            other = True
            continue
        any_code = True
        if code in gazetteer:
            found.append(code)
        elif (above := gazetteer.ancestors(code)) and tier_of(above[0].code).depth >= 2:
            found.append(above[0].code)  # a village or township that was merged: its county
    if other and not any_code:
        notes.append(doubts.OTHER_SCHEMES)
    return found, any_code


def _by_shape(
    connection: Connection, ground: Ground, said: Iterable[CapArea], notes: list[str]
) -> Where:
    doubted: set[Doubt] = set()
    whole = _near(said, ground.box, doubted)
    notes += doubts.doubt_notes(doubted)
    if not whole.polygons:
        return NOWHERE
    try:
        resolved = covered(ground.land, Cover(whole), ground.places(connection), ground.within)
    except InvalidInput:
        notes += doubts.doubt_notes([Doubt.BAD_RING])
        return NOWHERE
    if resolved.empty:
        return NOWHERE
    notes += doubts.shape_notes(whole.notes)
    if resolved.outside:
        notes.append(doubts.BEYOND)
    drawn = sound(whole, SIMPLIFIED_M) if whole.points > MOST_POINTS else whole
    areas = _few(resolved.areas, notes)
    return Where(areas, resolved.besides, drawn.geojson())


def _near(said: Iterable[CapArea], box: Box, doubted: set[Doubt]) -> Shape:
    """All that is drawn near us, as one; ``doubted`` becomes what of it could not be read."""
    shapes = [shape for shape in _shapes(said, box, doubted) if _meet(shape.box, box)]
    return Shape(
        tuple(polygon for shape in shapes for polygon in shape.polygons),
        frozenset(note for shape in shapes for note in shape.notes),
    )


def _both(codes: list[str], drawn: Where, notes: list[str]) -> Where:
    """What the polygon and the codes agree on; where they do not meet, the codes."""
    if not codes:
        return Where(drawn.areas, drawn.besides, drawn.shape, tuple(dict.fromkeys(notes)))
    agreed = [*_within(drawn.areas, codes), *_within(codes, drawn.areas)]
    if not agreed:
        return Where(_outermost(codes), notes=(*notes, doubts.CODES_AND_SHAPE))
    return Where(
        tuple(dict.fromkeys(agreed)), drawn.besides, drawn.shape, tuple(dict.fromkeys(notes))
    )


def _shapes(areas: Iterable[CapArea], box: Box, doubted: set[Doubt]) -> Iterator[Shape]:
    """Each polygon and circle that lies near us, turned if its two degrees are changed over."""
    left = MOST_CROSSINGS
    for area in areas:
        holes = area.holes if len(area.holes) <= MOST_HOLES else ()
        for ring in area.rings:
            extent = _around(ring)
            if not _may_meet(extent, box):  # most of a country's
                continue
            near = [hole for hole in holes if _in_box(hole[0], extent)]
            left -= len(ring) * len(near)
            if left < 0 or len(holes) < len(area.holes):
                near = []
                doubted.add(Doubt.BAD_HOLE)
            yield from _drawn(
                ring, [hole for hole in near if _encloses(ring, hole[0])], box, doubted
            )
        for found in area.circles:
            lon, lat, swapped = _turned(found, box)
            with suppress(InvalidInput):
                around = circle(lon, lat, max(found.km, LEAST_KM) * 1000)
                more = {ShapeNote.SWAPPED} if swapped else set()
                yield Shape(around.polygons, around.notes | more)


_Ring = Sequence[tuple[float, float]]


def _drawn(ring: _Ring, holes: Sequence[_Ring], box: Box, doubted: set[Doubt]) -> Iterator[Shape]:
    """A polygon near us; without its holes where these are what is wrong with it."""
    with suppress(InvalidInput):  # elsewhere, or no area at all
        try:
            yield shape_of_polygons([[ring, *holes]], box)
        except InvalidInput:
            if not holes:
                raise
            whole = shape_of_polygons([[ring]], box)
            doubted.add(Doubt.BAD_HOLE)
            yield whole


def _around(ring: _Ring) -> Box:
    ones, others = [point[0] for point in ring], [point[1] for point in ring]
    return min(ones), min(others), max(ones), max(others)


def _may_meet(around: Box, box: Box) -> bool:
    """Whether what lies in a box can lie in ours, also if its two degrees are changed over."""
    low, least, high, most = around
    return _meet(around, box) or _meet((least, low, most, high), box)


def _in_box(point: tuple[float, float], box: Box) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _encloses(ring: _Ring, point: tuple[float, float]) -> bool:
    """Whether a point lies in a ring: a line from it to the east crosses it an odd number of
    times.
    """
    x, y = point
    crossed = False
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossed = not crossed
    return crossed


def _turned(found: CapCircle, box: Box) -> tuple[float, float, bool]:
    west, south, east, north = box
    here = west <= found.lon <= east and south <= found.lat <= north
    there = west <= found.lat <= east and south <= found.lon <= north
    if there and not here:
        return found.lat, found.lon, True
    return found.lon, found.lat, False


def _by_name(gazetteer: Gazetteer, areas: Iterable[CapArea], within: str) -> list[str]:
    found = []
    for area in areas:
        whole = gazetteer.find(area.name, within=within or None, careful=True)
        words = [area.name] if whole.outcome is Found.EXACT else _BETWEEN_NAMES.split(area.name)
        for word in words:
            hit = gazetteer.find(word.strip(), within=within or None, careful=True)
            if hit.outcome is Found.EXACT and hit.division is not None:
                code = hit.division.code
                if not within or contains(within, code):
                    found.append(code)
    return found


def _outermost(codes: Iterable[str]) -> tuple[str, ...]:
    """Without those that lie within another."""
    unique = dict.fromkeys(codes)
    return tuple(code for code in unique if unique.keys().isdisjoint(ancestors(code)))


def _within(codes: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those that are one of ``others`` or lie below one."""
    known = set(others)
    return [code for code in codes if code in known or not known.isdisjoint(ancestors(code))]


def _few(areas: tuple[str, ...], notes: list[str]) -> tuple[str, ...]:
    """No more than a warning takes: the divisions above them, where there are more."""
    if len(areas) > MOST_AREAS:
        notes.append(doubts.TOO_MANY)
    while len(areas) > MOST_AREAS:
        depth = max(tier_of(code).depth for code in areas)
        areas = _outermost(
            ancestors(code)[0] if tier_of(code).depth == depth else code for code in areas
        )
    return areas


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]

"""Routes as somebody drew or walked them: which card each is of, made one line. Pure.

A line is named after its village, its settlement or its hazard point: 太平村转移路线, 三组; or it
says ``division_code`` and ``place``. A track of a receiver has thousands of points: what is kept is
simplified.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alerts.loop.evacuation.findings import Finding, Note
from alerts.loop.evacuation.model import Card
from alerts.patrol.zones.model import ZoneKind
from alerts.patrol.zones.zone_file import BadZone, as_dict, read_drawing, text_of
from contacts.divisions.gazetteer import Gazetteer
from data.geo.coordinates import distance_m
from data.geo.zone_geometry import Point, simplified

MOST_POINTS = 500
"""Points of a route that is kept: enough for a picture of a phone's width (ours)."""

MOST_DRAWN = 200_000
"""Points of a line in a file: a receiver that logs each second for two days."""

_NAMES = ("name", "名称", "路线名称", "村", "行政村", "Name", "NAME")
_PLACES = ("place", "place_code", "屯", "组", "自然屯", "隐患点", "隐患点编号", "隐患点名称")
_CODES = ("division_code", "区划代码", "CODE", "code")
_SAYING = re.compile(
    r"(的)?(人员|群众|应急)?(转移|撤离|避险|疏散|安置)?(路线|线路|路径)(图|示意图)?\d*$|\.(kml|gpx|geojson)$"
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line of a file, or the spot of a shelter, with what is written beside it."""

    number: int
    name: str
    place: str = ""
    code: str = ""
    line: tuple[Point, ...] = ()
    points: int = 0  # before it was simplified


@dataclass(frozen=True, slots=True)
class Routes:
    """The lines of a file by what they are called, and spots of shelters by theirs."""

    lines: tuple[Drawn, ...] = ()
    spots: Mapping[str, Point] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def read_routes(features: Sequence[Any], *, gcj02: bool = False) -> Routes:
    """The lines and spots of a drawing.

    :param gcj02: those that do not say otherwise were drawn on a Chinese web map.
    """
    lines: list[Drawn] = []
    spots: dict[str, Point] = {}
    findings = []
    for number, feature in enumerate(features, start=1):
        properties = as_dict(as_dict(feature).get("properties"))
        geometry = as_dict(as_dict(feature).get("geometry"))
        name = text_of(_given(properties, _NAMES)) or text_of(properties.get("folder"))
        mark = text_of(properties.get("coordinates")).lower().replace("-", "")
        shifted = mark == "gcj02" or (gcj02 and not mark)
        try:
            if geometry.get("type") == "Point":
                spots[name] = _spot(geometry, gcj02=shifted)
                continue
            drawing = read_drawing(geometry, gcj02=shifted, most_points=MOST_DRAWN)
        except BadZone as bad:
            facts = {"number": number, "reason": bad.reason, **bad.facts}
            findings.append(Finding(Note.ROUTE_UNREAD, name[:40], facts=facts))
            continue
        if drawing.kind is not ZoneKind.ROUTE:
            continue
        whole = _one_line(drawing.lines)
        place, code = text_of(_given(properties, _PLACES)), text_of(_given(properties, _CODES))
        kept = simplified(whole, MOST_POINTS)
        lines.append(Drawn(number, name, place, code, kept, len(whole)))
    return Routes(tuple(lines), spots, tuple(findings))


def matched(
    cards: Iterable[Card], routes: Routes, gazetteer: Gazetteer
) -> tuple[dict[tuple[str, str], Drawn], list[Finding]]:
    """The line of each card, by its village and place; and which lines are of none."""
    known = list(cards)
    found: dict[tuple[str, str], Drawn] = {}
    findings = []
    for drawn in routes.lines:
        card = _card_of(drawn, known, gazetteer)
        if card is None and len(known) == 1 and len(routes.lines) == 1:
            card = known[0]
        if card is None:
            findings.append(
                Finding(Note.ROUTE_UNMATCHED, drawn.name[:40], facts={"number": drawn.number})
            )
        else:
            found[card.division_code, card.place_code] = drawn
    return found, findings


def _card_of(drawn: Drawn, cards: Sequence[Card], gazetteer: Gazetteer) -> Card | None:
    name = _SAYING.sub("", "".join(drawn.name.split()))
    named = [card for card in cards if drawn.place and drawn.place in (card.place_code, card.name)]
    if drawn.code in gazetteer:
        here = [card for card in cards if card.division_code == drawn.code]
        inside = [card for card in here if drawn.place and drawn.place in card.name]
        return _only(inside or [card for card in here if not card.place_code] or here)
    if named:
        return _only(named)
    if not name:
        return None
    exact = [card for card in cards if name in _called(card, gazetteer)]
    if exact:
        return _only(exact)
    villages = {card.division_code for card in cards}
    written = gazetteer.find(name, careful=True).division
    if written is not None and written.code in villages:
        here = [card for card in cards if card.division_code == written.code]
        return _only([card for card in here if not card.place_code] or here)
    return _only([card for card in cards if card.place_code and name.endswith(card.name)])


def _called(card: Card, gazetteer: Gazetteer) -> set[str]:
    """What the line of a card may be called."""
    village = gazetteer.name(card.division_code)
    bare = card.name.removeprefix(village)
    called = {card.name, village + bare, f"{gazetteer.path(card.division_code)}{bare}"}
    if card.place_code:
        called |= {bare, card.place_code}
    return {"".join(words.split()) for words in called if words}


def _only(cards: Sequence[Card]) -> Card | None:
    return cards[0] if len(cards) == 1 else None


def _one_line(parts: Sequence[Sequence[Point]]) -> list[Point]:
    """The parts one after another, each the way round in which it goes on from the last."""
    waiting = [list(part) for part in parts if part]
    whole = waiting.pop(0)
    while waiting:
        ends = [
            (distance_m(*whole[-1], *part[at]), number, at)
            for number, part in enumerate(waiting)
            for at in (0, -1)
        ]
        _, number, at = min(ends)
        part = waiting.pop(number)
        whole += part if at == 0 else part[::-1]
    return [here for here, _ in itertools.groupby(whole)]


def _spot(geometry: Mapping[str, Any], *, gcj02: bool) -> Point:
    at = geometry.get("coordinates")
    drawing = read_drawing({"type": "LineString", "coordinates": [at, _beside(at)]}, gcj02=gcj02)
    return drawing.lines[0][0]


def _beside(at: Any) -> Any:
    """Another point, that one may be read as a line is: with its checks."""
    try:
        return [at[0] + 0.00001, at[1]]
    except (TypeError, IndexError, KeyError):
        return at


def _given(properties: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((properties[n] for n in names if properties.get(n) not in (None, "")), None)

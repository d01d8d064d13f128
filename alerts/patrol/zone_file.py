"""A GeoJSON file of patrol zones, checked feature by feature: pure.

Every feature's first problem is found in one go, so that a file is corrected once. What the file
says of a zone: properties ``name``, ``division_code`` or ``phones`` (or both), ``coordinates``
(``wgs84``, or ``gcj02`` for one drawn on a Chinese web map), ``buffer_m`` of a route, ``active``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson

from alerts.patrol.zone_drawing import BadZone, ZoneReason, read_drawing
from alerts.patrol.zones import ZoneKind
from contacts.divisions import Gazetteer
from contacts.people import Person
from contacts.phones import normalise
from contacts.roster_rows import suggestion
from data.errors import InvalidInput
from data.zone_geometry import Point

MAX_FEATURES = 50_000
MAX_NAME = 64
MAX_BUFFER_M = 20_000.0


class ZoneFileProblem(Enum):
    """Why a file as a whole holds no zones."""

    NOT_GEOJSON = "zones_not_geojson"
    NO_FEATURES = "zones_no_features"
    TOO_MANY_FEATURES = "zones_too_many_features"


@dataclass(frozen=True, slots=True)
class ZoneProblem:
    """One feature that cannot be used: its number from 1, its name as far as it has one, why."""

    feature: int
    name: str
    reason: ZoneReason
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone as the file has it, in WGS-84."""

    name: str
    division_code: str
    kind: ZoneKind
    buffer_m: float
    lines: tuple[tuple[Point, ...], ...]
    people: frozenset[int]
    active: bool
    converted: bool


def read_collection(content: bytes) -> list[Any]:
    """The features of a GeoJSON file, unchecked. UTF-8 with or without BOM, or GBK.

    :raises InvalidInput: with a ``ZoneFileProblem``.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError:
        content = content.decode("gb18030", "replace").encode()
    try:
        features = orjson.loads(content)["features"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InvalidInput(ZoneFileProblem.NOT_GEOJSON) from None
    if not isinstance(features, list) or not features:
        raise InvalidInput(ZoneFileProblem.NO_FEATURES)
    if len(features) > MAX_FEATURES:
        raise InvalidInput(
            ZoneFileProblem.TOO_MANY_FEATURES, total=len(features), most=MAX_FEATURES
        )
    return features


def zone_rows(
    features: list[Any],
    gazetteer: Gazetteer,
    people: Mapping[str, Person],
    *,
    gcj02: bool = False,
    buffer_m: float = 200.0,
) -> tuple[list[ZoneRow], list[ZoneProblem]]:
    """The zones of ``features``, and what is wrong with the others.

    :param people: everybody stored, by phone.
    :param gcj02: features that do not say otherwise were drawn on a Chinese web map.
    :param buffer_m: the strip of a route that does not say.
    """
    rows, problems = [], []
    seen: dict[tuple[str, str], int] = {}
    for number, feature in enumerate(features, start=1):
        properties = _dict(_dict(feature).get("properties"))
        name = _text(properties.get("name"))
        try:
            row = _row(feature, properties, name, gazetteer, people, gcj02, buffer_m)
            first = seen.setdefault((row.division_code, row.name), number)
            if first != number:
                raise BadZone(ZoneReason.NAME_TWICE, other=first)
        except BadZone as bad:
            problems.append(ZoneProblem(number, name[:MAX_NAME], bad.reason, bad.facts))
            continue
        rows.append(row)
    return rows, problems


def _row(
    feature: Any,
    properties: dict[str, Any],
    name: str,
    gazetteer: Gazetteer,
    people: Mapping[str, Person],
    gcj02: bool,
    buffer_m: float,
) -> ZoneRow:
    geometry = _dict(_dict(feature).get("geometry"))
    if not geometry:
        raise BadZone(ZoneReason.NOT_A_FEATURE)
    if not name:
        raise BadZone(ZoneReason.NO_NAME)
    if len(name) > MAX_NAME:
        raise BadZone(ZoneReason.NAME_TOO_LONG, length=len(name), most=MAX_NAME)
    division_code = _text(properties.get("division_code"))
    if division_code and division_code not in gazetteer:
        hint = suggestion(gazetteer, division_code)
        raise BadZone(ZoneReason.DIVISION_UNKNOWN, text=division_code[:40], suggestion=hint)
    owners = frozenset(_people(properties.get("phones"), people))
    if not division_code and not owners:
        raise BadZone(ZoneReason.NO_OWNER)
    mark = _text(properties.get("coordinates")).lower().replace("-", "")
    if mark not in ("", "wgs84", "gcj02"):
        raise BadZone(ZoneReason.MARK_UNKNOWN, text=mark[:40])
    shifted = mark == "gcj02" or (gcj02 and not mark)
    drawing = read_drawing(geometry, gcj02=shifted)
    active = properties.get("active", True)
    if not isinstance(active, bool):
        raise BadZone(ZoneReason.ACTIVE_INVALID, text=_text(active)[:40])
    route = drawing.kind is ZoneKind.ROUTE
    width = _buffer(properties.get("buffer_m"), buffer_m) if route else 0.0
    return ZoneRow(
        name,
        division_code,
        drawing.kind,
        width,
        drawing.lines,
        owners,
        active,
        shifted,
    )


def _people(given: Any, people: Mapping[str, Person]) -> Iterator[int]:
    if given is None:
        return
    phones = given if isinstance(given, list) else re.split("[,、，;；]", _text(given))
    for phone in phones:
        text = _text(phone)
        if not text:
            continue
        try:
            known = people.get(normalise(text))
        except InvalidInput:
            raise BadZone(ZoneReason.PHONE_INVALID, text=text[:40]) from None
        if known is None:
            raise BadZone(ZoneReason.PERSON_UNKNOWN, text=text[:40])
        yield known.id


def _buffer(given: Any, default: float) -> float:
    if given is None:
        return default
    try:
        metres = float(given) if not isinstance(given, bool) else math.nan
    except (TypeError, ValueError):
        metres = math.nan
    if not 0 < metres <= MAX_BUFFER_M:
        raise BadZone(ZoneReason.BUFFER_INVALID, text=_text(given)[:40], most=int(MAX_BUFFER_M))
    return metres


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(int(value)) if float(value).is_integer() else str(value)
    return ""

"""A file of rivers: lines drawn on a map, or a table of the villages along each stretch. Pure.

A line is one stretch: properties ``river``, ``number`` (its order from the source; else as they
stand in the file), ``stretch`` (its name), ``buffer_m``, ``villages`` (codes or names, a list or
with 、 between them), ``coordinates`` (``gcj02``), ``active``. Or as offices name them. A table has
a row for each village: river, number, stretch, village.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from alerts.patrol.zones.model import ZoneKind
from alerts.patrol.zones.zone_file import (
    BadZone,
    ZoneProblem,
    ZoneReason,
    as_dict,
    geometry_of,
    read_drawing,
    text_of,
)
from alerts.rivers.model import BUFFER_M, Lines, Stretch
from contacts.divisions.gazetteer import Gazetteer
from contacts.roster.columns import DIVISION_CODE, Column
from contacts.roster.rows import Problems, RowReason, rows_of, suggestion
from contacts.roster.sheet import Sheet

MAX_NAME = 64
MAX_BUFFER_M = 20_000.0
MAX_NUMBER = 9_999

_RIVERS = ("river", "河流", "河名", "河流名称", "name", "名称", "Name", "NAME")
_NUMBERS = ("number", "order", "序号", "河段序号", "顺序")
_STRETCHES = ("stretch", "section", "河段", "河段名称")
_BUFFERS = ("buffer_m", "缓冲", "缓冲米")
_VILLAGES = ("villages", "村", "沿岸村", "行政村")
_BETWEEN = re.compile("[、，,;；\\s]+")

TABLE_COLUMNS = (
    Column("river", ("河流", "河名", "河流名称")),
    Column("number", ("序号", "河段序号", "顺序"), required=False),
    Column("stretch", ("河段", "河段名称"), required=False),
    Column("division_code", (*DIVISION_CODE.also, "村", "行政村", "沿岸村", "village")),
)


def river_lines(
    features: Sequence[Any], gazetteer: Gazetteer, *, gcj02: bool = False
) -> tuple[list[Stretch], list[ZoneProblem], int]:
    """The stretches of a drawing, what is wrong with others, how many were converted.

    :param gcj02: those that do not say otherwise were drawn on a Chinese web map.
    """
    found: list[Stretch] = []
    problems: list[ZoneProblem] = []
    seen: dict[tuple[str, int], int] = {}
    counted: Counter[str] = Counter()
    converted = 0
    for at, feature in enumerate(features, start=1):
        properties = as_dict(as_dict(feature).get("properties"))
        river = text_of(_given(properties, _RIVERS))
        counted[river] += 1
        try:
            shifted = _is_gcj02(properties, gcj02)
            row = _stretch(feature, properties, river, counted[river], gazetteer, shifted)
            first = seen.setdefault((row.river, row.number), at)
            if first != at:
                raise BadZone(ZoneReason.NAME_TWICE, other=first)
        except BadZone as bad:
            problems.append(ZoneProblem(at, river[:MAX_NAME], bad.reason, bad.facts))
            continue
        found.append(row)
        converted += shifted
    return found, problems, converted


def river_table(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[dict[tuple[str, int], tuple[str, list[str]]], tuple[str, ...]]:
    """The villages of each (river, number): the name of the stretch, and their codes.

    :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``.
    """
    rows, ignored = rows_of(sheet, TABLE_COLUMNS, problems)
    found: dict[tuple[str, int], tuple[str, list[str]]] = {}
    for cells in rows:
        river, name = cells.required("river"), cells.optional("stretch")
        code = cells.division(gazetteer, named=True)
        given = cells.optional("number")
        number = int(given) if given.isdecimal() and len(given) <= 4 else 0
        if given and not number:
            cells.refuse("number", RowReason.RANK_INVALID, text=given[:40])
        if not cells.good or not river:
            continue
        key = (river, number or 1)
        _, codes = found.setdefault(key, (name, []))
        if code not in codes:
            codes.append(code)
    return found, ignored


def _stretch(
    feature: Any,
    properties: dict[str, Any],
    river: str,
    nth: int,
    gazetteer: Gazetteer,
    gcj02: bool,
) -> Stretch:
    geometry = geometry_of(feature, river, MAX_NAME)
    drawing = read_drawing(geometry, gcj02=gcj02)
    if drawing.kind is not ZoneKind.ROUTE:
        raise BadZone(ZoneReason.GEOMETRY_UNKNOWN, text=str(geometry.get("type"))[:40])
    number = _number(_given(properties, _NUMBERS), nth)
    active = properties.get("active", True)
    if not isinstance(active, bool):
        raise BadZone(ZoneReason.ACTIVE_INVALID, text=text_of(active)[:40])
    name = text_of(_given(properties, _STRETCHES))[:MAX_NAME] or f"第{number}段"
    lines: Lines = drawing.lines
    villages = _villages(_given(properties, _VILLAGES), gazetteer)
    buffer_m = _buffer(_given(properties, _BUFFERS))
    return Stretch(0, river, number, name, lines, buffer_m, villages, active)


def _is_gcj02(properties: Mapping[str, Any], otherwise: bool) -> bool:
    mark = text_of(properties.get("coordinates")).lower().replace("-", "")
    if mark not in ("", "wgs84", "gcj02"):
        raise BadZone(ZoneReason.MARK_UNKNOWN, text=mark[:40])
    return mark == "gcj02" or (otherwise and not mark)


def _number(given: Any, nth: int) -> int:
    text = text_of(given)
    if not text:
        return nth
    if not (text.isdecimal() and 0 < int(text[:9]) <= MAX_NUMBER):
        raise BadZone(ZoneReason.NUMBER_INVALID, text=text[:40])
    return int(text)


def _buffer(given: Any) -> float:
    text = text_of(given)
    if not text:
        return BUFFER_M
    try:
        metres = float(text)
    except ValueError:
        metres = 0.0
    if not 0 < metres <= MAX_BUFFER_M:
        raise BadZone(ZoneReason.BUFFER_INVALID, text=text[:40], most=int(MAX_BUFFER_M))
    return metres


def _villages(given: Any, gazetteer: Gazetteer) -> tuple[str, ...]:
    names = given if isinstance(given, list) else _BETWEEN.split(text_of(given))
    found = []
    for name in filter(None, map(text_of, names)):
        division = gazetteer.get(name) or gazetteer.find(name, careful=True).division
        if division is None:
            hint = suggestion(gazetteer, name)
            raise BadZone(ZoneReason.DIVISION_UNKNOWN, text=name[:40], suggestion=hint)
        found.append(division.code)
    return tuple(dict.fromkeys(found))


def _given(properties: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((properties[n] for n in names if properties.get(n) not in (None, "", [])), None)

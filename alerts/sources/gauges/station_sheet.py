"""The rows of a stations file: gauges with their lines and whom they warn. Pure.

Columns may be named as in SL 323 (STCD, STNM, RVNM, LGTD, LTTD, ADDVCD, WRZ, GRZ, ...) or in
Chinese words. Divisions are codes or names; names of villages are looked for in the county of the
station first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from alerts.model import Hazard
from alerts.rivers.model import Stretch
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.station import WINDOWS, Line, LineKind, Station
from alerts.sources.gauges.stretches import reach_of
from contacts.divisions.codes import Tier, county_of, tier_of
from contacts.divisions.gazetteer import Found, Gazetteer
from contacts.places import KnownPlaces
from contacts.roster.columns import DIVISION_CODE, HAZARD_WORDS, Column, word
from contacts.roster.rows import Cells, Problems, RowReason, rows_of
from contacts.roster.sheet import Sheet

MAX_CODE = 40
MOST_WARNED = 2_000
"""Divisions that one station may warn (ours)."""

_LEVELS: tuple[tuple[LineKind, str, tuple[str, ...]], ...] = (
    (LineKind.DEFENCE, "frz", ("设防水位", "设防")),
    (LineKind.WARNING, "wrz", ("警戒水位", "警戒")),
    (LineKind.GUARANTEE, "grz", ("保证水位", "保证")),
    (LineKind.HIGHEST, "obhtz", ("历史最高水位", "实测最高水位", "历史最高", "hhz")),
    (LineKind.LIMIT, "fsltdz", ("汛限水位", "汛期限制水位", "fsl")),
    (LineKind.DESIGN, "dsflz", ("设计洪水位", "dsz")),
    (LineKind.CHECK, "ckflz", ("校核洪水位", "ckz")),
)
_FLOWS: tuple[tuple[LineKind, str, tuple[str, ...]], ...] = (
    (LineKind.WARNING, "wrq", ("警戒流量",)),
    (LineKind.GUARANTEE, "grq", ("保证流量",)),
    (LineKind.HIGHEST, "obmxq", ("历史最大流量", "实测最大流量")),
)
_HOURS = tuple(minutes // 60 for minutes in WINDOWS)

COLUMNS: tuple[Column, ...] = (
    Column("code", ("测站编码", "站码", "站号", "测站代码", "测站编号", "stcd")),
    Column("name", ("站名", "测站名称", "名称", "stnm")),
    Column("division_code", (*DIVISION_CODE.also, "行政区划码", "addvcd")),
    Column("river", ("河流", "河流名称", "河名", "rvnm"), required=False),
    Column("lon", ("经度", "longitude", "lng", "lgtd"), required=False),
    Column("lat", ("纬度", "latitude", "lttd"), required=False),
    Column("hazard", ("灾种", "灾害"), required=False),
    *(Column(name, also, required=False) for _kind, name, also in (*_LEVELS, *_FLOWS)),
    *(
        Column(
            f"rain_{hours}h",
            (f"{hours}小时准备转移", f"{hours}小时雨量", f"{hours}小时准备转移雨量"),
            required=False,
        )
        for hours in _HOURS
    ),
    *(
        Column(
            f"rain_{hours}h_move",
            (f"{hours}小时立即转移", f"{hours}小时立即转移雨量"),
            required=False,
        )
        for hours in _HOURS
    ),
    Column("warns", ("预警区划", "预警村", "影响村", "预警哪些村", "影响范围"), required=False),
    Column("places", ("预警地点", "影响地点"), required=False),
    Column("stretch", ("河段", "预警河段"), required=False),
    Column("active", ("在用", "启用"), required=False),
)

_APART = re.compile(r"[,，、;；\n|]+")
_YES = {"": True, "1": True, "是": True, "true": True, "0": False, "否": False, "false": False}


def station_rows(
    sheet: Sheet,
    gazetteer: Gazetteer,
    places: KnownPlaces,
    stretches: Sequence[Stretch],
    problems: Problems,
) -> tuple[dict[str, Station], tuple[str, ...]]:
    """The stations of ``sheet`` by code, and its columns that are not used.

    :raises InvalidInput: a column that a file must have is missing.
    """
    rows, ignored = rows_of(sheet, COLUMNS, problems)
    found: dict[str, Station] = {}
    seen: dict[str, int] = {}
    for cells in rows:
        station = _station(cells, gazetteer, places, stretches)
        if station is None:
            continue
        other = seen.setdefault(station.code, cells.row)
        if other != cells.row:
            cells.refuse("code", RowReason.CODE_TWICE, text=station.code, other=other)
        elif cells.good:
            found[station.code] = station
    return found, ignored


def _station(
    cells: Cells, gazetteer: Gazetteer, places: KnownPlaces, stretches: Sequence[Stretch]
) -> Station | None:
    code = cells.text("code").strip()
    if not code:
        cells.required("code")
    elif len(code) > MAX_CODE:
        cells.refuse("code", RowReason.TEXT_TOO_LONG, length=len(code), most=MAX_CODE)
    name = cells.name("name")
    division = _division(cells, gazetteer, "division_code", cells.required("division_code"), "")
    lon, lat = _degrees(cells, "lon", 180), _degrees(cells, "lat", 90)
    if (lon is None) is not (lat is None) and cells.good:
        cells.refuse("lon" if lon is None else "lat", RowReason.MISSING)
    lines = (*_lines(cells, Quantity.LEVEL, _LEVELS), *_lines(cells, Quantity.FLOW, _FLOWS))
    _check_order(cells, lines)
    lines += _rain_lines(cells)
    hazard = _hazard(cells, lines)
    within = (county_of(division) or division) if division else ""
    warns = _warned(cells, gazetteer, within)
    river, stretch = cells.text("river"), cells.text("stretch")
    if stretch and reach_of(stretches, river, stretch) is None:
        cells.refuse("stretch", RowReason.STRETCH_UNKNOWN, text=stretch[:40])
    if not warns and not stretch and division:
        warns = (division,)
    active = _YES.get(cells.optional("active").lower())
    if active is None:
        cells.refuse("active", RowReason.YES_OR_NO, text=cells.optional("active")[:40])
    if not cells.good:
        return None
    return Station(
        code,
        name,
        division,
        river,
        lon,
        lat,
        hazard,
        lines,
        warns,
        _places(cells, places, division),
        stretch,
        bool(active),
    )


def _lines(
    cells: Cells, quantity: Quantity, columns: tuple[tuple[LineKind, str, tuple[str, ...]], ...]
) -> tuple[Line, ...]:
    found = []
    for kind, name, _also in columns:
        value = _decimal(cells, name)
        if value is not None:
            found.append(Line(quantity, kind, value))
    return tuple(found)


def _rain_lines(cells: Cells) -> tuple[Line, ...]:
    found = []
    for minutes in WINDOWS:
        hours = minutes // 60
        ready, move = _decimal(cells, f"rain_{hours}h"), _decimal(cells, f"rain_{hours}h_move")
        if ready is not None and move is not None and move < ready:
            cells.refuse(f"rain_{hours}h_move", RowReason.LINE_ORDER)
        for kind, value in ((LineKind.READY, ready), (LineKind.MOVE, move)):
            if value is not None and value <= 0:
                cells.refuse(f"rain_{hours}h", RowReason.LINE_INVALID, text=f"{value:g}")
            elif value is not None:
                found.append(Line(Quantity.RAIN, kind, value, minutes))
    return tuple(found)


def _check_order(cells: Cells, lines: tuple[Line, ...]) -> None:
    """设防, 警戒, 保证 rise in this order, and 汛限, 设计, 校核. The highest on record need not."""
    by_kind = {line.kind: line.value for line in lines if line.quantity is Quantity.LEVEL}
    for kinds in (
        (LineKind.DEFENCE, LineKind.WARNING, LineKind.GUARANTEE),
        (LineKind.LIMIT, LineKind.DESIGN, LineKind.CHECK),
    ):
        known = [(kind, by_kind[kind]) for kind in kinds if kind in by_kind]
        for (_lower, value), (higher, above) in pairwise(known):
            if above < value:
                column = next(name for kind, name, _also in _LEVELS if kind is higher)
                cells.refuse(column, RowReason.LINE_ORDER)


def _hazard(cells: Cells, lines: tuple[Line, ...]) -> Hazard:
    text = cells.optional("hazard")
    if text:
        known = word(HAZARD_WORDS, text)
        if known is None:
            cells.refuse("hazard", RowReason.HAZARD_UNKNOWN, text=text[:40])
            return Hazard.RIVER_FLOOD
        return Hazard(known)
    kinds = {line.kind for line in lines}
    if kinds & {LineKind.LIMIT, LineKind.DESIGN, LineKind.CHECK}:
        return Hazard.RESERVOIR
    if lines and all(line.quantity is Quantity.RAIN for line in lines):
        return Hazard.FLASH_FLOOD
    return Hazard.RIVER_FLOOD


def _warned(cells: Cells, gazetteer: Gazetteer, within: str) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    for piece in filter(None, map(str.strip, _APART.split(cells.optional("warns")))):
        code = _division(cells, gazetteer, "warns", piece, within)
        if code:
            codes.setdefault(code)
    if len(codes) > MOST_WARNED:
        cells.refuse("warns", RowReason.TEXT_TOO_LONG, length=len(codes), most=MOST_WARNED)
    return tuple(codes)


def _division(cells: Cells, gazetteer: Gazetteer, column: str, text: str, within: str) -> str:
    """The code of the division that ``text`` means; empty, with a problem noted, when of none."""
    text = text.lstrip("'")
    if not text:
        return ""
    if text in gazetteer:
        return text
    found = gazetteer.find(text, within=within or None, careful=True)
    if found.division is not None:
        return found.division.code
    near = found.candidates[0] if found.candidates else None
    hint = f"{near.division.code} {near.path}" if near and found.outcome is Found.UNKNOWN else ""
    reason = (
        RowReason.DIVISION_UNCLEAR
        if found.outcome is Found.AMBIGUOUS
        else RowReason.DIVISION_UNKNOWN
    )
    names = "、".join(candidate.path for candidate in found.candidates[:3])
    cells.refuse(column, reason, text=text[:40], suggestion=hint, near=names)
    return ""


def _places(cells: Cells, places: KnownPlaces, division: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for piece in filter(None, map(str.strip, _APART.split(cells.optional("places")))):
        known = places.find(piece, division)
        if len(known) == 1:
            found.setdefault(known[0].code)
        else:
            cells.refuse("places", RowReason.PLACE_UNKNOWN, text=piece[:40])
    return tuple(found)


def _decimal(cells: Cells, column: str) -> float | None:
    text = cells.optional(column).replace(",", "")
    if not text or text in ("-", "/", "—", "--"):
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -500 <= value <= 1_000_000:
        cells.refuse(column, RowReason.LINE_INVALID, text=text[:40])
        return None
    return value


def _degrees(cells: Cells, column: str, most: float) -> float | None:
    text = cells.optional(column)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        cells.refuse(column, RowReason.POINT_INVALID, text=text[:40])
        return None
    return value


def without_lines(stations: Mapping[str, Station]) -> list[Station]:
    """Stations in use that can never propose anything."""
    return [one for one in stations.values() if one.active and not one.lines]


def at_large(stations: Mapping[str, Station]) -> list[Station]:
    """Stations in use that warn a whole county or more: rarely what is meant."""
    return [
        one
        for one in stations.values()
        if one.active and any(tier_of(code).depth <= Tier.COUNTY.depth for code in one.warns)
    ]

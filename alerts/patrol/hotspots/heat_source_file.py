"""The rows of a file of steady heat sources: steel works, power plants, flares, kilns. Pure.

WGS-84 lon/lat in degrees (or GCJ-02, converted), metres, megawatts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from alerts.patrol.hotspots.heat_source_model import HeatKind, ListedSource
from contacts.roster.columns import Column
from contacts.roster.rows import Cells, Problems, RowReason, rows_of
from contacts.roster.sheet import Sheet
from data.geo.coordinates import gcj02_to_wgs84

RADIUS_M = (10.0, 20_000.0)
"""The least and most metres around a source that are masked (ours): an oil field's flares stand
kilometres apart, and one row each is better."""

MOST_PIXELS = 1000
MOST_MW = 100_000.0

COLUMNS: tuple[Column, ...] = (
    Column("name", ("名称", "热源名称", "单位名称", "企业名称")),
    Column("kind", ("类型", "热源类型", "类别")),
    Column("lon", ("经度", "longitude", "lng")),
    Column("lat", ("纬度", "latitude")),
    Column("radius_m", ("半径", "半径米", "半径（米）", "屏蔽半径"), required=False),
    Column("usual_pixels", ("平常像元", "平常像元数"), required=False),
    Column("usual_frp_mw", ("平常功率", "平常辐射功率", "frp"), required=False),
    Column("mask", ("屏蔽", "是否屏蔽", "状态"), required=False),
)

_KINDS: Mapping[str, HeatKind] = {
    word: kind
    for kind, words in {
        HeatKind.STEELWORKS: "steelworks 钢铁厂 钢厂 炼钢厂 炼铁厂 钢铁 铁合金厂 冶炼厂",
        HeatKind.POWER_PLANT: "power_plant 电厂 火电厂 热电厂 热电 发电厂 供热站 锅炉房",
        HeatKind.GAS_FLARE: "gas_flare 火炬 油田火炬 天然气火炬 放散 油气田 炼油厂 石化厂",
        HeatKind.KILN: "kiln 窑 水泥厂 砖厂 砖窑 石灰窑 炭窑 玻璃厂 焦化厂",
        HeatKind.GREENHOUSE: "greenhouse 大棚 温室 蔬菜大棚 棚膜 光伏 光伏电站",
        HeatKind.LANDFILL: "landfill 垃圾场 垃圾填埋场 垃圾焚烧厂 煤矸石山 矸石山",
        HeatKind.OTHER: "other 其他",
    }.items()
    for word in words.split()
}
_YES = frozenset("是 屏蔽 启用 y yes true 1 on".split())
_NO = frozenset("否 不屏蔽 停用 n no false 0 off".split())

CountyOf = Callable[[float, float], str | None]
"""The code of the county in which a lon/lat lies; ``None``: outside everything drawn."""

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class FileSource:
    """A row: what it lists, and whether the file says that it masks (``None``: it does not say)."""

    listed: ListedSource
    mask: bool | None


def heat_source_rows(
    sheet: Sheet, county_of: CountyOf, problems: Problems, *, gcj02: bool = False
) -> tuple[list[FileSource], tuple[str, ...]]:
    """The heat sources of ``sheet``, and its columns that are not used.

    :param gcj02: its positions are those of Chinese web maps.
    :raises InvalidInput: a column that must be there is missing, or there twice.
    """
    rows, ignored = rows_of(sheet, COLUMNS, problems)
    found: list[FileSource] = []
    seen: dict[tuple[str, str], int] = {}
    for cells in rows:
        name = cells.name("name")
        kind = cells.word("kind", lambda text: _KINDS.get(text.lower()), RowReason.HEAT_KIND)
        spot = _spot(cells, gcj02=gcj02)
        radius = _number(cells, "radius_m", float, *RADIUS_M)
        pixels = _number(cells, "usual_pixels", int, 1, MOST_PIXELS)
        frp = _number(cells, "usual_frp_mw", float, 0.0, MOST_MW)
        mask = _mask(cells)
        if spot is None:
            continue
        county = county_of(*spot)
        if county is None:
            text = f"{spot[0]:.4f},{spot[1]:.4f}"
            cells.refuse("lon", RowReason.POINT_OUTSIDE, text=text)
            continue
        other = seen.setdefault((county, name), cells.row)
        if other != cells.row:
            cells.refuse("name", RowReason.NAME_TWICE, other=other)
        if cells.good and kind is not None:
            listed = ListedSource(name, county, *spot, kind, radius, pixels, frp)
            found.append(FileSource(listed, mask))
    return found, ignored


def _spot(cells: Cells, *, gcj02: bool) -> tuple[float, float] | None:
    degrees = []
    for column, most in (("lon", 180.0), ("lat", 90.0)):
        text = cells.required(column)
        value = _float(text)
        if text and (value is None or abs(value) > most):
            cells.refuse(column, RowReason.POINT_INVALID, text=text[:40])
            value = None
        degrees.append(value)
    lon, lat = degrees
    if lon is None or lat is None:
        return None
    return gcj02_to_wgs84(lon, lat) if gcj02 else (lon, lat)


def _number(
    cells: Cells, column: str, kind: Callable[[str], N], low: float, high: float
) -> N | None:
    text = cells.optional(column)
    if not text:
        return None
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        facts = {"text": text[:40], "low": f"{low:g}", "high": f"{high:g}"}
        cells.refuse(column, RowReason.OUT_OF_RANGE, **facts)
        return None
    return value


def _mask(cells: Cells) -> bool | None:
    text = cells.optional("mask").lower()
    if text and text not in _YES | _NO:
        cells.refuse("mask", RowReason.YES_OR_NO, text=text[:40])
    return None if not text else text in _YES


def _float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None

"""Whom a station warns: the divisions and places of its list, and what lies along its stretch."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.rivers.reaches import along
from alerts.rivers.store import stretches
from alerts.sources.gauges.station import Station
from alerts.sources.gauges.stretches import reach_of
from contacts.area_shapes import Land
from data.database import Connection
from data.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Warned:
    """The areas of a proposed warning; ``note`` says what went otherwise than the list has it."""

    areas: tuple[str, ...]
    places: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    shape: str = ""
    note: str = ""


def warned(connection: Connection, station: Station, land: Land | None) -> Warned:
    """Whom a station warns now: where its stretch gives nothing, its list, else where it stands."""
    plain = Warned(station.warns or (station.division_code,), station.places)
    if not station.stretch or land is None:
        return plain
    reach = reach_of(stretches(connection), station.river, station.stretch)
    if reach is None:
        return _without(plain, f"没有河段“{station.stretch}”，按站表的预警区划")
    try:
        drawn, found = along(connection, land, reach, "")
    except InvalidInput:
        return _without(plain, f"河段“{station.stretch}”画得不对，按站表的预警区划")
    if not found.areas:
        return _without(plain, f"河段“{station.stretch}”沿线没有找到村，按站表的预警区划")
    areas = tuple(dict.fromkeys((*station.warns, *found.areas)))
    return Warned(areas, station.places, found.besides, drawn.shape, f"沿线：{reach.name}")


def _without(plain: Warned, note: str) -> Warned:
    return Warned(plain.areas, plain.places, note=note)

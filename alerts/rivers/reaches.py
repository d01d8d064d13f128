"""Which villages a part of a river, or a reservoir, is a danger to."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from alerts.drawn_area import DrawnArea
from alerts.rivers.model import Reach, Stretch, below_point, between, nearest_stretch
from alerts.rivers.store import stretches
from contacts.area_shapes import Land, Resolved, Within, lies_within, resolve, tops_of
from contacts.divisions.leaves import leaves_of
from contacts.places import Place
from data.database import Connection
from data.errors import InvalidInput
from data.geo.shape_cover import simple, strip, together
from data.geo.shapes import Shape


class RiverProblem(Enum):
    """Why no villages are known below a reservoir, or along a river."""

    UNKNOWN_STRETCH = "unknown_stretch"
    NOTHING_BELOW = "nothing_below"  # neither villages listed nor a river near its point


def along(
    connection: Connection, land: Land, reach: Reach, within: Within
) -> tuple[DrawnArea, Resolved]:
    """The villages along a part of a river: those the file lists, else those within its strip.

    :raises InvalidInput: with a ``ShapeProblem``.
    """
    listed = [code for each in reach.stretches for code in each.villages]
    looked = [each for each in reach.stretches if not each.villages and each.lines]
    found = Resolved()
    if looked:
        found = resolve(connection, land, _strip(looked), within)
    drawn_lines = [each for each in reach.stretches if each.lines]
    shape = simple(_strip(drawn_lines)) if drawn_lines else None
    return _with_listed(land, found, listed, within, shape, reach.name)


def below_by_list(land: Land, place: Place, within: Within) -> tuple[DrawnArea, Resolved]:
    """The villages that the file of places lists below a reservoir."""
    return _with_listed(land, Resolved(), place.below, within, None, f"{place.name}下游")


def reach_below(connection: Connection, place: Place) -> Reach:
    """The whole river below a reservoir, by its point.

    :raises InvalidInput: NOTHING_BELOW of ``RiverProblem``.
    """
    known = stretches(connection)
    first = None
    if place.lon is not None and place.lat is not None:
        first = nearest_stretch(known, place.lon, place.lat)
    if first is None or place.lon is None or place.lat is None:
        raise InvalidInput(RiverProblem.NOTHING_BELOW, place=place.name)
    last = max((s for s in known if s.river == first.river), key=lambda stretch: stretch.number)
    reach = between(known, first.id, last.id)
    assert reach is not None
    return below_point(reach, place.lon, place.lat, place.name)


def _strip(parts: list[Stretch]) -> Shape:
    return together([strip(each.lines, each.buffer_m) for each in parts])


def _with_listed(
    land: Land,
    found: Resolved,
    listed: list[str] | tuple[str, ...],
    within: Within,
    shape: Shape | None,
    name: str,
) -> tuple[DrawnArea, Resolved]:
    """What was found, with what a file lists; of that, too, only what lies in ``within``."""
    leaves = leaves_of(land.gazetteer)
    known = [code for code in listed if code in land.gazetteer]
    own = [code for code in known if lies_within(code, within)]
    others = tuple(dict.fromkeys(code for code in known if code not in own))
    chosen = leaves.chosen([*found.areas, *own])
    both = replace(
        found,
        areas=leaves.folded(chosen, tops_of(within)),
        villages=int(chosen.sum()),
        elsewhere=tuple(dict.fromkeys((*found.elsewhere, *others))),
    )
    drawn = DrawnArea.of(shape or Shape(()), both, name, drawn=False)
    drawn = replace(drawn, shape="" if shape is None else drawn.shape, by_table=bool(listed))
    return drawn, both

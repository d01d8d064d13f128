"""``release`` and ``update`` with ``--polygon | --river | --below``: areas from a drawing, or along
water."""

from __future__ import annotations

import argparse
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from alerts.drawn_area import DrawnArea
from alerts.rivers import reaches
from alerts.rivers.model import Reach, Stretch, between
from alerts.rivers.reaches import RiverProblem
from alerts.rivers.store import stretches
from bot.config.settings import Settings
from bot.services.geography import Geography
from bot.views.warnings.area_menu import drawn_lines
from contacts import people_store, place_store
from contacts.access import Access
from contacts.area_shapes import Resolved, all_commanded, resolve
from contacts.divisions.boundary_file import load_boundaries
from contacts.divisions.codes import county_of
from contacts.divisions.gazetteer import Gazetteer
from contacts.places import Place
from data.database import Connection, Database
from data.errors import InvalidInput, NotAllowed
from data.files import read_file
from data.geo.drawing_files import as_geojson
from data.geo.shape_cover import simple
from data.geo.shapes import read_shape


@dataclass(frozen=True, slots=True)
class Drawn:
    """The areas of a drawing; nothing where none was given."""

    areas: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    shape: str = ""


def add_drawn_areas(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--polygon",
        type=Path,
        metavar="FILE",
        help="图形文件（GeoJSON、KML、KMZ、压缩的 Shapefile）里的村 / the villages in a drawing",
    )
    parser.add_argument(
        "--gcj02",
        action="store_true",
        help="--polygon 画在国内地图上 / it was drawn on a Chinese web map",
    )
    parser.add_argument(
        "--river",
        metavar="RIVER[:FROM-TO]",
        help="河流沿岸的村，河段可写序号或名称"
        " / the villages along a river; stretches by number or name",
    )
    parser.add_argument(
        "--below",
        metavar="RESERVOIR",
        help="水库（名称或编号）下游的村；有 --river 时到那一段为止"
        " / the villages below a reservoir; with --river down to there",
    )


def drawn_area(
    arguments: argparse.Namespace,
    settings: Settings,
    database: Database,
    gazetteer: Gazetteer,
    phone: str,
    out: TextIO,
) -> Drawn | int:
    """The areas that the options name, and what is said of them; an exit code where there are none.

    :raises InvalidInput: the file, the river or the reservoir cannot be used.
    :raises NotAllowed: nobody has this number.
    """
    if not (arguments.polygon or arguments.river or arguments.below):
        return Drawn()
    by = database.read(lambda c: people_store.person_by_phone(c, phone))
    if by is None:
        raise NotAllowed(Access.NOT_LINKED, phone=phone)
    top = all_commanded(by)
    land = Geography(database, lambda: load_boundaries(settings.database.url, Path.cwd()))
    if arguments.polygon:
        content = as_geojson(read_file(arguments.polygon))
        shape = simple(read_shape(content, land.boundaries.box, gcj02=arguments.gcj02))
        found = database.read(lambda c: resolve(c, land, shape, top))
        drawn = DrawnArea.of(shape, found, arguments.polygon.name)
    else:
        drawn, found = database.read(
            lambda c: _along(c, land, arguments.river, arguments.below, top)
        )
    besides = database.read(lambda c: place_store.names(c, found.besides))
    codes = (*drawn.left_out_of, *drawn.elsewhere)
    names = {code: gazetteer.name(county_of(code) or code) for code in codes}
    for line in drawn_lines(drawn, list(besides.values()), names, "zh", buttons=False):
        out.write(html.unescape(line) + "\n")
    if not found.areas:
        out.write(
            "没有可以预警的村，什么也没有做 / no village that may be warned: nothing was done\n"
        )
        return 1
    return Drawn(found.areas, found.besides, drawn.shape)


def _along(
    c: Connection, land: Geography, river: str | None, below: str | None, top: tuple[str, ...]
) -> tuple[DrawnArea, Resolved]:
    known = stretches(c)
    if not below:
        return reaches.along(c, land, _reach(known, river or ""), top)
    place = _reservoir(c, below, top)
    if place.below and not river:
        return reaches.below_by_list(land, place, top)
    reach = reaches.reach_below(c, place)
    if river:
        reach = reach.until(_reach(known, river).stretches[-1].id)
    return reaches.along(c, land, reach, top)


def _reservoir(c: Connection, text: str, top: tuple[str, ...]) -> Place:
    found = place_store.places_within(c, top).find(text)
    if len(found) != 1:
        raise InvalidInput(RiverProblem.NOTHING_BELOW, place=text)
    return found[0]


def _reach(known: Sequence[Stretch], text: str) -> Reach:
    """牡丹江, 牡丹江:2, 牡丹江:敦化段-雁鸣湖段."""
    river, _, parts = text.replace("：", ":").partition(":")
    there = [stretch for stretch in known if stretch.river == river.strip()]
    ends = [word.strip() for word in parts.replace("—", "-").split("-")] if parts else []
    if not there:
        raise InvalidInput(RiverProblem.UNKNOWN_STRETCH)
    chosen = [_named(there, word) for word in ends] or [there[0], there[-1]]
    reach = between(there, chosen[0].id, chosen[-1].id)
    assert reach is not None
    return reach


def _named(there: Sequence[Stretch], word: str) -> Stretch:
    for stretch in there:
        if word in (str(stretch.number), stretch.name):
            return stretch
    raise InvalidInput(RiverProblem.UNKNOWN_STRETCH)

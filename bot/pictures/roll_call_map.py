"""The map of a roll call: who has answered from where, who is far away, who is silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.patrol.roll_calls.model import Counts
from bot.locale import N_, translator
from bot.pictures.marks import ANSWERED, CROWDED, FAR, SILENT, UNREACHABLE, MapMark
from bot.pictures.projection import MapBounds, Place, Projection, Spot
from bot.pictures.sheet import MAP, LegendRow, MapSheet, both
from bot.views.clock import BEIJING

Named = tuple[float, float, str]
"""Longitude, latitude (WGS-84), and what to write beside it."""

MOST_LABELS = 40
"""Names tried on one picture: a phone shows no more; the list has them all."""

_CROWD = 400
"""From so many answers on their discs are small."""

_CELL = 26.0
"""Pixels: marks nearer to each other than this are one mark with a number."""

_FAR_FIRST = 10

Group = tuple[MapMark, Spot, list[str]]

_WIDER = 1.6
"""Whoever is so far outside the area is drawn at the edge: the area must not shrink to a dot."""


@dataclass(frozen=True, slots=True)
class RollCallMap:
    """Everything the picture shows. Positions are WGS-84 lon/lat.

    A person whose place is not known is in the counts and not on the map.
    """

    title: str
    subtitle: str
    outlines: Sequence[Sequence[Place]]
    counts: Counts
    at: datetime  # aware
    language: str = "zh"
    zone: tzinfo = BEIJING
    answered: Sequence[Place] = ()
    far: Sequence[Named] = ()
    silent: Sequence[Named] = ()  # the last known position, or the village
    unreachable: Sequence[Named] = ()


def draw_roll_call(shown: RollCallMap) -> bytes:
    """Draw the map of a roll call as PNG, ``sheet.WIDTH`` x ``sheet.HEIGHT`` pixels."""
    _ = translator(shown.language)
    projection = Projection.fit(_bounds(shown), MAP)
    sheet = MapSheet(projection)
    sheet.outlines(shown.outlines)
    disc = ANSWERED if len(shown.answered) < _CROWD else CROWDED
    for place in shown.answered:
        spot = projection.spot(place)
        if MAP.has(spot):
            sheet.mark(disc, spot)
    # The far over the discs, the silent over everything: they are what the picture is for.
    groups = [
        *((FAR, spot, names) for spot, names in _grouped(sheet, shown.far)),
        *((UNREACHABLE, spot, names) for spot, names in _grouped(sheet, shown.unreachable)),
        *((SILENT, spot, names) for spot, names in _grouped(sheet, shown.silent)),
    ]
    for mark, spot, _names in groups:
        sheet.mark(mark, spot)
        r = mark.radius + 4
        sheet.places.reserve([(spot[0] - r, spot[1] - r, spot[0] + r, spot[1] + r)])
    for mark, spot, names in _by_need(groups)[:MOST_LABELS]:
        text = names[0]
        if len(names) > 1:
            text = _("{name}等 {count} 人").format(name=names[0], count=len(names))
        sheet.label(spot, text, mark.colour, mark.radius + 5)
    return sheet.finished(
        shown.title,
        shown.subtitle,
        shown.at,
        _legend(shown),
        _source(shown),
        shown.language,
        shown.zone,
    )


def _by_need(groups: Sequence[Group]) -> list[Group]:
    """The order in which names find room: some of the far, the silent, everybody else."""
    far = [group for group in groups if group[0] is FAR]
    others = [group for group in reversed(groups) if group[0] is not FAR]
    return [*far[:_FAR_FIRST], *others, *far[_FAR_FIRST:]]


def _source(shown: RollCallMap) -> str:
    _ = translator(shown.language)
    counts = shown.counts
    unknown = counts.silent + counts.unreachable - len(shown.silent) - len(shown.unreachable)
    if unknown > 0:
        return _("图上没有：{count} 人一天内没有位置").format(count=unknown)
    return _("位置：报位或所在村；界线：县级行政区划（WGS-84）")


def _bounds(shown: RollCallMap) -> MapBounds:
    named = [(lon, lat) for lon, lat, _ in (*shown.silent, *shown.unreachable, *shown.far)]
    everybody = [*shown.answered, *named]
    area = MapBounds.around(place for ring in shown.outlines for place in ring)
    if area is None:
        # Without a boundary the map shows whoever answered; and China where nobody has.
        found = MapBounds.around([*shown.answered, *((a, b) for a, b, _ in shown.silent)])
        return found or MapBounds.around(everybody) or MapBounds(73.0, 18.0, 135.0, 54.0)
    wider = area.wider(_WIDER)
    return area.with_places(place for place in everybody if wider.has(place))


def _grouped(sheet: MapSheet, people: Sequence[Named]) -> list[tuple[Spot, list[str]]]:
    """People by where they are drawn; those beyond the map at its edge."""
    cells: defaultdict[tuple[int, int], list[tuple[Spot, str]]] = defaultdict(list)
    for lon, lat, name in people:
        spot = sheet.kept(sheet.projection.spot((lon, lat)))
        cells[int(spot[0] // _CELL), int(spot[1] // _CELL)].append((spot, name))
    found = []
    for members in cells.values():
        x = sum(spot[0] for spot, _ in members) / len(members)
        y = sum(spot[1] for spot, _ in members) / len(members)
        found.append(((x, y), [name for _, name in members]))
    return found


def _legend(shown: RollCallMap) -> list[LegendRow]:
    def row(mark: MapMark, chinese: str, count: int) -> LegendRow:
        return LegendRow(mark, f"{both(chinese)} {count}")

    return [
        row(ANSWERED, N_("实到"), shown.counts.answered),
        row(SILENT, N_("未到"), shown.counts.silent),
        row(FAR, N_("实到，区外"), shown.counts.far),
        row(UNREACHABLE, N_("未到，联系不上"), shown.counts.unreachable),
    ]

"""(x) Which of 60,000 villages lie in a drawing of 500 points; a release to 2,000 of them."""

from __future__ import annotations

import math
import random
import statistics
import time
from dataclasses import replace
from pathlib import Path

from alerts.model import Level
from alerts.preview import preview
from alerts.release import release
from bench.scene import DRAFT, QUIET, Row, filled, now
from contacts.area_shapes import PlacesOnMap, covered
from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.divisions.leaves import leaves_of
from contacts.divisions.store import shipped_divisions
from contacts.duty_store import commanders_of
from data.geo.boundaries import Boundaries
from data.geo.shape_cover import Cover
from data.geo.shapes import Shape, shape_of_rings
from data.reference import JILIN_COUNTIES

VILLAGES, VERTICES = 60_000, 500
AROUND = (126.5, 43.7)  # where the drawing lies: WGS-84 lon/lat


class Province:
    """Jilin's counties with a thousand villages each, and its boundaries."""

    def __init__(self, villages: int) -> None:
        self.boundaries = Boundaries.from_geojson(JILIN_COUNTIES.read_bytes())
        counties = self.boundaries.codes
        draw = random.Random(15)
        each = math.ceil(villages / len(counties))
        found: dict[str, Division] = {}
        for county in counties:
            west, south, east, north = self.boundaries.bounds(county)
            for above in ("220000000000", county[:4] + "0" * 8, county):
                found[above] = Division(above, above, tier_of(above))
            for n in range(each):
                township = f"{county[:6]}{100 + n // 30}000"
                found[township] = Division(township, township, tier_of(township))
                code = f"{township[:9]}{1 + n % 30:03d}"
                point = draw.uniform(west, east), draw.uniform(south, north)
                # Every thirtieth has no position.
                at = (None, None) if n % 30 == 29 else point
                found[code] = Division(code, code, tier_of(code), None, *at)
        self.gazetteer = Gazetteer(found.values())


def drawing(vertices: int, seed: int) -> Shape:
    """A crooked drawing, some 150 km wide."""
    draw = random.Random(seed)
    turns = [2 * math.pi * n / vertices for n in range(vertices)]
    reach = [draw.uniform(0.7, 0.9) for _ in turns]
    lon, lat = AROUND
    ring = [
        (lon + wide * math.cos(turn), lat + 0.7 * wide * math.sin(turn))
        for turn, wide in zip(turns, reach, strict=True)
    ]
    return shape_of_rings([ring])


def shapes(folder: Path, *, quick: bool) -> list[Row]:
    """Milliseconds from a drawing to the codes that stand for it, the median of several; and
    seconds until a warning for so many villages is shown and committed."""
    return [*_found(quick=quick), *_released(folder, quick=quick)]


def _released(folder: Path, *, quick: bool) -> list[Row]:
    persons, villages = (15_000, 500) if quick else (60_000, 2_000)
    database = filled(folder / "areas.db", persons)
    known = [d.code for d in shipped_divisions() if d.tier is Tier.VILLAGE]
    chosen = tuple(sorted(random.Random(15).sample(known, villages)))
    draft = replace(DRAFT, areas=chosen, level=Level.ORANGE)
    try:
        by = database.read(lambda c: commanders_of(c, ["220000000000"], linked=False))[0]
        began = time.perf_counter()
        seen = database.read(lambda c: preview(c, draft, by, QUIET, now()))
        shown = time.perf_counter() - began
        began = time.perf_counter()
        database.do(lambda c: release(c, draft, by, QUIET, now()))
        committed = time.perf_counter() - began
    finally:
        database.close()
    label = f"{villages:,} single villages, {seen.persons:,} of {persons:,} persons: "
    return [
        Row("x", label + "preview counted, s", f"{shown:.2f}", "≤ 1", shown <= 1),
        Row("x", label + "release committed, s", f"{committed:.2f}", "≤ 1", committed <= 1),
    ]


def _found(*, quick: bool) -> list[Row]:
    province = Province(VILLAGES)
    began = time.perf_counter()
    leaves = leaves_of(province.gazetteer)
    made = (time.perf_counter() - began) * 1000
    times, chosen = [], 0
    for seed in range(5 if quick else 25):
        shape = drawing(VERTICES, seed)
        began = time.perf_counter()
        found = covered(province, Cover(shape), PlacesOnMap(()), "220000000000")
        times.append((time.perf_counter() - began) * 1000)
        chosen = found.villages
    median = statistics.median(times)
    label = f"{len(leaves.codes):,} villages, {VERTICES} vertices: {chosen:,} inside, ms"
    return [
        Row("x", label, f"{median:.0f}", "≤ 50", median <= 50),
        Row("x", "the same: made ready once after an import, ms", f"{made:.0f}", "", None),
    ]

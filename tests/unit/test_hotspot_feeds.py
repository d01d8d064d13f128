"""Reading a feed's answer: every row is taken or its flaw is named, however odd the answer."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.sources.hotspot_feeds import Format, confidence_of, parse
from alerts.sources.hotspots import (
    Confidence,
    FeedFault,
    GeoBounds,
    Instrument,
    RowFlaw,
    distinct,
)
from bench.firms_feed import MODIS_HEADER, PASSES, VIIRS_HEADER, Day

NOW = datetime(2026, 4, 12, 8, 0, tzinfo=UTC)
JILIN = GeoBounds(121.6, 40.8, 131.4, 46.3)
VIIRS = "43.37210,128.23350,331.20,0.42,0.38,2026-04-12,505,N20,VIIRS,n,2.0NRT,289.10,4.31,D"
MODIS = "43.37000,128.23000,318.40,1.00,1.00,2026-04-12,0210,Terra,MODIS,83,6.1NRT,290.10,11.20,D"


def firms(*rows: str, header: str = VIIRS_HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def flaws(body: bytes, form: Format = Format.FIRMS) -> list[RowFlaw]:
    return [row.flaw for row in parse(body, form, NOW, JILIN).bad]


def test_a_viirs_row() -> None:
    [pixel] = parse(firms(VIIRS), Format.FIRMS, NOW, JILIN).hotspots
    assert (pixel.lon, pixel.lat) == (128.2335, 43.3721)
    assert pixel.acquired_at == datetime(2026, 4, 12, 5, 5, tzinfo=UTC)
    assert (pixel.satellite, pixel.instrument, pixel.pixel_m) == ("NOAA-20", Instrument.VIIRS, 375)
    assert (pixel.confidence, pixel.frp_mw, pixel.day) == (Confidence.NOMINAL, 4.31, True)
    assert pixel.brightness_k == 331.2


@pytest.mark.parametrize(
    ("minutes", "taken"),
    [(-600, True), (-9, True), (-1, True), (0, True), (9, True), (10, True), (11, False)],
)
def test_what_was_just_seen_is_taken_and_little_of_the_future(minutes: int, taken: bool) -> None:
    """Clocks differ by minutes; a fire of the last ten minutes is the one that matters most."""
    at = NOW + timedelta(minutes=minutes)
    row = VIIRS.replace("2026-04-12,505", f"{at:%Y-%m-%d},{at:%H%M}")
    found = parse(firms(row), Format.FIRMS, NOW, JILIN)
    assert [pixel.acquired_at for pixel in found.hotspots] == ([at] if taken else [])
    assert len(found.bad) == (not taken)


def test_a_modis_row() -> None:
    [pixel] = parse(firms(MODIS, header=MODIS_HEADER), Format.FIRMS, NOW, JILIN).hotspots
    assert (pixel.satellite, pixel.instrument, pixel.pixel_m) == ("Terra", Instrument.MODIS, 1000)
    assert (pixel.confidence, pixel.brightness_k) == (Confidence.HIGH, 318.4)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("l", Confidence.LOW),
        ("n", Confidence.NOMINAL),
        ("H", Confidence.HIGH),
        ("nominal", Confidence.NOMINAL),
        (0, Confidence.LOW),
        ("29", Confidence.LOW),
        (30, Confidence.NOMINAL),
        ("79%", Confidence.NOMINAL),
        (80.0, Confidence.HIGH),
        (None, Confidence.NOMINAL),
        ("?", Confidence.NOMINAL),
    ],
)
def test_confidence_in_letters_words_or_percent(value: object, meant: Confidence) -> None:
    assert confidence_of(value) is meant


@pytest.mark.parametrize(
    ("row", "flaw"),
    [
        (VIIRS.replace("2026-04-12,505", "2026-04-12,2355"), RowFlaw.FUTURE),
        (VIIRS.replace("43.37210,128.23350", "0.0,0.0"), RowFlaw.NULL_ISLAND),
        (VIIRS.replace("43.37210,128.23350", "31.2,121.5"), RowFlaw.OUTSIDE_BOUNDS),
        (VIIRS.replace("43.37210,128.23350", "128.2,43.3"), RowFlaw.OUTSIDE_BOUNDS),
        (VIIRS.replace("43.37210", "abc"), RowFlaw.NOT_A_NUMBER),
        (VIIRS.replace("43.37210", "nan"), RowFlaw.NOT_A_NUMBER),
        (VIIRS.replace("43.37210", ""), RowFlaw.MISSING_VALUE),
        (VIIRS.replace("2026-04-12", "12/04/2026"), RowFlaw.BAD_TIME),
        (VIIRS.replace("505", "2560"), RowFlaw.BAD_TIME),
        ("43.3,128.2", RowFlaw.MISSING_VALUE),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_taken(row: str, flaw: RowFlaw) -> None:
    found = parse(firms(row, VIIRS), Format.FIRMS, NOW, JILIN)
    assert [(refused.row, refused.flaw) for refused in found.bad] == [(1, flaw)]
    assert len(found.hotspots) == 1


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", FeedFault.EMPTY),
        (b"\xef\xbb\xbf \n", FeedFault.EMPTY),
        (b"<!DOCTYPE html><html>down for maintenance</html>", FeedFault.HTML),
        (b"Invalid MAP_KEY.", FeedFault.NOT_CSV),
        (b"x" * 200_000, FeedFault.NOT_CSV),
        (VIIRS_HEADER.encode() + b"\n" + b"x" * 200_000, FeedFault.NOT_CSV),
        (b"\xff\xfe\x00\x01", FeedFault.NOT_TEXT),
        (b"latitude,longitude,acq_date\n43,128,2026-04-12", FeedFault.MISSING_COLUMN),
    ],
)
def test_what_is_no_feed_is_a_fault(body: bytes, fault: FeedFault) -> None:
    found = parse(body, Format.FIRMS, NOW, JILIN)
    assert (found.fault, found.hotspots) == (fault, ())


def test_a_feed_without_fires_is_no_fault() -> None:
    found = parse(firms(), Format.FIRMS, NOW, JILIN)
    assert (found.fault, found.hotspots, found.bad) == (None, (), ())


def test_extra_columns_another_order_and_windows_line_ends() -> None:
    body = b"type,acq_time,ACQ_DATE,Longitude,latitude,new\r\n0,5,2026-04-12,128.2,43.3,x\r\n"
    [pixel] = parse(body, Format.FIRMS, NOW, JILIN).hotspots
    assert pixel.acquired_at == datetime(2026, 4, 12, 0, 5, tzinfo=UTC)
    assert pixel.instrument is Instrument.OTHER


def test_json_as_a_list_and_as_geojson_says_the_same() -> None:
    properties = {
        "acquired_at": "2026-04-12T13:05:00+08:00",
        "satellite": "FY-3D",
        "instrument": "MERSI",
        "confidence": 85,
        "frp": 9.5,
    }
    listed = json.dumps([{"lon": 128.2, "lat": 43.3, **properties}]).encode()
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [128.2, 43.3, 400]},
        "properties": properties,
    }
    drawn = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    first = parse(listed, Format.JSON, NOW, JILIN).hotspots
    assert first == parse(drawn, Format.JSON, NOW, JILIN).hotspots
    assert first[0].acquired_at == datetime(2026, 4, 12, 5, 5, tzinfo=UTC)
    assert (first[0].satellite, first[0].confidence) == ("FY-3D", Confidence.HIGH)


@pytest.mark.parametrize("body", [b"{", b"3", b'{"a": 1}', b'{"features": 7}'])
def test_json_that_is_no_list(body: bytes) -> None:
    assert parse(body, Format.JSON, NOW, JILIN).fault is FeedFault.NOT_JSON


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "yesterday", "", 5, "2026-04-12"])
def test_json_times_that_are_none(when: object) -> None:
    body = json.dumps([{"lon": 128.2, "lat": 43.3, "acquired_at": when}])
    expected = 0 if when == "2026-04-12" else 1
    assert len(flaws(body.encode(), Format.JSON)) == expected


def test_json_rows_of_any_shape_are_named() -> None:
    body = json.dumps([1, None, {}, {"geometry": {"type": "Polygon"}}, {"lon": [], "lat": 1}])
    assert len(flaws(body.encode(), Format.JSON)) == 5


@given(st.binary(max_size=300), st.sampled_from(Format))
def test_nothing_is_too_strange(body: bytes, form: Format) -> None:
    parse(body, form, NOW, JILIN)
    parse(firms(body.decode("latin-1")), form, NOW, JILIN)


def test_the_same_pixel_twice_is_one() -> None:
    moved = VIIRS.replace("43.37210", "43.37214").replace("2.0NRT", "2.0")
    other = VIIRS.replace(",N20,", ",N,")
    found = parse(firms(VIIRS, moved, other, VIIRS), Format.FIRMS, NOW, JILIN).hotspots
    assert [pixel.satellite for pixel in distinct(found)] == ["NOAA-20", "S-NPP"]


@pytest.mark.slow
def test_the_generated_day_is_in_the_published_layout_and_as_large_as_the_busiest() -> None:
    day = Day(date(2026, 4, 12))
    assert 6_000 <= len(day) <= 12_000
    end = day.start + timedelta(days=2)
    satellites = set()
    for product in PASSES:
        found = parse(day.feed(product, end).encode(), Format.FIRMS, end)
        assert (found.fault, found.bad) == (None, ())
        satellites |= {pixel.satellite for pixel in found.hotspots}
    assert satellites == {"S-NPP", "NOAA-20", "NOAA-21", "Terra", "Aqua"}

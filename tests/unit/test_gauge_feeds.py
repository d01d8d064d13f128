"""Reading what gauges and rain stations say, in each shape they publish, however odd."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.sources.feeds import FeedAnswer, FeedRequest
from alerts.sources.gauges.columns import Shape
from alerts.sources.gauges.model import Form, Quantity, Read, ReadingFlaw
from alerts.sources.gauges.pages import MOST_PAGES, fetch_pages
from alerts.sources.gauges.reading import read
from alerts.sources.gauges.values import Flawed, factor, interval, moment, number
from alerts.sources.hotspots import FeedFault

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)  # 09:00 in Beijing
SHAPE = Shape(BEIJING)
FOUR = datetime(2023, 7, 2, 20, 0, tzinfo=UTC)  # 04:00


def told(body: str | bytes, form: Form = Form.CSV, shape: Shape = SHAPE) -> Read:
    return read(body.encode() if isinstance(body, str) else body, form, shape, NOW)


def values(found: Read) -> list[tuple[str, str, float, int]]:
    return [(one.station, one.quantity.value, one.value, one.minutes) for one in found.readings]


def test_a_river_table_of_sl_323_as_an_office_exports_it() -> None:
    sheet = (
        "建始县实时水情表\n"
        "测站编码,站名,时间,水位(m),流量,水势\n"
        "60512345,野三河,2023-07-03 04:00,512.31,35.2,5\n"
        "60512345,野三河,2023/7/3 5:00:00,-999,,6\n"
        ",马水河,20230703050000,51230,-9999.99,5\n"
        "60512399,清江,2023-07-03 25:00,5.1,1,5\n"
        "60512399,清江,2023-07-03 05:00,冰,1,5\n"
    )
    found = told(sheet.encode("gb18030"))
    assert values(found) == [
        ("60512345", "level", 512.31, 0),
        ("60512345", "flow", 35.2, 0),
        ("马水河", "level", 51230.0, 0),
        ("60512399", "flow", 1.0, 0),
    ]
    assert found.readings[0].at == FOUR
    assert [(bad.row, bad.flaw, bad.station) for bad in found.bad] == [
        (4, ReadingFlaw.BAD_TIME, "60512399"),
        (5, ReadingFlaw.NOT_A_NUMBER, "60512399"),
    ]
    assert (found.absent, found.unreadable) == (2, 2)


def test_a_sheet_saved_by_a_spreadsheet_in_any_of_its_encodings() -> None:
    """The columns of ST_RIVER_R with the lines beside them; days as the spreadsheet counts them."""
    sheet = (
        "STCD\tSTNM\tTM\tZ\tQ\tFRZ\tWRZ\tGRZ\n"
        "10800150\t大山咀子\t45110.1666666667\t211.35\t310\t210\t211\t212\n"
        "10800150\t大山咀子\t2023年7月3日5时\t211.40\t315\t210\t211\t212\n"
        "10800150\t大山咀子\t2023/7/3 上午 6:00:00\t211.42\t\t210\t211\t212\n"
        "10800150\t大山咀子\t3/7/2023 6:00\t211.5\t1\t210\t211\t212\n"
    )
    for encoding in ("utf-8-sig", "gb18030", "gbk", "utf-16"):
        found = told(sheet.encode(encoding))
        assert [one.value for one in found.readings] == [211.35, 310, 211.4, 315, 211.42], encoding
        hours = [(one.at - FOUR).total_seconds() / 3600 for one in found.readings]
        assert hours == [0, 0, 1, 1, 2]
        assert [(bad.flaw, bad.text) for bad in found.bad] == [
            (ReadingFlaw.BAD_TIME, "3/7/2023 6:00")
        ]


def test_a_rain_table_says_its_interval_in_hours_and_minutes() -> None:
    rows = (
        "STCD\tTM\tDRP\tINTV\tDYP\nA\t2023-07-03 04:00\t12.5\t0.05\t\nA\t2023-07-03 05:00\t8\t\t96"
    )
    assert values(told(rows)) == [
        ("A", "rain", 12.5, 5),
        ("A", "rain", 8.0, 60),
        ("A", "rain", 96.0, 1440),
    ]


def test_an_interval_that_is_none_is_the_usual_one() -> None:
    for words in ("-999", "0", "nan", "9999999"):
        rows = f"STCD,TM,DRP,时段分钟\nA,2023-07-03 04:00,12.5,{words}\n"
        assert values(told(rows)) == [("A", "rain", 12.5, 60)], words


def test_json_lists_wherever_a_service_puts_them() -> None:
    rows = [
        {"STCD": "1", "TM": "/Date(1688328000000)/", "Z": "211.35", "WTMP": 19},
        {"STCD": "1", "TM": 1688331600000, "Q": None},
        {"STCD": "1", "TM": "2023-07-03T05:00:00+08:00", "水位（厘米）": 21140},
        "nonsense",
    ]
    for answer in (rows, {"code": 200, "data": {"total": 4, "records": rows}}, {"result": rows}):
        found = told(json.dumps(answer), Form.JSON)
        assert values(found) == [("1", "level", 211.35, 0), ("1", "level", 211.4, 0)]
        assert [bad.flaw for bad in found.bad] == [ReadingFlaw.NOT_A_ROW]
    assert found.readings[0].at == FOUR
    assert values(told('{"stcd":"7","tm":"2023-07-03 04:00","z":3}', Form.JSON)) == [
        ("7", "level", 3.0, 0)
    ]
    assert told('{"data":[]}', Form.JSON) == Read()


def test_the_usgs_in_feet_and_inches() -> None:
    def series(code: str, unit: str, *values: tuple[str, str]) -> dict[str, object]:
        return {
            "sourceInfo": {"siteName": "N", "siteCode": [{"value": "01646500", "network": "NWIS"}]},
            "variable": {
                "variableCode": [{"value": code, "network": "NWIS"}],
                "unit": {"unitCode": unit},
                "noDataValue": -999999.0,
            },
            "values": [
                {
                    "value": [
                        {"value": value, "qualifiers": ["P"], "dateTime": at}
                        for value, at in values
                    ]
                }
            ],
        }

    at, later = "2023-07-02T16:00:00.000-04:00", "2023-07-02T16:05:00.000-04:00"
    answer = {
        "value": {
            "timeSeries": [
                series("00065", "ft", ("10.00", at), ("-999999", later)),
                series("00060", "ft3/s", ("1000", at)),
                series("00045", "in", ("0.10", at), ("0.20", later)),
                series("00010", "deg C", ("19.1", at)),
            ]
        }
    }
    found = told(json.dumps(answer), Form.USGS)
    assert values(found) == [
        ("01646500", "level", 3.048, 0),
        ("01646500", "flow", 28.3168, 0),
        ("01646500", "rain", 2.54, 15),
        ("01646500", "rain", 5.08, 5),
    ]
    assert found.readings[0].at == FOUR and (found.absent, found.other) == (1, 1)
    newer = {
        "type": "FeatureCollection",
        "links": [{"rel": "next", "href": "https://example.org/items?cursor=2"}],
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "monitoring_location_id": "USGS-01646500",
                    "parameter_code": "00065",
                    "time": "2023-07-02T20:00:00+00:00",
                    "value": "10.00",
                    "unit_of_measure": "ft",
                },
            }
        ],
    }
    found = told(json.dumps(newer), Form.USGS)
    assert values(found) == [("USGS-01646500", "level", 3.048, 0)]
    assert [bad.flaw for bad in found.bad] == [ReadingFlaw.MORE_PAGES], "it is not the whole"


def test_pegelonline_in_centimetres() -> None:
    now = {"timestamp": "2023-07-02T22:00:00+02:00", "value": 489.0, "stateMnwMhw": "high"}
    station = {
        "uuid": "593647aa",
        "number": "501060",
        "shortname": "SCHÖNA",
        "timeseries": [
            {"shortname": "W", "unit": "cm", "currentMeasurement": now},
            {"shortname": "Q", "unit": "m³/s", "currentMeasurement": {**now, "value": 612.0}},
            {"shortname": "LT", "unit": "°C", "currentMeasurement": now},
        ],
    }
    found = told(json.dumps([station]), Form.PEGELONLINE)
    assert values(found) == [("501060", "level", 4.89, 0), ("501060", "flow", 612.0, 0)]
    assert found.readings[0].at == FOUR and found.other == 1
    single = told(json.dumps([now, {"value": 1}]), Form.PEGELONLINE, Shape(BEIJING, "501060"))
    assert values(single) == [("501060", "level", 4.89, 0)]
    assert [bad.flaw for bad in single.bad] == [ReadingFlaw.NOT_A_ROW]


def test_sensorthings_however_it_was_expanded() -> None:
    at, hour = "2023-07-02T20:00:00.000Z", "2023-07-02T19:00:00Z/2023-07-02T20:00:00Z"
    level = {
        "name": "Water level",
        "unitOfMeasurement": {"name": "Centimeter", "symbol": "cm"},
        "ObservedProperty": {"name": "水位"},
    }
    rain = {
        "name": "rain gauge 1",
        "unitOfMeasurement": {"symbol": "mm"},
        "ObservedProperty": {"name": "Precipitation"},
    }
    battery = {"name": "battery", "ObservedProperty": {"name": "voltage"}}
    thing = {"@iot.id": 5, "name": "延吉", "properties": {"STCD": "10800"}}
    one, wet = {"phenomenonTime": at, "result": 312.0}, {"phenomenonTime": hour, "result": 22.5}
    expected = [("10800", "level", 3.12, 0), ("10800", "rain", 22.5, 60)]
    things = {
        **thing,
        "Datastreams": [
            {**level, "Observations": [one]},
            {**rain, "Observations": [wet]},
            {**battery, "Observations": [one]},
        ],
    }
    found = told(json.dumps({"value": [things]}), Form.SENSORTHINGS)
    assert values(found) == expected and found.other == 1
    both = {
        "unitOfMeasurements": [{"symbol": "cm"}, {"symbol": "V"}, {"symbol": "mm"}],
        "ObservedProperties": [{"name": "水位"}, {"name": "voltage"}, {"name": "雨量"}],
        "Observations": [{"phenomenonTime": hour, "result": [312.0, 12.1, 22.5]}],
    }
    for several in ({**thing, "MultiDatastreams": [both]}, {**both, "Thing": thing}):
        found = told(json.dumps({"value": [several]}), Form.SENSORTHINGS)
        assert values(found) == expected and found.other == 1
    bare = {**both, "ObservedProperties": None, "Thing": thing}
    found = told(json.dumps({"value": [bare]}), Form.SENSORTHINGS)
    assert (found.fault, found.detail[:23]) == (FeedFault.UNREADABLE, "row 1: quantity_unknown")
    streams = {
        "value": [
            {**s, "Thing": thing, "Observations": [o]} for s, o in ((level, one), (rain, wet))
        ]
    }
    assert values(told(json.dumps(streams), Form.SENSORTHINGS)) == expected
    observations = {
        "value": [
            {**one, "Datastream": {**level, "Thing": thing}},
            {**wet, "Datastream": {**rain, "Thing": thing}},
            {"phenomenonTime": at, "result": 1},
        ],
        "@iot.nextLink": "https://example.org/v1.1/Observations?$skip=3",
    }
    found = told(json.dumps(observations), Form.SENSORTHINGS)
    assert values(found) == expected
    assert [bad.flaw for bad in found.bad] == [
        ReadingFlaw.QUANTITY_UNKNOWN,
        ReadingFlaw.MORE_PAGES,
    ]
    array = {
        "value": [
            {
                **level,
                "Thing": thing,
                "components": ["id", "phenomenonTime", "resultTime", "result"],
                "dataArray": [[1, at, None, 312.0], [2, at, None, None]],
            }
        ]
    }
    found = told(json.dumps(array), Form.SENSORTHINGS)
    assert values(found) == expected[:1] and found.absent == 1


@pytest.mark.parametrize(
    ("body", "form", "fault"),
    [
        ("", Form.CSV, FeedFault.EMPTY),
        ("<html>key=secret</html>", Form.JSON, FeedFault.HTML),
        (b"\xff\xfe\xff", Form.CSV, FeedFault.NOT_TEXT),
        ("hello", Form.CSV, FeedFault.NOT_CSV),
        ("A,B\n1,2", Form.CSV, FeedFault.MISSING_COLUMN),
        ('{"a":', Form.JSON, FeedFault.NOT_JSON),
        ("[1,2]", Form.JSON, FeedFault.NOT_JSON),
        ("[1,2]", Form.PEGELONLINE, FeedFault.NOT_JSON),
        ("3", Form.SENSORTHINGS, FeedFault.NOT_JSON),
        ("STCD,TM,Z\n1,2033-07-03 04:00,2", Form.CSV, FeedFault.UNREADABLE),
        ("TM,Z\n2023-07-03 04:00,2", Form.CSV, FeedFault.UNREADABLE),
    ],
)
def test_what_cannot_be_used_at_all(body: str | bytes, form: Form, fault: FeedFault) -> None:
    found = told(body, form)
    assert found.fault is fault and not found.readings and "secret" not in found.detail


def test_the_settings_say_what_the_rows_do_not() -> None:
    shape = Shape(UTC, "S9", "cm", 10)
    found = told("TM,Z,P\n2023-07-02 20:00,312,4", Form.CSV, shape)
    assert values(found) == [("S9", "level", 3.12, 0), ("S9", "rain", 4.0, 10)]
    assert found.readings[0].at == FOUR


@pytest.mark.parametrize(
    "written",
    [
        "2023-07-03 04:00:00",
        "2023/7/3 4:00",
        "2023年7月3日4时00分",
        "20230703040000",
        "202307030400",
        "2023-07-03T04:00:00.000+08:00",
        "2023-07-02T20:00Z",
        "2023-07-02T15:00:00-0500",
        "1688328000",
        "1688328000000",
        "2023070304",
        "/Date(1688328000000+0800)/",
    ],
)
def test_a_time_however_it_is_written(written: str) -> None:
    assert moment(written, BEIJING) == FOUR


def test_midnight_may_be_the_end_of_a_day() -> None:
    assert moment("2023-07-02 24:00", BEIJING) == FOUR - timedelta(hours=4)
    for nonsense in ("", None, "昨天", "2023-13-03 04:00", "2023-07-03 24:30", "04:00"):
        with pytest.raises(Flawed):
            moment(nonsense, BEIJING)


@pytest.mark.parametrize(
    "written",
    [
        "-999",
        "-9999.0",
        "-99",
        "-999999",
        "-999.99",
        "-888",
        "-777.0",
        "9999",
        "99999.9",
        "缺测",
        "--",
        "",
        "NULL",
        None,
        "nan",
        "−999",
    ],
)
def test_what_says_itself_that_it_is_missing(written: object) -> None:
    assert number(written, Quantity.LEVEL) is None


def test_what_looks_like_a_null_and_is_a_value() -> None:
    assert number("999.9", Quantity.LEVEL) == 999.9
    assert number("9999", Quantity.FLOW) == 9999
    assert number("-9.9", Quantity.LEVEL) == -9.9
    assert number("1,234.5", Quantity.FLOW) == 1234.5
    for odd in ("-0.5", "9000"):
        with pytest.raises(Flawed):
            number(odd, Quantity.RAIN)
    with pytest.raises(Flawed):
        factor(Quantity.LEVEL, "furlong")
    said = ("1.00", "0.30", "0.05", "24", "", "x", "0.75", "nan", "inf", "-999", "1e300")
    assert [interval(text, 60) for text in said] == [60, 30, 5, 1440, 60, 60, 45, 60, 60, 60, 60]


_cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["-999", "2023-07-03 04:00", "211.3", {}, []]),
)  # fmt: skip
_names = st.sampled_from(
    ["STCD", "TM", "Z", "Q", "DRP", "INTV", "value", "unit", "parameter", "result", "Datastream",
     "Observations", "timeseries", "phenomenonTime", "value", "properties", "水位(cm)"]
)  # fmt: skip


@given(
    st.recursive(
        _cells,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=6),
        max_leaves=20,
    ),
    st.sampled_from(Form),
)
def test_whatever_is_sent_is_a_reading_or_a_flaw(given: object, form: Form) -> None:
    body = json.dumps(given).replace("NaN", "null").replace("Infinity", "1")
    found = told(body, form)
    assert all(one.at <= NOW + timedelta(minutes=10) for one in found.readings)
    assert found.unreadable >= len(found.bad) and (found.fault is None or not found.readings)


@given(st.binary(max_size=200))
def test_whatever_bytes_come(body: bytes) -> None:
    told(body)


def test_pages_are_followed_on_the_host_that_was_asked_and_no_further() -> None:
    base = "https://gauges.example.org/v1.1"
    level = {"name": "water level", "unitOfMeasurement": {"symbol": "m"}}

    def observed(result: float, station: str = "S") -> dict[str, object]:
        stream = {**level, "Thing": {"properties": {"code": station}}}
        return {"phenomenonTime": NOW.isoformat(), "result": result, "Datastream": stream}

    first = f"{base}/Observations"

    def page(*rows: object, after: str = "") -> bytes:
        link = {"@iot.nextLink": after} if after else {}
        return json.dumps({"value": rows, **link}).encode()

    thing = {
        "properties": {"code": "T"},
        "Datastreams": [],
        "Datastreams@iot.nextLink": f"{base}/Things(1)/Datastreams?$skip=0",
    }
    stream = {**level, "Observations": [{"phenomenonTime": NOW.isoformat(), "result": 4.0}]}

    def asked(pages: dict[str, bytes], most: int = 10_000) -> tuple[list[float], list[str], int]:
        urls = []

        def ask(asking: FeedRequest) -> FeedAnswer:
            urls.append(asking.url)
            assert asking.headers == {"Authorization": "k"}
            body = pages.get(asking.url)
            if body is None or len(body) > asking.max_bytes:
                return FeedAnswer(fault=FeedFault.SERVER)
            return FeedAnswer(body, etag="first" if asking.url == first else None)

        asking = FeedRequest(first, "old", None, most, {"Authorization": "k"})
        answer = fetch_pages(asking, ask)
        found = told(answer.body.decode(), Form.SENSORTHINGS)
        values = [one.value for one in found.readings]
        return values, [bad.text for bad in found.bad], len(urls)

    second, third = f"{first}?$skip=1", f"{first}?$skip=2"
    cases: list[tuple[str, dict[str, bytes], list[float], list[str], int]] = [
        ("one page", {first: page(observed(1))}, [1], [], 1),
        (
            "three, by addresses of both kinds",
            {
                first: page(observed(1), after="Observations?$skip=1"),
                second: page(observed(2, "B"), after=third),
                third: page(observed(3)),
            },
            [1, 2, 3],
            [],
            3,
        ),
        (
            "another host",
            {first: page(observed(1), after="https://evil.example.org/x")},
            [1],
            ["@iot.nextLink"],
            1,
        ),
        (
            "a circle",
            {first: page(observed(1), after=second), second: page(observed(2), after=first)},
            [1, 2],
            ["@iot.nextLink"],
            2,
        ),
        (
            "the second is not to be had",
            {first: page(observed(1), after=second)},
            [1],
            ["@iot.nextLink"],
            2,
        ),
        (
            "what belongs to a thing",
            {first: page(thing), f"{base}/Things(1)/Datastreams?$skip=0": page(stream)},
            [4],
            [],
            2,
        ),
    ]
    for name, pages, values, bad, urls in cases:
        assert asked(pages) == (values, bad, urls), name
    endless = {
        f"{first}?$skip={n}": page(observed(1), after=f"{first}?$skip={n + 1}") for n in range(99)
    }
    endless[first] = page(observed(1), after=f"{first}?$skip=0")
    assert len(asked(endless, most=10**6)[0]) == MOST_PAGES
    assert 1 < len(asked(endless, most=2_000)[0]) < 10  # so many bytes, and no more


def test_pages_of_the_ogc_api_become_one_answer() -> None:
    base = "https://api.example.org/collections/latest-continuous/items"

    def page(value: str, after: str = "") -> bytes:
        row = {
            "monitoring_location_id": "USGS-1",
            "parameter_code": "00065",
            "time": NOW.isoformat(),
            "value": value,
            "unit_of_measure": "ft",
        }
        links = [{"rel": "self", "href": base}]
        links += [{"rel": "next", "href": after}] if after else []
        rows = [{"type": "Feature", "properties": row}]
        whole = {"type": "FeatureCollection", "links": links, "features": rows}
        return json.dumps(whole).encode()

    def asked(pages: dict[str, bytes]) -> tuple[list[float], list[str]]:
        def ask(asking: FeedRequest) -> FeedAnswer:
            body = pages.get(asking.url)
            return (
                FeedAnswer(fault=FeedFault.SERVER) if body is None else FeedAnswer(body, etag="1")
            )

        found = told(fetch_pages(FeedRequest(base), ask).body, Form.USGS)
        return [one.value for one in found.readings], [bad.flaw.value for bad in found.bad]

    second = f"{base}?cursor=2"
    assert asked({base: page("10", second), second: page("20")}) == ([3.048, 6.096], [])
    assert asked({base: page("10", second)}) == ([3.048], ["more_pages"])
    assert asked({base: page("10", "https://evil.example.org")}) == ([3.048], ["more_pages"])
    assert asked({base: page("10", second), second: page("20", base)}) == (
        [3.048, 6.096],
        ["more_pages"],
    )

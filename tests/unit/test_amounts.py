"""What a hostile source may send to any reader: nested without end, or more of it than a memory
holds. None of it raises, none of it is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from alerts.sky_pictures.addresses import place_in_index
from alerts.sky_pictures.model import SkySource, TimeFrom
from alerts.sources import amounts
from alerts.sources.cap.feeds import read_feed
from alerts.sources.cap.lists import read_qweather, read_weather_list
from alerts.sources.cap.model import Flaw, Unreadable
from alerts.sources.feeds import FeedAnswer, FeedRequest
from alerts.sources.gauges.columns import Shape
from alerts.sources.gauges.model import Form
from alerts.sources.gauges.pages import fetch_pages
from alerts.sources.gauges.reading import read
from alerts.sources.hotspot_feeds import Format, parse
from alerts.sources.hotspots import FeedFault

NOW = datetime(2026, 7, 10, 4, tzinfo=UTC)
SKY = SkySource(
    "sky", "Sky", "https://a.cn/{picture}", TimeFrom.INDEX, index="https://a.cn/i", index_list="l"
)


def _flaw_of(reading: Callable[[], Any]) -> Any:
    try:
        return reading()
    except Unreadable as error:
        return FeedFault.TOO_LARGE if error.flaw is Flaw.TOO_LARGE else error.flaw


def _gauges(form: Form) -> Callable[[bytes], Any]:
    return lambda body: read(body, form, Shape(UTC, "A"), NOW).fault


READERS: dict[str, Callable[[bytes], Any]] = {
    "firms": lambda body: parse(body, Format.FIRMS, NOW).fault,
    "hotspots": lambda body: parse(body, Format.JSON, NOW).fault,
    "sky": lambda body: place_in_index(SKY, body, NOW),
    "weather_list": lambda body: _flaw_of(lambda: read_weather_list(body, UTC)),
    "qweather": lambda body: _flaw_of(lambda: read_qweather(body, UTC)),
    "cap": lambda body: _flaw_of(lambda: read_feed(body, UTC)),
    **{f"gauges {form.value}": _gauges(form) for form in Form},
}

DEEP = {
    "list": b"[" * 100_000 + b"]" * 100_000,
    "object": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "row": b'[{"stcd":"A","tm":"2026-07-10","z":' + b"[" * 990 + b"]" * 990 + b"}]",
    "hotspot": b'[{"lat":1,"lon":' + b"[" * 990 + b"]" * 990 + b"}]",
    "warning": b'{"data":[{"alertid":' + b"[" * 300 + b"]" * 300 + b"}]}",
    "xml": b"<feed>" + b"<entry>" * 20_000 + b"</entry>" * 20_000 + b"</feed>",
}


@pytest.mark.parametrize("reader", list(READERS))
@pytest.mark.parametrize("body", list(DEEP))
def test_no_depth_is_too_much_for_a_reader(reader: str, body: str) -> None:
    READERS[reader](DEEP[body])


@pytest.mark.parametrize("page", ["value", "features"])
def test_a_page_that_cannot_be_written_again_is_for_the_reader(page: str) -> None:
    deep = b"[" * 300 + b"]" * 300
    links = b'"@iot.nextLink":"/2","links":[{"rel":"next","href":"/2"}]'
    body = b'{"%s":[{"a":%s}],%s}' % (page.encode(), deep, links)
    answer = fetch_pages(FeedRequest("https://a.cn/1"), lambda _asking: FeedAnswer(body))
    assert answer.body == body
    assert READERS["gauges sensorthings"](body) is FeedFault.NOT_JSON


MANY = {
    "firms": b"latitude,longitude,acq_date,acq_time\n" + b"1\n" * 20,
    "hotspots": b"[" + b"{}," * 20 + b"{}]",
    "sky": b'{"l":[' + b"[]," * 20 + b"[]]}",
    "weather_list": b'{"data":[' + b"{}," * 20 + b"{}]}",
    "qweather": b'{"alerts":[' + b"{}," * 20 + b"{}]}",
    "cap": b"<feed>" + b"<entry/>" * 20 + b"</feed>",
    **{f"gauges {form.value}": b"[" + b"{}," * 20 + b"{}]" for form in Form},
    "gauges csv": b"STCD,TM,Z\n" + b"1\n" * 20,
}


@pytest.mark.parametrize("reader", list(MANY))
def test_no_reader_makes_more_of_an_answer_than_a_memory_holds(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """32 MB of ``{},`` took two gigabytes and a minute."""
    assert READERS[reader](MANY[reader]) is not FeedFault.TOO_LARGE
    monkeypatch.setattr(amounts, "MOST_ROWS", 15)
    monkeypatch.setattr(amounts, "MOST_TAGS", 15)
    assert READERS[reader](MANY[reader]) is FeedFault.TOO_LARGE
    monkeypatch.setattr(amounts, "MOST_ROWS", 1000)
    monkeypatch.setattr(amounts, "MOST_VALUES", 2)
    if reader != "cap":
        wide = MANY[reader].replace(b"1\n", b"1,1,1\n")
        assert READERS[reader](wide) is FeedFault.TOO_LARGE


def test_a_row_is_one_whatever_ends_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amounts, "MOST_ROWS", 3)
    for end in ("\n", "\r\n", "\r"):
        assert not amounts.too_many_rows(f"1{end}" * 3, ",")
        assert amounts.too_many_rows(f"1{end}" * 4, ",")


@pytest.mark.parametrize("form", list(Form))
def test_a_row_of_more_fields_than_any_table_has_is_none(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two and a half million took ten seconds to look its names up."""
    names = ["STCD", "TM", "Z", *(f"f{number}" for number in range(17))]
    values = ["A", "2026-07-10", "1.5", *("1" for _ in range(17))]
    body = f"[{orjson.dumps(dict(zip(names, values, strict=True))).decode()}]"
    if form is Form.CSV:
        body = f"{','.join(names)}\n{','.join(values)}\n"
    taken = read(body.encode(), form, Shape(UTC), NOW)
    monkeypatch.setattr(amounts, "MOST_FIELDS", 19)
    refused = read(body.encode(), form, Shape(UTC), NOW)
    assert not refused.readings
    if form in (Form.CSV, Form.JSON, Form.USGS):
        assert len(taken.readings) == 1 and refused.fault is not None


def test_numbers_without_bounds_are_no_values() -> None:
    for number in ("NaN", "Infinity", "1e400", "-1e400", "1" * 400, '"1e400"', "[]", "{}"):
        body = f'[{{"stcd":"A","tm":"2026-07-10","z":{number},"lat":{number},"lon":1}}]'.encode()
        assert not read(body, Form.JSON, Shape(UTC), NOW).readings
        assert not parse(body, Format.JSON, NOW).hotspots

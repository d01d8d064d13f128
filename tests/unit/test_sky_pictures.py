"""Satellite and radar pictures: what is a picture, from when, which is new, who is owed it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from alerts.model import Hazard
from alerts.sky_pictures.addresses import time_of_header
from alerts.sky_pictures.fetching import fetch_newest
from alerts.sky_pictures.images import Image, ImageKind, image_of
from alerts.sky_pictures.model import (
    Kept,
    OpenWarning,
    Sent,
    SkySource,
    Step,
    TimeFrom,
    is_new,
    muted,
    owed,
)
from alerts.sources.feeds import FeedAnswer, FeedRequest
from alerts.sources.hotspots import FeedFault
from contacts.groups import Group, Purpose

NOW = datetime(2026, 7, 12, 6, 37, tzinfo=UTC)
BEIJING = ZoneInfo("Asia/Shanghai")
SOURCE = SkySource(
    "radar", "雷达", "https://x/{time:%Y%m%d}/r_{time:%H%M}.png", every=timedelta(minutes=6)
)


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), shade: int = 0) -> bytes:
    made = BytesIO()
    Pillow.new("RGB", size, (shade, 0, 0)).save(made, kind)
    return made.getvalue()


def minute(hour: int, minutes: int) -> datetime:
    return NOW.replace(hour=hour, minute=minutes)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (picture(), (ImageKind.PNG, 40, 30, True)),
        (picture("JPEG"), (ImageKind.JPEG, 40, 30, True)),
        (picture("GIF"), (ImageKind.GIF, 40, 30, False)),
        (picture("PNG", (300, 5)), (ImageKind.PNG, 300, 5, False)),
        (picture("WEBP"), (ImageKind.WEBP, 0, 0, False)),
        (b"", FeedFault.EMPTY),
        (b"\xef\xbb\xbf\n<!doctype html><title>404", FeedFault.HTML),
        (b'{"error": "no such product"}', FeedFault.NOT_PICTURE),
        (b"%PDF-1.7", FeedFault.NOT_PICTURE),
        (picture()[:-20], FeedFault.BROKE_OFF),
        (picture("JPEG")[:-20] + b"\0" * 80, FeedFault.BROKE_OFF),
        (picture("GIF")[:-1], FeedFault.BROKE_OFF),
        (picture("WEBP")[:-4], FeedFault.BROKE_OFF),
        (b"\xff\xd8\xff\xd8" + b"\xff\xd9" * 40, FeedFault.NOT_PICTURE),
    ],
    ids=range(14),
)
def test_what_is_a_picture_by_its_bytes(body: bytes, found: object) -> None:
    image = image_of(body)
    if isinstance(image, Image):
        assert (image.kind, image.width, image.height, image.as_photo) == found
    else:
        assert image is found


@given(
    st.binary(max_size=60), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b""])
)
def test_no_bytes_are_too_strange(tail: bytes, head: bytes) -> None:
    image_of(head + tail)
    image_of(head + tail + b"\xff\xd9")
    image_of(b"RIFF" + struct.pack("<I", len(tail)) + b"WEBP" + tail)


def serving(
    pages: dict[str, bytes | FeedFault], asked: list[str], **more: str
) -> Callable[..., FeedAnswer]:
    def by(asking: FeedRequest) -> FeedAnswer:
        asked.append(asking.url)
        page = pages.get(asking.url, FeedFault.REFUSED)
        if isinstance(page, FeedFault):
            return FeedAnswer(fault=page, detail="HTTP 404" if page is FeedFault.REFUSED else "")
        return FeedAnswer(page, last_modified=more.get("modified"), etag=more.get("etag"))

    return by


def kept(taken_at: datetime | None, digest: str = "a") -> Kept:
    return Kept("radar", taken_at, NOW, digest, "png", as_photo=True)


def asked_for(source: SkySource) -> FeedRequest:
    return FeedRequest(source.url)


def test_the_newest_of_the_addresses_that_is_there() -> None:
    asked: list[str] = []
    late = replace(SOURCE, step=timedelta(minutes=6), delay=timedelta(minutes=5), zone=BEIJING)
    pages: dict[str, bytes | FeedFault] = {"https://x/20260712/r_1424.png": picture()}
    answer = fetch_newest(late, None, asked_for(late), NOW, serving(pages, asked))
    assert answer.taken_at == minute(6, 24)
    assert [url[-8:-4] for url in asked] == ["1430", "1424"]
    # What is known is not asked for again, and that the next is not there yet is no fault.
    asked.clear()
    again = fetch_newest(late, kept(minute(6, 24)), asked_for(late), NOW, serving(pages, asked))
    assert again.unchanged and [url[-8:-4] for url in asked] == ["1430"]
    assert fetch_newest(
        late, kept(minute(6, 30)), asked_for(late), NOW, serving(pages, asked)
    ).unchanged
    # Nothing is there of all that could be: that is one. So is a server that does not answer.
    for page, fault, tries in (
        (FeedFault.REFUSED, FeedFault.REFUSED, 6),
        (FeedFault.TIMEOUT, FeedFault.TIMEOUT, 1),
        (b"<html>", FeedFault.HTML, 1),
    ):
        asked.clear()
        everywhere = dict.fromkeys((f"https://x/20260712/r_14{m:02}.png" for m in range(60)), page)
        old = kept(minute(3, 0))
        answer = fetch_newest(late, old, asked_for(late), NOW, serving(everywhere, asked))
        assert (answer.fault, len(asked)) == (fault, tries)


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (
            {
                "radar": {
                    "past": [{"time": 1783838040, "path": "/a"}, {"time": 1783838400, "path": "/b"}]
                }
            },
            ("/b", 40),
        ),
        (
            {"radar": {"past": [{"time": "202607121430", "path": "/c"}, {"time": "x"}, 7]}},
            ("/c", 30),
        ),
        ({"radar": {"past": [{"time": "2026-07-12 14:24:00", "path": "/d"}]}}, ("/d", 24)),
        ({"radar": {"past": [{"time": "2026-07-12T06:18:00Z", "path": "/e"}]}}, ("/e", 18)),
        # A forecast is no picture of how things are.
        (
            {
                "radar": {
                    "past": [
                        {"time": "202607121430", "path": "/f"},
                        {"time": "202607121530", "path": "/g"},
                    ]
                }
            },
            ("/f", 30),
        ),
        # Nor does an index send the bot to another host.
        ({"radar": {"past": [{"time": 1783838040, "path": ".evil/a"}]}}, FeedFault.ELSEWHERE),
        ({"radar": {"past": [{"time": 1783838040, "path": "@10.0.0.1/a"}]}}, FeedFault.ELSEWHERE),
        ({"radar": {"past": []}}, FeedFault.NO_TIME),
        # No moment of anybody's: outside of all calendars, or in a zone that nobody knows.
        (
            {"radar": {"past": [{"time": "0001-01-01T00:00+14:00", "path": "/i"}]}},
            FeedFault.NO_TIME,
        ),
        ({"radar": {"past": [{"time": "2026-07-12 06:18 IST", "path": "/i"}]}}, FeedFault.NO_TIME),
        ({"radar": {"past": [{"time": 1e400, "path": "/i"}]}}, FeedFault.NO_TIME),
        ({"radar": None}, FeedFault.MISSING_COLUMN),
        ({"radar": {"past": [{"time": None, "path": "/h"}]}}, FeedFault.NO_TIME),
        (b"<html>", FeedFault.HTML),
        (b"{", FeedFault.NOT_JSON),
    ],
)
def test_the_newest_that_an_index_names(index: object, found: object) -> None:
    source = replace(
        SOURCE,
        url="https://x{picture}/1.png",
        time_from=TimeFrom.INDEX,
        zone=BEIJING,
        index="https://x/maps.json",
        index_list="radar.past",
    )
    body = index if isinstance(index, bytes) else orjson.dumps(index)
    pages: dict[str, bytes | FeedFault] = {
        f"https://x/{name}/1.png": picture() for name in "abcdefgh"
    }
    asked: list[str] = []
    answer = fetch_newest(
        source, None, asked_for(source), NOW, serving({**pages, source.index: body}, asked)
    )
    if isinstance(found, FeedFault):
        assert answer.fault is found
    else:
        path, minutes = found  # type: ignore[misc]
        assert (asked[-1], answer.taken_at) == (f"https://x{path}/1.png", minute(6, minutes))


def test_the_time_of_the_header_or_none() -> None:
    source = replace(SOURCE, url="https://x/new.jpg", time_from=TimeFrom.HEADER)
    pages: dict[str, bytes | FeedFault] = {source.url: picture("JPEG")}
    for modified, fault, at in (
        ("Sun, 12 Jul 2026 06:20:00 GMT", None, minute(6, 20)),
        ("Sun, 12 Jul 2026 09:20:00 GMT", FeedFault.NO_TIME, None),
        ("yesterday", FeedFault.NO_TIME, None),
    ):
        answer = fetch_newest(
            source, None, asked_for(source), NOW, serving(pages, [], modified=modified)
        )
        assert (answer.fault, answer.taken_at) == (fault, at)
    assert (
        fetch_newest(source, None, asked_for(source), NOW, serving(pages, [])).fault
        is FeedFault.NO_TIME
    )
    bare = replace(source, time_from=TimeFrom.NONE)
    assert fetch_newest(bare, None, asked_for(bare), NOW, serving(pages, [])).taken_at is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Sun, 12 Jul 2026 06:20:00 GMT", minute(6, 20)),
        ("Sunday, 12-Jul-26 06:20:00 GMT", minute(6, 20)),
        ("Sun Jul 12 06:20:00 2026", minute(6, 20)),
        ("Sun, 12 Jul 2026 14:20:00 +0800", minute(6, 20)),
        ("Sun, 12 Jul 2026 06:20:00", minute(6, 20)),
        ("Sun, 12 Jul 2026 06:20:00 XYZ", None),  # was taken for UTC
        ("Sun, 12 Jul 2026 06:20:00 IST", None),
        ("Sun, 12 Jul 2099 06:20:00 GMT", None),
        ("yesterday", None),
        ("9" * 70_000, None),
        (None, None),
    ],
)
def test_the_time_of_a_header(header: str | None, found: datetime | None) -> None:
    assert time_of_header(header, NOW) == found


@pytest.mark.parametrize("filling", [b"\xff", b"\xff\x01", b"\xff\xe0\0\2"])
def test_the_size_of_a_picture_is_not_looked_for_without_end(filling: bytes) -> None:
    """Ten million markers took seconds of the database's writer."""
    begins, size = b"\xff\xd8\xff\xe0\0\2", b"\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0\xff\xd9"
    assert isinstance(image_of(begins + filling * 1000 + size), Image)
    assert image_of(begins + filling * 20_000 + size) is FeedFault.NOT_PICTURE


def test_an_old_picture_is_never_a_new_one() -> None:
    known = kept(minute(6, 20))
    assert is_new(None, "b", None)
    assert is_new(known, "b", minute(6, 30))
    assert not is_new(known, "a", minute(6, 30))  # the same bytes under a later time
    assert not is_new(known, "b", minute(6, 20))  # other bytes of the same time
    assert not is_new(known, "b", minute(6, 10))
    assert is_new(kept(None), "b", None)
    assert not is_new(kept(None), "a", None)
    # A cache that gives old and new by turns: without a time the old one is known by its bytes.
    assert not is_new(replace(kept(None), before=("b",)), "b", None)
    assert is_new(replace(known, before=("b",)), "b", minute(6, 30))  # a sky without clouds again


def test_a_group_is_owed_each_picture_once_and_once_that_none_follow() -> None:
    since, nothing = NOW - timedelta(hours=5), Sent()
    fresh, old = kept(minute(6, 20)), kept(minute(4, 0))
    assert owed(SOURCE, None, nothing, since, NOW) is None
    assert owed(SOURCE, fresh, nothing, since, NOW) is Step.PICTURE
    assert owed(SOURCE, fresh, Sent("a"), since, NOW) is None
    assert owed(SOURCE, old, Sent("a"), since, NOW) is Step.STOPPED
    assert owed(SOURCE, old, Sent("a", "a"), since, NOW) is None
    assert owed(SOURCE, old, Sent("a", "before"), since, NOW) is Step.STOPPED
    assert owed(SOURCE, old, nothing, NOW - timedelta(minutes=3), NOW) is None  # it was just begun


def test_which_groups_get_it_for_which_warnings() -> None:
    def warning(area: str, hazard: Hazard = Hazard.RAINSTORM, at: datetime = NOW) -> OpenWarning:
        return OpenWarning(1, hazard, (area,), False, at)

    city, county, village = "222400000000", "222403000000", "222403101200"
    flood = Group(-1, "g", county, Purpose.FLOOD)
    assert SOURCE.for_group(flood, warning(county))
    assert SOURCE.for_group(flood, warning(city))
    assert SOURCE.for_group(flood, warning(village))  # the county answers for it
    assert not SOURCE.for_group(flood, warning("220100000000"))
    assert not SOURCE.for_group(flood, warning(county, Hazard.FOREST_FIRE))
    assert not SOURCE.for_group(Group(-2, "g", village, Purpose.ALL), warning(village))
    rain = replace(SOURCE, hazards=frozenset({Hazard.RAINSTORM}), areas=(city,))
    assert rain.for_group(flood, warning(county))
    assert not rain.for_group(flood, warning(county, Hazard.TYPHOON))
    assert not replace(rain, areas=("220100000000",)).for_group(flood, warning(county))
    before, after = warning(county), warning(county, at=NOW + timedelta(hours=1))
    assert not muted(None, [before])
    assert muted(NOW, [before])
    assert not muted(NOW, [before, after])

"""Uploads and feeds are bounded in size and rows; zip, XML and JSON bombs are refused.

Each file is read in a process of its own whose memory is limited by the system, so that a bomb
that goes off is a failing test and not a dead machine.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.patrol.zones.zone_file import ZoneFileProblem, read_collection
from alerts.patrol.zones.zone_import import import_zones
from alerts.sources.feeds import FeedRequest, fetch
from alerts.sources.hotspot_feeds import Format, parse
from alerts.sources.hotspots import FeedFault
from bot.views.roster.import_text import file_problem_text
from contacts.divisions.boundary_file import import_boundaries
from contacts.roster import xlsx
from contacts.roster.spreadsheets import read_sheet
from data import files
from data.database import Database
from data.errors import InvalidInput
from data.files import FileProblem, read_file
from data.geo.boundaries import Boundaries
from tests.roster import NOW
from tests.stories.command_line import ROOT
from tests.stories.story import story_of

MEMORY = 1200 * 1024 * 1024
"""Bytes of address space of the reading process; the interpreter and its libraries take half."""

READ = """
import os, resource, sys
from pathlib import Path
import openpyxl, defusedxml.ElementTree
from contacts.roster.spreadsheets import read_sheet
from data.database import Database
from data.errors import InvalidInput
memory = int(sys.argv[1])
for name in sys.stdin:
    sys.stdout.flush()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        print("ended", status, flush=True)
        continue
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    try:
        print("rows", len(read_sheet(Path(name.rstrip())).rows))
    except InvalidInput as error:
        print(error.code.name)
    sys.stdout.flush()
    os._exit(0)
"""
"""Reads the files named on its input, each in a process of its own that has everything imported."""

Verdict = Callable[[Path], str]


@pytest.fixture(scope="module")
def verdict() -> Iterator[Verdict]:
    """What reading a file comes to, in a process of little memory."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READ, str(MEMORY)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert reader.stdin is not None and reader.stdout is not None

    def read(file: Path) -> str:
        print(file, file=reader.stdin, flush=True)
        said = [reader.stdout.readline().strip()]
        while said[-1] and not said[-1].startswith("ended "):
            said.append(reader.stdout.readline().strip())
        assert said[-1] == "ended 0" and len(said) == 2, said
        return said[0]

    with reader:
        yield read
        reader.stdin.close()


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WHOLE = workbook(["name", "phone"], ["张三", "13900000001"])
SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
MEGA = 1024 * 1024


def with_part(name: str, content: bytes, whole: bytes = WHOLE, more: int = 0) -> bytes:
    """The workbook with one part put in another's place, well compressed; ``more`` empty parts."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry.filename, old.read(entry))
        new.writestr(name, content)
        for number in range(more):
            new.writestr(f"xl/media/{number}.bin", b"")
    return made.getvalue()


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        return archive.read(name)


def laughs() -> bytes:
    """The billion laughs."""
    names = "abcdefghij"
    entities = f'<!ENTITY {names[0]} "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>'
    return f"<!DOCTYPE worksheet [{entities}]>".encode() + HEAD + cell + TAIL


def outside() -> bytes:
    """A file of this machine as an entity."""
    doctype = b'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>'
    return doctype + HEAD + cell + TAIL


def renamed(kind: bytes, whole: bytes) -> bytes:
    """With one more entry in its list of parts."""
    types = part("[Content_Types].xml").replace(b"</Types>", kind + b"</Types>")
    return with_part("[Content_Types].xml", types, whole)


LONG_CELL = b'<c r="A%d" t="inlineStr"><is><t>' + b"x" * 400 + b"</t></is></c>"
ROWS = b"".join(b'<row r="%d">' % n + LONG_CELL % n + b"</row>" for n in range(1, 10_000))
assert len(ROWS) > xlsx.MAX_STRETCH_BYTES
BIG = with_part(SHEET, HEAD + ROWS + TAIL)
TYPE = b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxml'
STRINGS = TYPE + b'formats-officedocument.spreadsheetml.sharedStrings+xml"/>'
TEXTS = renamed(STRINGS.replace(b"worksheets/sheet1", b"sharedStrings"), WHOLE)
HIDING = HEAD + b"<row>" + (b"<c/>" * MEGA + b"<!--<row -->") * 3 + b"</row>" + TAIL

BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "a billion laughs": (lambda: with_part(SHEET, laughs()), {"BROKEN_XLSX"}),
    "an outside entity": (lambda: with_part(SHEET, outside()), {"BROKEN_XLSX"}),
    "laughs in the texts": (
        lambda: with_part("xl/sharedStrings.xml", laughs(), TEXTS),
        {"BROKEN_XLSX"},
    ),
    "laughs in the styles": (lambda: with_part("xl/styles.xml", laughs()), {"BROKEN_XLSX"}),
    "laughs in the workbook": (lambda: with_part("xl/workbook.xml", laughs()), {"BROKEN_XLSX"}),
    "laughs in the types": (lambda: with_part("[Content_Types].xml", laughs()), {"BROKEN_XLSX"}),
    "zeros": (lambda: with_part("xl/media/x.bin", bytes(300 * MEGA)), {"BOMB"}),
    "a style sheet": (
        lambda: with_part("xl/styles.xml", b"<styleSheet>" + b"<a/>" * (16 * MEGA)),
        {"SUSPICIOUS"},
    ),
    "one endless row": (
        lambda: with_part(SHEET, HEAD + b"<row>" + b"<c/>" * (16 * MEGA) + b"</row>" + TAIL),
        {"SUSPICIOUS"},
    ),
    "one endless text": (
        lambda: with_part("xl/sharedStrings.xml", b"<sst><si>" + b"<r/>" * (12 * MEGA), TEXTS),
        {"SUSPICIOUS"},
    ),
    "no rows at all": (lambda: with_part(SHEET, HEAD + b"<x/>" * (16 * MEGA)), {"SUSPICIOUS"}),
    "rows in comments": (lambda: with_part(SHEET, HIDING), {"SUSPICIOUS"}),
    "too many rows": (
        lambda: with_part(SHEET, HEAD + b"<row/>" * 1_200_000 + TAIL),
        {"TOO_MANY_ROWS"},
    ),
    "a million rows of nothing": (
        lambda: with_part(SHEET, HEAD + b"<row/>" * 1_000_000 + TAIL),
        {"TOO_MANY_ROWS"},
    ),
    "as many rows of nothing as one piece holds": (
        lambda: with_part(SHEET, HEAD + b"<row/>" * 600_000 + TAIL),
        {"TOO_MANY_ROWS"},
    ),
    "a million rows of a colour": (
        lambda: with_part(SHEET, HEAD + b'<row s="1" customFormat="1"/>' * 1_040_000 + TAIL),
        {"TOO_MANY_ROWS"},
    ),
    "a cell in the last row there can be": (
        lambda: with_part(
            SHEET,
            HEAD
            + b'<row r="1"><c r="A1"><v>1</v></c></row>'
            + b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
            + TAIL,
        ),
        {"rows 1"},
    ),
    "a row of a huge number": (
        lambda: with_part(SHEET, HEAD + b'<row r="999999999999"><c><v>1</v></c></row>' + TAIL),
        {"TOO_MANY_ROWS"},
    ),
    "a column of a huge number": (
        lambda: with_part(SHEET, HEAD + b'<row r="1"><c r="XFDZZZ1"><v>1</v></c></row>' + TAIL),
        {"BROKEN_XLSX", "EMPTY", "NO_ROWS", "TOO_MANY_COLUMNS"},
    ),
    "a sheet that claims to be texts": (lambda: renamed(STRINGS, BIG), {"SUSPICIOUS"}),
    "thousands of parts": (lambda: with_part("x", b"", more=3000), {"SUSPICIOUS"}),
    "a zip in a zip": (
        lambda: with_part(SHEET, with_part("xl/media/x.bin", bytes(8 * MEGA))),
        {"BROKEN_XLSX"},
    ),
    "a zip in a zip's media": (
        lambda: with_part("xl/media/x.zip", with_part("x.bin", bytes(8 * MEGA))),
        {"rows 1"},
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_in_a_workbook(bomb: str, tmp_path: Path, verdict: Verdict) -> None:
    made, expected = BOMBS[bomb]
    file = tmp_path / "roster.xlsx"
    file.write_bytes(made())
    assert file.stat().st_size <= files.MAX_FILE_BYTES
    assert verdict(file) in expected


def test_a_large_workbook_of_a_spreadsheet_program_is_read(
    tmp_path: Path, verdict: Verdict
) -> None:
    """The bounds must not refuse what is meant: more rows than the province has villages."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["name", "phone", "division_code", "role"])
    for n in range(14_000):
        sheet.append([f"张三{n}", f"139{n:08d}", "222403101200", "village_responsible"])
    file = tmp_path / "roster.xlsx"
    book.save(file)
    assert verdict(file) == "rows 14000"
    (tmp_path / "big.xlsx").write_bytes(BIG)
    assert verdict(tmp_path / "big.xlsx").startswith("rows 99")


def test_too_many_rows_are_counted_before_any_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program's largest sheet, all of a colour: nobody waits ten seconds to be told."""

    def read(*_: Any, **__: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(openpyxl, "load_workbook", read)
    file = tmp_path / "roster.xlsx"
    coloured = b'<row s="1" customFormat="1"/>' * (xlsx.MAX_WRITTEN_ROWS + 1)
    file.write_bytes(with_part(SHEET, HEAD + coloured + TAIL))
    with pytest.raises(InvalidInput) as refused:
        read_sheet(file)
    assert refused.value.code is FileProblem.TOO_MANY_ROWS


def test_a_size_that_lies(tmp_path: Path, verdict: Verdict) -> None:
    """The zip says its sheet is small: no more than that is ever unpacked."""
    whole = bytearray(with_part(SHEET, HEAD + b"<x/>" * (16 * MEGA) + TAIL))
    real = (len(HEAD + TAIL) + 64 * MEGA).to_bytes(4, "little")
    assert whole.count(real) >= 1
    file = tmp_path / "roster.xlsx"
    file.write_bytes(whole.replace(real, (1000).to_bytes(4, "little")))
    assert verdict(file) == "BROKEN_XLSX"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), {FileProblem.OLD_EXCEL}),
        (b"%PDF-1.7\n" + bytes(100), {FileProblem.NOT_TEXT}),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), {FileProblem.NOT_TEXT}),
        (b"GIF89a;PK\x03\x04" + WHOLE, {FileProblem.NOT_TEXT}),
        (WHOLE[:2] + b"xx" + WHOLE[4:], {FileProblem.NOT_TEXT, FileProblem.NO_ROWS}),
        (b"PK\x03\x04" + b"name,phone\n1,2\n", {FileProblem.BROKEN_XLSX}),
        (b"," * 70, {FileProblem.TOO_MANY_COLUMNS}),
        (b'"' + b"a" * 200_000, {FileProblem.BAD_QUOTES, FileProblem.NO_ROWS}),
        (b"a,b\n" * 3 + b'"x', {FileProblem.BAD_QUOTES}),
        (b"a\n" + b"\x00" * 100, {FileProblem.NOT_TEXT}),
        (b"\n" * 100_000, {FileProblem.EMPTY}),
    ],
)
@pytest.mark.parametrize("name", ["roster.csv", "roster.xlsx", "roster.exe", "roster"])
def test_the_bytes_decide_not_the_name(
    content: bytes, expected: set[FileProblem], name: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_sheet(file)
    assert refused.value.code in expected


@hypothesis_settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_refused_or_read(tmp_path: Path, at: int, noise: bytes) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(WHOLE[:at] + noise + WHOLE[at + len(noise) :])
    with suppress(InvalidInput):  # anything else fails
        read_sheet(file)


def test_sizes_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reader stops one byte after its bound, whatever is on the disk."""
    assert files.MAX_FILE_BYTES <= 32 * MEGA
    assert xlsx.MAX_PART_BYTES <= 8 * MEGA
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 1000)
    file = tmp_path / "large"
    file.write_bytes(b"a" * 1001)
    with closing(Database("sqlite://")) as unused:
        for read in (
            read_sheet,
            lambda path: import_zones(unused, path, NOW),
            lambda path: import_boundaries(unused, path, tmp_path / "b.geojson", NOW),
        ):
            with pytest.raises(InvalidInput) as refused:
                read(file)
            assert refused.value.code is FileProblem.TOO_LARGE
    file.write_bytes(b"a" * 1000)
    assert read_file(file)


@pytest.mark.parametrize("code", list(FileProblem))
def test_the_refusal_is_told_in_both_languages(code: FileProblem) -> None:
    facts = {"file": "x.xlsx", "most": 5, "row": 7, "column": "phone", "reason": "-"}
    facts |= {"label": "-", "found": "-"}
    words = [file_problem_text(InvalidInput(code, **facts), language) for language in ("zh", "en")]
    assert len(set(words)) == 2 and all(words), words


DEEP = 100_000
GEOJSON = {
    "nested": b'{"features":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "nested objects": b'{"features":[' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"]}",
    "cut": b'{"features":[{"type":',
    "not utf-8": b"\xff\xfe\x00",
    "a number": b"1",
    "null": b"null",
    "features null": b'{"features":null}',
    "many": json.dumps({"features": [{}] * 50_001}).encode(),
    "odd numbers": b'{"features":[{"geometry":{"type":"Polygon","coordinates":[[[1e999,NaN]]]}}]}',
}


@pytest.mark.parametrize("oddity", GEOJSON)
def test_odd_geojson(oddity: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_collection(GEOJSON[oddity])
    assert isinstance(refused.value.code, ZoneFileProblem)
    if oddity != "many":
        with pytest.raises(InvalidInput):
            Boundaries.from_geojson(GEOJSON[oddity])


@pytest.mark.parametrize("kind", ["declared", "chunked", "gzip"])
async def test_a_feed_larger_than_its_bound(kind: str) -> None:
    """10 MB of it, 64 kB wanted; a server does not have to say how much is coming, or tell it."""
    import asyncio
    import gzip

    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        if kind == "gzip":
            packed = gzip.compress(b"0" * 10_000_000)
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        if kind == "declared":
            return web.Response(body=b"0" * 10_000_000)
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(200):
            await response.write(b"0" * 50_000)
            sent += 50_000
        return response

    application = web.Application()
    application.router.add_get("/feed", answer)
    server = TestServer(application)
    await server.start_server()
    try:
        asking = FeedRequest(str(server.make_url("/feed")), max_bytes=65_536)
        fetched = await asyncio.to_thread(fetch, asking)
    finally:
        await server.close()
    assert (fetched.fault, fetched.body) == (FeedFault.TOO_LARGE, b"")
    assert sent < 10_000_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"features":[{"geometry":{},"properties":[1]}]}',
        b'{"features":[{"geometry":{"type":"Point","coordinates":{}},"properties":null}]}',
        b'{"features":' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'[{"lat":{},"lon":[]}]',
        b'[{"lat":1e999,"lon":"NaN"}]',
        b"[[[[1]]]]",
        b"null",
        b'{"hotspots":{"a":1}}',
    ],
)
def test_an_odd_feed_never_fails(body: bytes) -> None:
    for form in Format:
        parse(body, form, NOW)


@hypothesis_settings(max_examples=80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["features", "geometry", "properties", "coordinates", "lat", "type"]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_as_a_feed(value: Any) -> None:
    parse(json.dumps({"features": [value]}).encode(), Format.JSON, NOW)


async def test_copies_of_media_are_bounded(tmp_path: Path) -> None:
    """What the server says of a file's size is not believed, and its name makes no path."""
    from dataclasses import replace

    from sqlalchemy import select

    from bot.config.load import load
    from data.tables.patrol import field_reports

    media = replace(load(None, {}).media, directory=str(tmp_path / "media"), max_megabytes=1)
    async with story_of(tmp_path, media=media) as story:
        ranger = story["护林员"]
        story.server.people.send_photo(ranger.id, bytes(2_000_000))
        story.server.people.send_photo(ranger.id, b"\xff\xd8small")
        await story.settled()
        story.clock.advance(timedelta(minutes=1))
        for _ in range(12):
            await story.app.ticks.run("copies")
            story.clock.advance(timedelta(hours=2))
        query = select(field_reports.c.copied_as, field_reports.c.copy_at)
        rows = story.app.database.read(lambda c: c.execute(query).all())
        files = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
        assert all(path.stat().st_size <= 1_000_000 for path in files)
        assert [row for row in rows if row.copied_as is None]
        for message in list(story.server.watch.untaken()):
            story.server.watch.take(message["chat"]["id"])

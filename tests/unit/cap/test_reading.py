"""What agencies get wrong is read where one thing can be meant, and refused by its name else."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Hazard, Level
from alerts.sources.cap.deciding import CapTrouble
from alerts.sources.cap.feeds import read_feed
from alerts.sources.cap.lists import read_qweather, read_weather_list
from alerts.sources.cap.meaning import NoHazard, event_table, hazard_of, level_of
from alerts.sources.cap.model import CapInfo, CapType, Doubt, Flaw, Unreadable
from alerts.sources.cap.reading import read_alert
from alerts.sources.cap.times import time_of
from bot.views.source_findings import finding_line
from bot.views.warning_findings import FLAWS, warning_line

ZONE = ZoneInfo("Asia/Shanghai")
HEAD = "<identifier>a</identifier><sender>s</sender><sent>2026-07-01T03:00:00+08:00</sent>"
INFO = "<info><event>rain</event></info>"


def cap(inside: str = HEAD + INFO, version: str = "1.2") -> str:
    return f'<alert xmlns="urn:oasis:names:tc:emergency:cap:{version}">{inside}</alert>'


def area(inside: str) -> str:
    return cap(f"{HEAD}<info><event>rain</event><area>{inside}</area></info>")


LAUGHS = '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
REFUSED = [
    ("nothing", "", Flaw.NOT_XML),
    ("words", "hello", Flaw.NOT_XML),
    ("cut off", cap()[:-20], Flaw.NOT_XML),
    ("another document", "<kml><Placemark/></kml>", Flaw.NOT_CAP),
    ("a page", "<html><body/></html>", Flaw.PAGE),
    ("a page by its type", "<!DOCTYPE html>\n<html><body><br></body></html>", Flaw.PAGE),
    (
        "a page of a stricter time",
        '<?xml version="1.0"?>\n<!-- 502 -->\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">'
        "<html><body>&nbsp;</body></html>",
        Flaw.PAGE,
    ),
    ("no identifier", cap("<sender>s</sender>" + INFO), Flaw.NO_IDENTIFIER),
    ("no time", cap("<identifier>a</identifier>" + INFO), Flaw.NO_TIME),
    ("nothing said", cap(HEAD), Flaw.NO_INFO),
    ("unknown type", cap(f"{HEAD}<msgType>Shout</msgType>{INFO}"), Flaw.UNKNOWN_TYPE),
    (
        "billion laughs",
        '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><alert>&b;</alert>',
        Flaw.ENTITIES,
    ),
    (
        "another's file",
        '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
        Flaw.ENTITIES,
    ),
]


@pytest.mark.parametrize(
    ("text", "flaw"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_is_no_message_is_refused_by_its_name(text: str, flaw: Flaw) -> None:
    with pytest.raises(Unreadable) as refused:
        read_alert(text.encode(), ZONE)
    assert refused.value.flaw is flaw


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_that_the_first_line_does_not_say(encoding: str) -> None:
    said = '<?xml version="1.0" encoding="UTF-8"?>' + cap().replace("rain", "暴雨")
    assert read_alert(said.encode(encoding), ZONE).infos[0].event == "暴雨"


def test_polygons_and_circles_however_they_are_written() -> None:
    rings = {
        "43.1,128.1 43.2,128.1 43.2,128.2 43.1,128.1": 4,
        "43.1, 128.1\n43.2, 128.1\n43.2,\n128.2": 3,
        "43.1 128.1 43.2 128.1 43.2 128.2": 3,
        "43.1,128.1;43.2,128.1;43.2,128.2;": 3,
    }
    for text, points in rings.items():
        found = read_alert(area(f"<polygon>{text}</polygon>").encode(), ZONE).infos[0].areas[0]
        assert len(found.rings[0]) == points, text
        assert found.rings[0][0] == (128.1, 43.1)
    bad = read_alert(area("<polygon>43.1,128.1 x</polygon><circle>1,2</circle>").encode(), ZONE)
    assert bad.infos[0].areas[0].rings == ()
    assert Doubt.BAD_RING in bad.doubts
    metres = read_alert(area("<circle>43,128 30000</circle>").encode(), ZONE)
    assert metres.infos[0].areas[0].circles[0].km == 30
    assert Doubt.METRES in metres.doubts


def test_codes_are_parted_and_joined() -> None:
    for text, codes in (
        ("222403", ["222403"]),
        ("2224\n  03", ["222403"]),
        ("222403,222402", ["222403", "222402"]),
        ("222403 222402", ["222403", "222402"]),
        ("222403101000、\n222403102000", ["222403101000", "222403102000"]),
    ):
        found = read_alert(area(f"<geocode><value>{text}</value></geocode>").encode(), ZONE)
        assert [code for _, code in found.infos[0].areas[0].geocodes] == codes, text


def test_references_by_three_parts_or_by_identifiers() -> None:
    for text, wanted in (
        ("s,a,2026-07-01T03:00:00+08:00", [("s", "a")]),
        ("s,a,2026-07-01T03:00:00+08:00 s,b,2026-07-01T04:00:00+08:00", [("s", "a"), ("s", "b")]),
        ("Met of Somewhere,a,2026-07-01T03:00:00+08:00", [("Met of Somewhere", "a")]),
        ("a b", [("", "a"), ("", "b")]),
        ("22240341600000_20260701025500", [("", "22240341600000_20260701025500")]),
    ):
        found = read_alert(cap(f"{HEAD}<references>{text}</references>{INFO}").encode(), ZONE)
        assert [(ref.sender, ref.identifier) for ref in found.references] == wanted, text


def test_identifiers_of_28_digits_and_of_31_characters_are_taken_as_they_are() -> None:
    for identifier in ("22240341600000_20260701025500", "22240341600100_20260701025500_0"):
        text = cap(HEAD.replace(">a<", f">{identifier}<") + INFO)
        assert read_alert(text.encode(), ZONE).identifier == identifier


def test_times_as_they_are_written() -> None:
    wanted = datetime(2026, 6, 30, 19, 0, tzinfo=UTC)
    for text in (
        "2026-07-01T03:00:00+08:00",
        "2026-07-01 03:00:00+08:00",
        "2026-07-01T03:00+08:00",
        "2026-06-30T19:00:00-00:00",
        "2026-06-30T19:00Z",
        "2026-07-01T03:00:00.000+0800",
        "2026/07/01 03:00",
        "2026年07月01日03时00分",
        "20260701030000",
        "Tue, 30 Jun 2026 19:00:00 GMT",
    ):
        assert time_of(text, ZONE, set()) == wanted, text
    doubts: set[Doubt] = set()
    assert time_of("soon", ZONE, doubts) is None
    assert doubts == {Doubt.BAD_TIME}


def test_what_is_whole_of_a_feed_that_breaks_off() -> None:
    feed = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="x"><entry><id>1</id>{cap()}</entry>'
    )
    whole = read_feed((feed + "<entry><id>2</id><cap:ev").encode(), ZONE)
    assert whole.broke_off
    assert [entry.alert.identifier for entry in whole.entries if entry.alert] == ["a"]
    with pytest.raises(Unreadable):
        read_feed(b"<feed><entry>", ZONE)


def test_hazards_by_code_before_words_and_levels_by_colour_before_severity() -> None:
    table = event_table()
    gb = CapInfo(event="something", event_codes=(("eventType", "11B03"),), severity="Orange")
    assert (hazard_of(gb, table), level_of(gb)) == (Hazard.RAINSTORM, Level.ORANGE)
    for event, hazard in (
        ("Flash Flood Warning", Hazard.FLASH_FLOOD),
        ("Training for trains", NoHazard.UNKNOWN),
        ("海上大风", NoHazard.NOT_OURS),
        ("森林火险", Hazard.FOREST_FIRE_DANGER),
        ("大风", Hazard.GALE),
    ):
        assert hazard_of(CapInfo(event=event), table) is hazard, event
    for headline, level in (
        ("暴雨橙色预警信号降为黄色", Level.YELLOW),
        ("解除暴雨红色预警，发布暴雨蓝色预警", Level.BLUE),
        ("敦化市气象局发布暴雨橙色预警[II级/严重]", Level.ORANGE),
    ):
        assert level_of(CapInfo(headline=headline)) is level, headline
    amber = CapInfo(event="Amber warning of rain", severity="Moderate")
    assert level_of(amber) is Level.ORANGE
    assert level_of(CapInfo(headline="地质灾害气象风险Ⅱ级预警")) is Level.ORANGE
    assert level_of(CapInfo(severity="Unknown")) is None


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_what_is_said(body: bytes) -> None:
    for read in (read_alert, read_feed, read_weather_list, read_qweather):
        try:
            read(body, ZONE)  # type: ignore[operator]
        except Unreadable:
            continue


@given(st.text(alphabet="<>/ac:lertinfo =\"'&;!-[]", max_size=120))
def test_no_markup_does_either(text: str) -> None:
    for read in (read_alert, read_feed):
        try:
            read(cap(text).encode(), ZONE)  # type: ignore[operator]
        except Unreadable:
            continue


def test_every_problem_and_flaw_has_its_line() -> None:
    for problem in CapTrouble:
        line = warning_line("A1", f"cap_{problem.value}", {"flaw": "not_xml"}, "zh")
        assert "cap_" not in line, problem
    assert {flaw.value for flaw in Flaw} == FLAWS.keys()


def test_what_was_made_to_hold_us_up_does_not() -> None:
    long = cap(f"{HEAD}<references>{'x' * 1_000_000}</references>{INFO}")
    deep = f"<all>{cap(f'{HEAD}{INFO}')}<alert>{'<a>' * 5000}{'</a>' * 5000}</alert></all>"
    began = process_time()
    assert read_alert(long.encode(), ZONE).references
    whole = read_feed(deep.encode(), ZONE)
    assert [entry.flaw for entry in whole.entries] == [None, Flaw.NO_IDENTIFIER]
    nested = f"<all>{'<alert>' * 20_000}{'</alert>' * 20_000}</all>"
    assert [entry.flaw for entry in read_feed(nested.encode(), ZONE).entries] == [Flaw.TOO_LARGE]
    with pytest.raises(Unreadable):
        read_feed(b"<a" * 50_000, ZONE)
    assert process_time() - began < 2


def test_a_row_of_a_list_holds_nothing_that_a_database_refuses() -> None:
    title = "敦化市气象台解除暴雨红色预警，发布暴雨蓝色预警"
    row = {"alertid": "a\0" + "9" * 500, "title": title, "issuetime": "2026/07/02 02:55"}
    (entry,) = read_weather_list(orjson.dumps([row]), ZONE).entries
    assert entry.alert is not None
    assert "\0" not in entry.alert.identifier
    assert len(entry.alert.identifier) == 200
    assert entry.alert.type is CapType.ALERT, "what it issues anew is not lost"


def test_what_is_odd_in_one_entry_is_no_matter_for_the_others() -> None:
    odd = '<entry><id>1</id><link href="http://[::1"/></entry>'
    whole = read_feed(f"<feed>{odd}<entry><id>2</id>{cap()}</entry></feed>".encode(), ZONE)
    assert [entry.alert is not None for entry in whole.entries] == [False, True]
    assert time_of("9999-12-30T00:00:00+08:00", ZONE, set()) is None
    row = {"id": "a", "issuedTime": "2026-07-02T02:55+08:00", "messageType": {"supersedes": 7}}
    (entry,) = read_qweather(orjson.dumps({"alerts": [row]}), ZONE).entries
    assert entry.alert is not None
    assert entry.alert.references[0].identifier == "7"


def test_a_message_in_a_feed_is_kept_as_it_was_written() -> None:
    written = "<cap:alert><cap:identifier>é</cap:identifier>\n<cap:sent>x</cap:sent >{}</cap:alert>"
    signed = "<ds:Signature xmlns:ds=\"urn:ds\"><ds:X a='1'/></ds:Signature>"
    feeds = {
        "declared above": (
            f'<feed xmlns:cap="urn:c"><entry>{written.format(signed)}</entry></feed>',
            signed,
        ),
        "hidden end": (
            '<feed xmlns:cap="urn:c"><entry>'
            + written.format("<![CDATA[</cap:alert>]]>")
            + "</entry></feed>",
            "&lt;/cap:alert&gt;",
        ),
        "declared between": (
            f'<feed><entry xmlns:cap="urn:c">{written.format("")}</entry></feed>',
            "urn:c",
        ),
        "one in another": (
            f'<feed xmlns:cap="urn:c">{written.format("<cap:alert/>")}</feed>',
            "alert />",
        ),
    }
    for name, (feed, kept) in feeds.items():
        (entry,) = read_feed(feed.encode(), ZONE).entries
        assert kept.encode() in entry.raw, name
        with pytest.raises(Unreadable) as again:
            read_alert(entry.raw, ZONE)
        assert again.value.flaw is entry.flaw, name


def test_a_line_is_whole_in_both_languages() -> None:
    words = {"count": 12, "words": "e7", "fault": "redirected"}
    line = finding_line("agency", "", "cap_links", words, "en")
    assert line.endswith("change the address")
    assert "e7 转到了别的主机" in finding_line("agency", "", "cap_links", words, "zh")
    assert finding_line("a<b", "", "cap_broke_off", {}, "zh").startswith("a<b · "), "for a terminal"

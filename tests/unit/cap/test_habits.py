"""Habits of agencies that the samples do not show: messages as text, heartbeats, pages, colours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

import pytest

from alerts.model import Hazard, Level
from alerts.sources.cap import areas
from alerts.sources.cap.areas import MOST_HOLES, _near
from alerts.sources.cap.drafting import is_heartbeat, parts_of, too_far_ahead
from alerts.sources.cap.feeds import FeedEntry, read_feed
from alerts.sources.cap.lists import read_weather_list
from alerts.sources.cap.meaning import event_table
from alerts.sources.cap.model import CapAlert, Doubt, Flaw, Unreadable
from alerts.sources.cap.reading import read_alert
from alerts.sources.cap.xml import is_page
from data.geo.shape_cover import Cover
from tests.unit.cap.test_reading import HEAD, INFO, ZONE, area, cap

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
RSS = '<rss version="2.0"><channel>{}</channel></rss>'
BOMB = '<!DOCTYPE l [<!ENTITY a "ha">]><alert><identifier>&a;</identifier></alert>'


def entries(feed: str) -> list[FeedEntry]:
    return list(read_feed(feed.encode(), ZONE, "https://a.example/feed").entries)


def told(found: FeedEntry) -> str | Flaw | None:
    return found.alert.identifier if found.alert else found.flaw


def of(info: str) -> CapAlert:
    return read_alert(cap(f"{HEAD}<info>{info}</info>").encode(), ZONE)


def test_a_message_that_stands_in_an_entry_as_text() -> None:
    declared = '<?xml version="1.0" encoding="GBK"?>\n'
    link = '<link href="https://a.example/1.cap"/>'
    for name, entry, ids in (
        ("escaped", f'<content type="text/xml">{escape(declared + cap())}</content>', ["a"]),
        ("CDATA", f"<description><![CDATA[{cap()}]]></description>", ["a"]),
        ("twice", f"<summary>{escape(escape(cap()))}</summary>", ["a"]),
        ("with words around", f"<content>{escape('New: ' + cap() + ' End.')}</content>", ["a"]),
        (
            "several",
            f"<content>{escape(cap() + cap().replace('>a<', '>b<'))}</content>",
            ["a", "b"],
        ),
        ("a prefix", f"<content>{escape(PREFIXED)}</content>", ["a"]),
        ("beside a link", f"{link}<content>{escape(cap())}</content>", ["a"]),
        ("a bomb", f"<content>{escape(BOMB)}</content>", [Flaw.ENTITIES]),
        ("half", f"<content>{escape(cap()[:-30])}</content>", [Flaw.NOT_XML]),
        ("a link", f"{link}<content>&lt;p&gt;Alert&lt;/p&gt;</content>", [None]),
    ):
        found = entries(ATOM.format(f"<entry><id>1</id>{entry}</entry>"))
        assert [told(one) for one in found] == ids, name
        if found[0].alert:
            assert read_alert(found[0].raw, ZONE) == found[0].alert, "kept so that it can be read"
    item = f"<item><guid>1</guid><encoded><![CDATA[{cap()}]]></encoded></item>"
    assert [told(one) for one in entries(RSS.format(item))] == ["a"]


PREFIXED = (
    '<cap:alert xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2"><cap:identifier>a</cap:identifier>'
    "<cap:sent>2026-07-01T03:00:00+08:00</cap:sent><cap:info/></cap:alert>"
)


def test_an_entry_of_nothing_is_named_and_one_that_says_nothing_is_in_force_is_not() -> None:
    for title, flaw in (
        ("Flood warning", [Flaw.NO_MESSAGE]),
        ("", [Flaw.NO_MESSAGE]),
        ("No alerts in effect, Saugeen Shores", []),
        ("There are no active watches, warnings or advisories", []),
        ("There are currently no warnings in force", []),
        ("当前无生效预警", []),
        ("敦化市暂无预警信息。", []),
        ("現時並無警告生效", []),
        ("无锡市气象台发布暴雨红色预警", [Flaw.NO_MESSAGE]),
        ("无为市暴雨预警", [Flaw.NO_MESSAGE]),
        ("No travel advised: flood warning", [Flaw.NO_MESSAGE]),
        ("Flood: no road is safe, warning", [Flaw.NO_MESSAGE]),
    ):
        found = entries(ATOM.format(f"<entry><id>x</id><title>{title}</title></entry>"))
        assert [one.flaw for one in found] == flaw, title
        assert all(one.raw for one in found)


def test_characters_that_xml_forbids_are_left_out_and_said() -> None:
    for words, read in (
        ("a&#0;b", "ab"),
        ("a&#x1F;b\x07", "ab"),
        ("a&#55357;&#56911;b", "a\U0001f64fb"),
        ("a&#xD83D;b&#9999999999;", "ab"),
        ("Wind & rain &nbsp;&copy;", "Wind & rain \xa0©"),
    ):
        found = read_alert(cap(f"{HEAD}<info><event>rain{words}</event></info>").encode(), ZONE)
        assert found.infos[0].event == " ".join(f"rain{read}".split()), words
        assert Doubt.MENDED in found.doubts
        feed = ATOM.format(f"<entry>{cap().replace('rain', 'rain' + words)}</entry>")
        assert [told(one) for one in entries(feed)] == ["a"]
    assert Doubt.MENDED not in read_alert(cap().encode(), ZONE).doubts


def test_an_ampersand_in_cdata_is_one() -> None:
    words = "<![CDATA[rain & <wind> &nbsp; &#0;]]> & hail<![CDATA[&]]>"
    found = read_alert(cap(f"{HEAD}<info><event>{words}</event></info>").encode(), ZONE)
    assert found.infos[0].event == "rain & <wind> &nbsp; &#0; & hail&"


def test_lines_above_a_message_are_no_part_of_it() -> None:
    wire = f"152\n\nXOUS53 KWBC 240240\nCAPAPX\n<?xml version='1.0'?>\n{cap()}\n\x03"
    assert read_alert(wire.encode(), ZONE).identifier == "a"


PAGE = "<!DOCTYPE html>\n<html><head><title>502</title><body><p>Bad gateway<hr></body></html>"


def test_comments_without_end_are_no_page() -> None:
    """A pattern that tried every way to divide them would not come back."""
    for comment in ("<!---->", "<??>", "<!-- -- >", " "):
        assert not is_page((comment * 1000 + "<x").encode())
    assert is_page(("<!-- a --> <?x?>\n" * 100 + "<html>").encode())


@pytest.mark.parametrize("page", [PAGE, PAGE.lower(), "\n<!-- x -->" + PAGE, "<HTML><br></HTML>"])
def test_a_page_in_place_of_a_feed_a_message_or_a_list_is_called_one(page: str) -> None:
    for read in (read_alert, read_feed, read_weather_list):
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            with pytest.raises(Unreadable) as refused:
                read(page.encode(encoding), ZONE)  # type: ignore[operator]
            assert refused.value.flaw is Flaw.PAGE


HEARTBEAT = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>h1</identifier>
<sender>NAADS-Heartbeat</sender><sent>2026-07-01T03:00:00-00:00</sent><status>System</status>
<msgType>Alert</msgType><scope>Public</scope>
<references>a@b,c,2026-07-01T02:59:00-00:00</references></alert>"""


def test_a_heartbeat_is_no_warning_and_nothing_is_wrong_with_it() -> None:
    beat = read_alert(HEARTBEAT.encode(), ZONE)
    assert is_heartbeat(beat)
    assert not is_heartbeat(read_alert(cap().encode(), ZONE))
    with pytest.raises(Unreadable) as said:
        read_alert(HEARTBEAT.replace("System", "Actual").encode(), ZONE)
    assert said.value.flaw is Flaw.NO_INFO


def test_a_time_of_sending_that_cannot_be_is_a_flaw_with_its_words() -> None:
    with pytest.raises(Unreadable) as refused:
        read_alert(
            cap(HEAD.replace("2026-07-01T03:00:00+08:00", "gestern\n um 3") + INFO).encode(), ZONE
        )
    assert (refused.value.flaw, refused.value.text) == (Flaw.BAD_TIME, "gestern um 3")
    now = datetime(2026, 7, 1, tzinfo=UTC)
    late = read_alert(cap(HEAD.replace("2026-07", "2099-07") + INFO).encode(), ZONE)
    assert too_far_ahead(late, now)
    assert not too_far_ahead(read_alert(cap().encode(), ZONE), now - timedelta(days=9))
    assert read_alert(
        cap(HEAD.replace("03:00:00+08:00", "24:00:00+08"))
        .replace("</alert>", f"{INFO}</alert>")
        .encode(),
        ZONE,
    ).sent == datetime(2026, 7, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "headline", "hazard", "level"),
    [
        ("Rainstorm Warning", "Black Rainstorm Warning Signal issued", "rainstorm", "red"),
        ("Rainstorm Warning", "Red Rainstorm Warning Signal issued", "rainstorm", "red"),
        ("Rainstorm Warning", "Amber Rainstorm Warning Signal issued", "rainstorm", "yellow"),
        ("暴雨警告信號", "黑色暴雨警告信號現正生效", "rainstorm", "red"),
        ("暴雨警告信號", "黃色暴雨警告信號現正生效", "rainstorm", "yellow"),
        ("火災危險警告", "紅色火災危險警告", "forest_fire_danger", "red"),
        ("山泥傾瀉警告", "", "geological", "orange"),
        ("熱帶氣旋警告信號", "八號東南烈風或暴風信號", "typhoon", "orange"),
        ("Rain", "Amber warning of rain for Wales", "rainstorm", "orange"),
        ("Black ice", "Black ice on roads", "road_icing", "orange"),
        ("Flood Warning", "Flood Warning for the Red River of the North", "river_flood", "orange"),
        ("Flash Flood Warning", "Flash Flood Warning for Orange County", "flash_flood", "orange"),
        ("Red Flag Warning", "Red Flag Warning until 8 PM", "forest_fire_danger", "orange"),
        ("Gale", "Gale warning for the Black Sea", "gale", "orange"),
    ],
)
def test_colours_of_other_agencies(event: str, headline: str, hazard: str, level: str) -> None:
    said = f"<event>{event}</event><severity>Severe</severity><headline>{headline}</headline>"
    (part,) = parts_of(of(said), event_table()).parts
    assert (part.hazard, part.level) == (Hazard(hazard), Level(level))


OUTER = [(43.0, 128.0), (43.4, 128.0), (43.4, 128.4), (43.0, 128.4)]
INNER = [(43.1, 128.1), (43.3, 128.1), (43.3, 128.3), (43.1, 128.3)]
AWAY = [(43.6, 128.6), (43.7, 128.6), (43.7, 128.7), (43.6, 128.6)]
JILIN = (121.6, 40.8, 131.4, 46.4)


def words_of(*points: tuple[float, float], turned: bool = False) -> str:
    return " ".join(f"{b},{a}" if turned else f"{a},{b}" for a, b in points)


def polygon(*points: tuple[float, float], turned: bool = False) -> str:
    return f"<polygon>{words_of(*points, turned=turned)}</polygon>"


def cut(*points: tuple[float, float], turned: bool = False) -> str:
    value = f"<value>{words_of(*points, turned=turned)}</value>"
    return f"<geocode><valueName>EXCLUDE_POLYGON</valueName>{value}</geocode>"


@pytest.mark.parametrize(
    "drawn",
    {
        "cut out": polygon(*OUTER) + cut(*INNER),
        "both changed over": polygon(*OUTER, turned=True) + cut(*INNER, turned=True),
        "beside another": polygon(*OUTER) + polygon(*AWAY) + cut(*INNER),
        "by a bridge": polygon(*OUTER, OUTER[0], INNER[0], *INNER[:0:-1], INNER[0], OUTER[0]),
    }.values(),
)
def test_what_is_cut_out_of_a_polygon_does_not_belong_to_it(drawn: str) -> None:
    (found,) = read_alert(area(drawn).encode(), ZONE).infos[0].areas
    assert found.geocodes == ()
    inside = Cover(_near([found], JILIN, set())).contains(
        [128.2, 128.05, 128.45], [43.2, 43.2, 43.2]
    )
    assert list(inside) == [False, True, False]


def test_what_is_cut_out_of_nothing_adds_nothing() -> None:
    (found,) = read_alert(area(polygon(*OUTER) + cut(*AWAY)).encode(), ZONE).infos[0].areas
    inside = Cover(_near([found], JILIN, set())).contains([128.2, 128.65], [43.2, 43.62])
    assert list(inside) == [True, False]


@pytest.mark.parametrize(
    "holes",
    {
        "a line back and forth": cut(INNER[0], INNER[1], INNER[0]),
        "no numbers": cut().replace("<value>", "<value>the lake"),
        "too many": cut(*INNER) * (MOST_HOLES + 1),
    }.values(),
)
def test_a_polygon_of_which_nothing_can_be_cut_out_holds_as_a_whole(holes: str) -> None:
    found = read_alert(area(polygon(*OUTER) + holes).encode(), ZONE)
    doubted = set(found.doubts)
    inside = Cover(_near(found.infos[0].areas, JILIN, doubted)).contains([128.2], [43.2])
    assert (list(inside), Doubt.BAD_HOLE in doubted) == ([True], True)


def test_how_long_is_looked_for_what_is_cut_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas, "MOST_CROSSINGS", 9)
    looked: list[object] = []
    monkeypatch.setattr(areas, "_encloses", lambda *_: looked.append(_) or True)
    (found,) = read_alert(area(polygon(*OUTER) * 9 + cut(*INNER)).encode(), ZONE).infos[0].areas
    doubted: set[Doubt] = set()
    near = _near([found], JILIN, doubted)
    assert (len(near.polygons), len(looked), doubted) == (9, 2, {Doubt.BAD_HOLE})


def test_the_zone_of_a_feed_elsewhere() -> None:
    text = cap(HEAD.replace("2026-07-01T03:00:00+08:00", "2026-07-01 03:00") + INFO)
    assert read_alert(text.encode(), ZoneInfo("Asia/Tokyo")).sent.hour == 18

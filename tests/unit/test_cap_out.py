"""What is written as CAP 1.2 is what OASIS's own schema takes, whatever the words are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.lifecycle import ChangeKind, MessageType
from alerts.model import WARNED_OF, Hazard, Level, Status
from alerts.publishing.cap import CapArea, Reference
from alerts.publishing.cap_out import NAMESPACE, as_xml, cap_time, ring
from alerts.publishing.event_codes import NATIONAL_CODES
from alerts.publishing.shapes import outer_rings
from alerts.sources.cap.drafting import parts_of
from alerts.sources.cap.meaning import event_table, hazard_of, level_of, no_danger
from alerts.sources.cap.reading import read_alert
from bot.views.cap import CapFacts, cap_message
from tests.roster import COUNTY, TOWNSHIP

SCHEMA = Path(__file__).parents[1] / "cap" / "CAP-v1.2.xsd"
BEIJING = ZoneInfo("Asia/Shanghai")
SENT = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
FIRST = Reference("22240341600100", "22240341600100_20260702020000_0", SENT - timedelta(hours=1))
RING = [[128.1, 43.1], [128.2, 43.1], [128.2, 43.2], [128.1, 43.1]]
DRAWN = '{"type":"Polygon","coordinates":[[[128.1,43.1],[128.2,43.1],[128.2,43.2],[128.1,43.1]]]}'

FACTS = CapFacts(
    identifier="22240341600100_20260702030000_0",
    sender="22240341600100",
    sent_at=SENT,
    status=Status.ACTUAL,
    type=MessageType.ALERT,
    kind=ChangeKind.ALERT,
    hazard=Hazard.RAINSTORM,
    level=Level.ORANGE,
    text="立即转移低洼地群众",
    place="敦化市",
    areas=[(COUNTY, "延边州 敦化市"), (TOWNSHIP, "延边州 敦化市 黄泥河镇")],
    expires_at=SENT + timedelta(hours=24),
    lead_minutes=180,
    office="敦化市",
    headquarters="敦化市防汛抗旱指挥部",
    issued_by="敦化市气象台",
    contact="12119",
    shape=DRAWN,
)


@cache
def schema() -> Any:
    import xmlschema

    return xmlschema.XMLSchema(str(SCHEMA))


def written(facts: CapFacts) -> Element:
    """What is read back of the file, which the schema takes."""
    xml = as_xml(cap_message(facts), BEIJING)
    schema().validate(xml.decode())
    return fromstring(xml)


def texts(root: Element, path: str) -> list[str]:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [str(found.text) for found in root.findall(steps)]


def named(root: Element, path: str) -> dict[str, str]:
    names, values = texts(root, f"{path}/valueName"), texts(root, f"{path}/value")
    return dict(zip(names, values, strict=True))


def test_a_release_says_all_that_is_known_in_two_languages() -> None:
    root = written(FACTS)
    assert texts(root, "identifier") == [FACTS.identifier] and len(FACTS.identifier) == 31
    assert texts(root, "sent") == ["2026-07-02T03:00:00+08:00"]
    assert texts(root, "status") == ["Actual"] and texts(root, "msgType") == ["Alert"]
    assert texts(root, "references") == []
    assert texts(root, "info/language") == ["zh-CN", "en-US"]
    assert texts(root, "info/event") == ["暴雨", "Rainstorm"]
    assert texts(root, "info/headline") == [
        "敦化市暴雨橙色预警",
        "Rainstorm, orange warning: 敦化市",
    ]
    assert set(texts(root, "info/severity")) == {"Severe"}
    assert set(texts(root, "info/urgency")) == {"Future"}
    assert set(texts(root, "info/responseType")) == {"Prepare"}
    assert set(texts(root, "info/onset")) == {"2026-07-02T06:00:00+08:00"}
    assert set(texts(root, "info/expires")) == {"2026-07-03T03:00:00+08:00"}
    assert set(texts(root, "info/senderName")) == {"敦化市防汛抗旱指挥部"}
    assert texts(root, "info/area/geocode/value") == [COUNTY, TOWNSHIP] * 2
    assert texts(root, "info/area/polygon")[0] == "43.1,128.1 43.1,128.2 43.2,128.2 43.1,128.1"
    assert named(root, "info/eventCode") == {"jiaoying": "rainstorm", "eventType": "11B03"}
    assert named(root, "info/parameter") == {
        "jiaoying:level": "orange",
        "jiaoying:change": "alert",
        "jiaoying:signal": "敦化市气象台",
    }
    [_zh, english] = texts(root, "info/instruction")
    assert not re.search(r"[\u4e00-\u9fff]", english)


def test_every_hazard_level_and_kind_fits_the_schema() -> None:
    for number, hazard in enumerate(Hazard):
        level = list(Level)[number % 4]
        written(replace(FACTS, hazard=hazard, level=level, lead_minutes=None, shape=""))
    for kind in ChangeKind:
        if kind.message_type is not None and kind is not ChangeKind.ALERT:
            facts = replace(FACTS, kind=kind, type=kind.message_type, references=(FIRST,))
            root = written(facts)
            assert texts(root, "references") == [
                "22240341600100,22240341600100_20260702020000_0,2026-07-02T02:00:00+08:00"
            ]


def test_lifted_and_cancelled_are_not_the_same() -> None:
    ended = replace(FACTS, type=MessageType.CANCEL, references=(FIRST,))
    lifted = written(replace(ended, kind=ChangeKind.LIFT))
    cancelled = written(replace(ended, kind=ChangeKind.CANCEL))
    assert texts(lifted, "msgType") == texts(cancelled, "msgType") == ["Cancel"]
    assert set(texts(lifted, "info/responseType")) == {"AllClear"}
    assert set(texts(cancelled, "info/responseType")) == {"None"}
    assert texts(lifted, "info/headline")[0].startswith("解除")
    assert texts(cancelled, "info/headline")[0].startswith("取消")
    assert texts(lifted, "note") == [] and "不应发布" in texts(cancelled, "note")[0]
    assert texts(lifted, "info/instruction") == []
    for root in (lifted, cancelled):  # what is over orders nobody any more
        assert "立即转移" not in "".join(texts(root, "info/description"))
    response = replace(ended, hazard=Hazard.FLOOD_RESPONSE, kind=ChangeKind.LIFT)
    assert texts(written(response), "info/headline")[0] == "终止敦化市防汛Ⅱ级应急响应"


@pytest.mark.parametrize("hazard", WARNED_OF)
def test_our_own_reader_reads_what_is_written(hazard: Hazard) -> None:
    level = list(Level)[len(hazard.value) % 4]
    facts = replace(FACTS, hazard=hazard, level=level, references=(FIRST,))
    for kind in (ChangeKind.UPGRADE, ChangeKind.LIFT, ChangeKind.CANCEL):
        assert kind.message_type is not None
        told = replace(facts, kind=kind, type=kind.message_type)
        read = read_alert(as_xml(cap_message(told), BEIJING), BEIJING)
        assert (read.identifier, read.sender, read.sent) == (told.identifier, told.sender, SENT)
        assert (read.type.value, read.status.value) == (kind.message_type.value, "Actual")
        [reference] = read.references
        assert (reference.identifier, reference.sender, reference.sent) == (
            FIRST.identifier,
            FIRST.sender,
            FIRST.sent,
        )
        assert no_danger(read.infos[0]) == (kind is ChangeKind.LIFT)
        parts = parts_of(read, event_table())
        lifted = kind is ChangeKind.LIFT
        assert (parts.clear, [part.hazard for part in parts.parts]) == (
            lifted,
            [] if lifted else [hazard],
        )
        for info in read.infos:
            assert hazard_of(info, event_table()) is hazard and level_of(info) is level
            national = replace(info, event="", headline="", event_codes=info.event_codes[1:])
            if hazard in NATIONAL_CODES:  # by the national code alone, too
                assert hazard_of(national, event_table()) is hazard
            assert info.expires == told.expires_at
            [area] = info.areas
            assert [code for _scheme, code in area.geocodes] == [COUNTY, TOWNSHIP]
            assert [list(ring) for ring in area.rings] == [[*map(tuple, RING)]]


def test_an_exercise_says_so_in_every_place_that_is_read() -> None:
    root = written(replace(FACTS, status=Status.EXERCISE))
    assert texts(root, "status") == ["Exercise"]
    assert "演练" in texts(root, "note")[0]
    zh, en = texts(root, "info/headline")
    assert zh.startswith("【演练】") and "[EXERCISE]" in en
    assert texts(root, "info/description")[0].startswith("这是演练")


@settings(max_examples=25)
@given(text=st.text(max_size=300), place=st.text(min_size=1, max_size=200), note=st.text())
@example(text="\x00\ud800]]>&<" + "长" * 5000, place="\x0b", note="\ufffe")
def test_no_words_break_the_file(text: str, place: str, note: str) -> None:
    facts = replace(FACTS, text=text, place=place, note=note, areas=[(COUNTY, place)])
    root = written(facts)
    assert all(len(one) <= 160 for one in texts(root, "info/headline"))
    assert all(len(one) <= 4000 for one in texts(root, "info/description"))


def test_what_would_break_a_reference_is_no_part_of_a_name() -> None:
    message = replace(cap_message(FACTS), sender="yj jilin,gov<cn>&", identifier="a b,c")
    root = fromstring(as_xml(message, BEIJING))
    assert texts(root, "sender") == ["yj_jilin_gov_cn>_"] and texts(root, "identifier") == ["a_b_c"]


def test_times_bear_an_offset_and_never_a_z() -> None:
    assert cap_time(SENT, UTC) == "2026-07-01T19:00:00-00:00"
    assert cap_time(SENT, ZoneInfo("America/St_Johns")) == "2026-07-01T16:30:00-02:30"


def test_rings_are_closed_and_what_is_none_is_left_out() -> None:
    assert ring([(128.0, 43.0), (128.1, 43.0), (128.1, 43.1)]).split()[-1] == "43,128"
    assert ring([(128.0, 43.0), (128.0, 43.0), (128.0, 43.0), (128.0, 43.0)]) == ""
    assert ring([]) == ""
    two = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":'
        '"MultiPolygon","coordinates":[[[[1,2],[3,4],[5,6],[1,2]],[[9,9],[9,8],[8,8],[9,9]]],'
        "[[[7,8],[9,10],[11,12],[7,8]]]]}}]}"
    )
    assert [len(one) for one in outer_rings(two)] == [4, 4]
    assert outer_rings("") == outer_rings("{") == outer_rings('{"type":"Point"}') == ()


def test_many_areas_are_named_in_part_and_coded_in_full() -> None:
    areas = [(f"2224031{number:05d}", f"村{number}") for number in range(300)]
    root = written(replace(FACTS, areas=areas))
    assert texts(root, "info/area/areaDesc")[0].endswith("等300地")
    assert len(texts(root, "info/area/geocode/value")) == 600


def test_an_area_without_a_name_is_still_one() -> None:
    message = cap_message(FACTS)
    info = replace(message.infos[0], areas=(CapArea(""),))
    schema().validate(as_xml(replace(message, infos=(info,)), BEIJING).decode())

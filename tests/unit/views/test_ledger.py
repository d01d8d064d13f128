"""The ledger of a warning as it is printed and filed: its cells, its order, its sums, its pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook

from alerts.calls import STOOD_DOWN, Call, CallState, Reach, Report, Via
from alerts.channels.model import Tried
from alerts.model import Alert
from alerts.progress import Progress
from alerts.report import Summary
from alerts.report_facts import CallLine, ReportFacts
from alerts.reports import FurtherPost, ReportFact
from bot.views.clock import BEIJING
from bot.views.report.ledger import as_ledger, ledger_name
from contacts.channels import Cause, Channel
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.people import Person, Role
from tests.unit.views.samples import ALERT, CLOSED, EXERCISE, NOW, START

TOWN, FAR_TOWN = "222403101000", "222403102000"
VILLAGE, FAR_VILLAGE = "222403101200", "222403102201"
GAZETTEER = Gazetteer(
    Division(code, name, tier_of(code))
    for code, name in {
        "220000000000": "吉林省",
        "222400000000": "延边朝鲜族自治州",
        "222403000000": "敦化市",
        TOWN: "黄泥河镇",
        VILLAGE: "团山子村",
        FAR_TOWN: "额穆镇",
        FAR_VILLAGE: "珠尔多河村",
    }.items()
)
ANSWERED = START + timedelta(minutes=4, seconds=30)
REPORTED = START + timedelta(minutes=30)


def line(number: int, name: str, code: str, **more: Any) -> CallLine:
    of_line = {key: more.pop(key) for key in ("reports", "tried", "further") if key in more}
    person = Person(number, name, f"+8613900000{number:03}", code, Role.VILLAGE_RESPONSIBLE, 1)
    call = Call(
        number,
        ALERT.id,
        number,
        code,
        "village_responsible",
        CallState.WAITING,
        Reach.QUEUED,
        START,
    )
    return CallLine(call._replace(**more), person, "", **of_line)


def answered(via: Via = Via.BUTTON, **more: Any) -> dict[str, Any]:
    return {
        "state": CallState.ACKNOWLEDGED,
        "reach": Reach.DELIVERED,
        "delivered_at": START,
        "answered_at": ANSWERED,
        "answered_via": via,
        **more,
    }


def facts_of(*lines: CallLine, alert: Alert = ALERT) -> ReportFacts:
    summary = Summary(alert, Progress(), None, {}, {}, 0)
    names = {90: "李值班"}
    return ReportFacts(alert, summary, "敦化市", "王立国", "", lines, (), (), {}, names)


def book_of(*lines: CallLine, alert: Alert = ALERT, language: str = "zh") -> Workbook:
    facts = facts_of(*lines, alert=alert)
    office = "敦化市防汛抗旱指挥部"
    return load_workbook(BytesIO(as_ledger(facts, GAZETTEER, office, language, NOW, BEIJING)))


def rows_of(*lines: CallLine) -> list[tuple[Any, ...]]:
    rows = book_of(*lines).worksheets[0].iter_rows(min_row=5, values_only=True)
    return [row for row in rows if isinstance(row[0], int)]


def remark(call_line: CallLine, *others: CallLine) -> Any:
    return rows_of(call_line, *others)[0][16]


def test_a_row_says_who_was_called_by_what_and_what_became_of_it() -> None:
    fact = ReportFact(1, Report.MOVED, REPORTED, 12, 40, "都在学校")
    tried = (Tried(Channel.VOICE, 3, Cause.NO_ANSWER), Tried(Channel.SMS, 1, arrived=True))
    row = line(
        1,
        "张三",
        VILLAGE,
        **answered(Via.SMS, state=CallState.REPORTED, households=12, persons=40),
        reports=(fact,),
        tried=tried,
    )
    [cells] = rows_of(row)
    assert cells[:7] == (
        1, "敦化市", "黄泥河镇", "团山子村", "张三", "包保责任人", "139 0000 0001",
    )  # fmt: skip
    assert f"{cells[7]:%m-%d %H:%M}" == "07-03 03:00"
    assert cells[8] == "Telegram：已送达；电话语音：无人接听（3 次）；短信：已答复"
    assert f"{cells[9]:%H:%M:%S}" == "03:04:30"
    assert cells[10:13] == ("本人：回短信", 4.5, "已转移群众：都在学校")
    assert f"{cells[13]:%H:%M}" == "03:30"
    assert cells[14:] == (12, 40, None)


def test_what_waited_to_be_tried_when_the_answer_came_is_no_try() -> None:
    [cells] = rows_of(line(1, "张三", VILLAGE, **answered(), tried=(Tried(Channel.SMS, 0),)))
    assert cells[8] == "Telegram：已送达"
    no_number = (Tried(Channel.SMS, 0, Cause.NOT_LINKED),)
    [cells] = rows_of(line(1, "张三", VILLAGE, **answered(), tried=no_number))
    assert cells[8] == "Telegram：已送达；短信：没有可用的号码"


def test_the_remarks_say_proxy_stand_in_discharge_and_the_end() -> None:
    first = line(1, "张三", FAR_VILLAGE)
    proxied = answered(Via.PROXY, state=CallState.PROXIED, proxy_by=90, proxy_how="phone")
    assert remark(line(2, "李四", VILLAGE, **proxied)) == "李值班 代答"
    own = proxied | {"state": CallState.ACKNOWLEDGED, "answered_via": Via.BUTTON}
    assert remark(line(2, "李四", VILLAGE, **own)) is None  # the person is awake
    discharged = {"state": CallState.DISCHARGED, "discharge_reason": "住院"}
    assert remark(line(2, "李四", VILLAGE, **discharged)) == "销号：住院"
    assert remark(line(2, "李四", VILLAGE, **discharged, discharged_by=90)) == (
        "销号：住院（李值班）"
    )
    stands_in = discharged | {"discharge_reason": STOOD_DOWN, "stand_in_for": 1}
    assert remark(line(2, "李四", VILLAGE, **stands_in), first) == (
        "替补，原叫 张三；原来叫的人已有着落，不用顶替"
    )
    assert remark(line(2, "李四", VILLAGE, state=CallState.CANCELLED)) == "预警结束时还没有回应"


def test_a_person_of_two_places_has_a_row_in_each_in_order_of_division() -> None:
    there = FurtherPost(FAR_VILLAGE, "", "ranger", 2, 5)
    facts = (
        ReportFact(2, Report.DONE, REPORTED),
        ReportFact(2, Report.MOVED, REPORTED, 2, 5, None, FAR_VILLAGE, "", True),
    )
    state = answered(state=CallState.REPORTED)
    both = line(2, "李四", VILLAGE, **state, reports=facts, further=(there,))
    rows = rows_of(line(3, "王五", FAR_VILLAGE), both, line(1, "镇长", TOWN, **answered()))
    assert [(row[2], row[3], row[4], row[5], row[12], row[14]) for row in rows] == [
        ("黄泥河镇", None, "镇长", "包保责任人", None, None),
        ("黄泥河镇", "团山子村", "李四", "包保责任人", "已完成", None),
        ("额穆镇", "珠尔多河村", "李四", "巡护员", "已完成；已转移群众", 2),
        ("额穆镇", "珠尔多河村", "王五", "包保责任人", None, None),
    ]
    sheet = book_of(line(3, "王五", FAR_VILLAGE), both, line(1, "镇长", TOWN, **answered()))
    sums = [row[:11] for row in sheet.worksheets[1].iter_rows(min_row=5, values_only=True)]
    assert sums[:4] == [
        ("合计", None, 3, 2, 0, 1, 1, 0, 1, "66.7%", 2),
        ("敦化市", "小计", 3, 2, 0, 1, 1, 0, 1, "66.7%", 2),
        (None, "黄泥河镇", 2, 2, 0, 1, 1, 0, 0, "100.0%", 0),
        (None, "额穆镇", 2, 1, 0, 1, 0, 0, 1, "50.0%", 2),
    ]


def test_the_heads_of_a_county_are_its_own_offices() -> None:
    sheet = book_of(line(1, "县长", "222403000000"), line(2, "州长", "222400000000"))
    rows = [
        row[1:5] for row in sheet.worksheets[0].iter_rows(min_row=5, max_row=6, values_only=True)
    ]
    assert rows == [("延边州", None, None, "州长"), ("敦化市", None, None, "县长")]
    sums = [row[:3] for row in sheet.worksheets[1].iter_rows(min_row=5, values_only=True)]
    assert sums[:5] == [
        ("合计", None, 2),
        ("延边州", "小计", 1),
        (None, "本级", 1),
        ("敦化市", "小计", 1),
        (None, "本级", 1),
    ]


def test_the_ledger_is_headed_signed_and_printed_on_pages_of_a4() -> None:
    closed = replace(CLOSED, status=EXERCISE.status)
    for sheet in book_of(line(1, "张三", VILLAGE), alert=closed).worksheets:
        titles = [row[0] for row in sheet.iter_rows(max_row=3, values_only=True)]
        assert titles[0] == "【演练】敦化市暴雨红色预警叫应台账"
        assert titles[1] == "填报单位：敦化市防汛抗旱指挥部　制表时间：2026-07-03 03:12"
        assert "发布：2026-07-03 03:00　销号：2026-07-03 03:50　区域：敦化市" in titles[2]
        assert sheet.cell(sheet.max_row, 1).value.startswith("制表：")
        page = sheet.page_setup
        assert (page.orientation, page.paperSize) == ("landscape", 9)
        assert (page.fitToWidth, page.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$4:$4"
        phones = {type(row[6]) for row in sheet.iter_rows(min_row=5, max_row=5, values_only=True)}
        assert sheet.title == "汇总" or phones == {str}


def test_many_areas_take_several_lines_of_the_heading() -> None:
    facts = replace(facts_of(), areas="、".join(["敦化市黄泥河镇"] * 40))
    content = as_ledger(facts, GAZETTEER, "", "zh", NOW, BEIJING)
    heights = load_workbook(BytesIO(content)).worksheets[0].row_dimensions
    assert heights[3].height >= 4 * heights[2].height


def test_the_name_of_the_file_is_one_that_every_system_takes() -> None:
    odd = replace(ALERT, headline='敦化市/"暴雨":红色?预警')
    assert ledger_name(facts_of(alert=odd), "zh", BEIJING) == (
        "叫应台账-7-敦化市暴雨红色预警-20260703.xlsx"
    )


def test_the_ledger_of_nobody_and_in_english_is_written() -> None:
    assert book_of().worksheets[1]["C5"].value == 0
    english = book_of(line(1, "Zhang", VILLAGE, **answered()), language="en")
    assert english.sheetnames == ["Ledger of calls", "Totals"]

"""Gauges by a file: stations imported, readings judged and kept, warnings proposed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.drafts import store as draft_store
from alerts.drafts.model import ProposalKind, ProposalState, StoredProposal
from alerts.lifecycle import Change
from alerts.model import Hazard, Level
from alerts.release import release
from alerts.rivers.model import Stretch
from alerts.rivers.store import add as add_stretches
from alerts.sources import finding_store
from alerts.sources.feed_store import claim, feed_states
from alerts.sources.feeds import FeedAnswer, FeedRequest, read_file
from alerts.sources.gauges import reading_store, silent_store, station_store, watching
from alerts.sources.gauges.columns import Shape
from alerts.sources.gauges.judging import Doubt
from alerts.sources.gauges.model import Form, Quantity
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station_import import StationReport, import_stations
from alerts.sources.gauges.stretches import reach_of
from alerts.sources.gauges.taking_in import Brought, Poll, take_in_poll
from alerts.sources.gauges.watching import Around
from alerts.sources.hotspots import FeedFault
from alerts.updates.changing import update
from bot.config.load import load
from bot.config.rules import all_rules
from bot.services.geography import Geography
from contacts import people_store
from contacts.roster.rows import RowReason
from data.audit import verify
from data.database import Database
from data.geo.boundaries import Boundaries
from tests.roster import COUNTY_COMMANDER, TOWNSHIP, VILLAGES

START = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # midnight in Beijing
ZONE = ZoneInfo("Asia/Shanghai")
RULES = all_rules(load(None, {}))
AROUND = Around(WaterRules(), RULES.proposals, "hydrology", ZONE)

STATIONS = f"""{
    ",".join(
        "STCD STNM 区划代码 河流 设防水位 警戒水位 保证水位 历史最高水位 1小时雨量 3小时雨量"
        " 3小时立即转移 预警村 经度 纬度".split()
    )
}
10800,黄泥河,{TOWNSHIP},黄泥河,339,340,341.5,343,,,,{VILLAGES[0]}、{VILLAGES[1]},128.1,43.7
P1,威虎岭,{TOWNSHIP},,,,,,30,60,90,{VILLAGES[0]},,
"""


class Water:
    """A database with two stations, and the feed's answers as they come."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self.now = database, folder, START
        report = self.imports(STATIONS)
        assert report.written and not report.problems.total, report.problems

    def imports(self, text: str, *, dry_run: bool = False) -> StationReport:
        path = self.folder / "stations.csv"
        path.write_text(text, encoding="utf-8")
        return import_stations(self.database, path, self.now, dry_run=dry_run)

    def polls(self, body: str, around: Around = AROUND, form: Form = Form.CSV) -> Brought:
        name, self.now = around.feed, self.now + timedelta(seconds=31)
        state = self.database.do(lambda c: claim(c, name, "x", self.now))
        assert state is not None
        answer = FeedAnswer(body.encode(), etag="1")
        every = timedelta(seconds=30)
        return take_in_poll(
            self.database, Poll(name, form, Shape(ZONE), every, state, answer, self.now), around
        )

    def levels(self, *rows: tuple[float, float], around: Around = AROUND) -> Brought:
        """Minutes after the start and metres; it is the last one's minute then."""
        self.now = max(self.now, START + timedelta(minutes=rows[-1][0]))
        return self.polls("STCD,TM,Z\n" + "\n".join(f"10800,{at(m)},{z}" for m, z in rows), around)

    def rains(self, *rows: tuple[float, float, str]) -> Brought:
        self.now = max(self.now, START + timedelta(minutes=rows[-1][0]))
        lines = "\n".join(f"P1,{at(m)},{mm},{intv}" for m, mm, intv in rows)
        return self.polls(f"STCD,TM,DRP,INTV\n{lines}")

    def proposals(self) -> list[StoredProposal]:
        return self.database.read(
            lambda c: [p for n in range(1, 20) if (p := draft_store.proposal(c, n)) is not None]
        )

    def findings(self) -> dict[str, Any]:
        found = self.database.read(lambda c: finding_store.since(c, START))
        return {one.kind: one.facts for one in found}

    def releases(self, proposal: StoredProposal) -> int:
        def unit(c: Any) -> int:
            by = people_store.person(c, COUNTY_COMMANDER["id"])
            assert by is not None
            released = release(c, proposal.proposal.draft, by, RULES.warnings, self.now)
            draft_store.change(
                c,
                proposal.id,
                state="released",
                alert_id=released.alert_id,
                decided_at=self.now,
                next_at=None,
            )
            return released.alert_id

        return self.database.do(unit)

    def raises(self, alert_id: int, level: Level) -> None:
        def unit(c: Any) -> None:
            by = people_store.person(c, COUNTY_COMMANDER["id"])
            assert by is not None
            update(c, alert_id, Change(level=level), by, RULES.warnings, self.now)

        self.database.do(unit)


def at(minutes: float) -> str:
    return f"{(START + timedelta(minutes=minutes)).astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


@pytest.fixture
def water(database: Database, tmp_path: Path) -> Water:
    return Water(database, tmp_path)


def kinds(proposals: Iterable[StoredProposal]) -> list[tuple[str, str, str]]:
    return [
        (one.proposal.kind.value, one.proposal.draft.level.value, one.state.value)
        for one in proposals
    ]


def test_a_wave_from_its_first_line_to_the_lifting(water: Water) -> None:
    assert water.levels((0, 337.5), (60, 338.2), (120, 338.9)).new == 3
    assert water.proposals() == []
    water.levels((120, 338.9), (180, 339.6))  # the feed repeats what it said
    [first] = water.proposals()
    assert kinds([first]) == [("new", "blue", "open")]
    draft = first.proposal.draft
    assert draft.areas == VILLAGES[:2] and draft.hazard is Hazard.RIVER_FLOOD
    assert draft.text.splitlines()[0] == (
        "黄泥河站7月2日03:00水位339.60米，超过设防水位（339.00米）0.60米，"
        "每小时涨0.70米，照此约34分钟后到警戒水位（340.00米）。"
    )
    assert first.proposal.notes == (
        "黄泥河站（10800）7月2日03:00",
        "各线（米）：设防339.00，警戒340.00，保证341.50，历史最高343.00",
        "涨落：每小时涨0.70米，约34分钟后到警戒",
    )
    assert first.proposal.picture == "water:10800:level"
    # Nobody has decided: the higher line takes its place.
    water.levels((240, 340.4))
    old, second = water.proposals()
    assert kinds([old, second]) == [("new", "blue", "superseded"), ("new", "yellow", "open")]
    alert_id = water.releases(second)
    water.levels((300, 340.35), (360, 340.5), (420, 340.3))
    assert len(water.proposals()) == 2, "it flutters"
    water.levels((480, 341.6))
    [third] = water.proposals()[2:]
    assert kinds([third]) == [("update", "orange", "open")] and third.proposal.changes == alert_id
    # A commander raises it to orange by their own hand: that was what it asked for.
    water.raises(alert_id, Level.ORANGE)
    assert water.proposals()[2].state is ProposalState.RELEASED
    # The next line is red.
    water.levels((540, 343.2))
    [fourth] = water.proposals()[3:]
    assert (fourth.proposal.kind, fourth.proposal.draft.level) == (ProposalKind.UPDATE, Level.RED)
    # It falls; below every line for six hours its lifting is proposed, once.
    water.levels(*((600 + 60 * n, 338.0 - n / 100) for n in range(9)))
    [lifting] = water.proposals()[4:]
    assert (lifting.proposal.kind, lifting.proposal.changes) == (ProposalKind.LIFT, alert_id)
    assert "已回落6小时以上" in lifting.proposal.draft.text
    water.levels((1200, 337.8), (1260, 337.8))
    assert len(water.proposals()) == 5
    assert not water.findings() and water.database.read(verify).broken is None


def test_what_a_feed_tells_of_yesterday_proposes_nothing_and_is_not_lost(water: Water) -> None:
    water.now = START + timedelta(hours=30)
    water.levels((0, 338.0), (60, 340.2), (120, 340.3))
    assert water.proposals() == []
    kept = water.database.read(
        lambda c: reading_store.between(c, "10800", Quantity.LEVEL, START, water.now)
    )
    assert [one.reading.value for one in kept] == [338.0, 340.2, 340.3]
    # Now it speaks of today, and still stands above the line.
    water.levels((30 * 60, 340.1))
    assert kinds(water.proposals()) == [("new", "yellow", "open")]


def test_gauges_that_cannot_be_right_move_nothing_and_are_named(water: Water) -> None:
    water.levels((0, 338.0), (10, 33810.0), (20, 12.0), (30, 344.9), (40, 338.1))
    assert water.proposals() == []
    found = water.findings()
    assert found["gauge_unit"]["scale"] == 0.01 and found["gauge_datum"]["value"] == 12.0
    assert found["gauge_jump"]["value"] == 344.9
    doubts = water.database.read(
        lambda c: reading_store.between(c, "10800", Quantity.LEVEL, START, water.now)
    )
    assert [one.doubt for one in doubts] == [None, Doubt.UNIT, Doubt.DATUM, Doubt.JUMP, None]
    water.levels((50, -999), (60, 338.2))
    assert not {kind for kind in water.findings() if kind.startswith("gauge_")}
    # A wave that is still there at the next reading was true all along.
    water.levels((70, 341.9), (80, 342.3))
    [proposal] = water.proposals()
    assert proposal.proposal.draft.level is Level.ORANGE
    doubts = water.database.read(
        lambda c: reading_store.between(c, "10800", Quantity.LEVEL, START, water.now)
    )
    assert [one.doubt for one in doubts][-2:] == [None, None]


def test_stations_of_no_list_bad_rows_and_an_answer_of_nothing(water: Water) -> None:
    brought = water.polls(f"STCD,STNM,TM,Z\n10800,,{at(0)},338\n77,别处,{at(0)},5\n10800,,x,338")
    assert (brought.new, brought.unknown, len(brought.bad)) == (1, ("77",), 1)
    found = water.findings()
    assert found["unknown_stations"] == {"count": 1, "names": ["77"]}
    assert (found["bad_values"]["flaw"], found["bad_values"]["row"]) == ("bad_time", 3)
    assert water.polls("<html>").fault is FeedFault.HTML
    [state] = water.database.read(feed_states)
    assert (state.fault, state.failures) == (FeedFault.HTML, 1)
    # By its name alone a station is known, too.
    water.now += timedelta(hours=1)
    assert water.polls(f"站名,时间,水位\n黄泥河站,{at(10)},338.1").new == 1
    assert "unknown_stations" not in water.findings()


def test_rain_in_windows_late_rain_and_its_end(water: Water) -> None:
    water.rains((60, 25.0, "1.00"), (120, 20.0, "1.00"))
    assert water.proposals() == []
    # Three hours make the sum.
    water.rains((180, 16.0, "1.00"))
    [first] = water.proposals()
    assert (first.proposal.draft.level, first.proposal.draft.hazard) == (
        Level.ORANGE,
        Hazard.FLASH_FLOOD,
    )
    assert first.proposal.draft.text.startswith(
        "威虎岭站7月2日03:00前3小时降雨61.0毫米，达到准备转移雨量（60.0毫米）。"
    )
    alert_id = water.releases(first)
    water.rains((120, 50.0, "1.00"))  # what was said before is corrected
    [second] = water.proposals()[1:]
    assert (second.proposal.kind, second.proposal.draft.level) == (ProposalKind.UPDATE, Level.RED)
    # Nothing comes any more: perhaps the storm took the gauge, and nobody is told that it is over.
    for minutes in range(190, 900, 10):
        water.now = START + timedelta(minutes=minutes)
        water.database.do(lambda c: watching.look_again(c, AROUND, water.now))
    assert water.proposals()[2:] == []
    # It speaks again, and says that it is dry; the window slides between two readings, too.
    for hour in range(15, 26):
        water.rains((60 * hour, 0.0, "1.00"))
        for minutes in range(10, 60, 10):
            water.now = START + timedelta(minutes=60 * hour + minutes)
            water.database.do(lambda c: watching.look_again(c, AROUND, water.now))
    [lifting] = water.proposals()[2:]
    assert (lifting.proposal.kind, lifting.proposal.changes) == (ProposalKind.LIFT, alert_id)
    assert not water.database.read(lambda c: watching.anything_due(c, water.now))


def test_two_gauges_of_one_warning_are_both_calm_before_it_is_lifted(water: Water) -> None:
    again = STATIONS + f"10900,下游,{TOWNSHIP},,339,340,,,,,,{VILLAGES[0]},,\n"
    assert len(water.imports(again).new) == 1
    water.levels((0, 338.0), (60, 339.5))
    [first] = water.proposals()
    alert_id = water.releases(first)
    water.polls(f"STCD,TM,Z\n10900,{at(0)},338\n10900,{at(60)},340.5")
    second = water.proposals()[1]

    def same_warning(c: Any) -> None:
        draft_store.change(
            c, second.id, state="released", alert_id=alert_id, decided_at=water.now, next_at=None
        )

    water.database.do(same_warning)
    water.levels(*((120 + 60 * n, 337.0) for n in range(8)))
    assert len(water.proposals()) == 2
    water.polls("STCD,TM,Z\n" + "\n".join(f"10900,{at(120 + 60 * n)},337" for n in range(8)))
    assert water.proposals()[2].proposal.kind is ProposalKind.LIFT


def test_silent_gauges(water: Water) -> None:
    water.levels((0, 338.0), (10, 338.0))

    def silent(hours: float) -> list[str]:
        then = water.now + timedelta(hours=hours)
        found = water.database.read(lambda c: silent_store.silent(c, then))
        return [name for _code, name, _at in found]

    assert silent(1.9) == [] and silent(2.1) == ["黄泥河"]
    water.imports(
        STATIONS.replace("纬度\n", "纬度,在用\n")
        .replace("43.7\n", "43.7,否\n")
        .replace(",,\n", ",,,\n")
    )
    assert silent(2.1) == [] and len(water.database.read(station_store.in_use)) == 1


def test_a_stations_file_is_checked_whole(water: Water) -> None:
    assert water.imports(STATIONS).unchanged == 2
    bad = (
        "站码,站名,区划,警戒水位,保证水位,1小时准备转移,1小时立即转移,预警村,灾种\n"
        f"A,甲,敦化市黄泥河镇,5,4,30,20,没有的村,天崩\n"
        f"A,乙,{TOWNSHIP},x,,,-1,,\n"
        f"B,丙,别的地方,,,,,,\n"
    )
    report = water.imports(bad)
    reasons = [(problem.row, problem.column, problem.reason) for problem in report.problems.shown]
    assert reasons == [
        (2, "grz", RowReason.LINE_ORDER),
        (2, "rain_1h_move", RowReason.LINE_ORDER),
        (2, "hazard", RowReason.HAZARD_UNKNOWN),
        (2, "warns", RowReason.DIVISION_UNKNOWN),
        (3, "wrz", RowReason.LINE_INVALID),
        (3, "rain_1h", RowReason.LINE_INVALID),
        (4, "division_code", RowReason.DIVISION_UNKNOWN),
    ]
    assert not report.written and len(water.database.read(station_store.stations)) == 2
    dry = water.imports(STATIONS + f"Z9,新站,{TOWNSHIP},,,,,,,,,,,\n", dry_run=True)
    assert len(dry.new) == 1 and not dry.written and len(dry.without_lines) == 1
    [by_name] = water.imports("站码,站名,区划,警戒水位\nC,丁,敦化市,5\n").new
    assert by_name.warns == (by_name.division_code,) == ("222403000000",)


def test_a_station_warns_what_lies_along_its_stretch(water: Water) -> None:
    upper = Stretch(1, "牡丹江", 1, "上段", (), villages=(VILLAGES[0],))
    lower = Stretch(2, "牡丹江", 2, "下段", (), villages=(VILLAGES[1], VILLAGES[2]))
    other = Stretch(3, "沙河", 1, "上段", (), villages=(VILLAGES[0],))
    known = [upper, lower, other]
    for river, words, found in (
        ("牡丹江", "上段", (1,)),
        ("", "牡丹江 上段", (1,)),
        ("", "下段", (2,)),
        ("", "牡丹江上段—下段", (1, 2)),
        ("", "牡丹江", (1, 2)),
        ("", "上段", None),
        ("牡丹江", "中段", None),
    ):
        reach = reach_of(known, river, words)
        assert (reach and tuple(one.id for one in reach.stretches)) == found, words
    header = "站码,站名,区划,河流,警戒水位,河段\n"
    assert water.imports(header + f"R,河口,{TOWNSHIP},牡丹江,5,下段").problems.shown[0].reason is (
        RowReason.STRETCH_UNKNOWN
    )
    water.database.do(lambda c: add_stretches(c, known))
    assert water.imports(header + f"R,河口,{TOWNSHIP},牡丹江,5,下段").written
    land = Geography(water.database, lambda: Boundaries({}))
    body = f"STCD,TM,Z\nR,{at(0)},4\nR,{at(10)},5.5"
    water.now += timedelta(minutes=11)
    water.polls(body, replace(AROUND, land=land))
    [first] = water.proposals()
    assert set(first.proposal.draft.areas) == {VILLAGES[1], VILLAGES[2]}
    assert first.proposal.notes[-1] == "沿线：牡丹江 下段"


def test_a_file_of_this_machine_is_a_feed(tmp_path: Path) -> None:
    path = tmp_path / "z.csv"
    asking = FeedRequest(str(path))
    assert read_file(asking).fault is FeedFault.UNREACHABLE
    path.write_text("TM,Z")
    answer = read_file(asking)
    assert answer.body == b"TM,Z" and answer.etag
    assert read_file(FeedRequest(str(path), answer.etag)).unchanged
    assert read_file(FeedRequest(str(path), max_bytes=2)).fault is FeedFault.TOO_LARGE

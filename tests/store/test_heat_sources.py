"""Known heat sources: forgotten and learned again, listed by a file, asked about when unusual."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.heat_source_store import add_source, known_sources, source_of_task
from alerts.patrol.hotspots.heat_sources import (
    HeatProblem,
    count_for,
    forget_source,
    sources_for,
)
from alerts.patrol.hotspots.intake import take_in
from alerts.patrol.hotspots.model import Verdict, VerificationRules
from alerts.patrol.hotspots.verdicts import verify
from alerts.season.closed_store import save
from bot.cli import main
from contacts.access import Access
from data.audit import trail
from data.audit import verify as verify_audit
from data.database import Database
from data.errors import NotAllowed, NotFound
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    GOVERNOR,
    RANGER,
    STRANGER_COMMANDER,
)
from tests.store.test_hotspots import LAT, LON, NOW, person_of, queued, spot

RULES = VerificationRules()


def judged_heat(database: Database, hours: float) -> None:
    """A hotspot at the works, seen so many hours later, found to be what it always is."""
    now = NOW + timedelta(hours=hours)
    seen = [spot(minutes=60 * hours - 80)]
    [task] = take_in(database, "firms", seen, now, RULES).opened
    officer = person_of(database, COUNTY_DUTY)
    verdict = Verdict.OTHER_HEAT_SOURCE
    database.do(lambda c: verify(c, task, officer, verdict, now, RULES))


def masked(database: Database, hours: float) -> bool:
    now = NOW + timedelta(hours=hours)
    return bool(take_in(database, "firms", [spot(minutes=60 * hours - 80)], now, RULES).masked)


def test_un_learned_it_takes_three_new_verdicts_to_be_learned_again(database: Database) -> None:
    for hours in (0, 6, 12):
        judged_heat(database, hours)
    commander = person_of(database, COUNTY_COMMANDER)
    [source] = database.read(lambda c: sources_for(c, commander, NOW))
    assert (source.county_code, source.verdicts) == (COUNTY, 3)
    assert masked(database, 18)
    later = NOW + timedelta(hours=19)
    database.do(lambda c: forget_source(c, source.id, commander, later))
    assert database.read(lambda c: sources_for(c, commander, NOW)) == []
    for hours in (24, 30):
        judged_heat(database, hours)
        assert database.read(known_sources) == []
    judged_heat(database, 36)
    assert len(database.read(known_sources)) == 1
    assert masked(database, 42)
    subject = f"heat_source:{source.id}"
    entries = database.read(lambda c: list(trail(c, subject)))
    assert [entry["action"] for entry in entries] == [
        "heat_source.learned",
        "heat_source.forgotten",
    ]
    assert entries[1]["actor"] == commander.id
    assert database.read(verify_audit).broken is None


def test_only_who_commands_the_county_may(database: Database) -> None:
    number = database.do(lambda c: add_source(c, LON, LAT, COUNTY, 3, NOW))
    refused = {
        Access.OUTSIDE_DIVISION: STRANGER_COMMANDER,
        Access.NOT_COMMANDING: COUNTY_DUTY,
    }
    for reason, row in refused.items():
        person = person_of(database, row)
        with pytest.raises(NotAllowed) as caught:
            database.do(lambda c, p=person: forget_source(c, number, p, NOW))
        assert caught.value.code is reason
    for row, seen in ((STRANGER_COMMANDER, 0), (RANGER, 0), (COUNTY_DUTY, 1)):
        person = person_of(database, row)
        assert len(database.read(lambda c, p=person: sources_for(c, p, NOW))) == seen
        assert database.read(lambda c, p=person: count_for(c, p)) == seen
    above = person_of(database, GOVERNOR)
    database.do(lambda c: forget_source(c, number, above, NOW))
    with pytest.raises(NotFound) as gone:
        database.do(lambda c: forget_source(c, number, above, NOW))
    assert gone.value.code is HeatProblem.UNKNOWN


HEADER = "名称,类型,经度,纬度,半径,平常像元,平常功率,屏蔽\n"
WORKS = f"敦化钢厂,钢铁厂,{LON},{LAT},1500,3,40"


@pytest.fixture
def bring(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``jiaoying import heat-sources`` of these rows: exit code and answer."""
    monkeypatch.setenv("JIAOYING_DATABASE__URL", str(database.url))
    monkeypatch.chdir(tmp_path)

    def command(*rows: str, more: tuple[str, ...] = ()) -> tuple[int, str]:
        file = tmp_path / "heat.csv"
        file.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
        out = StringIO()
        return main(["import", "heat-sources", str(file), *more], out), out.getvalue()

    return command


def seen_at(minutes: float, *east_m: float, frp: float = 5.0, satellite: str = "S-NPP"):
    spots = [spot(metres, minutes=minutes, satellite=satellite) for metres in east_m]
    return [replace(s, hotspot=replace(s.hotspot, frp_mw=frp)) for s in spots]


def test_a_listed_source_masks_until_it_is_more_or_hotter_than_usual(
    database: Database, bring
) -> None:
    assert bring(WORKS + ",")[0] == 0

    def look(hours: float, spots) -> tuple[int, int]:
        taken = take_in(database, "SNPP", spots, NOW + timedelta(hours=hours), RULES)
        return taken.masked, len(taken.opened) + len(taken.grown)

    day = 24 * 60.0
    # As many as the file says and two more are usual: within 1,500 m, not beside it.
    assert look(0, seen_at(-80, 0, 300, 600, 900, 1200)) == (5, 0)
    assert look(24, seen_at(day - 80, 0, 1700)) == (1, 1)
    # Five were usual since: seven may be, eight are not; nor is what is hotter than three times 40.
    assert look(48, seen_at(2 * day - 80, *range(-900, 1200, 300))) == (7, 0)
    hot = seen_at(3 * day - 80, 0, frp=130.0)
    assert look(72, hot) == (0, 1)
    assert look(96, seen_at(4 * day - 80, 0, frp=110.0)) == (1, 0)
    # Found to be the furnace after all: it is usual from then on.
    task = database.read(lambda c: hotspot_store.open_tasks(c, COUNTY, COUNTY))[-1]
    known = database.read(lambda c: source_of_task(c, task.id))
    assert known is not None and known.name == "敦化钢厂"
    officer, at = person_of(database, COUNTY_DUTY), NOW + timedelta(hours=97)
    heat = Verdict.OTHER_HEAT_SOURCE
    database.do(lambda c: verify(c, task.id, officer, heat, at, RULES))
    assert look(120, seen_at(5 * day - 80, 0, frp=380.0)) == (1, 0)
    commander = person_of(database, COUNTY_COMMANDER)
    [shown] = database.read(lambda c: sources_for(c, commander, NOW + timedelta(hours=120)))
    assert (shown.seen, shown.last_at) == (15, NOW + timedelta(minutes=5 * day - 80))


def test_a_file_of_sources_is_compared_and_a_commander_outlasts_it(
    database: Database, bring
) -> None:
    flare = "红旗火炬,油田火炬,128.25,43.41,,,"
    code, answer = bring(WORKS + ",", flare + ",", more=("--dry-run",))
    assert (code, database.read(known_sources)) == (0, [])
    assert "新增 2，变更 0，不变 0" in answer
    bring(WORKS + ",", flare + ",")
    assert "不变 2" in bring(WORKS + ",", flare + ",")[1]
    commander = person_of(database, COUNTY_COMMANDER)
    number = database.read(lambda c: sources_for(c, commander, NOW))[0].id
    database.do(lambda c: forget_source(c, number, commander, NOW))
    answer = bring(flare.replace("128.25", "128.26") + ",")[1]
    assert "不屏蔽的 1 处：敦化市 红旗火炬" in answer
    assert "文件里没有、仍在屏蔽的 1 处：敦化市 敦化钢厂" in answer
    assert [source.radius_m for source in database.read(known_sources)] == [1500.0]
    bring(WORKS + ",否", flare + ",是")
    assert [source.radius_m for source in database.read(known_sources)] == [None]
    assert database.read(verify_audit).broken is None
    wrong = (
        ("=A1,钢铁厂,128.2,43.4,,,,", "是公式"),
        ("甲,饭店,128.2,43.4,,,,", "不认识类型“饭店”"),
        ("乙,电厂,43.4,128.2,,,,", "不是经纬度"),
        ("丙,电厂,87.6,43.8,,,,", "不在任何县"),
        ("丁,电厂,128.2,43.4,5,0,x,也许", "应为 10 到 20000 的数"),
        ("戊,电厂,128.2,43.4,,,,", ""),
        ("戊,电厂,128.3,43.4,,,,", "与第 7 行同县同名"),
    )
    code, answer = bring(*(row for row, _ in wrong))
    assert code == 1
    for _row, words in wrong:
        assert words in answer
    assert "共 9 处有误，什么都没有导入" in answer
    assert bring(*(row for row, _ in wrong), more=("--language", "en"))[0] == 1


def test_what_was_lit_in_the_closed_time_is_told_to_the_county(database: Database) -> None:
    """Planned burning is no fire to alarm for, but none may be lit then."""
    officer = person_of(database, COUNTY_DUTY)
    day = NOW.date()
    database.do(lambda c: save(c, {(COUNTY, day): (day, "令")}))
    for hours, verdict, flagged in (
        (0, Verdict.PLANNED_BURNING, True),
        (6, Verdict.NOTHING_FOUND, False),
        (30, Verdict.PLANNED_BURNING, False),  # the next day it may be
    ):
        now = NOW + timedelta(hours=hours)
        seen = [spot(minutes=60 * hours - 80)]
        [task] = take_in(database, "firms", seen, now, RULES).opened
        before = len(queued(database))
        done = database.do(lambda c, t=task, v=verdict, n=now: verify(c, t, officer, v, n, RULES))
        assert done.closed is flagged
        told = [kind for kind, _ in queued(database)[before:]]
        assert "hotspot_verdict" in told or not flagged

"""/patrol: a patroller's own month, an officer's below, the workbook; and on the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import insert

from data.tables.patrol import positions
from tests.roster import COUNTY, RANGER
from tests.stories.command_line import CommandLine
from tests.stories.story import buttons, story_of

KM = 1 / 111.195


async def test_what_patrols_come_to_for_oneself_and_for_those_below(tmp_path: Path) -> None:
    async with story_of(tmp_path, alone=True) as story:
        begin = story.clock() - timedelta(hours=2)
        rows = [
            {
                "person_id": RANGER["id"],
                "taken_at": begin + timedelta(minutes=minutes),
                "received_at": begin + timedelta(minutes=minutes),
                "lon": 128.2,
                "lat": 43.4 + minutes / 30 * KM,
                "accuracy_m": 10.0,
                "doubts": [],
            }
            for minutes in range(0, 61, 10)
        ]
        rows.append({**rows[-1], "lon": 0.0, "lat": 0.0, "doubts": ["null_island"]})
        story.app.database.do(lambda c: c.execute(insert(positions), rows))
        ranger, officer = story["护林员"], story["县值班"]
        await ranger.says("/patrol")
        await ranger.sees("我的巡护", "今天")  # as it stands, before anything was summed up
        await officer.says("/patrol")
        await officer.sees("巡护成果 · 敦化市", "没有巡护位置")
        for _look in range(3):
            await story.tick()
            story.clock.advance(timedelta(minutes=31))
        await story.tick()
        await officer.says("/patrol")
        shown = await officer.sees("1 人出巡", "黄泥河镇")
        await officer.taps("黄泥河镇", message=shown)
        await officer.taps(buttons(officer.shows(shown))[0], message=shown)
        assert "护林员" in officer.shows(shown)["text"]
        await officer.taps("📥 导出表格", message=shown)
        sent = await officer.sees_picture()
        assert sent["document"]["file_name"].endswith(".xlsx")
        refused = await ranger.forges(f"dum:{COUNTY}:202611:0")
        assert refused

        line = CommandLine(tmp_path)
        told = await line("patrol", "results", "敦化市", "--json")
        assert told.facts["sum"]["km"] == 2.0
        assert told.facts["sum"]["doubtful"] == 1
        assert "黄泥河镇" in (await line("patrol", "results", "敦化市")).out
        wrong = await line("patrol", "results", "敦化市", "--month", "去年")
        assert (wrong.code, "2026-11" in wrong.out) == (1, True)
        file = tmp_path / "f.xlsx"
        assert (await line("patrol", "results", "敦化市", "-o", str(file))).code == 0
        rows = list(load_workbook(file).active.values)
        assert rows[2][1] == "护林员"
        assert rows[3][0] == "合计 1 人"

"""A workbook of tasks goes out and comes back: changed, new, left with a word, refused by row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from alerts.loop.tasks import checking, event_store, store
from alerts.loop.tasks.creating import create_many
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import NewTask, Responsible, TaskList, TaskState
from alerts.loop.tasks.round_trip import RoundTrip, comes_back, take_back
from alerts.loop.tasks.task_sheet import HEADINGS
from bot.views.tasks.round_trip_text import round_trip_lines
from bot.views.tasks.workbook import TaskBook, task_workbook
from contacts import people_store
from contacts.divisions.store import known_divisions
from contacts.organisations import Organisation, place_code
from contacts.people import Role
from contacts.roster.spreadsheets import read_sheet
from data.database import Database
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW, TOWNSHIP, VILLAGES

ZONE = ZoneInfo("Asia/Shanghai")
RULES = TaskRules()
AT = {heading: number for number, heading in enumerate(HEADINGS, start=1)}
pytestmark = pytest.mark.one_database


def made(database: Database) -> list[int]:
    """Four tasks: two of a village, one of a department, one that is withdrawn."""
    posts = [
        Responsible(VILLAGES[0], Role.VILLAGE_RESPONSIBLE),
        Responsible(VILLAGES[1], Role.VILLAGE_RESPONSIBLE),
        Responsible(COUNTY, Role.DEPARTMENT, place_code(COUNTY, Organisation.WATER)),
        Responsible(TOWNSHIP, Role.COMMANDER),
    ]
    new = [
        NewTask(f"任务{at}", NOW + timedelta(days=2), post, measure="照做")
        for at, post in enumerate(posts)
    ]
    ids = [task.id for task in database.do(lambda c: create_many(c, new, NOW, RULES))]
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    database.do(lambda c: checking.withdraw(c, ids[3], by, "不用了", NOW))
    return ids


def written(database: Database, ids: list[int], path: Path) -> None:
    def facts(c):  # type: ignore[no-untyped-def]
        tasks = [store.task(c, one) for one in ids]
        gazetteer = known_divisions(c)
        names = {COUNTY_COMMANDER["id"]: "县指挥"}
        events = event_store.of_tasks(c, ids)
        return TaskBook(tasks, events, names, gazetteer.path, NOW, ZONE)

    path.write_bytes(task_workbook(database.read(facts)))


def came_back(database: Database, path: Path, *, dry_run: bool = False) -> tuple[RoundTrip, str]:
    later = NOW + timedelta(minutes=5)
    sheet = read_sheet(path)
    assert comes_back(sheet)
    done = take_back(database, sheet, later, RULES, zone=ZONE, dry_run=dry_run)
    return done, "\n".join(round_trip_lines(done, "zh", ZONE))


def edited(path: Path, cells: dict[tuple[int, str], object]) -> None:
    book = openpyxl.load_workbook(path)
    for (row, heading), value in cells.items():
        book["清单"].cell(row, AT[heading]).value = value
    book.save(path)


def test_untouched_it_is_no_news_and_what_is_changed_is_changed(
    database: Database, tmp_path: Path
) -> None:
    ids, path = made(database), tmp_path / "清单.xlsx"
    written(database, ids, path)
    done, told = came_back(database, path)
    assert (done.unchanged, done.changes, done.conflicts, done.new) == (4, [], [], [])
    assert "没有变 4 项" in told and not done.written
    edited(
        path,
        {
            (2, "时限"): "2026-07-09 18:00",
            (2, "清单"): "问题",
            (4, "部门或地点"): "气象局",
            (6, "事项"): "新修涵洞",
            (6, "区划代码"): TOWNSHIP,
            (6, "责任岗位"): "指挥长",
            (6, "时限"): "2026-07-10 18:00",
        },
    )
    assert came_back(database, path, dry_run=True)[0].written is False
    done, told = came_back(database, path)
    assert "新增 1 项，修改 2 项，没有变 2 项" in told and "改了时限、清单" in told
    tasks = database.read(lambda c: store.tasks(c, ids))
    first, third = tasks[ids[0]], tasks[ids[2]]
    assert first.in_list is TaskList.PROBLEM
    assert first.due_at.astimezone(ZONE).strftime("%m-%d %H:%M") == "07-09 18:00"
    assert third.responsible.place_code == place_code(COUNTY, Organisation.WEATHER)
    every = database.read(lambda c: store.within(c, [COUNTY]))
    assert "新修涵洞" in {task.title for task in every}
    history = openpyxl.load_workbook(path)["经过"]
    assert {row[1].value for row in history.iter_rows(min_row=2)} >= {"任务0", "任务3"}


def test_what_was_changed_here_meanwhile_is_left_and_said(
    database: Database, tmp_path: Path
) -> None:
    ids, path = made(database), tmp_path / "清单.xlsx"
    written(database, ids, path)
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    database.do(
        lambda c: checking.change(c, ids[0], by, RULES, NOW + timedelta(minutes=1), title="改过的")
    )
    edited(path, {(2, "要求"): "别的", (3, "要求"): "也改", (5, "要求"): "撤了的"})
    done, told = came_back(database, path)
    # Row 2's title differs too: it was changed here, and is not set back.
    assert [change.row for change in done.changes] == [3] and len(done.conflicts) == 2
    assert "第 2 行" in told and "县指挥" in told and "请重新导出" in told
    assert "第 5 行" in told and "已经销号或撤销" in told
    tasks = database.read(lambda c: store.tasks(c, ids))
    assert (tasks[ids[0]].title, tasks[ids[0]].measure) == ("改过的", "照做")
    assert tasks[ids[1]].measure == "也改" and tasks[ids[3]].state is TaskState.WITHDRAWN


def test_a_bad_cell_is_told_with_its_row_and_nothing_is_written(
    database: Database, tmp_path: Path
) -> None:
    ids, path = made(database), tmp_path / "清单.xlsx"
    written(database, ids, path)
    edited(
        path,
        {
            (2, "要求"): "好的",
            (2, "编号"): 99999,
            (3, "时限"): "2020-01-01 08:00",
            (4, "部门或地点"): "",
            (6, "事项"): "缺这缺那",
        },
    )
    done, told = came_back(database, path)
    assert done.problems.total >= 4 and not done.written
    assert "第 2 行 编号" in told and "没有编号是“99999”的任务" in told
    assert "第 3 行 时限" in told and "已经过了" in told
    assert "第 4 行 部门或地点" in told and "第 6 行" in told
    assert database.read(lambda c: store.task(c, ids[0])).measure == "照做"  # type: ignore[union-attr]


def test_a_long_workbook_is_written_in_pieces_and_goes_on_where_it_was_cut_off(
    database: Database, tmp_path: Path
) -> None:
    post, path = Responsible(VILLAGES[0], Role.VILLAGE_RESPONSIBLE), tmp_path / "清单.xlsx"
    new = [NewTask(f"任务{at}", NOW + timedelta(days=2), post) for at in range(130)]
    ids = [task.id for task in database.do(lambda c: create_many(c, new, NOW, RULES))]
    written(database, ids, path)
    after = len(ids) + 2
    cells: dict[tuple[int, str], object] = {(row, "要求"): "改了" for row in range(2, after)}
    cells |= {
        (after, "事项"): "新修涵洞",
        (after, "区划代码"): TOWNSHIP,
        (after, "责任岗位"): "指挥长",
        (after, "时限"): "2026-07-10 18:00",
    }
    edited(path, cells)
    sheet = read_sheet(path)
    later = NOW + timedelta(minutes=5)

    def officer(c):  # type: ignore[no-untyped-def]
        found = people_store.person(c, COUNTY_COMMANDER["id"])
        assert found is not None
        return found

    gaps = iter(range(9))

    def disturbed(_seconds: float) -> None:
        """Somebody changes a task after the first piece; after the second the power fails."""
        if next(gaps):
            raise InterruptedError
        database.do(lambda c: checking.change(c, ids[-1], officer(c), RULES, later, title="改过的"))

    with pytest.raises(InterruptedError):
        take_back(database, sheet, later, RULES, zone=ZONE, rest=disturbed)
    tasks = database.read(lambda c: store.tasks(c, ids))
    left = [task_id for task_id in ids if tasks[task_id].measure != "改了"]
    assert left == [ids[-1]], "what was changed meanwhile is not undone"
    done = take_back(database, sheet, later, RULES, zone=ZONE, rest=lambda _: None)
    assert (len(done.new), len(done.changes), done.unchanged) == (1, 0, 129)
    told = "\n".join(round_trip_lines(done, "zh", ZONE))
    assert f"第 {after - 1} 行 #{ids[-1]} 没有改：导出以后这里改过" in told
    again = take_back(database, sheet, later, RULES, zone=ZONE, rest=lambda _: None)
    assert (again.new, again.changes, again.unchanged) == ([], [], 130) and not again.written

"""``jiaoying import tasks`` and ``jiaoying tasks``: the five lists at the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from bot.locale import translator

if TYPE_CHECKING:
    from alerts.loop.tasks.model import Task
    from alerts.loop.tasks.task_import import TaskImport
    from bot.config.settings import Settings
    from contacts.divisions.gazetteer import Gazetteer
    from data.database import Connection, Database


def import_task_file(
    arguments: argparse.Namespace,
    settings: Settings,
    out: TextIO,
    database: Database,
    now: datetime,
) -> int:
    """Import one table; returns the exit code."""
    from alerts.loop.tasks.round_trip import comes_back, take_back
    from alerts.loop.tasks.task_import import import_tasks
    from bot.config.rules import all_rules
    from bot.views.roster.patrol_import_text import patrol_file_text
    from bot.views.tasks.round_trip_text import round_trip_lines
    from contacts.roster.spreadsheets import read_sheet
    from data.errors import InvalidInput

    path: Path = arguments.file
    language: str = arguments.language
    dry_run: bool = arguments.dry_run
    rules = all_rules(settings).tasks
    try:
        sheet = read_sheet(path)
        if comes_back(sheet):
            back = take_back(database, sheet, now, rules, zone=settings.time.info, dry_run=dry_run)
            out.writelines(
                line + "\n" for line in round_trip_lines(back, language, settings.time.info)
            )
            return 1 if back.problems.total or back.conflicts else 0
        done = import_tasks(database, path, now, rules, zone=settings.time.info, dry_run=dry_run)
    except InvalidInput as error:
        out.write(patrol_file_text(error, path.name, language) + "\n")
        return 1
    out.writelines(line + "\n" for line in import_lines(done, language))
    return 1 if done.problems.total else 0


def import_lines(done: TaskImport, language: str) -> Iterator[str]:
    """The whole answer to an import."""
    from alerts.loop.tasks.task_file import TASK_COLUMNS
    from bot.views.roster.patrol_import_text import (
        cell_problem_text,
        ending_line,
        refused_lines,
    )

    _ = translator(language)
    if done.problems.total:
        for problem in done.problems.shown:
            yield cell_problem_text(problem, TASK_COLUMNS, done.file, language)
        yield from refused_lines(done.problems.total, len(done.problems.shown), language)
        return
    if done.ignored_columns:
        yield _("不用的列：{columns}").format(columns=", ".join(done.ignored_columns))
    yield _("清单任务：新增 {count} 项").format(count=len(done.rows))
    for row in done.vacant[:20]:
        yield _("第 {row} 行：责任岗位空缺，会发给上一级").format(row=row.row)
    yield ending_line(done.dry_run, done.written, done.file, language)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb ``tasks``."""
    parser = subparsers.add_parser(
        "tasks", help="清单任务 / tasks of the five lists", description=__doc__
    )
    parser.add_argument("area", nargs="?", default="", help="区划代码或名称 / code or name")
    parser.add_argument("--all", action="store_true", help="已结束的也列 / those that ended, too")
    parser.add_argument("--overdue", action="store_true", help="只列逾期的 / overdue ones only")
    parser.add_argument("--json", action="store_true", help="JSON")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="F.xlsx",
        help="写成表格，连同经过；改好后可用 import tasks 再导入 / a workbook that may come back",
    )
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    parser.set_defaults(func=_list)


def _list(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    from contextlib import closing

    from alerts.loop.tasks import store
    from alerts.loop.tasks.model import UNFINISHED, TaskState
    from bot.services.opening import open_for_command
    from contacts.divisions.store import known_divisions

    now, _ = datetime.now(UTC), translator(arguments.language)

    with closing(open_for_command(settings)) as database:
        gazetteer = database.read(known_divisions)
        codes = [found.code for found in gazetteer if not gazetteer.ancestors(found.code)]
        if arguments.area:
            meant = gazetteer.find(arguments.area, careful=True).division
            if meant is None:
                out.write(
                    _("没有「{area}」这个区划，或有几个同名的。").format(area=arguments.area[:40])
                    + "\n"
                )
                return 1
            codes = [meant.code]

        def look(c: Connection) -> list[Task]:
            if arguments.overdue:
                return store.overdue_within(c, codes, now)
            return store.within(c, codes, states=tuple(TaskState) if arguments.all else UNFINISHED)

        found = database.read(look)
        if arguments.output:
            return _write(database, found, gazetteer, settings, now, arguments, out)
    if arguments.json:
        json.dump([as_json(task) for task in found], out, ensure_ascii=False, indent=1)
        out.write("\n")
        return 0
    out.writelines(line + "\n" for line in _lines(found, gazetteer, settings, now, arguments))
    return 0


def _write(
    database: Database,
    found: list[Task],
    gazetteer: Gazetteer,
    settings: Settings,
    now: datetime,
    arguments: argparse.Namespace,
    out: TextIO,
) -> int:
    """The workbook of these tasks, with everything that happened to them."""
    from alerts.report_facts import ReportProblem
    from bot.messages.task_books import book_of
    from bot.views.tasks.workbook import task_workbook
    from data.errors import InvalidInput
    from data.private_files import write_private

    output = arguments.output
    if output.suffix.lower() != ".xlsx":
        raise InvalidInput(ReportProblem.LEDGER_FORMAT, file=output.name)

    zone, language = settings.time.info, arguments.language
    book = database.read(lambda c: book_of(c, found, gazetteer.path, now, zone, language))
    content = task_workbook(book)
    try:
        write_private(output, content)
    except OSError as error:
        raise InvalidInput(
            ReportProblem.UNWRITABLE, file=str(output), reason=error.strerror
        ) from error
    out.write(f"已写入 / written: {output}（{len(found)}）\n")
    return 0


def as_json(task: Task) -> dict[str, Any]:
    """A task for other programs: keys in English, times in ISO 8601 (UTC)."""
    post = task.responsible

    def at(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat()

    return {
        "number": task.id,
        "list": task.in_list.value,
        "title": task.title,
        "measure": task.measure,
        "division": task.division_code,
        "place": task.place_code,
        "responsible": {
            "division": post.division_code,
            "role": post.role.value,
            "place": post.place_code,
            "person": post.person_id,
        },
        "state": task.state.value,
        "due": at(task.due_at),
        "created": at(task.created_at),
        "taken": at(task.taken_at),
        "submitted": at(task.submitted_at),
        "ended": at(task.ended_at),
        "supervised": task.supervised,
        "alert": task.alert_id,
        "part_of": task.parent_id,
        "template": task.template,
    }


def _lines(
    found: list[Task],
    gazetteer: Gazetteer,
    settings: Settings,
    now: datetime,
    arguments: argparse.Namespace,
) -> Iterator[str]:
    from bot.views.clock import day_clock
    from bot.views.tasks.words import list_name, mark, state_name
    from bot.views.vocabulary import role_name

    language, _ = arguments.language, translator(arguments.language)
    if not found:
        yield _("没有这样的任务。")
    for task in found:
        late = task.overdue(now)
        post = task.responsible
        yield "  ".join(
            (
                f"{mark(task, late=late)} #{task.id}",
                list_name(task.in_list, language),
                task.title,
                gazetteer.path(post.division_code) + " " + role_name(post.role, language),
                day_clock(task.due_at, settings.time.info),
                state_name(task.state, language),
            )
        )

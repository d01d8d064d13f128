"""The verbs of years of use: ``backup``, ``restore``, ``db size``, ``db archive``."""

from __future__ import annotations

import argparse
import time
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import orjson

from alerts import restored
from alerts.history.archiving import Archiving
from alerts.history.store import archivable
from alerts.restored import Restored
from bot.config.settings import Settings
from bot.console.running import only_runner
from bot.services.clocks import utc_now
from bot.services.opening import command_line, open_for_command
from data import audit, sizes
from data.backup import BackupProblem, back_up_with_history, put_back
from data.database import Database, sqlite_path
from data.errors import InvalidInput, StoreError
from data.history import HistoryProblem

_JSON = "输出 JSON / print JSON"

LEAST_DAYS = 7
"""What ended later than this many days ago stays: it is on the board, and may be answered late."""


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers of ``backup`` and ``restore``."""
    backup = verbs.add_parser("backup", help="备份，运行中即可 / back up, also while running")
    backup.add_argument("file", type=Path, help="写到哪个新文件 / the new file to write")
    backup.add_argument(
        "--seconds",
        type=float,
        default=600.0,
        help="最多用多久，超过就放弃（默认 600） / given up after this long (600)",
    )
    backup.set_defaults(func=_backup)
    restore = verbs.add_parser(
        "restore", help="恢复备份，并搁置过时的消息 / put a backup back, set stale messages aside"
    )
    restore.add_argument(
        "file",
        nargs="?",
        type=Path,
        help="备份文件；PostgreSQL 先用 pg_restore，这里不写"
        " / the backup; none after pg_restore for PostgreSQL",
    )
    restore.add_argument(
        "--resume",
        type=int,
        metavar="ALERT",
        help="这个预警仍然有效：补发被搁置的叫应 / this warning is still true: send its calls",
    )
    restore.add_argument("--json", action="store_true", help=_JSON)
    restore.set_defaults(func=_restore)


def register_db(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers below ``db``."""
    size = verbs.add_parser("size", help="各表大小、可归档多少 / size, and what can be archived")
    size.add_argument("--json", action="store_true", help=_JSON)
    size.set_defaults(func=_size)
    archive = verbs.add_parser(
        "archive", help="把早已结束的移到归档，运行中即可 / move what is long over to the history"
    )
    archive.add_argument(
        "--before",
        type=_day,
        metavar="YYYY-MM-DD",
        help="这天以前结束的（默认按 [history] after_days） / what was over before this day",
    )
    archive.add_argument(
        "--new",
        action="store_true",
        help="归档文件已移走：另开一个 / the history file was moved away: begin another",
    )
    archive.add_argument("--json", action="store_true", help=_JSON)
    archive.set_defaults(func=_archive)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - gets its zone below
    except ValueError:
        raise argparse.ArgumentTypeError("YYYY-MM-DD") from None


def _backup(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    file = sqlite_path(settings.database.url)
    if file is None:
        raise InvalidInput(BackupProblem.POSTGRESQL)
    for written, size in back_up_with_history(
        file, arguments.file, seconds=arguments.seconds
    ).items():
        print(f"已备份并核对 / backed up and checked: {written}  {_megabytes(size)}", file=out)
    _note_backup(settings, arguments.file.name)
    return 0


def _note_backup(settings: Settings, file: str) -> None:
    """A copy of everything left: the trail says who has it. A backup is good without that entry,
    too: of a database that is full, or is to be upgraded next."""
    entry = audit.Entry("backup.written", "database", detail={"file": file})
    database = Database(settings.database.url, acts_from=command_line())
    with closing(database), suppress(StoreError):
        database.do(lambda c: audit.append(c, utc_now(), [entry]))


def _restore(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    if arguments.resume is not None:
        return _resume(arguments.resume, settings, out)
    file = sqlite_path(settings.database.url)
    if file is None and arguments.file is not None:
        raise InvalidInput(BackupProblem.POSTGRESQL)
    now = utc_now()
    with only_runner(settings):
        if file is not None and arguments.file is not None:
            for aside in put_back(arguments.file, file, f"{now:%Y%m%dT%H%M%S}"):
                print(f"原文件改名保留 / what was there is kept as: {aside}", file=out)
        with closing(open_for_command(settings)) as database:
            alone = file is not None  # only_runner saw to it
            found = database.do(lambda c: restored.make_ready(c, now, alone=alone))
    if arguments.json:
        out.write(orjson.dumps(_restored_facts(found)).decode() + "\n")
    else:
        _tell_restored(found, settings, out)
    return 0


def _resume(alert_id: int, settings: Settings, out: TextIO) -> int:
    with closing(open_for_command(settings)) as database:
        count = database.do(lambda c: restored.resume(c, alert_id, utc_now()))
    print(
        f"预警 {alert_id}：补发 {count} 条 / alert {alert_id}: {count} deliveries queued again",
        file=out,
    )
    return 0


def _restored_facts(found: Restored) -> dict[str, Any]:
    return {
        "set_aside": found.set_aside,
        "updates": found.updates,
        "last_entry": found.last_entry,
        "last_entry_at": found.last_entry_at,
        "alerts": [
            {
                "id": waiting.alert.id,
                "headline": waiting.alert.headline,
                "status": waiting.alert.state.value,
                "open_calls": waiting.open_calls,
                "set_aside": waiting.set_aside,
            }
            for waiting in found.alerts
        ],
    }


def _tell_restored(found: Restored, settings: Settings, out: TextIO) -> None:
    at = found.last_entry_at
    when = "" if at is None else f"{at.astimezone(settings.time.info):%Y-%m-%d %H:%M:%S}"
    minutes = int(restored.GRACE.total_seconds() // 60)
    print(
        f"库里最后一条留痕 / last entry of the trail: {found.last_entry}  {when}\n"
        f"搁置未发消息 {found.set_aside} 条、未处理更新 {found.updates} 条，不会发出"
        f" / set aside, not to be sent: {found.set_aside} messages, {found.updates} updates\n"
        f"{minutes} 分钟内不催任何人 / nobody is chased for {minutes} minutes",
        file=out,
    )
    for waiting in found.alerts:
        print(
            f"预警 {waiting.alert.id} {waiting.alert.headline} 在库里仍有效："
            f"未回应 {waiting.open_calls} 人，搁置 {waiting.set_aside} 条。"
            f"已结束就取消它；仍有效就 jiaoying restore --resume {waiting.alert.id}\n"
            f"    alert {waiting.alert.id} is in force here: {waiting.open_calls} open calls, "
            f"{waiting.set_aside} set aside. Cancel it if it is over; else "
            f"jiaoying restore --resume {waiting.alert.id}",
            file=out,
        )


def _size(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    before = utc_now() - timedelta(days=settings.history.after_days)
    with closing(open_for_command(settings)) as database:
        tables = database.read(sizes.table_sizes)
        ready = database.read(lambda c: archivable(c, before))
    if arguments.json:
        facts = {"tables": [table._asdict() for table in tables], "archivable": ready._asdict()}
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    print(f"{'表 table':<26}{'行 rows':>12}{'大小 size':>14}  最早 oldest", file=out)
    for table in tables:
        size = "?" if table.bytes is None else _megabytes(table.bytes)
        oldest = "" if table.oldest is None else f"{table.oldest.astimezone(settings.time.info):%F}"
        print(f"{table.name:<26}{table.rows:>12}{size:>14}  {oldest}", file=out)
    print(
        f"可归档（{settings.history.after_days} 天前结束的）：预警 {ready.alerts}，"
        f"叫应 {ready.calls}，投递 {ready.deliveries}，留痕 {ready.entries}；"
        "运行 jiaoying db archive\n"
        f"To be archived (over for {settings.history.after_days} days): {ready.alerts} alerts, "
        f"{ready.calls} calls, {ready.deliveries} deliveries, {ready.entries} entries; "
        "run jiaoying db archive",
        file=out,
    )
    return 0


def _archive(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    now = utc_now()
    before = now - timedelta(days=settings.history.after_days)
    if arguments.before is not None:
        before = arguments.before.replace(tzinfo=settings.time.info).astimezone(now.tzinfo)
    if before > now - timedelta(days=LEAST_DAYS):
        raise InvalidInput(HistoryProblem.TOO_RECENT, days=LEAST_DAYS)
    open_for_command(settings).close()
    began = time.monotonic()

    def rest(_moved: int) -> None:
        """As long as the last chunk took: the bot writes at least half of the time."""
        nonlocal began
        time.sleep(min(1.0, time.monotonic() - began))
        began = time.monotonic()

    # Of its own: SQLite locks the history with every transaction of a connection that has it.
    database = Database(
        settings.database.url,
        synchronous=settings.database.synchronous,
        patience=60.0,
        acts_from=command_line(),
    )
    with closing(database):
        moved = Archiving(database, before, now, rest=rest, new=arguments.new).run()
    if arguments.json:
        facts = {
            "alerts": moved.alerts,
            "calls": moved.calls,
            "cards": moved.cards,
            "deliveries": moved.deliveries,
            "entries": moved.entries,
        }
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    print(
        f"已归档：预警 {moved.alerts}，叫应 {moved.calls}，卡片 {moved.cards}，"
        f"投递 {moved.deliveries}，留痕 {moved.entries}\n"
        f"Archived: {moved.alerts} alerts, {moved.calls} calls, {moved.cards} cards, "
        f"{moved.deliveries} deliveries, {moved.entries} entries of the trail",
        file=out,
    )
    return 0


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"

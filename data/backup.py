"""Copies of an SQLite database: taken beside a bot that is writing, put back in its place.

A backup is read from one snapshot, a bounded number of pages at a time, so that it always comes to
its end however busy the writer is (SQLite's own ``.backup`` begins anew at every commit it meets),
and it is given up when it takes longer than it may. It becomes visible under its name only when it
is whole and was checked.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import Enum
from pathlib import Path

from data.errors import StoreUnwritable
from data.history import history_file

PAGES = 2000
"""Pages copied between two looks at the clock: eight megabytes."""
LOCKED_REST_SECONDS = 0.01
"""Before a locked file is asked for again."""
LOCK_SECONDS = 10
"""How long a lock of another process is waited for."""
A_DAY_SECONDS = 86_400
"""Nothing is put back for longer: whoever does it waits beside it."""

_BESIDE = ("-wal", "-shm")


class BackupProblem(Enum):
    """Why a backup was not made, or not put back. The facts name the ``file``."""

    NO_DATABASE = "backup_no_database"  # there is nothing to back up
    EXISTS = "backup_exists"  # nothing is written over
    UNWRITABLE = "backup_unwritable"  # with the ``reason``
    TOO_SLOW = "backup_too_slow"  # with the ``seconds`` it was given
    DAMAGED = "backup_damaged"  # with the ``reason``
    NOT_OURS = "backup_not_ours"  # a database, but none of jiaoying's
    NOT_FOUND = "backup_not_found"
    POSTGRESQL = "backup_postgresql"  # which has tools of its own


def back_up(
    source: Path,
    target: Path,
    *,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    pages: int = PAGES,
) -> int:
    """Write what ``source`` holds now to the new file ``target``; returns its bytes.

    :param seconds: it is given up after this long.
    :raises StoreError: see ``BackupProblem``; no file is left behind then.
    """
    if not source.exists():
        raise StoreUnwritable(BackupProblem.NO_DATABASE, file=str(source))
    if target.exists():
        raise StoreUnwritable(BackupProblem.EXISTS, file=str(target))
    part = target.with_name(target.name + ".part")
    give_up = clock() + seconds

    def look_at_clock(_status: int, _left: int, _total: int) -> None:
        if clock() > give_up:
            raise StoreUnwritable(BackupProblem.TOO_SLOW, file=str(target), seconds=int(seconds))

    try:
        with _told(target):
            part.unlink(missing_ok=True)
            with closing(_opened(source)) as reading, closing(_opened(part)) as writing:
                # Held until the end: the pages are all of one moment, whatever is committed since.
                reading.execute("BEGIN")
                reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
                reading.backup(
                    writing, pages=pages, progress=look_at_clock, sleep=LOCKED_REST_SECONDS
                )
                writing.execute("PRAGMA journal_mode = DELETE")
                _check(writing, target)
            _to_disk(part)
            part.rename(target)
            _to_disk(target.parent)
    finally:
        for suffix in ("", "-journal", *_BESIDE):
            part.with_name(part.name + suffix).unlink(missing_ok=True)
    return target.stat().st_size


def back_up_with_history(source: Path, target: Path, *, seconds: float) -> dict[Path, int]:
    """``back_up``, and the history beside it if there is one; returns the files and their bytes.

    The history last: what moves there meanwhile is then in both, and never in none.
    """
    written = {target: back_up(source, target, seconds=seconds)}
    if history_file(source).exists():
        beside = history_file(target)
        written[beside] = back_up(history_file(source), beside, seconds=seconds)
    return written


def check_backup(backup: Path) -> None:
    """That ``backup`` is a whole database of jiaoying's.

    :raises StoreError: NOT_FOUND, DAMAGED or NOT_OURS of ``BackupProblem``.
    """
    if not backup.is_file():
        raise StoreUnwritable(BackupProblem.NOT_FOUND, file=str(backup))
    with _told(backup), closing(_opened(backup)) as reading:
        _check(reading, backup)
        tables = {row[0] for row in reading.execute("SELECT name FROM sqlite_master")}
    if not {"alembic_version", "alerts", "audit"} <= tables:
        raise StoreUnwritable(BackupProblem.NOT_OURS, file=str(backup))


def put_back(backup: Path, file: Path, stamp: str) -> list[Path]:
    """Put a backup, and the history beside it, in the place of the database ``file``.

    What was there is renamed, never deleted; nobody may be using it.

    :param stamp: goes into the new names of what was there.
    :returns: the files that were renamed, by their new names.
    :raises StoreError: see ``check_backup``; nothing was touched then. Or UNWRITABLE.
    """
    check_backup(backup)
    pairs = [(backup, file)]
    if history_file(backup).exists():
        pairs.append((history_file(backup), history_file(file)))
    aside = []
    for source, place in pairs:
        ready = place.with_name(f"{place.name}.restoring-{stamp}")
        back_up(source, ready, seconds=A_DAY_SECONDS)
        with _told(place):
            for suffix in ("", *_BESIDE):
                old = place.with_name(place.name + suffix)
                if old.exists():
                    aside.append(
                        old.rename(place.with_name(f"{place.name}.before-{stamp}{suffix}"))
                    )
            ready.rename(place)
            _to_disk(place.parent)
    return aside


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, timeout=LOCK_SECONDS)


def _check(connection: sqlite3.Connection, file: Path) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreUnwritable(BackupProblem.DAMAGED, file=str(file), reason=found)


def _to_disk(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What the system and SQLite say, as ours."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreUnwritable(BackupProblem.UNWRITABLE, file=str(file), reason=reason) from error
    except sqlite3.DatabaseError as error:
        damaged = any(word in str(error) for word in ("malformed", "not a database"))
        code = BackupProblem.DAMAGED if damaged else BackupProblem.UNWRITABLE
        raise StoreUnwritable(code, file=str(file), reason=str(error)) from error

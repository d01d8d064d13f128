"""backup, restore, db size, db archive and audit verify --all at the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from alerts.closing import expire
from alerts.model import Draft, Hazard, Level
from alerts.release import release
from alerts.rules import Rules
from bot.cli import main
from bot.services.clocks import utc_now
from contacts import bot_store, people_store
from contacts.bots import Bot
from data.database import Connection, Database
from data.history import history_file
from data.tables.alerts import deliveries
from data.tables.running import leases
from tests.roster import BOT_ID, COUNTY, COUNTY_COMMANDER, PROVINCE

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")


@pytest.fixture
def jiaoying(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command; returns its exit code and what it printed."""
    monkeypatch.setenv("JIAOYING_DATABASE__URL", filled_url)
    monkeypatch.setenv("JIAOYING_DATABASE__SYNCHRONOUS", "normal")
    monkeypatch.setenv("JIAOYING_HISTORY__AFTER_DAYS", "30")  # the roster's entries are as old

    def run(*arguments: object) -> tuple[int, str]:
        out = StringIO()
        try:
            code = main([str(argument) for argument in arguments], out)
        except SystemExit as usage:
            code = int(str(usage.code))
        return code, out.getvalue()

    return run


@pytest.fixture
def warned(filled_url: str) -> tuple[int, int]:
    """A warning that ended two years ago, everything of it sent; and one of now, nothing sent."""
    now = utc_now()
    old = now - timedelta(days=730)

    def warn(connection: Connection, at: Any) -> int:
        bot_store.configure(connection, [Bot(BOT_ID, PROVINCE)], at)
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, DRAFT, by, RULES, at).alert_id

    def both(connection: Connection) -> tuple[int, int]:
        first = warn(connection, old)
        expire(connection, old + timedelta(days=3))
        connection.execute(update(deliveries).values(state="sent", sent_at=old))
        return first, warn(connection, now)

    database = Database(filled_url)
    found = database.do(both)
    database.close()
    return found


def test_size_archive_report_and_the_whole_walk(
    jiaoying: Any, warned: tuple[int, int], tmp_path: Path
) -> None:
    old, _ = warned
    code, told = jiaoying("db", "size", "--json")
    assert code == 0
    size = json.loads(told)
    calls = {table["name"]: table for table in size["tables"]}["calls"]
    assert calls["rows"] > 0
    assert calls["oldest"] is not None
    assert size["archivable"]["alerts"] == 1
    assert size["archivable"]["deliveries"] > 0
    assert "可归档" in jiaoying("db", "size")[1]

    code, told = jiaoying("db", "archive", "--json")
    assert (code, json.loads(told)["alerts"]) == (0, 1)
    assert json.loads(told)["calls"] == size["archivable"]["calls"]
    assert json.loads(told)["deliveries"] == size["archivable"]["deliveries"]
    after = json.loads(jiaoying("db", "size", "--json")[1])
    assert set(after["archivable"].values()) == {0}
    assert {table["name"]: table["rows"] for table in after["tables"]}["history.calls"] > 0
    code, told = jiaoying("db", "archive")
    assert code == 0
    assert "Archived: 0 alerts" in told

    code, told = jiaoying("audit", "verify")
    assert code == 0
    assert "--all" in told
    code, told = jiaoying("audit", "verify", "--all", "--json")
    assert (code, json.loads(told)["since"]) == (0, 1)
    code, told = jiaoying("status", old, "--json")
    assert json.loads(told)["alerts"][0]["calls"] == size["archivable"]["calls"]
    assert jiaoying("report", old, "--output", tmp_path / "r.xlsx")[0] == 0


@pytest.mark.usefixtures("warned")
@pytest.mark.parametrize("day", ["2026-13-01", "昨天", "01.02.2026", ""])
def test_a_day_that_is_none_is_wrong_usage(jiaoying: Any, day: str) -> None:
    assert jiaoying("db", "archive", "--before", day)[0] == 2


@pytest.mark.usefixtures("warned")
def test_what_is_recent_is_not_archived(jiaoying: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for days in (-1, 0, 5):
        day = utc_now() - timedelta(days=days)
        assert jiaoying("db", "archive", "--before", f"{day:%Y-%m-%d}")[0] == 1
        assert "更早的日期" in capsys.readouterr().err
    old = utc_now() - timedelta(days=30)
    assert jiaoying("db", "archive", "--before", f"{old:%Y-%m-%d}")[0] == 0


def test_a_history_that_is_away_is_said_in_both_languages(
    filled_url: str, jiaoying: Any, warned: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    if not filled_url.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps the history in the database itself")
    old, _ = warned
    assert jiaoying("db", "archive")[0] == 0
    file = history_file(Path(filled_url.removeprefix("sqlite:///")))
    file.rename(file.with_name("elsewhere"))
    for command in (("db", "archive"), ("report", old, "--output", "r.xlsx")):
        assert jiaoying(*command)[0] == 1
        said = capsys.readouterr().err
        assert "归档不在原处" in said
        assert "history is not where it was" in said
    code, told = jiaoying("audit", "verify", "--all")
    assert code == 1
    assert "没有核验" in told
    assert jiaoying("audit", "verify")[0] == 0
    assert jiaoying("db", "archive", "--new")[0] == 0


def test_backup_and_restore(
    filled_url: str, jiaoying: Any, warned: tuple[int, int], tmp_path: Path
) -> None:
    if not filled_url.startswith("sqlite"):
        pytest.skip("PostgreSQL has tools of its own")
    _, new = warned
    assert jiaoying("db", "archive")[0] == 0
    running = Database(filled_url)  # a bot that was running when it was copied
    lease = {"name": "schedule:all", "holder": "x", "until": utc_now() + timedelta(days=9)}
    running.do(lambda c: c.execute(insert(leases).values(lease)))
    running.close()
    backup = tmp_path / "backups" / "b.db"
    assert jiaoying("backup", backup)[0] == 1  # no such folder
    backup.parent.mkdir()
    code, told = jiaoying("backup", backup)
    assert (code, "b.history.db" in told) == (0, True)
    assert jiaoying("backup", backup)[0] == 1  # nothing is written over
    code, told = jiaoying("restore", backup)
    assert code == 0
    assert ".before-" in told
    assert f"restore --resume {new}" in told
    assert "15 分钟" in told
    assert jiaoying("audit", "verify", "--all")[0] == 0
    code, told = jiaoying("restore", "--resume", new)
    assert code == 0
    assert jiaoying("restore", "--resume", 999)[0] == 1


def test_the_step_after_pg_restore(
    filled_url: str,
    jiaoying: Any,
    warned: tuple[int, int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if filled_url.startswith("sqlite"):
        pytest.skip("SQLite is restored from a file")
    _, new = warned
    for command in (("backup", tmp_path / "b.db"), ("restore", tmp_path / "b.db")):
        assert jiaoying(*command)[0] == 1
        said = capsys.readouterr().err
        assert "pg_dump" in said
    code, told = jiaoying("restore", "--json")
    facts = json.loads(told)
    assert code == 0
    assert facts["set_aside"] > 0
    assert [alert["id"] for alert in facts["alerts"]] == [new]
    database = Database(filled_url)
    queued = select(func.count()).where(deliveries.c.state == "queued")
    assert database.read(lambda c: c.execute(queued).scalar_one()) == 0
    database.close()


def test_nothing_is_restored_under_a_running_bot(
    filled_url: str, jiaoying: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not filled_url.startswith("sqlite"):
        pytest.skip("tested by its leases in tests/store/test_backup.py")
    from bot.config.load import load
    from bot.console.running import only_runner

    backup = tmp_path / "b.db"
    assert jiaoying("backup", backup)[0] == 0
    settings = load(None, {"JIAOYING_DATABASE__URL": filled_url})
    with only_runner(settings):
        assert jiaoying("restore", backup)[0] == 2
        assert "已有一个 jiaoying" in capsys.readouterr().err

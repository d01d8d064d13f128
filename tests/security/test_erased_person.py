"""Who is erased is nowhere any more: no row, no history names them, and no open call waits."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.history.archiving import Archiving
from contacts import people_store
from contacts.personal_store import ERASED_NAME, erase
from contacts.roster.columns import RosterKind
from contacts.roster.importing import import_file
from data import audit
from data.archived_trail import verify_all
from data.database import Database
from data.errors import NotFound
from tests.roster import COUNTY_COMMANDER, COUNTY_DUTY, NOW, RANGER, VILLAGERS, fill
from tests.security.scene import forget, full_day
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, story_of

HEAD = VILLAGERS[1]
# A name and an account that no other row holds by chance.
NAME, ACCOUNT, PHONE = "欧阳甲乙", 7_310_055_123, "+8619955501234"
NUMBER = re.compile(rf"{NAME}|{ACCOUNT}|{PHONE[3:]}|199 ?5550 ?1234|199\*\*\*\*1234")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def rows_with(file: Path, wanted: re.Pattern[str]) -> list[str]:
    """Every row of every table of a database that says it."""
    found = []
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute(_TABLES)]
        for name in names:
            for row in connection.execute(f"SELECT * FROM {name}"):
                if wanted.search(str(row)):
                    found.append(f"{name}: {row}")
    return found


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


def account_of(row: dict[str, Any]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d){row['telegram_id']}(?!\d)|{row['phone'][3:]}|'{row['name']}'")


async def test_nothing_of_a_full_day_names_who_was_erased(story: Story, tmp_path: Path) -> None:
    await full_day(story)
    await story["县值班"].says("/handbook 护林员")
    for row in (RANGER, COUNTY_DUTY, COUNTY_COMMANDER):
        assert rows_with(story.file, account_of(row))
        done = await CommandLine(tmp_path)("person", "erase", row["phone"], "--yes")
        assert done.code == 0, done.err
        await story.tick()
        assert rows_with(story.file, account_of(row)) == []
    assert story.app.database.read(audit.verify).broken is None
    forget(story)


async def test_whoever_is_still_called_is_not_erased_without_asking(
    story: Story, tmp_path: Path
) -> None:
    jiaoying = CommandLine(tmp_path)
    await story["县指挥"].says("/warn 黄 暴雨 222403101201 注意防范")
    sent = await story["县指挥"].sees("注意防范")
    await story["县指挥"].taps("确认发布", message=sent)
    await story["村长1"].sees("注意防范")
    asked = await jiaoying("person", "erase", HEAD["phone"])
    assert asked.code == 1
    assert "没有删除" in asked.out and "还没回应的叫应" in asked.out and "--yes" in asked.out
    asked = await jiaoying("person", "erase", COUNTY_COMMANDER["phone"])
    assert asked.code == 1 and "仍在岗" in asked.out and "县" not in asked.err
    assert (await jiaoying("person", "erase", HEAD["phone"], "--yes")).code == 0
    (call,) = story.app.database.read(lambda c: list(c.exec_driver_sql(_CALL_OF % HEAD["id"])))
    assert call.reach == "unreachable", "whoever stands in is called at once"
    forget(story)


_CALL_OF = "SELECT * FROM calls WHERE person_id = %d"


async def test_those_above_hear_that_a_commander_was_erased(story: Story, tmp_path: Path) -> None:
    done = await CommandLine(tmp_path)("person", "erase", COUNTY_COMMANDER["phone"], "--yes")
    assert done.code == 0
    await story.fast_forward(minutes=3)  # the command line has a clock of its own
    for chief in ("州指挥", "州主任"):
        told = (await story[chief].sees("已解除绑定", ERASED_NAME))["text"]
        assert "199" not in told and "~" not in told


def imported(database: Database, tmp_path: Path, name: str, account: int) -> None:
    file = tmp_path / "people.csv"
    head = "name,phone,division_code,role,rank,telegram_id\n"
    row = f"{name},{PHONE},222403101200,village_responsible,1,{account}\n"
    file.write_text(head + row, encoding="utf-8")
    report = import_file(database, RosterKind.PEOPLE, file, NOW, zone=NOW.tzinfo, agreed=True)
    assert report.written


def test_neither_trail_nor_history_names_them(tmp_path: Path) -> None:
    """The trail is for good: names and accounts are in it as stand-ins from the beginning."""
    file = tmp_path / "story.db"
    with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
        fill(database)
        imported(database, tmp_path, NAME, ACCOUNT)
        imported(database, tmp_path, NAME, ACCOUNT + 1)
        imported(database, tmp_path, NAME, ACCOUNT)
        person = database.read(lambda c: people_store.person_by_phone(c, PHONE))
        assert person is not None
        Archiving(database, NOW + timedelta(days=400), NOW + timedelta(days=500)).run()
        history = file.with_name("story.history.db")
        assert rows_with(history, re.compile("person.added"))
        assert database.do(lambda c: erase(c, person.id, NOW))
        assert rows_with(file, NUMBER) == [] and rows_with(history, NUMBER) == []
        assert database.read(verify_all).broken is None


def test_who_is_erased_is_erased_from_what_was_archived_too_or_not_at_all(tmp_path: Path) -> None:
    file, head = tmp_path / "story.db", VILLAGERS[0]
    with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
        fill(database)
        message = (
            "INSERT INTO deliveries (kind, lane, place, state, chat_id, not_before, created_at,"
            " sent_at, message_id) VALUES"
            f" ('reply', 1, 0, 'sent', {head['telegram_id']}, 1, 1, 1, 7)"
        )
        database.do(lambda c: c.exec_driver_sql(message) and None)
        Archiving(database, NOW + timedelta(days=400), NOW + timedelta(days=500)).run()
        history = file.with_name("story.history.db")
        away = history.rename(tmp_path / "elsewhere.db")
    with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
        assert rows_with(away, account_of(head))
        with pytest.raises(NotFound):
            database.do(lambda c: erase(c, head["id"], NOW))
    away.rename(history)
    with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
        assert database.do(lambda c: erase(c, head["id"], NOW))
    assert rows_with(history, account_of(head)) == []

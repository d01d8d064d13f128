"""The small roster that tests use: Dunhua in Yanbian, one township, three villages, those above."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from contacts import bot_store
from contacts.bots import Bot
from contacts.people import Contact, Role
from contacts.roster.store import seed_divisions
from data import schema
from data.database import Database, sqlite_path
from data.tables.contacts import groups, people
from tests.shared import made_once

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)  # 03:00 in Beijing

BOT_ID = 1000000001  # of bot.sandbox.bot_api.server.TOKEN
PROVINCE = "220000000000"
CITY = "222400000000"  # 延边朝鲜族自治州
COUNTY = "222403000000"  # 敦化市
TOWNSHIP = "222403101000"  # 黄泥河镇
OTHER_COUNTY = "222402000000"  # 图们市
VILLAGES = ("222403101200", "222403101201", "222403101202")

FLOOD_GROUP = -1001
FIRE_GROUP = -1002


def person(
    person_id: int,
    name: str,
    code: str,
    role: Role,
    *,
    rank: int = 1,
    telegram_id: int | None = None,
    linked: bool = True,
    contact: Contact = Contact.OK,
    language: str = "zh",
) -> dict[str, Any]:
    """A row of ``people``; the Telegram account is 10,000 above the id unless told otherwise."""
    return {
        "id": person_id,
        "name": name,
        "phone": f"+86199000{person_id:05d}",
        "division_code": code,
        "role": role.value,
        "rank": rank,
        "language": language,
        "telegram_id": (telegram_id or 10_000 + person_id) if linked else None,
        "contact": contact.value,
        "invite_code": f"invite{person_id:010d}",
        "active": True,
    }


GOVERNOR = person(1, "省指挥", PROVINCE, Role.COMMANDER)
CITY_COMMANDER = person(2, "州指挥", CITY, Role.COMMANDER)
CITY_DIRECTOR = person(3, "州主任", CITY, Role.DIRECTOR)
COUNTY_COMMANDER = person(4, "县指挥", COUNTY, Role.COMMANDER)
COUNTY_DUTY = person(5, "县值班", COUNTY, Role.DUTY_OFFICER)
TOWNSHIP_DUTY = person(6, "镇值班", TOWNSHIP, Role.DUTY_OFFICER)
TOWNSHIP_HEAD = person(7, "镇长", TOWNSHIP, Role.COMMANDER)
VILLAGERS = tuple(
    person(10 + n, f"村长{n}", code, Role.VILLAGE_RESPONSIBLE) for n, code in enumerate(VILLAGES)
)
STAND_IN = person(20, "副村长0", VILLAGES[0], Role.VILLAGE_RESPONSIBLE, rank=2)
RANGER = person(30, "护林员", VILLAGES[1], Role.RANGER)
STRANGER_COMMANDER = person(40, "图们指挥", OTHER_COUNTY, Role.COMMANDER)

EVERYBODY = (
    GOVERNOR,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    *VILLAGERS,
    STAND_IN,
    RANGER,
    STRANGER_COMMANDER,
)

# 石岘镇 of 图们: hardly anybody there can be told anything by Telegram; one head reads English.
HARD_TOWNSHIP = "222402101000"
HARD_VILLAGES = ("222402101200", "222402101201")
ENGLISH_HEAD = person(60, "Head Jin", HARD_VILLAGES[0], Role.VILLAGE_RESPONSIBLE, language="en")
UNLINKED_DEPUTY = person(
    61, "副村长金", HARD_VILLAGES[0], Role.VILLAGE_RESPONSIBLE, rank=2, linked=False
)
UNLINKED_HEAD = person(62, "永昌村长", HARD_VILLAGES[1], Role.VILLAGE_RESPONSIBLE, linked=False)
UNLINKED_OFFICER = person(63, "石岘值班", HARD_TOWNSHIP, Role.DUTY_OFFICER, linked=False)
UNLINKED_COMMANDER = person(64, "石岘镇长", HARD_TOWNSHIP, Role.COMMANDER, linked=False)
BLOCKED_SENDER = person(65, "图们主任", OTHER_COUNTY, Role.DIRECTOR, contact=Contact.BLOCKED)

HARD_TO_REACH = (
    ENGLISH_HEAD,
    UNLINKED_DEPUTY,
    UNLINKED_HEAD,
    UNLINKED_OFFICER,
    UNLINKED_COMMANDER,
    BLOCKED_SENDER,
)

GROUPS = (
    {"chat_id": FLOOD_GROUP, "title": "敦化防汛", "division_code": COUNTY, "purpose": "flood"},
    {"chat_id": FIRE_GROUP, "title": "敦化防火", "division_code": COUNTY, "purpose": "fire"},
)


def fill(database: Database, rows: tuple[dict[str, Any], ...] = EVERYBODY) -> None:
    """Make the schema, the divisions of Jilin, and this roster.

    A file without tables gets the first two from a copy: migrating and seeding take a second.
    """
    file = sqlite_path(database.url)
    if file is not None and not database.read(has_tables):
        copy_into(file)
    else:
        make_divisions(database)

    def unit(connection: Connection) -> None:
        if rows:
            connection.execute(insert(people), list(rows))
        connection.execute(insert(groups), list(GROUPS))
        bot_store.configure(connection, [Bot(BOT_ID, PROVINCE)], NOW)

    database.do(unit)


def make_divisions(database: Database) -> None:
    """Make the schema and the divisions of Jilin."""
    schema.upgrade(database)
    database.do(lambda connection: seed_divisions(connection, NOW))


def has_tables(connection: Connection) -> bool:
    """Whether a migration has run."""
    return schema.revision(connection) is not None


def copy_into(file: Path) -> None:
    """Fill the file of an empty database with ``make_divisions``; it may be open meanwhile."""
    shared = f"file:{divisions_only()}?immutable=1"
    with closing(sqlite3.connect(shared, uri=True)) as source, closing(sqlite3.connect(file)) as to:
        source.backup(to)


def divisions_only() -> Path:
    """A database of ``make_divisions``, made once in each run."""
    return made_once("divisions.db", _with_divisions)


def _with_divisions(file: Path) -> None:
    with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
        make_divisions(database)

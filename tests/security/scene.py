"""A full day in Dunhua for the security tests: everything that has a button is going on."""

from __future__ import annotations

import dataclasses
import itertools
import re
import typing
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Select, Table, insert, select

from alerts.outbox.messages import MessageKind
from alerts.patrol.hotspots.model import AskState, TaskState
from bot.handlers.taps import HANDLERS
from bot.runtime.answer_taps import ANSWERS
from contacts.people import Role
from data.tables import metadata
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.hotspots import hotspot_asks, hotspot_tasks
from data.tables.patrol import check_in_watches, season_asks
from tests.roster import COUNTY, OTHER_COUNTY, RANGER, VILLAGES, person
from tests.stories.story import Actor, Story

SPOT = (43.372, 128.232)
"""Where the ranger is: latitude, longitude."""
FIRE = (43.40117, 128.20113)
"""Where the satellite saw something."""

GONE = person(50, "离任指挥", COUNTY, Role.COMMANDER) | {"active": False}
FAR_VILLAGER = person(51, "图们村长", OTHER_COUNTY, Role.VILLAGE_RESPONSIBLE)
SECOND_RANGER = person(52, "护林员二", VILLAGES[0], Role.RANGER)
STRANGER = {"telegram_id": 77_777, "name": "陌生人", "phone": "+8619900077777"}
ADDED = (GONE, FAR_VILLAGER, SECOND_RANGER)

RANGER_WATCHED = {"person_id": RANGER["id"], "times": [], "missed": 1, "told": 3}


async def full_day(story: Story) -> None:
    """A warning released and one pending, a call for help, a hotspot, a red day, silences."""
    server = story.server
    for row in (*ADDED, STRANGER):
        server.people.add_user(row["telegram_id"], row["name"], phone=row["phone"])
        story.people[row["name"]] = Actor(story, row)
    server.started_with_everybody()

    def fill(c: Any) -> None:
        bot = c.execute(select(people.c.bot_id).limit(1)).scalar()
        c.execute(insert(people), [{**row, "bot_id": bot} for row in ADDED])

    story.app.database.do(fill)
    server.people.send_location(story["护林员"].id, *SPOT, horizontal_accuracy=8)
    await story.settled()
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    await chief.taps("确认发布")
    await story.settled()
    await story["州指挥"].says("/warn 红 暴雨 延边朝鲜族自治州 立即转移低洼地群众")
    await story["州指挥"].taps("确认发布")  # waits for a second person
    await story["护林员"].says("🆘 求救")
    await story["护林员"].taps("立即求救")
    server.people.send_photo(story["护林员二"].id, caption="沟里冒烟")
    await story.settled()
    now = story.clock()

    def rows(c: Any) -> None:
        c.execute(
            insert(hotspot_tasks).values(
                id=1,
                state=TaskState.ASKED.value,
                lon=FIRE[1],
                lat=FIRE[0],
                county_code=COUNTY,
                pixels=2,
                hotspots=2,
                satellites="NOAA-20",
                first_at=now,
                last_at=now,
                opened_at=now,
                due_at=now + timedelta(minutes=30),
                asked_id=RANGER["id"],
                answer_at=now + timedelta(hours=5),
                next_at=now + timedelta(hours=5),
            )
        )
        c.execute(
            insert(hotspot_asks).values(
                task_id=1,
                person_id=RANGER["id"],
                asked_at=now,
                away_m=900.0,
                answer=AskState.AWAITED.value,
            )
        )
        for number, kind in ((1, "orders"), (2, "zero_report")):
            c.execute(
                insert(season_asks).values(
                    id=number,
                    person_id=RANGER["id"],
                    day=now.date(),
                    kind=kind,
                    division_code=VILLAGES[1],
                    decided_for=COUNTY,
                    asked_at=now,
                )
            )
        c.execute(insert(check_in_watches).values(**RANGER_WATCHED, missed_at=now))

    story.app.database.do(rows)
    await story.settled()
    forget(story)


def forget(story: Story) -> list[dict[str, Any]]:
    """Take every message that nobody read."""
    chats = {message["chat"]["id"] for message in story.server.watch.untaken()}
    return [message for chat in chats for message in story.server.watch.take(chat)]


# Rows that move by themselves, or say only what was looked at.
_MOVING = {
    "divisions",
    "inbox",
    "handled_updates",
    "leases",
    "bots",
    "feeds",
    "pulses",
    "findings",
    "distress_messages",  # which of the bot's replies have buttons to be taken away
}


def snapshot(story: Story) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a tap could change; what the bot replied is no change."""

    def look(c: Any) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: [tuple(row) for row in c.execute(_rows(table))]
            for table in metadata.sorted_tables
            if table.name not in _MOVING
        }

    return story.app.database.read(look)


def _rows(table: Table) -> Select[Any]:
    if table is deliveries:
        return table.select().where(table.c.kind != MessageKind.REPLY.value)
    return table.select()


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs, to be shown by a failing test."""
    return {
        name: [row for row in after[name] if row not in rows][:3] or "rows are gone"
        for name, rows in before.items()
        if after[name] != rows
    }


def action_types() -> list[type]:
    """Every kind of button that is handled: from the registry, not from a list."""
    return sorted({*HANDLERS, *ANSWERS}, key=lambda kind: kind.__name__)


def examples(kind: type) -> Iterator[Any]:
    """Actions of one kind with data that parses, about things that exist and that do not.

    Any two values of two fields come together at least once.
    """
    hints = typing.get_type_hints(kind)
    choices = [_choices(field.name, hints[field.name]) for field in dataclasses.fields(kind)]
    together: set[Any] = set()
    for values in itertools.product(*choices):
        pairs = {*itertools.combinations(enumerate(values), 2)} if len(values) > 1 else {values}
        if not pairs <= together:
            together |= pairs
            yield kind(*values)


_WRITTEN = {"nonce": "a1b2c3d4", "token": "0123456789", "day": "20261129"}
"""Of nobody's preview and station; a day."""


_NUMBERS = {
    "page": 0,
    "month": 202611,
    "minutes": 10,
    **dict.fromkeys(("households", "persons", "asked", "shown"), 1),
}


def _choices(name: str, hint: Any) -> list[Any]:
    inner = [option for option in typing.get_args(hint) if option is not type(None)]
    if inner:
        optional: list[Any] = _choices(name, inner[0])
        # Which part of a list is shown ("only") grants nothing: whose list it is decides.
        return {"page": optional, "only": optional[:1]}.get(name, [*optional, None])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)
    if hint is bool:
        return [False, True]
    if hint is int:
        # Pages, counts and times are nobody's number.
        return [_NUMBERS[name]] if name in _NUMBERS else [1, 2, 30, 999_999]
    if name in ("code", "division"):
        return [COUNTY]
    if name in _WRITTEN:
        return [_WRITTEN[name]]
    if hint is str:
        return [COUNTY, ""]
    raise AssertionError(f"teach the security tests what {name}: {hint} may be")


def digits(text: str) -> str:
    """A message's digits run together: a number is found however it is spaced."""
    return re.sub(r"[\s\-]", "", text)


COORDINATE_WORDS = ("43.37", "128.23", "43.40", "128.20", '"lat"', '"lon"', "latitude")
"""What a position of ``full_day`` looks like wherever it is written down."""

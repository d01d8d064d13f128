"""Phone numbers and positions go only to those in charge of the person or of their call for help.

A whole day is lived through while every message, edit, toast and pin that leaves the bot is looked
at; then the board, the figures and the log.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.patrol.distress import store as distress_store
from bot.board.facts import Viewer, board_facts
from bot.config.settings_patrol import DistressSettings
from bot.watch.metrics import exposition
from contacts import people_store
from contacts.people import COMMANDING, Role
from contacts.phones import masked
from tests.roster import EVERYBODY, FIRE_GROUP, FLOOD_GROUP, RANGER
from tests.security.scene import ADDED, FIRE, SPOT, STRANGER, digits, forget, full_day
from tests.security.test_scope import INFORMED, covers
from tests.stories.story import Story, story_of

ROWS = {row["telegram_id"]: row for row in (*EVERYBODY, *ADDED)}
COORDINATES = re.compile(r"43\.3[78]\d*\s*,\s*128\.23\d*")


class Witness:
    """Collects everything that leaves the bot, by chat."""

    def __init__(self, story: Story, queue: Any) -> None:
        self.story, self.queue = story, queue

    def said(self) -> list[tuple[int, dict[str, Any], str]]:
        """Chat, message and all its words: texts, captions, buttons."""
        found = []
        while not self.queue.empty():
            event = self.queue.get_nowait()
            if event["type"] not in ("message", "edited") or not event["message"]["from"]["is_bot"]:
                continue
            message = event["message"]
            keys = str(message.get("reply_markup", ""))
            words = f"{message.get('text', '')}\n{message.get('caption', '')}\n{keys}"
            found.append((message["chat"]["id"], message, words))
        return found


def in_charge(reader: dict[str, Any], subject: dict[str, Any]) -> bool:
    if reader["id"] == subject["id"]:
        return True
    above = covers(reader["division_code"], subject["division_code"])
    # A duty officer's number is there to be rung by those below.
    rung = subject["role"] == Role.DUTY_OFFICER.value and covers(
        subject["division_code"], reader["division_code"]
    )
    return reader["active"] and (rung or (reader["role"] in INFORMED and above))


async def a_whole_day(story: Story) -> None:
    """Everything that names a person to another."""
    await full_day(story)
    names = (
        "护林员",
        "村长1",
        "镇值班",
        "县值班",
        "县指挥",
        "州指挥",
        "图们指挥",
        "护林员二",
        "离任指挥",
    )
    for name in names:
        actor = story[name]
        for words in (
            *("/who", "/status", "/coverage", "/handbook", "/handbook 护林员", "/handbook 1990000"),
            *("/feed", "/hotspots", "/link", "/danger", "📋 我的任务", "/help", "/rollcall"),
        ):
            await actor.says(words)
        for data in ("l:1::0", "o:1:0", "ks:1", "s:1", "fs:1", "qt:1:silent:0", "sr:30"):
            await actor.forges(data)
    await story["护林员"].forges("ka:1")
    await story["护林员二"].forges("ks:1")
    await story["护林员"].forges("kv:1:forest_fire")
    await story["护林员"].forges("ra:2:fire")
    await story["村长0"].taps("收到")
    await story["村长0"].taps("需要支援")
    await story["村长0"].says("水已到门口")
    await story["县值班"].taps("我来处置")
    await story.fast_forward(minutes=16)
    await story["镇值班"].says("/who")
    for name in names:
        await story[name].forges("ks:1")
        await story[name].forges("qt:1:silent:0")
    await story.fast_forward(minutes=1)
    forget(story)


async def test_the_whole_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with story_of(tmp_path, distress=DistressSettings()) as story:
        with story.server.watch.subscribe() as events:
            await a_whole_day(story)
            messages = Witness(story, events.queue).said()
        called = story.app.database.read(lambda c: distress_store.call(c, 1)).told
        look_at_messages(messages, set(called))
        await look_at_board(story)
        database, vitals = story.app.services.database, story.app.vitals()
        figures = (await exposition(database, vitals, story.clock())).decode()
    texts = {"figures": figures, "log": caplog.text, "output": "".join(capfd.readouterr())}
    for row in ROWS.values():
        for page, text in texts.items():
            assert row["phone"].removeprefix("+86") not in digits(text), (page, row["name"])
            assert row["invite_code"] not in text, (page, row["name"])
            assert row["name"] not in figures
    for page, text in texts.items():
        assert not COORDINATES.search(text), page


def look_at_messages(messages: list[tuple[int, dict[str, Any], str]], called: set[int]) -> None:
    numbers, pins = 0, 0
    fire_told = False
    for chat, message, words in messages:
        reader = ROWS.get(chat)
        bare = digits(words)
        for subject in ROWS.values():
            if subject["phone"].removeprefix("+86") not in bare:
                continue
            assert chat > 0, f"a number in a group:\n{words}"
            assert reader is not None, f"a number for a stranger:\n{words}"
            # Of a call for help: who is told reads of the person, and the person of who is told;
            # who reports a fire reads whom that went to.
            helps = (subject["id"] == RANGER["id"] and reader["id"] in called) or (
                reader["id"] == RANGER["id"] and (subject["id"] in called or "有火情" in words)
            )
            # Who asks for a second person's confirmation and who is asked ring each other up.
            confirms = Role(reader["role"]) in COMMANDING and (
                "等待第二人确认" in words or "请您确认发布" in words
            )
            fire_told = fire_told or "有火情" in words
            numbers += 1
            assert in_charge(reader, subject) or helps or confirms, (
                f"{reader['name']} reads the number of {subject['name']}:\n{words}"
            )
        spot = message.get("location")
        pinned = spot is not None and abs(spot["latitude"] - SPOT[0]) < 0.001
        if pinned or COORDINATES.search(words):
            pins += 1
            if chat == FIRE_GROUP:
                assert "现场上报" in words  # where a report from the spot was made
                continue
            assert chat != FLOOD_GROUP and reader is not None, words
            assert in_charge(reader, RANGER) or reader["id"] in called, (reader["name"], words)
    assert numbers > 10 and pins >= 2 and fire_told  # the day had something to look at
    chats = {chat for chat, _, _ in messages}
    assert {FLOOD_GROUP, FIRE_GROUP} <= chats


async def look_at_board(story: Story) -> None:
    """What the board of each possible viewer holds."""
    gazetteer, now = story.app.services.gazetteer, story.clock()

    def look(c: Any) -> None:
        for row in ROWS.values():
            person = people_store.person(c, row["id"])
            assert person is not None
            facts = board_facts(c, Viewer(person, gazetteer), now)
            text = str(facts)
            for subject in ROWS.values():
                if subject["phone"] in text:
                    assert in_charge(row, subject), (row["name"], subject["name"])
            placed = [distress for distress in facts["distress"] if distress["position"]]
            assert not placed or in_charge(row, RANGER), row["name"]

    story.app.database.read(look)


@pytest.mark.parametrize("asked", ["1990000003", "0003", "19900000030", "9900"])
async def test_a_masked_number_cannot_be_felt_for(tmp_path: Path, asked: str) -> None:
    """/handbook finds by digits: a patroller must not learn a number by asking for its digits."""
    async with story_of(tmp_path) as story:
        head = story["村长1"]
        await head.says(f"/handbook {asked}")
        (answer,) = story.server.watch.take(head.id)
        assert RANGER["name"] not in answer["text"]
        await story["镇值班"].says("/handbook 19900000030")
        (answer,) = story.server.watch.take(story["镇值班"].id)
        assert RANGER["name"] in answer["text"]
        await head.says("/handbook 护林员")
        (answer,) = story.server.watch.take(head.id)
        assert masked(RANGER["phone"]) in answer["text"]


async def test_who_left_the_roster_reads_nothing(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        await full_day(story)
        gone = story["离任指挥"]
        for words in ("/who", "/status", "/handbook", "/coverage", "/link", "/feed", "/hotspots"):
            await gone.says(words)
        for message in story.server.watch.take(gone.id):
            for row in ROWS.values():
                assert row["name"] not in message["text"], message["text"]
                assert row["invite_code"] not in message["text"]
        forget(story)


async def test_a_colleague_asked_about_a_hotspot_reads_no_number_of_another(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        await full_day(story)
        await story["护林员"].forges("ka:1")
        from sqlalchemy import insert

        from data.tables.hotspots import hotspot_asks

        row = {"task_id": 1, "person_id": 52, "asked_at": story.clock(), "away_m": 9.0}
        story.app.database.do(
            lambda c: c.execute(insert(hotspot_asks).values(**row, answer="awaited"))
        )
        forget(story)
        await story["护林员二"].forges("ks:1")
        (card,) = story.server.watch.take(story["护林员二"].id)
        assert f"{FIRE[0]:.5f}" in card["text"]
        assert RANGER["phone"] not in card["text"]
        await story["县值班"].forges("ks:1")
        (card,) = story.server.watch.take(story["县值班"].id)
        assert RANGER["phone"] in card["text"]
        story.clock.advance(timedelta(seconds=1))
        forget(story)


def test_the_stranger_is_in_no_roster() -> None:
    assert STRANGER["telegram_id"] not in ROWS

"""A random walk through the real bot: anybody presses, writes, waits; messages fail; it is killed.

Nobody says what has to come of it. What must always hold is looked at after every step: a rightful
answer is recorded and answered, nobody reads a number they may not, no message has a hole in it.
At the end nothing waits that could leave, and the trail is whole.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import tempfile
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from alerts import call_store
from alerts.calls import CallState
from alerts.withdrawals import store as withdrawal_store
from bot.app import App
from bot.sandbox.bot_api.faults import Fault, FaultAction
from bot.sandbox.bot_api.watch import Subscription
from contacts.duty_store import duty_officers
from data import audit, inbox
from data.database import Database, sqlite_path
from data.tables.alerts import deliveries
from data.tables.patrol import distress_calls
from tests import elsewhere
from tests.roster import EVERYBODY, FIRE_GROUP, FLOOD_GROUP, HARD_TO_REACH
from tests.security.scene import STRANGER, digits
from tests.security.test_scope import INFORMED, covers
from tests.stories.story import Actor, Story, story_of
from tests.waiting import PATIENCE

ROWS = {row["telegram_id"]: row for row in EVERYBODY + HARD_TO_REACH if row["telegram_id"]}
GROUPS = (FLOOD_GROUP, FIRE_GROUP)
SUBJECTS = EVERYBODY + HARD_TO_REACH + elsewhere.PEOPLE
NAMES = [*sorted(row["name"] for row in ROWS.values()), STRANGER["name"]]

COMMANDERS = {"县指挥": "敦化市", "图们指挥": "图们市", "州指挥": "延边州", "镇长": "黄泥河镇"}
LEVELS = ("红", "橙", "黄", "蓝")
WORDS = (
    "收到",
    "received",
    "12户 35人",
    "桥断了，车过不去",
    "🆘 求救",
    "/status",
    "/who",
    "/help",
    "/handbook",
    "/lang en",
    "/lang zh",
    "/rollcall",
    "/hotspots",
    "/cancel",
    "📋 我的任务",
    "a < b & c",
)
SPOT = (43.372, 128.232)

HOLE = re.compile(r"\bNone\b|[{}]|</?(?:b|i|u|s|a|code|pre|blockquote|tg-\w+)\b|&(?:lt|gt|amp);")
"""What stands in a text where something was forgotten: nothing that is typed here looks like it."""

LATEST = 6  # messages of a chat whose buttons are still pressed

FAULTS = (
    (FaultAction.HTML, "sendMessage"),
    (FaultAction.DROP_BEFORE, "sendMessage"),
    (FaultAction.DROP_AFTER, "sendMessage"),
    (FaultAction.HTML, "editMessageText"),
    (FaultAction.DROP_AFTER, "editMessageText"),
)


class Errors(logging.Handler):
    """What was logged as an error: nothing that happens here is one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


class Walk(RuleBasedStateMachine):
    """One night: up to three warnings, and everybody awake."""

    story: Story

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._folder = tempfile.TemporaryDirectory(prefix="jiaoying-walk-")
        self._databases: list[Database] = []
        self._errors = Errors()
        self._answered: set[int] = set()  # calls whose addressee pressed 收到 while it was open
        self._events: Subscription | None = None
        self._released = 0
        self._blocked: set[str] = set()
        self._kills = 0

    def run(self, coroutine: Any) -> Any:
        return self._runner.run(coroutine)

    def somebody(self, name: str) -> Actor | None:
        """Who does something; ``None`` while they have blocked the bot."""
        return None if name in self._blocked else self.story[name]

    @initialize()
    def begin(self) -> None:
        logging.getLogger().addHandler(self._errors)
        self.run(self._begin())
        self.release("县指挥", "橙", drill=False)  # there is something to answer from the start

    async def _begin(self) -> None:
        folder = Path(self._folder.name)
        self.story = await self._stack.enter_async_context(story_of(folder, more=HARD_TO_REACH))
        people = self.story.server.people
        people.add_user(STRANGER["telegram_id"], STRANGER["name"], phone=STRANGER["phone"])
        self.story.people[STRANGER["name"]] = Actor(self.story, STRANGER)
        self.story.server.started_with_everybody()
        self._events = self._stack.enter_context(self.story.server.watch.subscribe())

    # -- what people do ----------------------------------------------------------------------------

    @precondition(lambda self: self._released < 3)
    @rule(
        name=st.sampled_from(sorted(COMMANDERS)), level=st.sampled_from(LEVELS), drill=st.booleans()
    )
    def release(self, name: str, level: str, drill: bool) -> None:
        """In one line; confirmed when there is a preview to confirm."""
        if (actor := self.somebody(name)) is None:
            return
        self._released += 1
        line = f"/warn {'演练 ' * drill}{level} 暴雨 {COMMANDERS[name]} 立即转移"
        self.run(self._release(actor, line))

    async def _release(self, actor: Actor, line: str) -> None:
        await actor.says(line)
        for message_id, data, text in reversed(self._buttons(actor.id)):
            if "确认发布" in text or "Confirm" in text:
                await self._tap(actor, actor.id, message_id, data)
                break

    @rule(name=st.sampled_from(NAMES), which=st.integers(0, 63))
    def press(self, name: str, which: int) -> None:
        """Any button that the person sees."""
        actor = self.somebody(name)
        if actor is not None and (seen := self._buttons(actor.id)):
            message_id, data, _ = seen[which % len(seen)]
            self.run(self._tap(actor, actor.id, message_id, data))

    @rule(name=st.sampled_from(NAMES))
    def answer(self, name: str) -> None:
        """收到, under the newest call that is there to be answered."""
        actor = self.somebody(name)
        if actor is not None and (calls := self._calls(actor)):
            self.run(self._tap(actor, actor.id, *calls[-1][:2]))

    @rule(name=st.sampled_from(NAMES), group=st.sampled_from(GROUPS), which=st.integers(0, 7))
    def press_in_group(self, name: str, group: int, which: int) -> None:
        actor = self.somebody(name)
        if actor is not None and (seen := self._buttons(group)):
            message_id, data, _ = seen[which % len(seen)]
            self.run(self._tap(actor, group, message_id, data))

    @rule(thief=st.sampled_from(NAMES), owner=st.sampled_from(NAMES))
    def steal(self, thief: str, owner: str) -> None:
        """Somebody else's 收到 is pressed: it answers nothing."""
        actor = self.somebody(thief)
        if actor is None or thief == owner:
            return
        for message_id, data, _ in self._calls(self.story[owner])[-1:]:
            call_id = int(data.split(":")[1])
            before = self._state(call_id)
            self.run(self._tap(actor, actor.id, message_id, data))
            assert self._state(call_id) is before, f"{thief} answered for {owner}"

    @rule(name=st.sampled_from(NAMES), words=st.sampled_from(WORDS))
    def say(self, name: str, words: str) -> None:
        if (actor := self.somebody(name)) is not None:
            self.run(actor.says(words))

    @rule(name=st.sampled_from(NAMES))
    def report_position(self, name: str) -> None:
        if (actor := self.somebody(name)) is not None:
            self.story.server.people.send_location(actor.id, *SPOT, horizontal_accuracy=8)
            self.run(self.story.settled())

    @rule(name=st.sampled_from(NAMES))
    def send_photo(self, name: str) -> None:
        if (actor := self.somebody(name)) is not None:
            self.story.server.people.send_photo(actor.id, caption="沟里冒烟")
            self.run(self.story.settled())

    # -- what happens to them ----------------------------------------------------------------------

    @rule(minutes=st.sampled_from((0.5, 1, 2, 5)))
    def time_passes(self, minutes: float) -> None:
        self.run(self.story.fast_forward(minutes=minutes))

    @rule(fault=st.sampled_from(FAULTS))
    def something_fails(self, fault: tuple[FaultAction, str]) -> None:
        action, method = fault
        self.story.server.faults.add(Fault(action, method, count=1))

    @rule(name=st.sampled_from(NAMES[:-1]))
    def block_or_unblock(self, name: str) -> None:
        people = self.story.server.people
        (people.unblock_bot if name in self._blocked else people.block_bot)(self.story[name].id)
        self._blocked ^= {name}
        self.run(self.story.settled())

    @rule(name=st.sampled_from(NAMES[:-1]), turns=st.integers(0, 60))
    def kill_while_somebody_answers(self, name: str, turns: int) -> None:
        """Somewhere between the tap and its end, as kill -9 and a network gone would."""
        self.run(self._kill(self.somebody(name), turns))

    async def _kill(self, actor: Actor | None, turns: int) -> None:
        if actor is not None and (calls := self._calls(actor)):
            message_id, data, _ = calls[-1]
            self._note(actor, data)
            self.story.server.people.tap(actor.id, actor.id, message_id, data=data)
        for _ in range(turns):
            await asyncio.sleep(0)
        story, server = self.story, self.story.server
        await server.refuse_connections()
        self._kills += 1
        file = story.file.with_name(f"after-kill-{self._kills}.db")
        left = sqlite_path(story.app.database.url)
        assert left is not None
        with closing(sqlite3.connect(left)) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
        await story.app.stop()  # what it still does is done to a database that nobody reads again
        await server.accept_connections()
        database = Database(f"sqlite:///{file}", synchronous="normal")
        self._databases.append(database)
        story.app = App(story.app.settings, database, clock=story.clock, ticking=False)
        await story.app.start()
        await asyncio.wait_for(story.app.ready(), PATIENCE)
        await story.settled()

    # -- what always holds -------------------------------------------------------------------------

    @invariant()
    def rightful_answers_are_recorded(self) -> None:
        for call_id in self._answered:
            waits = self._state(call_id) is CallState.WAITING
            assert not waits or self._taken_back(call_id), f"call {call_id} was answered"

    @invariant()
    def what_was_said_may_be_read(self) -> None:
        if self._events is None:
            return
        while not self._events.queue.empty():
            event = self._events.queue.get_nowait()
            if event["type"] in ("message", "edited") and event["message"]["from"]["is_bot"]:
                self._look_at(event["message"])

    @invariant()
    def nothing_went_wrong(self) -> None:
        assert not self._errors.records, self._errors.records

    def teardown(self) -> None:
        try:
            if self._events is not None:
                self.run(self._end())
        finally:
            logging.getLogger().removeHandler(self._errors)
            self.run(self._stack.aclose())
            for database in self._databases:
                database.close()
            self._runner.close()
            self._folder.cleanup()

    async def _end(self) -> None:
        """Everything works again, some time passes: then nothing is left to be done."""
        self.story.server.faults.clear()
        for name in self._blocked:
            self.story.server.people.unblock_bot(self.story[name].id)
        await self.story.settled()
        await self.story.fast_forward(minutes=2)
        self.what_was_said_may_be_read()
        self.rightful_answers_are_recorded()
        self.nothing_went_wrong()
        database, now = self.story.app.database, self.story.clock()
        left = select(deliveries.c.kind, deliveries.c.state, deliveries.c.chat_id).where(
            deliveries.c.state.in_(["queued", "claimed"]), deliveries.c.not_before <= now
        )
        assert database.read(lambda c: c.execute(left).all()) == []
        assert database.read(inbox.count) == 0
        assert database.read(audit.verify).broken is None
        for message in self.story.server.watch.untaken():  # nobody said what was to come
            self.story.server.watch.take(message["chat"]["id"])

    # -- looking -----------------------------------------------------------------------------------

    def _buttons(self, chat: int) -> list[tuple[int, str, str]]:
        """Message, data and text of what may be pressed in a chat."""
        return [
            (message["message_id"], button["callback_data"], button["text"])
            for message in self.story.server.messages(chat)[-LATEST:]
            for row in (message.get("reply_markup") or {}).get("inline_keyboard") or []
            for button in row
            if "callback_data" in button
        ]

    def _calls(self, actor: Actor) -> list[tuple[int, str, str]]:
        """The buttons 收到 that the person sees."""
        return [button for button in self._buttons(actor.id) if button[1].startswith("a:")]

    async def _tap(self, actor: Actor, chat: int, message_id: int, data: str) -> None:
        if chat == actor.id:
            self._note(actor, data)
        await actor.forges(data, message_id=message_id, chat=chat)  # fails when it is not answered

    def _note(self, actor: Actor, data: str) -> None:
        """Remember the call when its addressee answers it while it is open."""
        if not data.startswith("a:"):
            return
        call_id = int(data.split(":")[1])
        call = self.story.app.database.read(lambda c: call_store.call(c, call_id))
        if call is not None and call.person_id == actor.row.get("id"):
            self._answered.add(call_id)

    def _state(self, call_id: int) -> CallState:
        call = self.story.app.database.read(lambda c: call_store.call(c, call_id))
        assert call is not None
        return call.state

    def _taken_back(self, call_id: int) -> bool:
        """Whether an answer of it counts no more: by its person, or doubted by an officer."""
        return bool(self.story.app.database.read(lambda c: withdrawal_store.of_call(c, call_id)))

    def _look_at(self, message: dict[str, Any]) -> None:
        words = f"{message.get('text', '')}\n{message.get('caption', '')}"
        keys = (message.get("reply_markup") or {}).get("inline_keyboard") or []
        words += "\n".join(button["text"] for row in keys for button in row)
        hole = HOLE.search(words)
        assert hole is None, f"{hole.group()!r} in\n{words}"
        bare, chat = digits(words), message["chat"]["id"]
        for subject in SUBJECTS:
            if subject["phone"].removeprefix("+86") in bare:
                assert self._may_read(chat, subject), f"{chat} reads {subject['name']}:\n{words}"

    def _may_read(self, chat: int, subject: dict[str, Any]) -> bool:
        reader = ROWS.get(chat)
        if reader is None:  # a group, a stranger
            return False
        above = covers(reader["division_code"], subject["division_code"])
        if reader["id"] == subject["id"] or (reader["role"] in INFORMED and above):
            return True
        if subject["role"] == "duty_officer" and covers(
            subject["division_code"], reader["division_code"]
        ):
            return True
        # Where nobody keeps watch, whoever does instead is named.
        now = self.story.clock()
        watch = self.story.app.database.read(
            lambda c: duty_officers(c, reader["division_code"], now)
        )
        if subject["id"] in {officer.id for officer in watch}:
            return True
        # Whoever called for help reads whom that went to, and they read who called.
        query = select(distress_calls.c.person_id)
        callers = set(self.story.app.database.read(lambda c: c.execute(query).scalars().all()))
        return bool(callers & {reader["id"], subject["id"]})

"""An update has its effect once and is answered at once, whatever comes of the replies to it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from alerts.acknowledge import by_buttons
from alerts.outbox.messages import MessageKind
from bot.services.async_database import AsyncDatabase
from bot.telegram import intake as taking_in
from bot.telegram.bot_api import BotApi
from bot.views.problems import problem, try_again
from data import audit, inbox
from data.database import Connection, Unit
from data.errors import StoreBusy, StoreUnwritable
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from data.tables.running import handled_updates
from data.tables.running import inbox as inbox_table
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.waiting import PATIENCE, until


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def count(story: Story, query: Any) -> int:
    return int(story.app.database.read(lambda c: c.execute(query).scalar_one()))


def answered(story: Story) -> int:
    return count(story, select(func.count()).where(calls.c.state == "acknowledged"))


def in_trail(story: Story, action: str) -> int:
    query = select(func.count()).where(audit.audit.c.action == action)
    return count(story, query)


def replies(story: Story, state: str = "queued") -> int:
    return count(
        story,
        select(func.count()).where(
            deliveries.c.kind == MessageKind.REPLY.value, deliveries.c.state == state
        ),
    )


def in_inbox(story: Story) -> int:
    return count(story, select(func.count()).select_from(inbox_table))


def tap_update(
    story: Story, name: str, number: int, data: str, message_id: int = 1
) -> dict[str, Any]:
    """A tap as Telegram would push it."""
    account = story[name].id
    chat = {"id": account, "type": "private", "first_name": name}
    return {
        "update_id": number,
        "callback_query": {
            "id": f"query-{number}",
            "from": {"id": account, "is_bot": False, "first_name": name},
            "message": {"message_id": message_id, "date": 0, "chat": chat, "text": "预警"},
            "chat_instance": "1",
            "data": data,
        },
    }


def text_update(story: Story, name: str, number: int, text: str) -> dict[str, Any]:
    account = story[name].id
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1,
            "from": {"id": account, "is_bot": False, "first_name": name},
            "chat": {"id": account, "type": "private", "first_name": name},
            "text": text,
        },
    }


def call_of(story: Story, name: str) -> int:
    query = select(calls.c.id).where(calls.c.person_id == story[name].row["id"])
    return count(story, query)


class Toasts(dict[str, str]):
    """What every tap was answered, by its query."""

    def __init__(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        voice = story.app.lines[0].voice
        toast = voice.toast

        def noted(query_id: str, text: str = "", *, alert: bool = False) -> None:
            self[query_id] = text
            toast(query_id, text, alert=alert)

        monkeypatch.setattr(voice, "toast", noted)


@pytest.fixture
def toasts(story: Story, monkeypatch: pytest.MonkeyPatch) -> Toasts:
    return Toasts(story, monkeypatch)


async def warned(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)


def halt(story: Story) -> None:
    """Telegram tells the whole bot to wait, for longer than anybody would tap."""
    dispatcher = story.app.lines[0].dispatcher
    assert dispatcher is not None
    dispatcher._pacer.refused(0, 100, asyncio.get_running_loop().time(), everything=True)


async def test_taps_are_answered_while_telegram_takes_no_message(story: Story) -> None:
    """A whole-bot 429: every tap has its toast, of the screens only the newest is to come."""
    await warned(story)
    officer = story["县值班"]
    await officer.says("/who")
    shown = await officer.sees("未回应")
    halt(story)
    for n, name in enumerate(("村长0", "村长1", "村长2")):
        data = f"p:{call_of(story, name)}:phone"
        query = story.server.people.tap(officer.id, officer.id, shown["message_id"], data=data)
        toast = await story.server.watch.callback_answer(query, timeout=PATIENCE)
        assert "已记录" in toast["text"] or name in toast["text"], n
    head = story["镇长"]
    message = head.last_with("收到")
    query = story.server.people.tap(head.id, head.id, message["message_id"], text="收到")
    toast = await story.server.watch.callback_answer(query, timeout=PATIENCE)
    assert "已记录" in toast["text"]
    assert in_trail(story, "call.proxied") == 3
    story.app.lines[0].dispatcher._pacer.discard(lambda _: True)  # type: ignore[union-attr]


async def test_of_the_screens_of_one_message_that_wait_only_the_newest_is_shown(
    story: Story,
) -> None:
    await warned(story)
    officer, line = story["县值班"], story.app.lines[0]
    await officer.says("/who")
    shown = await officer.sees("未回应")
    await line.stop_sending()
    for name in ("村长0", "村长1", "村长2"):
        await officer.forges(f"p:{call_of(story, name)}:phone", message_id=shown["message_id"])
    waiting = select(func.count()).where(
        deliveries.c.state == "queued", deliveries.c.coalesce_key.startswith("reply:")
    )
    assert count(story, waiting) == 1
    await line.send()
    await until(lambda: not count(story, waiting))
    await story.settled()
    assert all(name not in officer.shows(shown)["text"] for name in ("村长0", "村长1", "村长2"))
    assert "镇长" in officer.shows(shown)["text"]


async def test_what_was_said_survives_a_kill(story: Story) -> None:
    """The reply is committed with the effect of the update, so another process can send it."""
    line = story.app.lines[0]
    await line.stop_sending()
    story.server.people.send_text(story["县指挥"].id, "/status")
    await until(lambda: replies(story) == 1)
    assert in_inbox(story) == 0
    await line.send()
    await story["县指挥"].sees("没有")
    await until(lambda: replies(story, "sent") == 1)


async def test_what_was_said_is_not_kept_once_it_was_sent(story: Story) -> None:
    """A list with numbers does not lie in the outbox for ever."""
    await story["县指挥"].says("/status")
    await story["县指挥"].sees("没有")
    await until(lambda: replies(story, "sent") == 1)
    query = select(deliveries.c.params).where(deliveries.c.kind == MessageKind.REPLY.value)
    assert story.app.database.read(lambda c: c.execute(query).scalars().all()) == [None]


@pytest.mark.parametrize("kind", ["tap", "text"])
async def test_an_update_that_comes_again_after_it_was_handled_does_nothing(
    story: Story, kind: str
) -> None:
    await warned(story)
    update = (
        tap_update(story, "村长0", 990_001, f"a:{call_of(story, '村长0')}")
        if kind == "tap"
        else text_update(story, "村长0", 990_001, "收到")
    )
    intake = story.app.lines[0].intake
    await intake.accept([update])
    await story.settled()
    assert answered(story) == 1
    said = replies(story, "sent")
    await intake.accept([update])
    await intake.accept([update, update])
    await story.settled()
    assert (answered(story), replies(story, "sent")) == (1, said)
    if kind == "text":
        await story["村长0"].sees("已记录")


@pytest.mark.parametrize("kind", ["tap", "text"])
async def test_an_update_handled_by_another_process_meanwhile_has_no_second_effect(
    story: Story, toasts: Toasts, kind: str
) -> None:
    """Both took it: whoever comes second finds it gone, does nothing and says nothing."""
    await warned(story)
    update = (
        tap_update(story, "村长0", 990_002, f"a:{call_of(story, '村长0')}")
        if kind == "tap"
        else text_update(story, "村长0", 990_002, "收到")
    )
    bot_id = story.app.lines[0].bot_id

    def by_the_other(c: Connection) -> None:
        inbox.put(c, bot_id, [update], story.clock())
        inbox.done(c, bot_id, 990_002, story.clock())

    story.app.database.do(by_the_other)
    toasts.clear()  # those of the release
    await story.app.lines[0].updates.handle(update)
    await story.settled()
    assert answered(story) == 0
    assert not toasts


async def test_an_update_is_taken_off_the_inbox_before_its_effect_without_being_looked_for(
    story: Story,
) -> None:
    """Else two processes could be about the same effect, and every message cost one query more."""
    await warned(story)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if re.search(r"(FROM|INTO|UPDATE) (inbox|calls)\b", statement):
            statements.append(statement.split()[0] + re.findall(r" (inbox|calls)\b", statement)[0])

    engine = story.app.database.engine
    event.listen(engine, "before_cursor_execute", note)
    await story["村长0"].says("收到")
    event.remove(engine, "before_cursor_execute", note)
    await story["村长0"].sees("已记录")
    assert answered(story) == 1
    after = statements[statements.index("INSERTinbox") + 1 :]
    assert after[0] == "DELETEinbox" and "SELECTinbox" not in after, after


async def test_the_next_tap_does_not_wait_for_the_answer_to_the_last(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram does not answer our answer: the same person's next act is done all the same."""
    await warned(story)
    call, held = BotApi.call, asyncio.Event()

    async def hangs(api: BotApi, method: str, payload: Any = None) -> Any:
        if method == "answerCallbackQuery":
            await held.wait()
        return await call(api, method, payload)

    monkeypatch.setattr(BotApi, "call", hangs)
    mine, message = call_of(story, "村长0"), story["村长0"].last_with("收到")["message_id"]
    intake = story.app.lines[0].intake
    await intake.accept([tap_update(story, "村长0", 990_040, f"a:{mine}", message)])
    await intake.accept([tap_update(story, "村长0", 990_041, f"r:{mine}:done", message)])
    await intake.accept([text_update(story, "村长0", 990_042, "🆘 求救")])
    await until(lambda: in_trail(story, "call.reported") == 1)
    told = [(await story["村长0"].sees())["text"] for _ in range(2)]  # in whichever order
    assert any("自动发出求救" in text for text in told), told
    assert any("请发送位置" in text for text in told), told
    held.set()
    await story.settled()


async def test_the_numbers_of_handled_updates_go_after_two_days(story: Story) -> None:
    await warned(story)
    kept = select(func.count()).select_from(handled_updates)
    assert count(story, kept)
    await story.fast_forward(seconds=1)
    assert count(story, kept)
    story.without_ticks = {"sweep", "audit"}  # nobody is chased for two days here
    story.clock.advance(inbox.KEPT_FOR + timedelta(minutes=1))
    await story.tick()
    assert not count(story, kept)


class AnswerLost:
    """A database whose next commits are made, but the word of them is lost."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lost = 0
        run = AsyncDatabase.run
        monkeypatch.setattr("bot.handlers.context.LONGEST_REST", 0)
        monkeypatch.setattr("bot.runtime.answer_taps.LONGEST_REST", 0)

        async def lossy(database: AsyncDatabase, unit: Unit[Any], *, beside: bool = False) -> Any:
            result = await run(database, unit, beside=beside)
            if not beside and not self.lost and self._of_an_update(unit):
                self.lost += 1
                raise StoreUnwritable("uncertain")
            return result

        monkeypatch.setattr(AsyncDatabase, "run", lossy)

    @staticmethod
    def _of_an_update(unit: Unit[Any]) -> bool:
        return unit.__qualname__.startswith(("Context._write_once", "AnswerTaps._record"))


async def test_an_uncertain_commit_of_a_tap_is_looked_up_and_called_recorded(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warned(story)
    lossy = AnswerLost(monkeypatch)
    assert "已记录" in await story["村长0"].taps("收到")
    assert (lossy.lost, answered(story), in_trail(story, "call.acknowledged")) == (1, 1, 1)


async def test_an_uncertain_commit_of_a_message_has_one_effect_and_one_reply(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warned(story)
    lossy = AnswerLost(monkeypatch)
    await story["村长0"].says("收到")
    await story["村长0"].sees("已记录")
    assert (lossy.lost, answered(story), in_trail(story, "call.acknowledged")) == (1, 1, 1)


async def test_a_refused_tap_in_a_group_holds_up_none_of_the_others(
    story: Story, toasts: Toasts
) -> None:
    await warned(story)
    mine, other = call_of(story, "村长0"), call_of(story, "村长1")
    await story.app.lines[0].intake.accept(
        [
            tap_update(story, "村长0", 990_010, f"a:{mine}"),
            tap_update(story, "镇长", 990_011, f"a:{mine}"),
            tap_update(story, "村长1", 990_012, f"a:{other}"),
            tap_update(story, "村长2", 990_013, "a:999999"),
        ]
    )
    await story.settled()
    assert (answered(story), in_inbox(story)) == (2, 0)
    assert "已记录" in toasts["query-990010"] and "已记录" in toasts["query-990012"]
    assert "发给别人" in toasts["query-990011"] and "没有这次叫应" in toasts["query-990013"]


async def test_a_tap_that_fails_for_a_bug_takes_none_of_its_group_with_it(
    story: Story, toasts: Toasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warned(story)
    broken = story["村长1"].id

    def fails_for_one(c: Connection, taps: Any, *more: Any) -> Any:
        if any(tap.telegram_id == broken for tap in taps):
            raise ValueError("a bug")
        return by_buttons(c, taps, *more)

    monkeypatch.setattr("bot.runtime.answer_taps.by_buttons", fails_for_one)
    await story.app.lines[0].intake.accept(
        [
            tap_update(story, name, 990_020 + n, f"a:{call_of(story, name)}")
            for n, name in enumerate(("村长0", "村长1", "村长2"))
        ]
    )
    await story.settled()
    assert (answered(story), in_inbox(story)) == (2, 1)
    assert "没有成功" in toasts["query-990021"]
    monkeypatch.setattr("bot.runtime.answer_taps.by_buttons", by_buttons)
    await story.app.lines[0].intake.resume()  # as the next start does
    await story.settled()
    assert (answered(story), in_inbox(story)) == (3, 0)


async def test_what_is_refused_is_said_in_the_language_of_whoever_pressed(
    story: Story, toasts: Toasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warned(story)
    reader = people.c.id == story["村长1"].row["id"]
    story.app.database.do(lambda c: c.execute(update(people).where(reader).values(language="en")))
    take, fails = story.app.lines[0].intake.accept, list[Exception]()

    def pressed(number: int, call_id: int) -> dict[str, Any]:
        return tap_update(story, "村长1", number, f"a:{call_id}")

    def fails_after_reading(c: Connection, *given: Any) -> Any:
        done = by_buttons(c, *given)
        if fails:
            raise fails[0]
        return done

    others, own = call_of(story, "村长0"), call_of(story, "村长1")
    await take([pressed(990_040, others), tap_update(story, "镇长", 990_041, f"a:{others}")])
    await story.settled()
    assert "somebody else’s" in toasts["query-990040"]
    assert "发给别人" in toasts["query-990041"]
    monkeypatch.setattr("bot.runtime.answer_taps.by_buttons", fails_after_reading)
    fails[:] = [ValueError("a bug")]
    await take([pressed(990_042, own)])
    await story.settled()
    assert toasts["query-990042"] == try_again("en")
    busy = StoreBusy("locked")
    fails[:] = [busy]
    await take([pressed(990_043, own)])
    await until(lambda: "query-990043" in toasts)
    fails.clear()
    assert toasts["query-990043"] == problem(busy, "en")


async def test_what_the_last_to_poll_stored_too_late_is_handled_by_the_next(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where several processes poll in turn: it was stored after the next had looked, and died."""
    await warned(story)
    line, database = story.app.lines[0], story.app.database
    monkeypatch.setattr(taking_in, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(taking_in, "LEFT_SECONDS", 0.0)
    await line.stop_taking_in()
    line.ready.clear()
    monkeypatch.setattr(line, "_alone", False)
    await line.take_in()
    await line.ready.wait()  # what was there was looked at
    late = tap_update(story, "村长0", 990_050, f"a:{call_of(story, '村长0')}")
    database.do(lambda c: inbox.put(c, line.bot_id, [late], story.app.clock()))
    await until(lambda: answered(story) == 1)
    await story.settled()
    assert in_inbox(story) == 0
    # And it still polls.
    assert "已记录" in await story["村长1"].taps("收到")


async def test_an_update_that_cannot_be_read_is_said_once_and_kept(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """The library wants fields that Telegram left out: no start after this is an error."""
    account = story["村长0"].id
    member = {"user": {"id": 1, "is_bot": True, "first_name": "b"}, "status": "restricted"}
    update = {
        "update_id": 990_030,
        "my_chat_member": {
            "chat": {"id": -5, "type": "group", "title": "群"},
            "from": {"id": account, "is_bot": False, "first_name": "村"},
            "date": 1,
            "old_chat_member": member,
            "new_chat_member": member,
        },
    }
    intake = story.app.lines[0].intake
    await intake.accept([update])
    await story.settled()
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1 and "990030" in errors[0].getMessage()
    for _ in range(3):
        await intake.resume()
        await story.settled()
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    bot_id = story.app.lines[0].bot_id
    kept = story.app.database.read(lambda c: inbox.stored(c, bot_id, [990_030]))
    assert kept == [update]

"""Whoever has no Telegram gets a card in Feishu or DingTalk, and answers with its button."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from bot.channels import long_connection
from bot.sandbox.providers.dingtalk import DingtalkServer
from bot.sandbox.providers.feishu import FeishuServer
from data.errors import StoreBusy
from data.tables.channels import channel_events
from data.tables.running import audit
from tests.stories.card_apps import (
    APPS,
    DINGTALK,
    FEISHU,
    HEAD,
    NO_TEMPLATE,
    OTHER,
    SECRET,
    CardStory,
    card_story,
)
from tests.waiting import until


@pytest.fixture(params=APPS)
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[CardStory]:
    async with card_story(tmp_path, request.param) as running:
        yield running


@pytest.fixture
async def feishu(tmp_path: Path) -> AsyncIterator[CardStory]:
    async with card_story(tmp_path, FEISHU) as running:
        yield running


@pytest.fixture
async def dingtalk(tmp_path: Path) -> AsyncIterator[CardStory]:
    async with card_story(tmp_path, DINGTALK) as running:
        yield running


async def test_a_card_is_pressed_and_says_so_and_the_account_is_proven(
    world: CardStory, caplog: pytest.LogCaptureFixture
) -> None:
    await world.release()
    [card] = world.cards()
    assert card.title == "官地镇暴雨红色预警" and "立即转移低洼地群众" in card.text
    assert card.buttons == {"1": "✅ 收到", "2": "🆘 需要支援"}
    assert world.proven() == {HEAD: False, OTHER: False}
    await world.presses("1")
    await until(lambda: world.answered()["官地村长"], "not recorded")
    assert world.answered() == {"官地村长": world.which, "北河沿村长": None}
    assert world.proven() == {HEAD: True, OTHER: False}
    await world.presses("2", OTHER)
    await until(lambda: world.answered()["北河沿村长"], "not recorded")
    await world.story.settled()
    assert any("请求支援" in text and "北河沿村长" in text for text in world.officers_read())
    ours = [record for record in caplog.records if record.name.startswith("bot.")]
    logged = "\n".join(record.getMessage() for record in ours)
    assert SECRET not in logged and "1990000" not in logged and "ticket" not in logged


async def test_words_answer_and_anything_else_goes_to_the_duty_officer(world: CardStory) -> None:
    await world.release()
    assert "没有记为收到" in await world.writes("桥断了，车过不去")
    assert any("桥断了，车过不去" in text for text in world.officers_read())
    assert "没有记为收到" in await world.sends_a_voice()
    assert any("［语音 voice］" in text for text in world.officers_read())
    assert world.answered()["官地村长"] is None and world.proven()[HEAD]
    assert world.story.app.database.read(proofs) == 1, "it is in the trail, once"
    assert "已记录您收到官地镇暴雨红色预警" in await world.writes("收到")
    assert world.answered()["官地村长"] == world.which
    assert "之前已记录" in await world.writes("收到")
    world.app.has("stranger", "+8613900000001")
    assert "没有找到您" in await world.writes("收到", "stranger")
    # Once in ten minutes: further words cost nobody anything, and are not written down.
    taken = world.story.app.database.read(events)
    for _ in range(3):
        await world.app.write("stranger", "在吗")
    assert "已记录您收到" in await world.writes("收到", OTHER)
    assert len(world.app.messages("stranger")) == 1
    assert world.story.app.database.read(events) == taken + 1


async def test_in_feishu_the_card_says_who_answered_and_whoever_pressed_reads_a_toast(
    feishu: CardStory,
) -> None:
    app = feishu.app
    assert isinstance(app, FeishuServer)
    await feishu.release()
    [mine], [other] = feishu.cards(), feishu.cards(OTHER)
    as_sent, others = app.sent[mine.id].content, app.sent[other.id].content
    await app.read(HEAD, times=2)
    assert feishu.read() == ["官地村长"]
    assert "不是发给您的" in await app.pressed(mine.id, OTHER, "1")
    assert feishu.answered() == {"官地村长": None, "北河沿村长": None}
    assert feishu.cards() == [mine], "it stays as it is"
    said = await app.pressed(mine.id, HEAD, "1", event_id="e", late=40)
    assert "已记录您收到官地镇暴雨红色预警" in said
    [after] = feishu.cards()
    assert after.text == mine.text and not after.buttons and "✅ 已记录 官地村长" in after.answered
    # Told again, and pressed again on a telephone that shows the card as it was.
    for event in ("e", "e2"):
        app.sent[mine.id].content = as_sent
        assert "已记录" in await app.pressed(mine.id, HEAD, "1", event_id=event)
    handle, _, queued = reference_of(as_sent).partition(".")
    older = f"{handle}.{int(queued) - 1}"  # of a database that was restored since
    for value in ({"call": older}, {"call": f"999999-1.{queued}"}, {"call": handle}, {}):
        value["key"] = "1"
        app.sent[mine.id].content = as_sent
        assert "不是发给您的" in await app.pressed(mine.id, HEAD, "1", value=value)
    feishu.story.clock.advance(timedelta(days=1, minutes=1))
    await feishu.story.tick()
    assert not feishu.cards(OTHER)[0].buttons
    app.sent[other.id].content = others  # on a telephone that was off
    assert "已到期（" in await app.pressed(other.id, OTHER, "1")
    [over] = feishu.cards(OTHER)
    assert not over.buttons and "不用再回应" in over.text
    assert feishu.answered() == {"官地村长": "feishu", "北河沿村长": None}


def events(connection: Connection) -> int:
    """What providers told us and we keep."""
    return connection.execute(select(func.count()).select_from(channel_events)).scalar_one()


def proofs(connection: Connection) -> int:
    """How often the trail says that an address was proven."""
    query = select(func.count()).where(audit.c.action == "address.proven")
    return int(connection.execute(query).scalar_one())


def reference_of(card: dict[str, Any]) -> str:
    """What the buttons of a card in Feishu say of the call."""
    *_, button = card["body"]["elements"]
    return str(button["behaviors"][0]["value"]["call"])


async def test_in_dingtalk_the_card_says_who_answered_and_strangers_read_it_alone(
    dingtalk: CardStory,
) -> None:
    app = dingtalk.app
    assert isinstance(app, DingtalkServer)
    assert (await app.ping())["code"] == 200
    await dingtalk.release()
    [mine] = dingtalk.cards()
    app.sent[mine.id].shown_to.append(OTHER)  # forwarded, somehow
    await app.press(mine.id, OTHER, "1")
    [shown] = [card for card in app.messages(OTHER) if card.id == mine.id]
    assert "不是发给您的" in shown.text and shown.buttons
    assert dingtalk.answered() == {"官地村长": None, "北河沿村长": None}
    assert dingtalk.cards() == [mine], "it stays as it is"
    after = await dingtalk.presses("1")
    assert not after.buttons and "✅ 已记录 官地村长" in after.answered
    for key in ("1", "7"):
        await app.press(mine.id, HEAD, key)
    assert dingtalk.answered() == {"官地村长": "dingtalk", "北河沿村长": None}
    dingtalk.story.clock.advance(timedelta(days=1, minutes=1))
    await dingtalk.story.tick()
    [own] = [card for card in dingtalk.cards(OTHER) if card.id != mine.id]
    await app.press(own.id, OTHER, "1")
    [over] = [card for card in dingtalk.cards(OTHER) if card.id == own.id]
    assert not over.buttons and "已到期（" in over.answered


async def test_what_is_pressed_or_written_while_the_connection_is_lost_is_not_lost(
    world: CardStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_connection, "LONGEST_WAIT", 0.01)
    app = world.app
    await world.release()
    with monkeypatch.context() as patch:
        # It is heard and cannot be written: the provider hears no yes, and says it again.
        database = world.story.app.services.database

        async def busy(*_: object, **__: object) -> None:
            raise StoreBusy("busy")

        patch.setattr(database, "run", busy)
        await world.presses("1")
    assert world.answered()["官地村长"] is None
    assert world.story.app.vitals().connections == {world.which: True}
    await app.drop()
    await world.presses("1", OTHER)
    await app.write(HEAD, "收到")
    assert set(world.answered().values()) == {None}
    await world.connected()
    if isinstance(app, FeishuServer):  # it repeats no press: they read that it failed
        assert app.sent[world.cards(OTHER)[0].id].toasts[-1][1] == "error"
        await world.presses("1", OTHER)
    await until(lambda: None not in world.answered().values(), "lost")
    assert set(world.answered().values()) == {world.which}
    if isinstance(app, DingtalkServer):
        await app.disconnect()
        await world.connected()


async def test_a_busy_server_a_token_that_ends_and_a_lost_answer_cost_nothing(
    world: CardStory,
) -> None:
    """The third request is the first message: the two before ask for a token and for an account."""
    app = world.app
    if isinstance(app, FeishuServer):
        limit = {"code": 99991400, "msg": "request trigger frequency limit"}
        app.trouble.plan(429, limit, x_ogw_ratelimit_reset="20")
    else:
        app.trouble.plan(403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"})
    app.trouble.plan(500, {})
    await world.release()
    assert not world.cards() and not world.cards(OTHER)
    await world.pass_time(seconds=70)
    app.end_tokens()
    app.trouble.plan(0, after_all=True)
    for _ in range(6):
        await world.pass_time(seconds=30)
    cards = world.cards() + world.cards(OTHER)
    # DingTalk's messages know no name of ours: that one may arrive twice.
    assert len(cards) == 2 or (world.which == DINGTALK and len(cards) == 3)


async def test_an_hour_without_the_server_is_told_and_brings_no_burst_afterwards(
    feishu: CardStory,
) -> None:
    feishu.app.trouble.down = True
    await feishu.release()
    for _ in range(16):
        feishu.story.clock.advance(timedelta(minutes=2))
        await feishu.story.tick()
    await feishu.pass_time(minutes=2)
    read = feishu.officers_read()
    assert any("交不出去" in text for text in read)
    assert any("官地村长" in text for text in read), "the ladder went on without it"
    feishu.app.trouble.down = False
    await feishu.pass_time(minutes=5)
    assert feishu.app.messages(HEAD) == []


@pytest.mark.parametrize("which", [FEISHU, DINGTALK])
async def test_a_card_loses_its_buttons_when_the_warning_is_over(
    tmp_path: Path, which: str
) -> None:
    async with card_story(tmp_path, which) as world:
        await world.release()
        await world.presses("1")
        [pressed], [card] = world.cards(), world.cards(OTHER)
        chief = world.story["县指挥"]
        await chief.says("/status")
        await chief.taps("取消预警")
        await chief.taps("取消")
        world.app.trouble.plan(500, {})  # the news is first: it is said a little later
        for _ in range(4):
            await world.pass_time(seconds=20)
        [over] = [now for now in world.cards(OTHER) if now.id == card.id]
        assert not over.buttons and "是误发，已取消（" in over.text + over.answered
        assert [now for now in world.cards() if now.id == pressed.id] == [pressed]
        assert any("已取消" in now.text for now in world.app.messages(OTHER) if now.id != card.id)


@pytest.mark.parametrize("which", [FEISHU, NO_TEMPLATE])
async def test_without_an_account_the_cause_is_told_and_the_ladder_goes_on(
    tmp_path: Path, which: str
) -> None:
    async with card_story(tmp_path, which, members=False) as world:
        await world.release()
        await world.pass_time(minutes=9)
        asked = [path for path in world.app.asked if "mobile" in path or "batch_get_id" in path]
        assert len(asked) == 2, "each is looked up once"
        name = "飞书" if which == FEISHU else "钉钉"
        assert any(name in text and "未绑定" in text for text in world.officers_read())

"""Whoever has no Telegram gets a card in WeCom, and answers with its button."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from alerts.channels import address_store
from alerts.channels.addresses import addresses_of
from bot.channels.wecom.sealing import Seal
from bot.sandbox.providers.wecom import TAKES_AND_HANGS_UP
from contacts import people_store
from contacts.channels import Channel
from data.database import Connection
from data.tables.alerts import alerts, calls
from data.tables.contacts import people
from tests.stories.county_gateway import FIRST, SECOND
from tests.stories.wecom_corporation import CORP, HEAD, OTHER, WecomStory, wecom_story


@pytest.fixture
async def world(tmp_path: Path):
    async with wecom_story(tmp_path) as running:
        yield running


async def test_a_card_is_pressed_and_says_so_and_the_account_is_proven(world: WecomStory) -> None:
    assert (await world.wecom.tries_address()).reply == "ok"
    await world.release()
    card = world.last()
    assert card.title == "官地镇暴雨红色预警" and "立即转移低洼地群众" in card.text
    assert card.buttons == {"1": "✅ 收到", "2": "🆘 需要支援"}
    assert world.proven() == {HEAD: False, OTHER: False}
    after = await world.presses("1")
    assert after.title == "官地镇暴雨红色预警" and "已记录您收到官地镇暴雨红色预警" in after.text
    assert after.buttons == {} and "✅ 已记录 官地村长" in after.answered
    assert world.answered() == {"官地村长": "wecom", "北河沿村长": None}
    assert world.proven() == {HEAD: True, OTHER: False}
    help_wanted = await world.presses("2", OTHER)
    assert "需要支援" in help_wanted.text and world.answered()["北河沿村长"] == "wecom"
    await world.officers_hear("请求支援", "北河沿村长")


async def test_what_is_told_again_late_or_by_somebody_else_counts_for_nothing(
    world: WecomStory,
) -> None:
    await world.release()
    mine, other = world.last(), world.last(OTHER)
    # Another person presses this card: they are told, and their own card waits as before.
    [told] = await world.wecom.press(mine.id, OTHER, "1")
    assert "不是发给您的" in told.reply and world.answered()["官地村长"] is None
    assert other in world.wecom.messages(OTHER)
    of_an_older_database = mine.id.replace("@1", "@0")
    for card_id in ("9-1@1", "something else", mine.id.replace("-1@", "-2@"), of_an_older_database):
        [told] = await world.wecom.press(card_id, HEAD, "1")
        assert told.status == 200 and "没有记录" in told.reply
    [told] = await world.wecom.press(mine.id, HEAD, "7")
    assert told.status == 200 and world.answered()["官地村长"] is None
    # Forged, of another corporation, or too old: refused.
    forged = Seal("another token", CORP.aes_key, CORP.corp_id)
    elsewhere = Seal(CORP.token, CORP.aes_key, "ww0000000000000000")
    for seal in (forged, elsewhere):
        [told] = await world.wecom.press(mine.id, HEAD, "1", seal=seal)
        assert told.status == 403
    for late in (400, -400):
        [told] = await world.wecom.press(mine.id, HEAD, "1", late=late)
        assert told.status == 403
    assert world.answered() == {"官地村长": None, "北河沿村长": None}
    # WeCom heard no answer of ours and tells the same three times: it is replied each time.
    told_again = await world.wecom.press(mine.id, HEAD, "1", times=3)
    assert [told.status for told in told_again] == [200] * 3
    assert all("✅ 已记录 官地村长" in told.reply for told in told_again)
    assert world.answered()["官地村长"] == "wecom"


async def test_words_in_the_chat_answer_and_anything_else_goes_to_the_duty_officer(
    world: WecomStory,
) -> None:
    await world.release()
    assert "没有记为收到" in await world.writes("桥断了，车过不去")
    await world.officers_hear("官地村长 在企业微信里写", "桥断了，车过不去")
    assert "已转给值班员，没有记为收到" in await world.writes("水已经进村了")
    await world.officers_hear("水已经进村了")
    await world.wecom.sends(HEAD, "location", Label="官地桥", Location_X="43.4", Location_Y="128.2")
    await world.officers_hear("位置", "官地桥 43.4 128.2")
    assert world.answered()["官地村长"] is None and world.proven()[HEAD]
    assert "已记录您收到官地镇暴雨红色预警" in await world.writes("收到")
    assert world.answered()["官地村长"] == "wecom"
    assert "之前已记录" in await world.writes("收到")
    assert (await world.writes("桥通了")).startswith("已转给值班员。急事")
    await world.officers_hear("桥通了")
    assert "已撤回您的回应" in await world.writes("撤回")
    sent = [card for card in world.wecom.messages(HEAD) if "暴雨" in card.title]
    [told] = await world.wecom.press(sent[-1].id, HEAD, "1", late=20)  # of before that
    assert not told.reply, "its buttons stay"
    assert world.answered()["官地村长"] is None
    assert "您写的话已转给值班员" in await world.writes("收到，路断了")
    await world.officers_hear("路断了", "「收到」已记录")
    # A member whom nobody here knows learns which account to tell the keeper of the roster.
    world.wecom.add("Stranger")
    assert "Stranger" in await world.writes("收到", "Stranger")
    # Opening the chat is the one reading that WeCom tells of.
    assert world.read() == {HEAD: False, OTHER: False}
    world.claimed(OTHER)  # as while it waits for the pace: it must still be sent
    await world.wecom.opens(OTHER)
    assert not world.read()[OTHER]
    world.claimed(OTHER, sent=True)
    await world.wecom.opens(OTHER)
    assert world.read()[OTHER] and world.answered()["北河沿村长"] is None


async def test_an_old_card_proves_nothing_of_an_account_that_is_anothers_by_now(
    world: WecomStory,
) -> None:
    await world.release()
    card = world.last()

    def moves(connection: Connection) -> None:
        address_store.forget(connection, FIRST["id"], Channel.WECOM, HEAD)
        address_store.enter(connection, SECOND["id"], Channel.WECOM, HEAD)

    world.story.app.database.do(moves)
    [told] = await world.wecom.press(card.id, HEAD, "1")
    assert "不是发给您的" in told.reply
    assert world.owner(HEAD) == [SECOND["id"]] and not world.proven()[HEAD]
    assert world.answered() == {"官地村长": None, "北河沿村长": None}


async def test_an_account_that_was_found_by_a_number_is_theirs_while_the_number_is(
    world: WecomStory,
) -> None:
    """The list had a stranger's number: its correction takes the stranger's account away."""
    await world.release()
    new = "+8613911112222"
    database = world.story.app.database
    change = update(people).where(people.c.id == FIRST["id"]).values(phone=new)
    database.do(lambda c: c.execute(change))
    [told] = await world.wecom.press(world.last().id, HEAD, "1")
    assert "不是发给您的" in told.reply and world.answered()["官地村长"] is None
    assert "没有您的企业微信账号" in (await world.writes("收到")).replace("还", "")

    def called_at(connection: Connection) -> list[str]:
        person = people_store.person(connection, FIRST["id"])
        assert person is not None
        return addresses_of(connection, [person], Channel.WECOM)[person.id]

    assert database.read(called_at) == [new], "looked up anew"


async def test_who_was_taken_out_of_the_application_is_looked_up_anew(tmp_path: Path) -> None:
    async with wecom_story(tmp_path, reminds=True) as world:
        await world.release()
        await world.wecom.leaves(OTHER)
        assert world.lookups == 2
        await world.pass_time(minutes=3)
        assert world.lookups == 3
        assert "还没有收到您的回应" in world.last(HEAD).text, "the other is reminded"
        assert len(world.wecom.messages(OTHER)) == 1


async def test_an_hour_without_wecom_is_told_and_brings_no_burst_afterwards(
    world: WecomStory,
) -> None:
    world.wecom.down = True
    await world.release()
    for _ in range(16):
        world.story.clock.advance(timedelta(minutes=2))
        await world.story.tick()
    await world.pass_time(minutes=2)
    read = world.officers_read()
    assert any("交不出去" in text for text in read)
    assert any("官地村长" in text for text in read), "the ladder went on without WeCom"
    world.wecom.down = False
    await world.pass_time(minutes=5)
    assert world.wecom.messages(HEAD) == []


async def test_a_token_that_ends_a_busy_server_and_a_lost_answer_cost_nothing(
    world: WecomStory,
) -> None:
    world.wecom.planned.extend([45009, TAKES_AND_HANGS_UP])
    await world.release()
    assert len(world.wecom.messages(HEAD) + world.wecom.messages(OTHER)) == 1
    world.wecom.end_tokens()
    for _ in range(6):
        await world.pass_time(seconds=30)
    cards = [card for who in (HEAD, OTHER) for card in world.wecom.messages(who)]
    assert len(cards) == 2, "each once"
    assert (await world.presses("1")).answered and (await world.presses("1", OTHER)).answered
    assert world.answered() == {"官地村长": "wecom", "北河沿村长": "wecom"}


async def test_a_card_of_a_warning_that_is_over_says_so(world: WecomStory) -> None:
    """Pressed at once, or not at all: then its buttons go by themselves."""
    await world.release()
    card = world.last()
    world.wecom.down = True
    world.story.clock.advance(timedelta(days=1, minutes=1))
    await world.story.tick()
    after = await world.presses("1")
    assert "已到期（" in after.text and after.answered == "没有记录"
    assert world.answered()["官地村长"] is None
    await world.pass_time(seconds=6)
    assert world.last(OTHER).buttons, "WeCom is down"
    world.wecom.down = False
    asked = len(world.wecom.asked)
    await world.pass_time(seconds=70)
    gone = world.last(OTHER)
    assert not gone.buttons and gone.answered == "不用按了"
    assert gone.title == card.title and "已到期（" in gone.text
    assert world.last() == after, "it was changed when it was pressed"
    changes = world.wecom.asked[asked:].count("/cgi-bin/message/update_template_card")
    await world.pass_time(minutes=12)
    assert changes == world.wecom.asked[asked:].count("/cgi-bin/message/update_template_card") == 1


async def test_a_card_of_before_a_rise_says_that_another_asks(world: WecomStory) -> None:
    await world.release()
    mine, other = world.last(), world.last(OTHER)
    world.story.clock.advance(timedelta(minutes=1))
    now = world.story.clock()

    def rises(c: Connection) -> None:
        c.execute(update(alerts).values(asked_version=2, version=2, asked_at=now, changed_at=now))
        c.execute(update(calls).values(called_at=now))

    world.story.app.database.do(rises)
    [told] = await world.wecom.press(mine.id, HEAD, "1")
    assert "您之前的答复已不算，请再回复1" in told.reply and "没有记录" in told.reply
    assert world.answered()["官地村长"] is None
    await world.pass_time(seconds=6)
    [gone] = [card for card in world.wecom.messages(OTHER) if card.id == other.id]
    assert not gone.buttons and gone.answered == "请按新的一张"


async def test_who_joins_again_is_written_to_where_they_are(world: WecomStory) -> None:
    """Left out of the application's 可见范围 for a while: neither is for good."""
    await world.release()
    await world.wecom.leaves(HEAD)
    assert world.failing() == {HEAD}
    await world.wecom.joins(HEAD)
    assert world.failing() == set()


async def test_without_an_account_the_cause_is_told_and_the_ladder_goes_on(
    tmp_path: Path,
) -> None:
    async with wecom_story(tmp_path, members=False) as world:
        await world.release()
        await world.pass_time(minutes=9)
        assert world.lookups == 2
        read = world.officers_read()
        assert any("企业微信" in text and "未绑定" in text for text in read)


async def test_without_cards_there_is_a_link_to_the_answer_page(tmp_path: Path) -> None:
    page = "https://answer.example"
    async with wecom_story(tmp_path, page=page, cards=False) as world:
        await world.release()
        assert world.last().link.startswith(f"{page}/a/") and world.last().buttons == {}
        assert "已记录" in await world.writes("1")

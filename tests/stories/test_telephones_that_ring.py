"""Whoever has no Telegram and a plain telephone, with the mistakes that people make on one.

The sandbox's carrier rings them; every sentence comes from the real bot.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox.carrier.exchange import Exchange
from bot.sandbox.carrier.telephone import Ended, Line, NotNow
from tests.stories.county_gateway import FIRST, LINE, SECOND, SECRET, story_behind
from tests.stories.story import Story
from tests.waiting import StillClock, free_port

PHONE, OTHER = FIRST["phone"], SECOND["phone"]


async def pass_time(story: Story, exchange: Exchange, seconds: float) -> None:
    """As the sandbox's fast-forward: the telephones first, then the bot."""
    while seconds > 0:
        step = min(seconds, 31)
        seconds -= step
        story.clock.advance(timedelta(seconds=step))
        await exchange.act()
        await story.tick()


async def replied(story: Story, exchange: Exchange, number: str, text: str) -> str:
    """What comes back to an SMS; empty: nothing does."""
    before = len(exchange.telephones[number].messages)
    await exchange.reply(number, text)
    await story.settled()
    _mine, *back = exchange.telephones[number].messages[before:]
    return "".join(message.text for message in back)


def read_by_others(story: Story) -> list[str]:
    """What Telegram said meanwhile, as it looks now: other stories are about it."""
    watch = story.server.watch
    chats = {message["chat"]["id"] for message in watch.untaken()}
    return [message.get("text", "") for chat in chats for message in watch.take(chat)]


async def test_a_newcomer_makes_every_mistake_and_is_still_understood(tmp_path: Path) -> None:
    clock = StillClock()
    exchange = Exchange(SECRET, f"http://127.0.0.1:{free_port()}", clock)
    first, other = exchange.connect(PHONE), exchange.connect(OTHER)
    async with story_behind(exchange, clock, tmp_path, "voice", "sms") as story:
        chief = story["县指挥"]
        await chief.says(LINE)
        await chief.taps("确认发布")
        await pass_time(story, exchange, 3)
        assert first.line is other.line is Line.RINGING
        [message] = first.messages
        assert "收到请回复1" in message.text and len(message.text) < 200

        with pytest.raises(NotNow, match="先接听"):
            await exchange.press(PHONE, "1")
        await exchange.reject(PHONE)
        await exchange.pick_up(OTHER)
        assert other.call is not None
        await exchange.press(OTHER, "7")
        await exchange.press(OTHER, "9")
        said = [words.text for words in other.call.spoken]
        assert "没有这个按键" in said[1] and said[2] == said[0] == other.call.text
        await exchange.press(OTHER, "1")
        await exchange.press(OTHER, "1")
        said = [words.text for words in other.call.spoken]
        assert said[3].startswith("已记录您收到") and said[4].startswith("之前已记录")
        await exchange.hang_up(OTHER)
        with pytest.raises(NotNow):
            await exchange.hang_up(OTHER)

        # The second ring is heard to nobody, the third finds the telephone off.
        await pass_time(story, exchange, 61)
        assert first.line is Line.RINGING
        await exchange.pick_up(PHONE)
        await exchange.hang_up(PHONE)
        await exchange.switch(PHONE, on=False)
        with pytest.raises(NotNow, match="没有信号"):
            await exchange.reply(PHONE, "1")
        await pass_time(story, exchange, 70)
        assert [call.ended for call in first.past] == [Ended.REJECTED, Ended.CUT_SHORT]
        assert other.line is Line.IDLE and len(other.past) == 1, "answered: not rung again"

        await exchange.switch(PHONE, on=True)
        lists = [text for text in read_by_others(story) if "官地村长" in text]
        assert any("电话语音：拒接" in text for text in lists), lists
        assert "没有记为收到" in await replied(story, exchange, PHONE, "好的")
        assert await replied(story, exchange, PHONE, "好的") == ""
        assert "已记录您收到" in await replied(story, exchange, PHONE, "收到")
        assert "之前已记录" in await replied(story, exchange, PHONE, "收到")

        await chief.says("/status")
        await chief.taps("取消预警")
        await chief.taps("取消")
        await story.settled()
        assert "是误发，已取消（" in await replied(story, exchange, PHONE, "收到")
        read_by_others(story)

"""Who has no Telegram reads by SMS what others read there: the card, and that it is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from alerts import alert_store, call_store
from alerts.acknowledge import by_proxy
from alerts.calls import Proxy
from alerts.closing import lift
from alerts.lifecycle import Change
from alerts.loop.evacuation.keeping_store import keep_card, keep_shelter
from alerts.loop.evacuation.model import Card, Frail, Household, Shelter
from alerts.model import Level
from bot.views.clock import BEIJING
from contacts import people_store
from data.tables.channels import untold_ends
from data.tables.contacts import people
from tests.roster import COUNTY_COMMANDER
from tests.stories.county_gateway import FIRST, LANDLINE, SECOND, GatewayStory, gateway_story
from tests.stories.test_changes import change

ASKED = ("call", "remind")


def import_a_card(world: GatewayStory) -> None:
    def unit(c: Connection) -> None:
        village = FIRST["division_code"]
        school = Shelter(0, village, "官地小学", 128.4, 43.5, 120, "孙玉林", "+8613900000201")
        frail = Household(0, 0, 1, "王桂兰", 2, "+8613900000301", Frail.BEDRIDDEN, "王桂兰 82岁")
        card = Card(
            0, village, "", "官地村", signal="敲锣", route_words="沿村路向东到国道", households=1,
            persons=2, shelter=keep_shelter(c, school),
        )  # fmt: skip
        keep_card(c, card, [frail], world.story.clock())

    world.story.app.database.do(unit)


async def end(world: GatewayStory) -> None:
    def lifted(c: Connection) -> None:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        lift(c, 1, by, world.story.clock())

    await world.story.app.services.database.run(lifted)


def told(world: GatewayStory, number: str) -> list[dict[str, Any]]:
    """The SMS to a number that ask for nothing."""
    return [sms for sms in world.gateway.of(number, "sms") if sms["kind"] not in ASKED]


def has(world: GatewayStory, row: dict[str, Any], phone: str) -> None:
    """This is the only number of that person."""
    change = update(people).where(people.c.id == row["id"]).values(phone=phone)
    world.story.app.database.do(lambda c: c.execute(change))


async def proxied(world: GatewayStory, row: dict[str, Any]) -> None:
    """The county's commander rang that person up."""

    def unit(c: Connection) -> None:
        call = call_store.call_of(c, 1, row["id"])
        assert call is not None
        by_proxy(c, call.id, COUNTY_COMMANDER["telegram_id"], Proxy.PHONE, world.story.clock())

    await world.story.app.services.database.run(unit)


async def test_a_village_without_telegram_is_told_all_of_it_by_sms(tmp_path: Path) -> None:
    async with gateway_story(tmp_path, "voice", "sms") as world:
        import_a_card(world)
        world.has_too(SECOND, LANDLINE)
        await world.release()
        head, other = FIRST["phone"], SECOND["phone"]
        await world.pass_time(seconds=3)
        assert not told(world, head), "nobody has answered"
        await world.sms(head, "1")
        await world.pass_time(seconds=6)
        [card] = told(world, head)
        for words in ("转移到官地小学", "沿村路向东", "敲锣", "孙玉林 +8613900000201", "不得返回"):
            assert words in card["text"], (words, card["text"])
        assert "王桂兰" not in str(card) and card["keys"] == {} and card["kind"] == "card"
        assert "回复1" not in card["text"]
        assert all(len(text) <= 35 for text in card["variables"].values())
        # Answered once more, taken back and answered again: the card is there already.
        await world.sms(head, "1")
        await world.sms(head, "撤回")
        await world.sms(head, "收到")
        await world.pass_time(seconds=10)
        assert told(world, head) == [card]
        # The other village is left out of it; nobody there had answered.
        kept = (FIRST["division_code"],)
        world.gateway.down = True
        await change(world.story, Change(add=kept, remove=("222403102000",)))
        await world.pass_time(seconds=6)
        await end(world)
        await world.pass_time(seconds=20)
        world.gateway.down = False
        await world.pass_time(minutes=2)
        # It was no more theirs when it ended: they read that, though all of it is over by now.
        [narrowed] = told(world, other)
        assert "您这里不再适用" in narrowed["text"] and narrowed["kind"] == "narrowed"
        # It was rung and written to: it reads the end once. No SMS goes to a landline.
        [_, over] = told(world, head)
        assert over["kind"] == "end" and "已解除" in over["text"]
        assert "未接到返回通知，不得返回" in over["text"]
        assert told(world, LANDLINE) == []
        left = select(untold_ends)
        assert not world.story.app.database.read(lambda c: c.execute(left).all())
        await world.pass_time(minutes=2)
        assert len(told(world, head)) == 2
        news = {sms["id"] for sms in (card, over, narrowed)}
        assert not news & set(world.gateway.taken_back), "what only tells is not taken back"


async def test_a_landline_hears_it_and_who_has_no_channel_is_rung_up_by_hand(
    tmp_path: Path,
) -> None:
    async with gateway_story(tmp_path, "voice") as world:
        import_a_card(world)
        has(world, FIRST, LANDLINE)
        has(world, SECOND, "+864336320002x7")  # which no machine rings
        await world.release()
        [called] = world.gateway.of(LANDLINE)
        await world.key(called, "1")
        # An officer reached the other by telephone.
        await proxied(world, SECOND)
        await world.pass_time(minutes=2)  # no number rings twice within a minute
        [_, card] = world.gateway.of(LANDLINE)
        assert card["kind"] == "card" and "转移到官地小学" in card["text"]
        assert "请按1" not in card["text"] and card["keys"] == {"9": "again"}
        _, again = await world.key(card, "9")
        assert again["say"] == card["text"]
        world.officers_read()
        await end(world)
        await world.pass_time(minutes=2)
        [_, _, over] = world.gateway.of(LANDLINE)
        assert over["kind"] == "end" and "已解除" in over["text"] and "不得返回" in over["text"]
        assert told(world, LANDLINE) == []
        [by_hand] = [text for text in world.officers_read() if "请打电话告诉" in text]
        for words in (
            "告诉 1 人",
            SECOND["name"],
            "0433-6320002 转 7",
            "「已解除，灾害过程已结束。",
        ):
            assert words in by_hand, (words, by_hand)
        # It rings three times; nobody picks up, so the officer reads of that one, too.
        for _try in range(3):
            await world.report(world.gateway.of(LANDLINE)[-1], "failed", cause="no_answer")
            await world.pass_time(minutes=6)
        [too] = [text for text in world.officers_read() if "请打电话告诉" in text]
        assert FIRST["name"] in too and "0433-6320001" in too
        await world.pass_time(minutes=30)
        assert not [text for text in world.officers_read() if "请打电话告诉" in text]


async def test_whoever_has_only_a_telephone_hears_what_changed(tmp_path: Path) -> None:
    """Each by the way they were called; what changed twice before it could be said is said once."""
    async with gateway_story(tmp_path, "voice", "sms") as world:
        has(world, SECOND, LANDLINE)
        await world.release()
        head = FIRST["phone"]
        await world.sms(head, "1")
        [called] = world.gateway.of(LANDLINE)
        await world.key(called, "1")
        await world.pass_time(minutes=2)
        world.gateway.down = True
        await change(world.story, Change(longer=timedelta(hours=6)))
        await change(world.story, Change(text="桥已断，绕行国道"))
        await world.pass_time(seconds=20)
        world.gateway.down = False
        await world.pass_time(minutes=2)
        [news] = told(world, head)
        until = f"{world.story.app.database.read(expires).astimezone(BEIJING):%H:%M}"
        for words in ("有效期延长至", until, "内容更正为：桥已断，绕行国道"):
            assert words in news["text"], (words, news["text"])
        assert news["kind"] == "changed" and news["keys"] == {} and "回复1" not in news["text"]
        [_, rung] = world.gateway.of(LANDLINE)
        assert (
            rung["kind"] == "changed"
            and "桥已断" in rung["text"]
            and rung["keys"] == {"9": "again"}
        )
        assert not [text for text in world.officers_read() if "请打电话告诉" in text]
        # Said once; the next change is another, and says itself alone.
        await world.pass_time(minutes=2)
        assert told(world, head) == [news]
        await change(world.story, Change(level=Level.ORANGE))
        await world.pass_time(minutes=2)
        [_, lowered] = told(world, head)
        assert "由红色降为橙色" in lowered["text"] and "桥已断" not in lowered["text"]
        assert "不得返回" in lowered["text"]
        assert world.answered() == {"官地村长": "sms", "北河沿村长": "voice"}, (
            "nobody is asked again"
        )


def expires(connection: Connection) -> datetime:
    alert = alert_store.alert(connection, 1)
    assert alert is not None
    return alert.expires_at

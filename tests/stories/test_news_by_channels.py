"""Who has no Telegram reads by SMS what others read there: the card, and that it is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from alerts.closing import lift
from alerts.lifecycle import Change
from alerts.loop.evacuation.keeping_store import keep_card, keep_shelter
from alerts.loop.evacuation.model import Card, Frail, Household, Shelter
from contacts import people_store
from data.tables.channels import untold_ends
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
        await change(world.story, Change(add=kept, remove=("222403102000",)))
        await world.pass_time(seconds=6)
        [narrowed] = told(world, other)
        assert "您这里不再适用" in narrowed["text"] and narrowed["kind"] == "narrowed"
        world.gateway.down = True
        await end(world)
        await world.pass_time(seconds=20)
        world.gateway.down = False
        await world.pass_time(minutes=2)
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

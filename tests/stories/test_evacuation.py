"""The card of a village: imported by the county, sent after 收到, shown by /card, on the wall."""

from __future__ import annotations

import io
import math
import re
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Connection, select

from alerts.closing import lift
from alerts.lifecycle import Change
from alerts.loop.evacuation.card_files import read_files
from alerts.loop.evacuation.card_import import import_cards
from alerts.model import Level
from bot.pictures.marks import GREEN, VERMILION
from bot.pictures.sheet import HEIGHT, WIDTH
from contacts import people_store
from data.tables.evacuation import card_sends
from data.templates import TEMPLATES
from tests.geography import jilin
from tests.roster import COUNTY_COMMANDER, TOWNSHIP
from tests.security.scene import forget
from tests.store import evacuation_lists as lists
from tests.store.evacuation_lists import drawing, line, put
from tests.stories.command_line import CommandLine
from tests.stories.story import Actor, Story, buttons, story_of
from tests.stories.test_call_and_respond import data_of
from tests.stories.test_changes import change

ROUTE = [
    [128.001 + 0.00035 * n + 0.0012 * math.sin(n / 4), 43.600 + 0.00028 * n] for n in range(30)
]


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        paths = [
            put(tmp_path, "plan.xlsx", lists.flash_flood_plan()),
            put(tmp_path, "list.xlsx", lists.households()),
            put(tmp_path, "route.geojson", drawing(line("威虎岭村前屯", ROUTE))),
        ]
        files, now = read_files(paths), running.clock().astimezone(UTC)
        assert import_cards(running.app.database, files, now, boundaries=jilin()).written
        yield running


def last(story: Story) -> str:
    """What the county's commander reads last."""
    return str(story.server.messages(story["县指挥"].id)[-1]["text"])


async def gets_card(
    story: Story,
    actor: Actor,
    name: str,
    *texts: str,
    without: tuple[str, ...] = (),
    way: bool = True,
) -> None:
    """The card of this name as a picture; ``way``: with a route on it."""
    shown = await story.server.watch.next_message(
        actor.id, where=lambda one: "photo" in one and f"{name} 转移卡" in one["caption"]
    )
    for text in texts:
        assert text in shown["caption"], (text, shown["caption"])
    for text in without:
        assert text not in shown["caption"], (text, shown["caption"])
    stored = story.server.world.files.by_id(shown["photo"][-1]["file_id"])
    assert stored is not None
    picture = Image.open(io.BytesIO(stored.content)).convert("RGB")
    assert picture.size == (WIDTH, HEIGHT)
    map_only = picture.crop((0, 180, WIDTH, 1_180))
    found: Any = map_only.getcolors(1_500_000) or []
    colours = [colour for count, colour in found if count > 500]
    assert (drawn(VERMILION, colours), drawn(GREEN, colours)) == (way, True)


def drawn(wanted: tuple[int, ...], colours: list[tuple[int, ...]]) -> bool:
    return any(
        sum(abs(a - b) for a, b in zip(wanted, colour, strict=True)) < 24 for colour in colours
    )


def sends(story: Story) -> list[Any]:
    return story.app.database.read(lambda c: list(c.execute(select(card_sends)).all()))


async def test_whoever_answers_a_red_warning_has_the_card_of_the_village(story: Story) -> None:
    county, head, other = story["县指挥"], story["村长0"], story["村长1"]
    await county.says("/warn 红 暴雨 黄泥河镇 立即转移危险区群众")
    await county.taps("确认发布")
    await story.settled()
    await story.fast_forward(seconds=2)
    assert sends(story) and not any(each.sent_at for each in sends(story))  # nobody has answered
    await head.taps("收到")
    await story.fast_forward(seconds=2)
    # The village has two settlements with a card each: both, each once.
    await gets_card(
        story, head, "威虎岭村前屯", "12户35人", "重点人员的 2 户", "+8619900000010", "铜锣",
        "威虎岭小学，可容纳 120 人", "孙玉林 +8613900000201", "任何人不得返回",
        without=("王桂兰", "演练"),
    )  # fmt: skip
    await gets_card(story, head, "威虎岭村后屯", "8户21人", way=False)
    # The list is one tap away, below the picture.
    await head.taps("🏘 逐户登记")
    listed = await story.server.watch.next_message(
        head.id, where=lambda one: "逐户登记" in one.get("text", "")
    )
    assert any("王桂兰" in text for text in (listed["text"], *buttons(listed)))
    await other.taps("收到")
    await story.fast_forward(seconds=2)
    # No place on it is known: then it is its words.
    words = await story.server.watch.next_message(
        other.id, where=lambda one: "永安村 转移卡" in one.get("text", "")
    )
    for text in ("23户61人", "黄泥河镇中学", "大喇叭", "任何人不得返回"):
        assert text in words["text"], text
    await story.fast_forward(minutes=1)
    assert not any("photo" in message for message in forget(story))  # none comes twice
    assert sends(story)

    def lifted(c: Connection) -> None:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        lift(c, 1, by, story.clock())

    await story.app.services.database.run(lifted)
    await story.fast_forward(seconds=5)
    assert not sends(story)  # over: nobody is owed one
    forget(story)


async def test_an_orange_warning_that_rises_brings_the_card(story: Story) -> None:
    county, head = story["县指挥"], story["村长0"]
    await county.says("/warn 橙 暴雨 黄泥河镇 做好转移准备")
    await county.taps("确认发布")
    await head.taps("收到")
    await story.fast_forward(seconds=3)
    assert not sends(story)
    await change(story, Change(level=Level.RED, text="立即转移"))
    await story.fast_forward(seconds=3)
    assert not any(each.sent_at for each in sends(story))  # asked again, and not answered yet
    await head.taps("收到")
    await story.fast_forward(seconds=2)
    await gets_card(story, head, "威虎岭村前屯")
    forget(story)


async def test_card_shows_what_one_may_see(story: Story) -> None:
    head, duty, ranger, stranger = (
        story["村长0"], story["镇值班"], story["护林员"], story["图们指挥"],
    )  # fmt: skip
    await duty.says("/card")
    shown = await duty.sees("黄泥河镇转移卡 4 张")
    assert "🗺 威虎岭村 前屯" in buttons(shown)
    await duty.taps("🗺 威虎岭村 前屯")
    await gets_card(story, duty, "威虎岭村前屯", "孙玉林 +8613900000201")
    await head.says("/card")
    await gets_card(story, head, "威虎岭村前屯")
    await gets_card(story, head, "威虎岭村后屯", way=False)
    # The ranger of the village reads where to go, and no numbers.
    await ranger.says("/card")
    words = await ranger.sees("永安村 转移卡", "赵永安")
    assert "13900000202" not in words["text"]
    forged = data_of(shown)
    assert forged.startswith("evc:") and "没有" in await stranger.forges(forged)
    await stranger.says(f"/card {TOWNSHIP}")
    await story.settled()
    assert not any("photo" in message for message in forget(story))


@pytest.mark.usefixtures("story")
async def test_the_county_imports_checks_and_prints_by_command(tmp_path: Path) -> None:
    jiaoying = CommandLine(tmp_path)
    head = "村,户数,人数,全村户数,安置点,可容纳人数\n"
    put(tmp_path, "bad.csv", f"{head}黄泥河镇永安村,30000,90000,200,村部,40\n".encode())
    refused = await jiaoying("import", "evacuation", "bad.csv")
    assert refused.code == 1 and "要转移 30000 户，全村只有 200 户" in refused.out
    assert "可容纳 40 人，要去的有 90000 人" in refused.out and "什么都没有写入" in refused.out
    wrong = await jiaoying("import", "evacuation", "route.geojson", "--area", "没有这里")
    assert wrong.code == 1 and "--area" in wrong.out
    again = await jiaoying("import", "evacuation", "plan.xlsx", "--households", "list.xlsx")
    assert again.code == 0 and "不变 4" in again.out
    which = await jiaoying("card", "威虎岭村", "-o", "w.pdf")
    assert which.code == 1 and "--place" in which.out and "威虎岭村前屯" in which.out
    for name, begins in (("w.pdf", b"%PDF"), ("w.png", b"\x89PNG")):
        done = await jiaoying("card", "威虎岭村", "--place", "前屯", "-o", name)
        assert done.code == 0, done.out
        content = (tmp_path / name).read_bytes()
        assert content.startswith(begins)
        assert name.endswith(".png") or re.findall(rb"/Count (\d+)", content) == [b"1"]  # one page
    bare = await jiaoying("card", "222403101201", "-o", "y.png")
    assert bare.code == 1 and "画不出图" in bare.out


async def test_a_county_words_its_cards_in_its_own_way(story: Story) -> None:
    """Typed in the chat, seen on three phones, used on every card below; by file, too."""
    county, head = story["县指挥"], story["村长0"]
    await county.says("/templates")
    await county.taps("转移卡版式")
    await county.taps("转移卡")
    await county.taps("修改")
    asked = last(story)
    typed = asked[asked.index("【标题】") :]
    await county.says(typed.replace("{信号}", "{暗号}"))
    assert "您发的文字 第 9 行：「{暗号}」卡上没有" in last(story)
    own = typed.replace("组织：", "谁喊你走：").replace(
        "\n路线：", "\n镇值班：0433-6660000\n路线："
    )
    await county.says(own)
    for words in ("📱 指挥员、村责任人", "📱 巡护员", "🖨 墙上的一页", "谁喊你走"):
        assert words in last(story), words
    await county.taps("✅ 保存")
    preview = story.server.messages(county.id)[-1]
    assert "转移卡，第 1 版" in preview["text"] and "敦化市" in preview["text"]
    await head.says("/card")
    said = ("谁喊你走：村长0", "镇值班：0433-6660000")
    await gets_card(story, head, "威虎岭村前屯", *said, without=("组织：",))
    run, tmp_path = CommandLine(story.file.parent), story.file.parent
    printed = await run("card", "威虎岭村", "--place", "前屯", "-o", "own.pdf")
    assert printed.code == 0, printed.out
    # By file: refused with its line, then taken; the version of before is restored in the chat.
    (tmp_path / "cards").mkdir()
    file = tmp_path / "cards" / "evacuation.toml"
    shipped = (TEMPLATES / "cards" / "evacuation.toml").read_text(encoding="utf-8")
    file.write_text(shipped.replace("{shelter}", "{house}"), encoding="utf-8")
    refused = await run("import", "templates", "cards", "--area", "敦化市")
    assert refused.code == 1 and "evacuation.toml 第 32 行：「{house}」卡上没有" in refused.out
    file.write_text(shipped.replace("不得返回", "不准回家"), encoding="utf-8")
    done = await run("import", "templates", "cards", "--area", "敦化市")
    assert done.code == 0 and "evacuation：第 2 版" in done.out
    await head.says("/card")
    await gets_card(story, head, "威虎岭村前屯", "任何人不准回家", without=("镇值班",))
    await county.forges("hbr:frame:evacuation:1", message_id=preview["message_id"])
    await head.says("/card")
    await gets_card(story, head, "威虎岭村前屯", *said)
    forget(story)

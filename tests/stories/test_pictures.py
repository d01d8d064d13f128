"""The picture of a roll call: sent, replaced by a newer one, and as text where it is refused."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.pictures import roll_call_map
from bot.pictures.marks import VERMILION
from bot.pictures.sheet import MAP
from bot.sandbox.bot_api.faults import Fault, FaultAction
from tests.stories.story import Story, story_of

HERE = (43.37, 128.23, 12.0)  # Dunhua
TITLE = "🗺 点名 · 敦化市"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def rolled(story: Story) -> dict[str, Any]:
    """The county's commander calls the rangers of Dunhua: one is asked."""
    commander = story["县指挥"]
    await commander.says("/rollcall 敦化市 巡护员 20")
    result = await commander.sees("点名 · 敦化市")
    await commander.taps("开始点名")
    await story["护林员"].sees("📣 点名 · 敦化市")
    return result


async def picture_for(story: Story, name: str) -> dict[str, Any]:
    chat = story[name].id
    return await story.server.watch.next_message(chat, where=lambda shown: "photo" in shown)


def drawn(story: Story, message: dict[str, Any]) -> Image.Image:
    file_id = message["photo"][-1]["file_id"]
    stored = story.server.world.files.by_id(file_id)
    assert stored is not None
    return Image.open(BytesIO(stored.content)).convert("RGB")


def calls(story: Story, method: str) -> int:
    return len([row for row in story.server.calls.rows() if row["method"] == method])


async def test_a_picture_is_uploaded_and_the_next_takes_its_place(story: Story) -> None:
    result = await rolled(story)
    commander = story["县指挥"]
    await commander.taps("地图", message=result)
    first = await picture_for(story, "县指挥")
    assert first["caption"].startswith(TITLE)
    assert "应到 1，实到 0（" in first["caption"] and "未到 1" in first["caption"]
    before = drawn(story, first)
    assert before.size == (1080, 1350)
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("点名已到")
    await story.fast_forward(minutes=2)
    now = commander.shows(first)
    assert "应到 1，实到 1（" in now["caption"]
    assert drawn(story, now).tobytes() != before.tobytes()
    assert calls(story, "sendPhoto") == 1
    # Asked for again, it comes as a new message, where one looks.
    await commander.taps("地图", message=result)
    second = await picture_for(story, "县指挥")
    assert second["message_id"] != first["message_id"]


def silent_marks(picture: Image.Image) -> int:
    """Pixels of the colour of the silent on the map (the legend is below it)."""
    box = (int(MAP.left), int(MAP.top), int(MAP.right), int(MAP.bottom))
    counted = picture.crop(box).getcolors(2_000_000) or []
    return sum(
        number
        for number, colour in counted
        if all(abs(a - b) < 20 for a, b in zip(colour, VERMILION, strict=True))
    )


async def test_who_is_silent_stands_where_he_was_seen_last(story: Story) -> None:
    result = await rolled(story)
    commander = story["县指挥"]
    await commander.taps("地图", message=result)
    assert silent_marks(drawn(story, await picture_for(story, "县指挥"))) == 0  # nobody knows
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("点名已到")
    await commander.taps("结束点名", message=result)
    await story.fast_forward(minutes=5)
    second = await rolled(story)
    await commander.taps("地图", message=second)
    assert silent_marks(drawn(story, await picture_for(story, "县指挥"))) > 100


async def test_the_message_it_stood_in_is_gone(story: Story) -> None:
    result = await rolled(story)
    await story["县指挥"].taps("地图", message=result)
    first = await picture_for(story, "县指挥")
    story.server.faults.add(
        Fault(
            FaultAction.ANSWER,
            method="editMessageMedia",
            error_code=400,
            description="Bad Request: message to edit not found",
        )
    )
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("点名已到")
    await story.fast_forward(minutes=2)
    again = await picture_for(story, "县指挥")
    assert again["message_id"] != first["message_id"]
    assert "应到 1，实到 1（" in again["caption"]


async def test_drawing_fails_and_the_words_arrive(
    story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> bytes:
        raise MemoryError("no room to draw")

    monkeypatch.setattr(roll_call_map, "draw_roll_call", broken)
    result = await rolled(story)
    commander = story["县指挥"]
    await commander.taps("地图", message=result)
    words = await commander.sees(TITLE, "应到 1，实到 0（")
    assert "cannot be made" in caplog.text
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("点名已到")
    await story.fast_forward(minutes=2)
    assert "应到 1，实到 1（" in commander.shows(words)["text"]  # in its place, not one a minute
    monkeypatch.undo()
    await story.fast_forward(minutes=20)
    assert "photo" in commander.shows(words)  # it can be drawn again


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (400, "Bad Request: IMAGE_PROCESS_FAILED"),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (413, "Request Entity Too Large"),
        (400, "Bad Request: not enough rights to send photos to the chat"),
    ],
)
async def test_a_picture_that_is_refused_arrives_as_words(
    story: Story, code: int, description: str
) -> None:
    story.server.faults.add(
        Fault(FaultAction.ANSWER, method="sendPhoto", error_code=code, description=description)
    )
    result = await rolled(story)
    await story["县指挥"].taps("地图", message=result)
    await story["县指挥"].sees(TITLE, "应到 1，实到 0（")
    await story["县指挥"].taps("未到 1 人", message=result)  # nothing stands in the way
    await story["县指挥"].sees("请打电话")


async def test_a_picture_refused_after_an_earlier_one_arrives_as_new_words(story: Story) -> None:
    result = await rolled(story)
    await story["县指挥"].taps("地图", message=result)
    await picture_for(story, "县指挥")
    story.server.faults.add(
        Fault(
            FaultAction.ANSWER,
            method="editMessageMedia",
            error_code=400,
            description="Bad Request: IMAGE_PROCESS_FAILED",
        )
    )
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("点名已到")
    await story.fast_forward(minutes=2)
    await story["县指挥"].sees(TITLE, "应到 1，实到 1（")


async def test_only_those_above_get_it(story: Story) -> None:
    await rolled(story)
    for name in ("护林员", "镇长", "图们指挥"):
        assert await story[name].forges("qt:1:map:0")  # a refusal, in words
    assert calls(story, "sendPhoto") == 0
    await story["县值班"].forges("qt:1:map:0")
    assert (await picture_for(story, "县值班"))["caption"].startswith(TITLE)

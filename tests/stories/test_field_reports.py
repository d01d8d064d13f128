"""Reports from the spot are kept, linked to their alert and forwarded; albums stay together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.patrol.field_reports import store as field_report_store
from tests.roster import FIRE_GROUP
from tests.stories.story import Story, buttons, story_of

DUNHUA = (43.372, 128.232)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


@pytest.mark.parametrize("kind", ["photo", "video", "voice", "document"])
async def test_every_kind_goes_to_the_command_group_with_who_where_when(
    story: Story, kind: str
) -> None:
    ranger = story["护林员"]
    story.server.people.send_location(ranger.id, *DUNHUA)
    await story.settled()
    await ranger.sees("敦化市")
    getattr(story.server.people, f"send_{kind}")(ranger.id, caption="山脊全景")
    await story.settled()
    await ranger.sees("已上报", "敦化防火")
    sent = await story.server.watch.next_message(FIRE_GROUP)
    for text in ("现场上报", "护林员", "巡护员", "敦化市", "43.37200,128.23200", "山脊全景"):
        assert text in sent["caption"]
    assert "199" not in sent["caption"]  # no telephone numbers in a group
    assert sent[kind]


async def test_a_video_note_has_no_caption_but_arrives(story: Story) -> None:
    ranger = story["护林员"]
    story.server.people.send_video_note(ranger.id)
    await story.settled()
    await ranger.sees("已上报")
    sent = [await story.server.watch.next_message(FIRE_GROUP) for _ in range(2)]
    (about,) = (one["text"] for one in sent if "text" in one)
    assert "护林员" in about and any("video_note" in one for one in sent)


async def test_an_album_stays_together_and_is_answered_once(story: Story) -> None:
    ranger = story["护林员"]
    await _album(story, ranger.id, "album-1", 3, caption="火线")
    await ranger.sees("已上报")
    assert not story.server.watch.take(FIRE_GROUP)
    await story.fast_forward(seconds=2)
    parts = [await story.server.watch.next_message(FIRE_GROUP) for _ in range(3)]
    assert len({part["media_group_id"] for part in parts}) == 1
    assert "火线" in parts[0]["caption"] and "caption" not in parts[1]
    await story.fast_forward(seconds=30)


async def test_without_a_group_the_duty_officer_gets_it(story: Story) -> None:
    from data.tables.contacts import groups

    story.app.database.do(lambda c: c.execute(groups.delete()))
    ranger = story["护林员"]
    story.server.people.send_photo(ranger.id)
    await story.settled()
    await ranger.sees("已转给值班员 1 人")
    await story["县值班"].sees_picture("199 0000 0030")


async def test_the_feed_shows_the_latest_by_page(story: Story) -> None:
    ranger, officer = story["护林员"], story["县值班"]
    await officer.says("/feed")
    await officer.sees("还没有现场上报")
    for number in range(7):
        story.server.people.send_photo(ranger.id, caption=f"第{number}张")
        await story.settled()
        await ranger.sees("已上报")
        await story.server.watch.next_message(FIRE_GROUP)
    await officer.says("/feed")
    first = await officer.sees("7 条", "护林员", "第6张")
    assert "第0张" not in first["text"]
    await officer.taps("下一页", message=first)
    assert "第0张" in officer.shows(first)["text"]
    assert "看 7" in " ".join(buttons(officer.shows(first)))
    await officer.taps("看 7", message=officer.shows(first))
    shown = await officer.sees_picture()
    assert shown["photo"] and "第0张" in shown["caption"]


async def test_the_feed_is_for_those_who_command_or_watch_there(story: Story) -> None:
    ranger = story["护林员"]
    story.server.people.send_photo(ranger.id)
    await story.settled()
    await ranger.sees("已上报")
    await story.server.watch.next_message(FIRE_GROUP)
    await ranger.says("/feed")
    await ranger.sees("不当值")
    stranger = story["图们指挥"]
    await stranger.says("/feed")
    await stranger.sees("还没有现场上报")
    assert "超出" in await stranger.forges("fs:1")
    assert await ranger.forges("fs:1")


async def test_a_copy_is_kept_where_a_directory_is_set(tmp_path: Path) -> None:
    from bot.config.load import load

    folder = tmp_path / "media"
    media = replace(load(None, {}).media, directory=str(folder), max_megabytes=1)
    async with story_of(tmp_path, media=media) as story:
        ranger = story["护林员"]
        for content in (b"small picture", b"x" * 2_000_000):
            story.server.people.send_photo(ranger.id, content=content)
            await story.settled()
            await ranger.sees("已上报")
            await story.server.watch.next_message(FIRE_GROUP)
        await story.app.ticks.run("copies")
        kept = _report(story, 1)
        assert kept.copied_as is not None
        assert (folder / kept.copied_as).read_bytes() == b"small picture"
        assert [path.is_file() for path in folder.rglob("*.jpg")] == [True]
        large = _report(story, 2)
        assert large.copied_as is None and large.copy_at is None  # too large: never tried again
        assert not list(folder.rglob("*.part"))


def _report(story: Story, report_id: int) -> Any:
    return story.app.database.read(lambda c: field_report_store.field_report(c, report_id))


async def _album(story: Story, user_id: int, group: str, parts: int, *, caption: str) -> None:
    for number in range(parts):
        story.server.people.send_photo(
            user_id, caption=caption if number == 0 else "", media_group_id=group
        )
    await story.settled()

"""Who could not be reached is reached again: by their own word, or when Telegram thinks better."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.bot_api.faults import Fault, FaultAction
from contacts import group_store, people_store
from contacts.people import Contact
from tests.roster import FLOOD_GROUP
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import release


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def refuse(story: Story, chat: int, code: int, words: str, count: int = 1) -> None:
    fault = Fault(
        FaultAction.ANSWER, "sendMessage", chat, count=count, error_code=code, description=words
    )
    story.server.faults.add(fault)


def contact(story: Story, name: str) -> Contact:
    found = story.app.database.read(lambda c: people_store.person_by_telegram(c, story[name].id))
    assert found is not None
    return found.contact


async def everybody_else_is_told(story: Story) -> None:
    for name in ("村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)


async def ladder_moves_on(story: Story) -> None:
    await story.tick()
    await story["副村长0"].sees("立即转移", "村长0")
    await story["镇值班"].sees("村长0")
    await story.fast_forward(seconds=30)
    await story["村长1"].sees("村长0", chat=FLOOD_GROUP)


async def test_one_refusal_is_looked_at_again_after_half_a_minute(story: Story) -> None:
    refuse(story, story["村长0"].id, 400, "Bad Request: chat not found")
    await release(story)
    await everybody_else_is_told(story)
    assert contact(story, "村长0") is Contact.OK
    await story.tick()
    await story["副村长0"].sees("立即转移", "村长0")
    await story["镇值班"].sees("村长0")
    await story.fast_forward(seconds=30)
    await story["村长0"].sees("立即转移")
    await story["村长1"].sees("村长0", chat=FLOOD_GROUP)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (403, "Forbidden: something nobody foresaw"),
    ],
)
async def test_whoever_writes_gets_the_open_call(story: Story, code: int, words: str) -> None:
    refuse(story, story["村长0"].id, code, words, count=2)
    await release(story)
    await everybody_else_is_told(story)
    await ladder_moves_on(story)
    if "foresaw" in words:  # read to whoever watches over jiaoying at the top
        await story["省指挥"].sees("原因没见过", "something nobody foresaw")
    await story["村长0"].says("/link")
    seen = [(await story["村长0"].sees())["text"] for _ in range(2)]  # in either order
    for expected in ("立即转移", "已经绑定过"):
        assert any(expected in text for text in seen), seen
    assert contact(story, "村长0") is Contact.OK


def member(status: str, **rights: Any) -> dict[str, Any]:
    user = {"id": 1000000001, "is_bot": True, "first_name": "bot"}
    return {"user": user, "status": status, **rights}


RESTRICTED = {"is_member": True, "can_send_messages": False}
"""Without the rights that the library wants besides: they are none."""


def in_group(number: int, after: dict[str, Any], kind: str = "supergroup") -> dict[str, Any]:
    """The bot's standing in the flood group is changed by somebody nobody knows."""
    return {
        "update_id": 990_100 + number,
        "my_chat_member": {
            "chat": {"id": FLOOD_GROUP, "type": kind, "title": "敦化防汛"},
            "from": {"id": 55_555, "is_bot": False, "first_name": "群主"},
            "date": 1,
            "old_chat_member": member("left"),
            "new_chat_member": after,
        },
    }


def group_contact(story: Story) -> Contact:
    found = story.app.database.read(lambda c: group_store.group(c, FLOOD_GROUP))
    assert found is not None
    return found.contact


async def test_a_bot_that_joins_restricted_is_not_ok_and_says_so(story: Story) -> None:
    intake = story.app.lines[0].intake
    await intake.accept([in_group(0, member("restricted", **RESTRICTED))])
    await story.settled()
    assert group_contact(story) is Contact.REFUSED
    await story["县指挥"].says("/coverage")
    await story["县指挥"].sees("敦化防汛", "不能发言")
    # Now and then it is asked whether it may write by now.
    await story.fast_forward(seconds=30)
    assert group_contact(story) is Contact.OK


async def test_a_bot_that_is_restricted_and_out_is_out(story: Story) -> None:
    intake = story.app.lines[0].intake
    gone = member("restricted", **{**RESTRICTED, "is_member": False})
    await intake.accept([in_group(1, gone)])
    await story.settled()
    assert group_contact(story) is Contact.REMOVED


async def test_a_channel_where_the_bot_may_not_post_is_not_ok(story: Story) -> None:
    intake = story.app.lines[0].intake
    silent = member("administrator", can_post_messages=False)
    await intake.accept([in_group(2, silent, "channel")])
    await story.settled()
    assert group_contact(story) is Contact.REFUSED

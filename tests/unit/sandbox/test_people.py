"""What simulated people do reaches the bot in Telegram's form, and only what a bot may see."""

from __future__ import annotations

import pytest

from bot.sandbox.bot_api.errors import SandboxMistake
from tests.unit.sandbox.client import GROUP, LI, NOON, WANG, sandbox

KEYS = {
    "keyboard": [
        [{"text": "📍 一键报位", "request_location": True}, {"text": "🆘 求救"}],
        [{"text": "📱 共享号码", "request_contact": True}],
    ],
    "is_persistent": True,
    "resize_keyboard": True,
}


async def test_start_carries_its_code() -> None:
    async with sandbox() as (server, bot):
        server.people.add_user(9, "新人")
        server.people.press_start(9, "CODE")
        (update,) = await bot.call("getUpdates")
        assert update["message"]["text"] == "/start CODE"
        assert update["message"]["entities"] == [{"offset": 0, "length": 6, "type": "bot_command"}]
        assert update["message"]["date"] == int(NOON.timestamp())


async def test_the_reply_keyboard_stays_until_removed() -> None:
    async with sandbox() as (server, bot):
        await bot.call("sendMessage", chat_id=WANG, text="a", reply_markup=KEYS)
        await bot.call("sendMessage", chat_id=WANG, text="b")
        assert server.keyboard(WANG) == KEYS
        place = server.people.press_key(WANG, "报位", location=(43.3, 128.2, 12.0))
        assert place["location"] == {
            "latitude": 43.3,
            "longitude": 128.2,
            "horizontal_accuracy": 12.0,
        }
        assert server.people.press_key(WANG, "求救")["text"] == "🆘 求救"
        contact = server.people.press_key(WANG, "共享")["contact"]
        assert contact == {"phone_number": "+8613900000007", "first_name": "王芳", "user_id": WANG}
        remove = {"remove_keyboard": True}
        await bot.call("sendMessage", chat_id=WANG, text="c", reply_markup=remove)
        with pytest.raises(SandboxMistake):
            server.people.press_key(WANG, "求救")


async def test_a_tap_brings_the_whole_message_and_a_missing_button_is_a_mistake() -> None:
    async with sandbox() as (server, bot):
        markup = {"inline_keyboard": [[{"text": "✅ 收到", "callback_data": "a:1"}]]}
        sent = await bot.call("sendMessage", chat_id=GROUP, text="x", reply_markup=markup)
        server.people.tap(LI, GROUP, sent["message_id"], text="收到")
        with pytest.raises(SandboxMistake, match="确认"):
            server.people.tap(LI, GROUP, sent["message_id"], text="确认")
        (update,) = await bot.call("getUpdates")
        query = update["callback_query"]
        assert query["data"] == "a:1" and query["from"]["id"] == LI and query["message"] == sent


async def test_an_update_keeps_the_message_as_it_was() -> None:
    async with sandbox() as (server, bot):
        mine = server.people.send_location(WANG, 43.0, 128.0, live_period=900)
        server.people.move_live_location(WANG, mine["message_id"], 43.1, 128.1)
        server.people.stop_live_location(WANG, mine["message_id"])
        first, moved, stopped = await bot.call("getUpdates")
        assert first["message"]["location"]["latitude"] == 43.0
        assert moved["edited_message"]["location"]["latitude"] == 43.1
        assert "live_period" not in stopped["edited_message"]["location"]


async def test_a_reaction_is_told_to_who_asked_for_it() -> None:
    async with sandbox() as (server, bot):
        sent = await bot.call("sendMessage", chat_id=WANG, text="x")
        server.people.react(WANG, sent["message_id"], "👍")
        assert await bot.call("getUpdates") == []  # not among the default kinds
        wanted = ["message", "message_reaction", "edited_message"]
        await bot.call("getUpdates", allowed_updates=wanted)
        server.people.react(WANG, sent["message_id"], "👎")
        server.people.react(WANG, sent["message_id"], None)
        changed, gone = [up["message_reaction"] for up in await bot.call("getUpdates")]
        assert changed["chat"]["id"] == changed["user"]["id"] == WANG
        assert changed["message_id"] == sent["message_id"]
        assert changed["date"] == int(NOON.timestamp())
        thumb_up, thumb_down = ({"type": "emoji", "emoji": sign} for sign in "👍👎")
        assert (changed["old_reaction"], changed["new_reaction"]) == ([thumb_up], [thumb_down])
        assert (gone["old_reaction"], gone["new_reaction"]) == ([thumb_down], [])
        with pytest.raises(SandboxMistake):
            server.people.react(WANG, 404, "👍")


async def test_in_a_group_only_an_administrator_hears_of_reactions() -> None:
    async with sandbox() as (server, bot):
        await bot.call("getUpdates", allowed_updates=["message_reaction"])
        sent = await bot.call("sendMessage", chat_id=GROUP, text="x")
        server.people.react(WANG, sent["message_id"], "👍", chat_id=GROUP)
        assert await bot.call("getUpdates") == []
        server.world.groups[GROUP].members[server.world.bot().id] = "administrator"
        server.people.react(LI, sent["message_id"], "👍", chat_id=GROUP)
        (update,) = await bot.call("getUpdates")
        assert update["message_reaction"]["user"]["id"] == LI


async def test_an_edited_text_keeps_its_date_and_what_it_replies_to() -> None:
    async with sandbox() as (server, bot):
        sent = await bot.call("sendMessage", chat_id=WANG, text="x")
        mine = server.people.send_text(WANG, "受到", reply_to=sent["message_id"])
        server.people.edit_text(WANG, mine["message_id"], "收到")
        first, edited = await bot.call("getUpdates")
        assert first["message"]["text"] == "受到" and "edit_date" not in first["message"]
        changed = edited["edited_message"]
        assert changed["text"] == "收到" and changed["edit_date"] >= changed["date"]
        assert changed["reply_to_message"]["message_id"] == sent["message_id"]


async def test_privacy_mode() -> None:
    async with sandbox() as (server, bot):
        sent = await bot.call("sendMessage", chat_id=GROUP, text="x")
        name = server.world.bot().user["username"]
        server.people.send_text(WANG, "闲聊", chat_id=GROUP)
        server.people.send_text(WANG, "/who", chat_id=GROUP)
        server.people.send_text(WANG, "/who@another_bot", chat_id=GROUP)
        server.people.send_text(WANG, f"@{name} 收到", chat_id=GROUP)
        server.people.send_text(WANG, "收到", chat_id=GROUP, reply_to=sent["message_id"])
        seen = [update["message"]["text"] for update in await bot.call("getUpdates")]
        assert seen == ["/who", f"@{name} 收到", "收到"]
        server.world.bot().can_read_all_group_messages = True
        server.people.send_text(WANG, "闲聊", chat_id=GROUP)
        assert (await bot.call("getUpdates"))[-1]["message"]["text"] == "闲聊"


async def test_membership_is_told() -> None:
    async with sandbox() as (server, bot):
        server.groups.add_group(-5, "新群", [WANG], kind="group")
        server.groups.add_bot(-5)
        server.groups.remove_bot(-5)
        server.people.block_bot(LI)
        updates = await bot.call("getUpdates")
        statuses = [
            (
                update["my_chat_member"]["chat"]["id"],
                update["my_chat_member"]["new_chat_member"]["status"],
            )
            for update in updates
            if "my_chat_member" in update
        ]
        assert statuses == [(-5, "member"), (-5, "kicked"), (LI, "kicked")]
        service = [update["message"] for update in updates if "message" in update]
        assert "new_chat_members" in service[0] and "left_chat_member" in service[1]


async def test_migration_is_told_in_both_groups() -> None:
    async with sandbox() as (server, bot):
        new = server.groups.migrate(GROUP)
        old_says, new_says = [update["message"] for update in await bot.call("getUpdates")]
        assert (old_says["chat"]["id"], old_says["migrate_to_chat_id"]) == (GROUP, new)
        assert (new_says["chat"]["id"], new_says["migrate_from_chat_id"]) == (new, GROUP)
        with pytest.raises(SandboxMistake):
            server.people.send_text(WANG, "/who", chat_id=GROUP)


async def test_a_forwarded_message_has_no_buttons() -> None:
    async with sandbox() as (server, bot):
        markup = {"inline_keyboard": [[{"text": "收到", "callback_data": "a"}]]}
        sent = await bot.call("sendMessage", chat_id=WANG, text="x", reply_markup=markup)
        copy = server.people.forward(WANG, WANG, sent["message_id"], to_chat_id=GROUP)
        assert "reply_markup" not in copy and copy["forward_origin"]["sender_user"]["is_bot"]


async def test_two_bots_have_their_own_queues_and_private_chats() -> None:
    tokens = ("1:a", "2:b")
    async with sandbox(token="1:a", tokens=tokens) as (server, bot):
        server.people.send_text(WANG, "给二号", bot="2:b")
        assert await bot.call("getUpdates") == []
        assert server.messages(WANG, bot="1:a") == []
        bot.token = "2:b"
        assert (await bot.call("getUpdates"))[0]["message"]["text"] == "给二号"


async def test_an_impossible_action_is_a_mistake() -> None:
    async with sandbox() as (server, _):
        server.people.block_bot(WANG)
        server.people.add_user(9, "外人")
        with pytest.raises(SandboxMistake):
            server.people.send_text(WANG, "a")
        with pytest.raises(SandboxMistake):
            server.people.send_text(9, "a", chat_id=GROUP)
        with pytest.raises(SandboxMistake):
            server.people.send_text(404, "a")

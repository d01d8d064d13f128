"""What the sandbox's Bot API methods do, and the wording of their refusals."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.bot_api.limits import RateLimits
from tests.unit.sandbox.client import GROUP, LI, WANG, sandbox

BUTTON = {"inline_keyboard": [[{"text": "收到", "callback_data": "a"}]]}


async def test_a_message_is_kept_as_telegram_shows_it() -> None:
    async with sandbox() as (server, bot):
        sent = await bot.call(
            "sendMessage",
            chat_id=str(WANG),
            text="<b>红</b>",
            parse_mode="HTML",
            reply_markup=BUTTON,
        )
        assert sent["text"] == "红" and sent["reply_markup"] == BUTTON
        assert sent["entities"] == [{"offset": 0, "length": 1, "type": "bold"}]
        assert sent["chat"] == {
            "id": WANG,
            "type": "private",
            "first_name": "王芳",
            "username": "wang",
        }
        assert server.messages(WANG) == [{**sent, "html": "<b>红</b>"}]
        assert (await server.watch.next_message(WANG))["message_id"] == sent["message_id"]
        assert server.watch.untaken() == []


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b>" + "长" * 4096 + "x</b>", "parse_mode": "HTML"}, "message is too long"),
        ({"text": "🆘" * 2049}, "message is too long"),
        ({"text": "a", "chat_id": 404}, "chat not found"),
        ({"text": "a", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "a", "chat_id": None}, "chat_id is empty"),
        ({"text": "a", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "a", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "a", "reply_markup": []}, "object expected as reply markup"),
        ({"text": "a", "reply_markup": "{"}, "can't parse reply markup JSON object"),
    ],
)
async def test_a_bad_message_is_refused(parameters: dict[str, Any], refusal: str) -> None:
    async with sandbox() as (server, bot):
        parameters = {"chat_id": WANG, **parameters}
        assert await bot.refused("sendMessage", **parameters) == f"400 Bad Request: {refusal}"
        assert server.watch.untaken() == []


async def test_4096_units_after_parsing_are_accepted() -> None:
    async with sandbox() as (_, bot):
        text = "<b>" + "🆘" * 2048 + "</b>"
        sent = await bot.call("sendMessage", chat_id=WANG, text=text, parse_mode="HTML")
        assert sent["text"] == "🆘" * 2048


@pytest.mark.parametrize(("data", "fits"), [("a" * 64, 1), ("a" * 65, 0), ("红" * 22, 0), ("", 0)])
async def test_callback_data_is_1_to_64_bytes(data: str, fits: int) -> None:
    async with sandbox() as (_, bot):
        markup = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
        status, body = await bot.status("sendMessage", chat_id=WANG, text="a", reply_markup=markup)
        assert status == (200 if fits else 400)
        assert fits or body["description"] == "Bad Request: BUTTON_DATA_INVALID"


async def test_who_cannot_be_written_to() -> None:
    async with sandbox() as (server, bot):
        server.people.add_user(9, "新人")
        server.people.block_bot(WANG)
        server.people.deactivate(LI)
        for chat_id, refusal in (
            (9, "403 Forbidden: bot can't initiate conversation with a user"),
            (WANG, "403 Forbidden: bot was blocked by the user"),
            (LI, "403 Forbidden: user is deactivated"),
        ):
            assert await bot.refused("sendMessage", chat_id=chat_id, text="a") == refusal
        server.people.press_start(9)
        assert await bot.call("sendMessage", chat_id=9, text="a")


async def test_groups_that_threw_the_bot_out_or_moved() -> None:
    async with sandbox() as (server, bot):
        server.groups.add_group(-1001, "防火", [WANG])
        refusal = await bot.refused("sendMessage", chat_id=-1001, text="a")
        assert refusal == "403 Forbidden: bot is not a member of the supergroup chat"
        server.groups.add_bot(-1001)
        await bot.call("sendMessage", chat_id=-1001, text="a")
        server.groups.remove_bot(-1001)
        refusal = await bot.refused("sendMessage", chat_id=-1001, text="a")
        assert refusal == "403 Forbidden: bot was kicked from the supergroup chat"

        new = server.groups.migrate(GROUP)
        status, body = await bot.status("sendMessage", chat_id=GROUP, text="a")
        assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": new})
        assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
        assert (await bot.call("sendMessage", chat_id=new, text="a"))["chat"][
            "type"
        ] == "supergroup"


async def test_edits() -> None:
    async with sandbox() as (server, bot):
        sent = await bot.call("sendMessage", chat_id=WANG, text="一", reply_markup=BUTTON)
        target = {"chat_id": WANG, "message_id": sent["message_id"]}
        assert await bot.refused("editMessageText", **target, text="一", reply_markup=BUTTON) == (
            "400 Bad Request: message is not modified: specified new message content and reply "
            "markup are exactly the same as a current content and reply markup of the message"
        )
        edited = await bot.call("editMessageText", **target, text="二")
        assert edited["text"] == "二" and "reply_markup" not in edited and edited["edit_date"]
        await bot.call("editMessageReplyMarkup", **target, reply_markup=BUTTON)
        assert server.messages(WANG)[-1]["reply_markup"] == BUTTON
        persons_message = server.people.send_text(WANG, "你好")
        for message_id, reason in (
            (persons_message["message_id"], "message can't be edited"),
            (99, "message to edit not found"),
        ):
            refusal = await bot.refused(
                "editMessageText", chat_id=WANG, message_id=message_id, text="x"
            )
            assert refusal == f"400 Bad Request: {reason}"
        assert await bot.call("deleteMessage", **target) is True
        refusal = await bot.refused("deleteMessage", **target)
        assert refusal == "400 Bad Request: message to delete not found"


async def test_an_edit_needs_no_edit_date_to_be_unmodified_twice() -> None:
    async with sandbox() as (_, bot):
        sent = await bot.call("sendMessage", chat_id=WANG, text="一")
        target = {"chat_id": WANG, "message_id": sent["message_id"]}
        await bot.call("editMessageText", **target, text="二")
        assert "not modified" in await bot.refused("editMessageText", **target, text="二")


async def test_taps_are_answered_once_and_in_time() -> None:
    now = [100.0]
    async with sandbox(monotonic=lambda: now[0]) as (server, bot):
        sent = await bot.call("sendMessage", chat_id=WANG, text="一", reply_markup=BUTTON)
        tap = server.people.tap(WANG, WANG, sent["message_id"], text="收")
        late = server.people.tap(WANG, WANG, sent["message_id"], data="forged")
        refusal = await bot.refused("answerCallbackQuery", callback_query_id=tap, text="长" * 201)
        assert refusal == "400 Bad Request: MESSAGE_TOO_LONG"
        assert await bot.call("answerCallbackQuery", callback_query_id=tap, text="已记录")
        assert (await server.watch.callback_answer(tap))["text"] == "已记录"
        too_old = (
            "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
        )
        assert await bot.refused("answerCallbackQuery", callback_query_id=tap) == too_old
        now[0] += 61
        assert await bot.refused("answerCallbackQuery", callback_query_id=late) == too_old


async def test_strangers_and_unknown_methods() -> None:
    async with sandbox() as (_, bot):
        assert await bot.refused("sendPigeon") == "404 Not Found"
        assert (await bot.call("GETME"))["is_bot"] is True
        bot.token = "1:wrong"
        assert await bot.refused("getMe") == "401 Unauthorized"


async def test_limits_answer_429_and_count_nothing_refused() -> None:
    now = [100.0]
    async with sandbox(limits=RateLimits(2, 1, 20), monotonic=lambda: now[0]) as (server, bot):
        await bot.call("sendMessage", chat_id=WANG, text="a")
        status, body = await bot.status("sendMessage", chat_id=WANG, text="a")
        assert (status, body["parameters"]) == (429, {"retry_after": 1})
        assert body["description"] == "Too Many Requests: retry after 1"
        await bot.call("sendMessage", chat_id=LI, text="a")
        assert (await bot.status("sendMessage", chat_id=GROUP, text="a"))[0] == 429
        await bot.call("getMe")
        now[0] += 1
        await bot.call("sendMessage", chat_id=WANG, text="a")
        stats = server.calls.stats(["sendMessage"])
        assert stats["refused_429"] == 2 and stats["most_sent_in_a_second"] == 2
        assert stats["per_second"] == [2, 1]

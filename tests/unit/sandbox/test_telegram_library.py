"""python-telegram-bot works with the sandbox's server as it does with Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
import telegram
from PIL import Image
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter

from bot.sandbox.bot_api.limits import RateLimits
from bot.sandbox.bot_api.media import PIXEL
from bot.sandbox.bot_api.server import TOKEN, BotApiServer
from tests.unit.sandbox.client import GROUP, LI, WANG, sandbox


@asynccontextmanager
async def library() -> AsyncIterator[tuple[BotApiServer, Bot]]:
    async with sandbox() as (server, _):
        url = server.base_url
        async with Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
            yield server, bot


async def test_send_tap_answer_edit() -> None:
    async with library() as (server, bot):
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("收到", callback_data="a:1")]])
        sent = await bot.send_message(WANG, "<b>红</b>色", parse_mode="HTML", reply_markup=markup)
        assert sent.text_html == "<b>红</b>色"
        tap = server.people.tap(WANG, WANG, sent.message_id, text="收到")
        (update,) = await bot.get_updates()
        assert update.callback_query is not None and update.callback_query.data == "a:1"
        assert update.callback_query.message == sent
        assert await update.callback_query.answer("已记录", show_alert=True)
        answer = await server.watch.callback_answer(tap)
        assert answer == {"text": "已记录", "show_alert": True}
        edited = await sent.edit_text("已收到")
        assert isinstance(edited, telegram.Message) and edited.text == "已收到"
        assert await bot.get_updates(offset=update.update_id + 1) == ()


async def test_files_both_ways() -> None:
    async with library() as (server, bot):
        server.people.send_photo(WANG, b"from the phone", caption="河水")
        (update,) = await bot.get_updates()
        assert update.message is not None and update.message.caption == "河水"
        file = await update.message.photo[-1].get_file()
        assert bytes(await file.download_as_bytearray()) == b"from the phone"
        sent = await bot.send_document(LI, b"report", filename="r.pdf", caption="<b>a</b>")
        assert sent.document is not None and sent.document.file_name == "r.pdf"
        again = await bot.send_document(GROUP, sent.document.file_id)
        assert again.document == sent.document
        album = await bot.send_media_group(
            WANG, [InputMediaPhoto(PIXEL), InputMediaPhoto(PIXEL, caption="二")]
        )
        assert len({message.media_group_id for message in album}) == 1


def picture(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height)).save(out, "PNG")
    return out.getvalue()


async def test_a_photo_is_uploaded_replaced_and_refused_as_telegram_does() -> None:
    async with library() as (_, bot):
        sent = await bot.send_photo(WANG, picture(30, 20), caption="一")
        assert (sent.photo[-1].width, sent.photo[-1].height) == (30, 20)
        other = InputMediaPhoto(picture(40, 20), caption="<b>二</b>", parse_mode="HTML")
        edited = await bot.edit_message_media(other, WANG, sent.message_id)
        assert not isinstance(edited, bool)
        assert edited.message_id == sent.message_id and edited.caption == "二"
        assert edited.photo[-1].width == 40
        file = await edited.photo[-1].get_file()
        assert bytes(await file.download_as_bytearray()) == picture(40, 20)
        words = await bot.send_message(WANG, "字")
        assert await bot.edit_message_media(other, WANG, words.message_id)
        for content, reason in (
            (b"no picture", "Image_process_failed"),
            (picture(2100, 100), "Photo_invalid_dimensions"),
            (picture(9000, 1001), "Photo_invalid_dimensions"),
        ):
            with pytest.raises(BadRequest, match=reason):
                await bot.send_photo(WANG, content)
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_media(other, WANG, 4711)


async def test_every_kind_of_update_parses() -> None:
    async with library() as (server, bot):
        server.people.send_video(WANG, media_group_id="m")
        server.people.send_video_note(WANG)
        server.people.send_voice(WANG)
        server.people.send_location(WANG, 43.0, 128.0, horizontal_accuracy=9, live_period=900)
        server.people.share_contact(WANG, contact_user_id=LI)
        server.people.block_bot(WANG)
        server.groups.join(GROUP, server.people.add_user(9, "新")["id"])
        server.groups.promote(GROUP, bot.id)
        server.groups.migrate(GROUP)
        updates = await bot.get_updates()
        assert [update.to_dict().keys() - {"update_id"} for update in updates] == [
            *[{"message"}] * 5,
            {"my_chat_member"},
            {"message"},
            {"my_chat_member"},
            {"message"},
            {"message"},
        ]
        assert updates[4].message is not None and updates[4].message.contact is not None
        assert updates[4].message.contact.user_id == LI


async def test_questions_and_settings() -> None:
    async with library() as (server, bot):
        assert (await bot.get_chat(WANG)).first_name == "王芳"
        assert (await bot.get_chat_member(GROUP, WANG)).status == "creator"
        assert await bot.get_chat_member_count(GROUP) == 3
        assert [a.user.id for a in await bot.get_chat_administrators(GROUP)] == [WANG]
        await bot.set_my_commands([("status", "进度")], language_code="zh")
        assert (await bot.get_my_commands(language_code="zh"))[0].command == "status"
        assert await bot.set_chat_menu_button() and await bot.send_chat_action(WANG, "typing")
        sent = await bot.send_location(WANG, 43.0, 128.0, live_period=60)
        await bot.edit_message_live_location(WANG, sent.message_id, latitude=44, longitude=128)
        await bot.stop_message_live_location(WANG, sent.message_id)
        await bot.pin_chat_message(WANG, sent.message_id)
        copied = await bot.copy_message(LI, WANG, sent.message_id)
        assert copied.message_id and await bot.delete_message(LI, copied.message_id)
        assert await bot.leave_chat(GROUP)
        assert server.world.groups[GROUP].members[bot.id] == "left"


async def test_errors_become_its_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # its newer meaning of retry_after, without a warning
    async with library() as (server, bot):
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(404, "a")
        server.people.block_bot(LI)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(LI, "a")
        new = server.groups.migrate(GROUP)
        with pytest.raises(ChatMigrated) as moved:
            await bot.send_message(GROUP, "a")
        assert moved.value.new_chat_id == new
        server.set_limits(RateLimits())
        await bot.send_message(WANG, "a")
        with pytest.raises(RetryAfter):
            await bot.send_message(WANG, "a")

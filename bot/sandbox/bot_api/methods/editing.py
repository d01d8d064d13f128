"""The Bot API's methods that change, remove or answer what is already there.

Each takes the call and returns the result that Telegram documents under its name.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.bot_api.accounts import Chat, Message, MessageRecord
from bot.sandbox.bot_api.errors import bad_request, not_modified, query_too_old
from bot.sandbox.bot_api.formatting import utf16_length
from bot.sandbox.bot_api.media import content_of
from bot.sandbox.bot_api.methods.call import MethodCall, caption_fields
from bot.sandbox.bot_api.methods.sending import place, stored_file

ANSWER_UNITS = 200  # answerCallbackQuery: 0 to 200 characters
QUERY_SECONDS = 60.0  # Telegram does not say how long; a tap is answered within this
DELETE_SECONDS = 48 * 3600  # deleteMessage: no later than this
_MEDIA = ("photo", "video", "video_note", "animation", "voice", "audio", "document")


def _to_edit(call: MethodCall) -> tuple[Chat, MessageRecord]:
    """The message to edit and its chat.

    :raises ApiError: when there is no such message, or it is not this bot's.
    """
    if "inline_message_id" in call.parameters.given and "chat_id" not in call.parameters.given:
        raise bad_request("MESSAGE_ID_INVALID")  # the sandbox has no inline mode
    chat = call.writable_chat()
    message_id = call.parameters.integer("message_id")
    if not message_id:
        raise bad_request("message identifier is not specified")
    record = chat.messages.get(message_id)
    if record is None and call.world.forgets and message_id <= chat.last_message_id:
        record = MessageRecord(call.world.forgotten(chat, message_id, call.bot), "", call.bot.id)
    if record is None:
        raise bad_request("message to edit not found")
    if record.sender_id != call.bot.id or "forward_origin" in record.message:
        raise bad_request("message can't be edited")
    return chat, record


def _edit(
    call: MethodCall,
    chat: Chat,
    record: MessageRecord,
    gone: tuple[str, ...],
    fields: dict[str, Any],
    html: str,
) -> Message:
    """Replace the fields ``gone`` by ``fields``; without a reply_markup the buttons go.

    :raises ApiError: when that changes nothing, or the keyboard is no inline one.
    """
    markup = call.markup()
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    left_out = (*gone, "reply_markup")
    after = {k: v for k, v in record.message.items() if k not in left_out} | fields
    if markup is not None:
        after["reply_markup"] = markup
    if after == record.message:
        raise not_modified()
    record.message = after
    record.html = html
    call.world.changed(chat, record, call.bot)
    return record.message


def edit_message_text(call: MethodCall) -> Message:
    text, entities = call.message_text()
    chat, record = _to_edit(call)
    if "text" not in record.message:
        raise bad_request("there is no text in the message to edit")
    fields = {"text": text, **({"entities": entities} if entities else {})}
    return _edit(call, chat, record, ("text", "entities"), fields, call.html())


def edit_message_caption(call: MethodCall) -> Message:
    chat, record = _to_edit(call)
    if not any(kind in record.message for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    gone = ("caption", "caption_entities")
    return _edit(call, chat, record, gone, call.caption(), call.html("caption"))


def edit_message_reply_markup(call: MethodCall) -> Message:
    chat, record = _to_edit(call)
    return _edit(call, chat, record, (), {}, record.html)


def edit_message_media(call: MethodCall) -> Message:
    media = call.parameters.json("media")
    if not isinstance(media, dict) or media.get("type") not in _MEDIA:
        raise bad_request("can't parse InputMedia: media type is invalid")
    chat, record = _to_edit(call)
    if not any(kind in record.message for kind in (*_MEDIA, "text")):
        raise bad_request("message can't be edited")
    stored = stored_file(call, media["type"], media.get("media"))
    caption = caption_fields(
        media.get("caption") or "", media.get("parse_mode"), media.get("caption_entities")
    )
    gone = (*_MEDIA, "text", "entities", "caption", "caption_entities")
    return _edit(call, chat, record, gone, {**content_of(stored), **caption}, "")


def edit_message_live_location(call: MethodCall) -> Message:
    location = place(call)
    chat, record = _to_edit(call)
    before = record.message.get("location", {})
    if "live_period" not in before:
        raise bad_request("message can't be edited")
    location["live_period"] = call.parameters.integer("live_period") or before["live_period"]
    return _edit(call, chat, record, ("location",), {"location": location}, "")


def stop_message_live_location(call: MethodCall) -> Message:
    chat, record = _to_edit(call)
    before = record.message.get("location", {})
    if "live_period" not in before:
        raise bad_request("message can't be edited")
    location = {k: v for k, v in before.items() if k != "live_period"}
    return _edit(call, chat, record, ("location",), {"location": location}, "")


def delete_message(call: MethodCall) -> bool:
    chat = call.writable_chat()
    record = call.record(chat)
    if record is None:
        raise bad_request("message to delete not found")
    if call.world.now() - record.message["date"] > DELETE_SECONDS:
        raise bad_request("message can't be deleted")
    others = record.sender_id != call.bot.id and not chat.is_private
    if others and chat.members.get(call.bot.id) != "administrator":
        raise bad_request("message can't be deleted")
    call.world.remove(chat, record.message["message_id"])
    return True


def delete_messages(call: MethodCall) -> bool:
    """Delete up to 100 at once; those that are not there are passed over."""
    chat = call.writable_chat()
    message_ids = call.parameters.json("message_ids")
    if not isinstance(message_ids, list) or not 1 <= len(message_ids) <= 100:
        raise bad_request("message identifiers are not specified")
    for message_id in message_ids:
        if message_id in chat.messages:
            call.world.remove(chat, message_id)
    return True


def answer_callback_query(call: MethodCall) -> bool:
    """Answer a tap: once, and soon."""
    text = call.parameters.text("text")
    if utf16_length(text) > ANSWER_UNITS:
        raise bad_request("MESSAGE_TOO_LONG")
    query = call.world.queries.get(call.parameters.text("callback_query_id"))
    now = call.world.monotonic()
    if query is None or query.bot_id != call.bot.id or query.answered_at is not None:
        raise query_too_old()
    if now - query.tapped_at > QUERY_SECONDS:
        raise query_too_old()
    query.answered_at = now
    query.answer = {"text": text, "show_alert": call.parameters.flag("show_alert")}
    if url := call.parameters.text("url"):
        query.answer["url"] = url
    call.world.event(
        "callback_answer", None, query_id=query.id, user_id=query.user_id, answer=query.answer
    )
    return True


def pin_chat_message(call: MethodCall) -> bool:
    """Pin a message, in groups as an administrator only; a service message follows."""
    chat = call.writable_chat()
    record = call.record(chat)
    if record is None:
        raise bad_request("message to pin not found")
    _need_pin_right(call, chat)
    message_id = record.message["message_id"]
    if message_id not in chat.pinned:
        chat.pinned.append(message_id)
        call.world.post(chat, call.bot, {"pinned_message": record.message})
    return True


def unpin_chat_message(call: MethodCall) -> bool:
    """Unpin a message: the newest when no message_id is given."""
    chat = call.writable_chat()
    _need_pin_right(call, chat)
    message_id = call.parameters.integer("message_id") or (chat.pinned or [0])[-1]
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def _need_pin_right(call: MethodCall, chat: Chat) -> None:
    if not chat.is_private and chat.members.get(call.bot.id) != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")


def set_message_reaction(call: MethodCall) -> bool:
    chat = call.writable_chat()
    record = call.record(chat)
    if record is None:
        raise bad_request("message to react not found")
    reaction = call.parameters.json("reaction") or []
    if not all(isinstance(r, dict) and r.get("type") == "emoji" for r in reaction):
        raise bad_request("REACTION_INVALID")
    message_id = record.message["message_id"]
    call.world.event("reaction", chat, message_id=message_id, reaction=reaction)
    return True

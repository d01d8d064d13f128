"""The Bot API's methods that put a message into a chat.

Each takes the call and returns the result that Telegram documents under its name.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.bot_api.accounts import Message
from bot.sandbox.bot_api.errors import bad_request
from bot.sandbox.bot_api.media import StoredFile, checked_photo, content_of
from bot.sandbox.bot_api.methods.call import MethodCall, caption_fields

_NOT_COPIED = frozenset(
    {"message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup"}
)
_SERVICE = frozenset(
    {"new_chat_members", "left_chat_member", "pinned_message", "migrate_to_chat_id"}
)


def send_message(call: MethodCall) -> Message:
    text, entities = call.message_text()
    content: dict[str, Any] = {"text": text}
    if entities:
        content["entities"] = entities
    return call.send(content, html=call.html())


def stored_file(call: MethodCall, kind: str, value: Any) -> StoredFile:
    """The file that a parameter names: an upload, ``attach://name``, or a file id.

    :raises ApiError: 400 when there is no such file.
    """
    uploads = call.parameters.uploads
    if isinstance(value, str) and value.startswith("attach://"):
        upload = uploads.get(value[len("attach://") :])
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return _uploaded(call, kind, *upload)
    if kind in uploads and value is None:
        return _uploaded(call, kind, *uploads[kind])
    if not value:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    text = str(value)
    if text.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the sandbox never leaves loopback
    known = call.world.files.by_id(text)
    if known is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if known.kind != kind:
        raise bad_request(f"can't use file of type {known.kind.title()} as {kind.title()}")
    return known


def _uploaded(call: MethodCall, kind: str, name: str, content: bytes) -> StoredFile:
    if not content:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        checked_photo(content)
    return call.world.files.add(kind, content, name)


def _send_file(call: MethodCall, kind: str) -> Message:
    stored = stored_file(call, kind, call.parameters.given.get(kind))
    caption = {} if kind == "video_note" else call.caption()
    return call.send({**content_of(stored), **caption}, html=call.html("caption"))


def send_photo(call: MethodCall) -> Message:
    return _send_file(call, "photo")


def send_video(call: MethodCall) -> Message:
    return _send_file(call, "video")


def send_video_note(call: MethodCall) -> Message:
    return _send_file(call, "video_note")


def send_animation(call: MethodCall) -> Message:
    return _send_file(call, "animation")


def send_voice(call: MethodCall) -> Message:
    return _send_file(call, "voice")


def send_audio(call: MethodCall) -> Message:
    return _send_file(call, "audio")


def send_document(call: MethodCall) -> Message:
    return _send_file(call, "document")


def send_media_group(call: MethodCall) -> list[Message]:
    """Send an album of 2 to 10; nothing is sent unless every part can be."""
    media = call.parameters.json("media")
    if not isinstance(media, list) or not all(isinstance(item, dict) for item in media):
        raise bad_request("can't parse media JSON object")
    if not 2 <= len(media) <= 10:
        raise bad_request("album must contain 2 to 10 items")  # Bot API, sendMediaGroup
    chat = call.writable_chat()
    contents = []
    for item in media:
        if item.get("type") not in ("photo", "video", "audio", "document"):
            raise bad_request("can't parse InputMedia: media type is invalid")
        caption = caption_fields(
            item.get("caption") or "", item.get("parse_mode"), item.get("caption_entities")
        )
        contents.append(
            {**content_of(stored_file(call, item["type"], item.get("media"))), **caption}
        )
    reply = call.reply(chat)
    group = str(13_000_000_000_000_000 + chat.last_message_id)
    return [
        call.world.post(chat, call.bot, {"media_group_id": group, **content, **reply}).message
        for content in contents
    ]


def place(call: MethodCall) -> dict[str, Any]:
    """The position among the parameters: degrees WGS-84, accuracy in metres.

    :raises ApiError: 400 when they are missing or out of range.
    """
    latitude = call.parameters.number("latitude")
    longitude = call.parameters.number("longitude")
    if latitude is None or longitude is None:
        raise bad_request("latitude is empty" if latitude is None else "longitude is empty")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request("wrong location")  # tdlib: Location out of range is an empty one
    accuracy = call.parameters.number("horizontal_accuracy")
    found: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
    if accuracy is not None:
        found["horizontal_accuracy"] = accuracy
    return found


def send_location(call: MethodCall) -> Message:
    location = place(call)
    live_period = call.parameters.integer("live_period")
    if live_period:
        if not 60 <= live_period <= 86400 and live_period != 0x7FFFFFFF:
            raise bad_request("wrong live location period specified")
        location["live_period"] = live_period
    return call.send({"location": location})


def send_venue(call: MethodCall) -> Message:
    venue = {
        "location": place(call),
        "title": call.parameters.text("title"),
        "address": call.parameters.text("address"),
    }
    return call.send({"venue": venue, "location": venue["location"]})


def send_contact(call: MethodCall) -> Message:
    number, name = call.parameters.text("phone_number"), call.parameters.text("first_name")
    if not number:
        raise bad_request("phone number is empty")
    if not name:
        raise bad_request("first name is empty")
    contact = {"phone_number": number, "first_name": name}
    if last_name := call.parameters.text("last_name"):
        contact["last_name"] = last_name
    return call.send({"contact": contact})


def _source(call: MethodCall, missing: str) -> Message:
    chat = call.world.visible_chat(call.bot, call.parameters.chat_id("from_chat_id"))
    record = call.record(chat)
    if record is None:
        raise bad_request(f"message to {missing} not found")
    if _SERVICE & record.message.keys():
        raise bad_request(f"message can't be {'copied' if missing == 'copy' else 'forwarded'}")
    return record.message


def forward_message(call: MethodCall) -> Message:
    """Send a message on; its buttons stay behind."""
    source = _source(call, "forward")
    content = {k: v for k, v in source.items() if k not in _NOT_COPIED}
    content["forward_origin"] = {
        "type": "user",
        "sender_user": source["from"],
        "date": source["date"],
    }
    return call.send(content)


def copy_message(call: MethodCall) -> dict[str, int]:
    """Send the same message anew; the result is the new message's id alone."""
    source = _source(call, "copy")
    content = {k: v for k, v in source.items() if k not in _NOT_COPIED | {"forward_origin"}}
    if "caption" in call.parameters.given and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")}
        content.update(call.caption())
    return {"message_id": call.send(content)["message_id"]}


def send_chat_action(call: MethodCall) -> bool:
    action = call.parameters.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    call.world.event("chat_action", call.writable_chat(), action=action)
    return True


_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note".split()
)

"""The Bot API's methods by name. getUpdates and the webhook's are in ``updates``: they wait."""

from __future__ import annotations

from bot.sandbox.bot_api.methods import chats, editing, sending
from bot.sandbox.bot_api.methods.call import Method

_SENDING = {
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendVideo": sending.send_video,
    "sendVideoNote": sending.send_video_note,
    "sendAnimation": sending.send_animation,
    "sendVoice": sending.send_voice,
    "sendAudio": sending.send_audio,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendLocation": sending.send_location,
    "sendVenue": sending.send_venue,
    "sendContact": sending.send_contact,
    "forwardMessage": sending.forward_message,
    "copyMessage": sending.copy_message,
}
_EDITING = {
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageMedia": editing.edit_message_media,
    "editMessageLiveLocation": editing.edit_message_live_location,
    "stopMessageLiveLocation": editing.stop_message_live_location,
}
_OTHER = {
    "getMe": chats.get_me,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "getChatAdministrators": chats.get_chat_administrators,
    "leaveChat": chats.leave_chat,
    "getFile": chats.get_file,
    "setMyCommands": chats.set_my_commands,
    "deleteMyCommands": chats.delete_my_commands,
    "getMyCommands": chats.get_my_commands,
    "setMyName": chats.set_my_name,
    "setMyDescription": chats.set_my_description,
    "setMyShortDescription": chats.set_my_short_description,
    "setChatMenuButton": chats.set_chat_menu_button,
    "sendChatAction": sending.send_chat_action,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "pinChatMessage": editing.pin_chat_message,
    "unpinChatMessage": editing.unpin_chat_message,
    "setMessageReaction": editing.set_message_reaction,
}
WAITING = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "logOut", "close")

METHODS: dict[str, Method] = {**_SENDING, **_EDITING, **_OTHER}

# Messages and edits of messages count against the limits; questions and answers to taps do not.
LIMITED = frozenset((*_SENDING, *_EDITING))

# Telegram does not care for the case of a method's name.
SPELLINGS: dict[str, str] = {name.lower(): name for name in (*METHODS, *WAITING)}

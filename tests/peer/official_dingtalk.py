"""DingTalk's own Python client, in a process of its own: it cannot be stopped otherwise.

python official_dingtalk.py URL CLIENT_ID CLIENT_SECRET
"""

from __future__ import annotations

import sys

import dingtalk_stream
from dingtalk_stream import AckMessage, CallbackHandler, CallbackMessage, CardCallbackMessage

url, client_id, client_secret = sys.argv[1:]
dingtalk_stream.DingTalkStreamClient.OPEN_CONNECTION_API = f"{url}/v1.0/gateway/connections/open"


class Handler(CallbackHandler):
    """Puts what was pressed on the card."""

    async def process(self, message: CallbackMessage) -> tuple[int, dict[str, object]]:
        pressed = CardCallbackMessage.from_dict(message.data)
        key = pressed.content["cardPrivateData"]["params"]["key"]
        return AckMessage.STATUS_OK, {
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "cardData": {"cardParamMap": {"answered": f"{pressed.user_id} pressed {key}"}},
        }


client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(client_id, client_secret))
client.register_callback_handler(CallbackHandler.TOPIC_CARD_CALLBACK, Handler())
client.start_forever()

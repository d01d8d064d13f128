"""Where Aliyun tells us of calls and SMS (HTTP 批量推送).

It signs nothing: the address holds a secret, and whoever does not know it finds nothing there. It
waits for 0.7 s, and says the same again after 1, 5 and 10 minutes when it got no 200.
"""

from __future__ import annotations

from functools import partial

from aiohttp import web

from bot.channels.aliyun.receipts import MessageType, read_all
from bot.channels.cloud_hearing import knows, take_heard
from bot.services.services import Services
from bot.web.rare_lines import rarely
from data.errors import InvalidInput

log = rarely(__name__)

PATH = "/aliyun/{token}/{kind}"
_TAKEN = {"code": 0, "msg": "接收成功"}


def routes(services: Services) -> list[web.RouteDef]:
    """The handlers of Aliyun's callbacks; none without a secret."""
    token = services.settings.channels.aliyun.callback_token
    return [web.post(PATH, partial(_told, services))] if token else []


async def _told(services: Services, request: web.Request) -> web.Response:
    settings = services.settings.channels.aliyun
    kind = _KINDS.get(request.match_info["kind"])
    if kind is None or not knows(request.match_info["token"], settings.callback_token):
        raise web.HTTPNotFound
    now = services.clock()
    try:
        heard = read_all(kind, await request.read(), now)
    except InvalidInput as error:
        log.warning("aliyun told something unreadable (%s): %s", kind.value, error.code)
        return web.json_response({"code": 1, "msg": "unreadable"}, status=400)
    await take_heard(services, heard, now)
    return web.json_response(_TAKEN)


_KINDS = {kind.value: kind for kind in MessageType}

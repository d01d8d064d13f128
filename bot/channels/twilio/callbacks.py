"""Where Twilio tells us of keys, ended calls and SMS, and asks what to say.

Every request is signed over our address as Twilio knows it. What it tells is committed before it
is answered; a key that could not be written is asked for once more, while the person listens.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from bot.channels.cloud_hearing import take_heard
from bot.channels.events import CallReport
from bot.channels.hearing import take_answer
from bot.channels.twilio.wire import (
    CALL_PATH,
    KEY_PATH,
    SIGNATURE_HEADER,
    SMS_PATH,
    SMS_STATUS_PATH,
    Fields,
    address,
    is_signed,
    read_call,
    read_key,
    read_sms,
    read_sms_status,
    spoken_answer,
    written_answer,
)
from bot.services.services import Services
from bot.web.rare_lines import rarely
from data.errors import NotFound, StoreError

log = rarely(__name__)

_NOT_WRITTEN = "没有记上，请再按一次。Not recorded, please press the key again."

Told = dict[str, Any]


def routes(services: Services) -> list[web.RouteDef]:
    """The handlers of Twilio's requests."""
    return [
        web.post(KEY_PATH, partial(_key, services)),
        web.post(CALL_PATH, partial(_report, services, read_call)),
        web.post(SMS_STATUS_PATH, partial(_report, services, read_sms_status)),
        web.post(SMS_PATH, partial(_sms, services)),
    ]


async def _key(services: Services, request: web.Request) -> web.Response:
    fields, call, now = await _signed(services, request), _call(request), services.clock()
    channels = services.settings.channels
    again = address(channels.callbacks.url, KEY_PATH, call)
    answer = read_key(fields, call, now)
    if answer is None:
        return _twiml(spoken_answer("", False, again, channels.twilio))
    try:
        told: Told = await services.database.run(lambda c: take_answer(c, services, answer, now))
    except NotFound:
        told = {"recorded": False, "say": ""}
    except StoreError as error:
        log.error("a key was not written: %s", error)
        told = {"recorded": False, "say": _NOT_WRITTEN}
    return _twiml(spoken_answer(told["say"], told["recorded"], again, channels.twilio))


async def _report(
    services: Services,
    read: Callable[..., CallReport | None],
    request: web.Request,
) -> web.Response:
    fields, now = await _signed(services, request), services.clock()
    report = read(fields, _call(request), now)
    if report is not None:
        await take_heard(services, [report], now)
    return web.Response(status=204)


async def _sms(services: Services, request: web.Request) -> web.Response:
    fields, now = await _signed(services, request), services.clock()
    answer = read_sms(fields, now)
    if answer is None:
        return _twiml(written_answer(""))
    told: Told = await services.database.run(lambda c: take_answer(c, services, answer, now))
    return _twiml(written_answer(told["say"]))


async def _signed(services: Services, request: web.Request) -> Fields:
    """The fields of a request that is Twilio's.

    :raises HTTPForbidden: it is somebody else's, or came by another address than the settings say.
    :raises HTTPBadRequest: it is no form.
    """
    channels = services.settings.channels
    try:
        posted = await request.post()
    except (ValueError, LookupError) as error:  # a charset that is none, bytes that are none of it
        raise web.HTTPBadRequest from error
    pairs = [(name, value) for name, value in posted.items() if isinstance(value, str)]
    url = channels.callbacks.url.rstrip("/") + request.raw_path
    given = request.headers.get(SIGNATURE_HEADER, "")
    if not is_signed(channels.twilio.auth_token.reveal(), url, pairs, given):
        log.warning("a request to %s was not signed by twilio", request.path)
        raise web.HTTPForbidden
    return dict(pairs)


def _call(request: web.Request) -> str:
    return request.query.get("call", "")


def _twiml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml", charset="utf-8")

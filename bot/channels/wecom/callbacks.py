"""What WeCom tells us: buttons that were pressed, words that were typed, the chat that was opened.

What is told is committed before it is answered; the reply goes with the answer, within the five
seconds WeCom waits, so that the card changes under the finger that pressed it and costs no request.
Told again (WeCom does so three times when it hears nothing), it counts once and is replied again.
"""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime, timedelta
from enum import Enum

from aiohttp import web

from alerts.channels import address_store
from alerts.channels import store as channel_store
from alerts.channels.addresses import people_at
from bot.channels.events import CallReport, ChannelAnswer, Handle
from bot.channels.hearing import take_answer, take_report
from bot.channels.rendering import outgoing_calls
from bot.channels.signing import SKEW
from bot.channels.wecom.letters import (
    CardNow,
    Event,
    Letter,
    card_reply,
    envelope,
    read_envelope,
    read_letter,
    text_reply,
)
from bot.channels.wecom.sealing import RANDOM_BYTES, Seal
from bot.channels.wecom.wire import handle_of
from bot.services.services import Services
from bot.views.warnings.card_replies import (
    later_help,
    not_recorded_mark,
    not_your_card,
    recorded_mark,
    unknown_account,
)
from contacts import people_store
from contacts.channels import Cause, Channel, Receipt
from contacts.people import Person
from data.database import Connection
from data.errors import InvalidInput, NotAllowed, NotFound

log = logging.getLogger(__name__)

PATH = "/wecom"
"""Where the callback address of the application points, after the proxy."""

_HERE = Channel.WECOM

_WHOLE_SECONDS = timedelta(seconds=1)  # WeCom's times are cut to them


class CallbackFault(Enum):
    """Why a callback is refused, beside what its seal says."""

    STALE = "stale"  # signed too long ago, or in the future


def routes(services: Services) -> list[web.RouteDef]:
    """The callback's two: WeCom tries the address once, then tells us what happens."""
    hearing = _Hearing(services)
    return [web.get(PATH, hearing.tried), web.post(PATH, hearing.told)]


class _Hearing:
    """Takes the letters of one application in."""

    def __init__(self, services: Services) -> None:
        settings = services.settings.channels.wecom
        self._services = services
        self._seal = Seal(settings.token.reveal(), settings.aes_key.reveal(), settings.corp_id)

    async def tried(self, request: web.Request) -> web.Response:
        """WeCom tries the address: what it encrypted is said back in plain."""
        try:
            echo = self._opened(request, request.query.get("echostr", ""))
        except NotAllowed as error:
            return _refused(error)
        return web.Response(body=echo, content_type="text/plain")

    async def told(self, request: web.Request) -> web.Response:
        """One letter."""
        try:
            letter = read_letter(self._opened(request, read_envelope(await request.read())))
        except NotAllowed as error:
            return _refused(error)
        except InvalidInput as error:
            log.warning("wecom: a callback that cannot be read: %s", error.code)
            return web.Response(status=400)
        services, now = self._services, self._services.clock()
        reply = await services.database.run(lambda c: reply_to(c, services, letter, now))
        if reply is None:
            return web.Response()
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
        random = secrets.token_bytes(RANDOM_BYTES)
        sealed = self._seal.closed(reply, timestamp, nonce, random)
        return web.Response(body=envelope(*sealed, timestamp, nonce), content_type="text/xml")

    def _opened(self, request: web.Request, encrypted: str) -> bytes:
        """What is in a letter.

        :raises NotAllowed: it is not WeCom's to us, or not of now.
        """
        asked = request.query
        timestamp = asked.get("timestamp", "")
        plain = self._seal.opened(
            asked.get("msg_signature", ""), timestamp, asked.get("nonce", ""), encrypted
        )
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 10):
            raise NotAllowed(CallbackFault.STALE)
        if abs(self._services.clock() - datetime.fromtimestamp(int(timestamp), UTC)) > SKEW:
            raise NotAllowed(CallbackFault.STALE)
        return plain


def _refused(error: NotAllowed) -> web.Response:
    log.warning("wecom: a callback was refused: %s", error.code)
    return web.Response(status=403)


def reply_to(
    connection: Connection, services: Services, letter: Letter, now: datetime
) -> bytes | None:
    """Take a letter in; what is replied, if anything."""
    account = letter.account.casefold()
    if letter.event is Event.PRESSED:
        return card_reply(letter, _pressed(connection, services, letter, account, now), now)
    persons = people_at(connection, _HERE, account)
    if letter.event is Event.TEXT:
        said = _typed(connection, services, letter, account, persons, now)
        return text_reply(letter, said, now) if said else None
    if letter.event is Event.OPENED:
        _opened_chat(connection, services, letter, account, persons, now)
    elif letter.event is Event.LEFT:
        for person in persons:
            address_store.note_failure(
                connection, person.id, _HERE, account, Cause.NOT_LINKED, min(letter.at, now)
            )
    return None


def _pressed(
    connection: Connection, services: Services, letter: Letter, account: str, now: datetime
) -> CardNow:
    """What a card says after one of its buttons was pressed."""
    handle = handle_of(letter.task_id)
    told = None
    if handle is not None:
        answer = ChannelAnswer(
            event=letter.name, channel=_HERE, at=letter.at, handle=handle, who=account,
            what=letter.key,
        )  # fmt: skip
        try:
            told = take_answer(connection, services, answer, now)
        except NotFound:
            told = None  # of a card that was another's, or is not in our books any more
    if handle is None or told is None:
        persons = people_at(connection, _HERE, account)
        language = persons[0].language if persons else "zh"
        mark = not_recorded_mark(language)
        return CardNow(mark, "", not_your_card(language), mark)
    person = _prove(connection, handle, account, now)
    language = "zh" if person is None else person.language
    said = told["say"]
    mark = not_recorded_mark(language)
    if told["recorded"]:
        mark = recorded_mark("" if person is None else person.name, min(letter.at, now), language)
    delivery = channel_store.delivery(connection, handle.delivery_id)
    calls = {} if delivery is None else outgoing_calls(connection, services, [delivery], now)
    call = calls.get(handle.delivery_id)
    if call is None:  # the warning is over: its words are not repeated
        return CardNow(mark, "", said, mark)
    text = f"{call.text}\n{later_help(language)}" if told["recorded"] else call.text
    return CardNow(call.title, text, said, mark)


def _prove(connection: Connection, handle: Handle, account: str, now: datetime) -> Person | None:
    """Who pressed a card that was sent to them: the account is theirs, whatever they answered."""
    delivery = channel_store.delivery(connection, handle.delivery_id)
    person = None if delivery is None else people_store.person(connection, delivery.person_id)
    if person is not None:
        address_store.note_success(connection, person.id, _HERE, account, now, verified=True)
    return person


def _typed(
    connection: Connection,
    services: Services,
    letter: Letter,
    account: str,
    persons: list[Person],
    now: datetime,
) -> str:
    """What is replied to words."""
    if not persons:
        return unknown_account(letter.account, "zh")
    if len(persons) == 1:
        address_store.note_success(connection, persons[0].id, _HERE, account, now, verified=True)
    answer = ChannelAnswer(
        event=letter.name, channel=_HERE, at=letter.at, handle=None, who=account,
        what=letter.text,
    )  # fmt: skip
    said: str = take_answer(connection, services, answer, now)["say"]
    return said


def _opened_chat(
    connection: Connection,
    services: Services,
    letter: Letter,
    account: str,
    persons: list[Person],
    now: datetime,
) -> None:
    """Whoever opens the chat sees the last card there. WeCom tells of no other reading."""
    last = channel_store.last_to(connection, _HERE, account, [person.id for person in persons])
    if last is None or last.created_at >= letter.at + _WHOLE_SECONDS:
        return
    handle = Handle(last.id, last.attempts)
    take_report(
        connection,
        services,
        CallReport(letter.name, handle, letter.at, Receipt.READ, None),
        now,
    )

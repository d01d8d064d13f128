"""What WeCom tells us: buttons that were pressed, words that were typed, the chat that was opened.

What is told is committed before it is answered; the reply goes with the answer, within the five
seconds WeCom waits, so that the card changes under the finger that pressed it and costs no request.
Told again (WeCom does so three times when it hears nothing), it counts once and is replied again.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from enum import Enum

from aiohttp import web

from alerts.channels import address_store
from alerts.channels import store as channel_store
from alerts.channels.addresses import people_at
from alerts.channels.model import Progress
from bot.channels.events import CallReport, ChannelAnswer, Handle
from bot.channels.hearing import take_report
from bot.channels.pressing import Heard, hear, not_ours
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
from bot.channels.wecom.wire import read_task_id
from bot.services.services import Services
from bot.views.warnings.card_replies import (
    later_help,
    not_recorded_mark,
    unknown_account,
)
from bot.web.rare_lines import rarely
from contacts.channels import Cause, Channel, Receipt
from data.database import Connection
from data.errors import InvalidInput, NotAllowed

log = rarely(__name__)

PATH = "/wecom"
"""Where the callback address of the application points, after the proxy."""

_HERE = Channel.WECOM

_ARRIVED = frozenset({Progress.ACCEPTED, Progress.DELIVERED})

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
        reply = await self._reply(letter)
        if reply is None:
            return web.Response()
        timestamp, nonce = str(int(self._services.clock().timestamp())), secrets.token_hex(8)
        random = secrets.token_bytes(RANDOM_BYTES)
        sealed = self._seal.closed(reply, timestamp, nonce, random)
        return web.Response(body=envelope(*sealed, timestamp, nonce), content_type="text/xml")

    async def _reply(self, letter: Letter) -> bytes | None:
        """Take a letter in; what is replied, if anything."""
        services, now = self._services, self._services.clock()
        if letter.event is Event.PRESSED:
            card = read_task_id(letter.task_id)
            heard = not_ours() if card is None else await hear(services, _answer(letter, *card))
            # An answer that does not count any more: its buttons stay, they are asked again.
            return None if heard.waits else card_reply(letter, _card_now(heard), now)
        if letter.event is Event.TEXT:
            heard = await hear(services, _answer(letter))
            say = heard.say
            if say and not heard.theirs:
                say = unknown_account(letter.account, heard.language)
            return text_reply(letter, say, now) if say else None
        if letter.event is Event.OPENED:
            await services.database.run(lambda c: _opened_chat(c, services, letter, now))
        elif letter.event is Event.JOINED:
            await services.database.run(lambda c: _joined(c, letter))
        elif letter.event is Event.LEFT:
            await services.database.run(lambda c: _left(c, letter, now))
        return None

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


def _account(letter: Letter) -> str:
    """WeCom's accounts are the same in any case."""
    return letter.account.casefold()


def _answer(
    letter: Letter, handle: Handle | None = None, queued: int | None = None
) -> ChannelAnswer:
    """What a letter answers; ``handle``, ``queued``: of the card whose button was pressed."""
    return ChannelAnswer(
        event=letter.name,
        channel=_HERE,
        at=letter.at,
        handle=handle,
        who=_account(letter),
        what=letter.text if handle is None else letter.key,
        queued=queued,
    )


def _card_now(heard: Heard) -> CardNow:
    """What a card says after one of its buttons was pressed."""
    instead = heard.mark.partition("\n")[0] or not_recorded_mark(heard.language)
    if heard.call is None:  # not answered, or the warning is over: its words are not repeated
        return CardNow(instead, "", heard.say, instead)
    text = f"{heard.call.text}\n{later_help(heard.language)}"
    return CardNow(heard.call.title, text, heard.say, instead)


def _left(connection: Connection, letter: Letter, now: datetime) -> None:
    """The application does not show with this member any more: nothing arrives there."""
    account = _account(letter)
    for person in people_at(connection, _HERE, account):
        address_store.note_failure(
            connection, person.id, _HERE, account, Cause.NOT_LINKED, min(letter.at, now), now
        )


def _joined(connection: Connection, letter: Letter) -> None:
    """The application shows with this member (again)."""
    account = _account(letter)
    ids = [person.id for person in people_at(connection, _HERE, account)]
    address_store.works_after_all(
        connection, ids, [_HERE], account, letter.at,
        clocks_apart=_WHOLE_SECONDS, causes=(Cause.NOT_LINKED,),
    )  # fmt: skip


def _opened_chat(connection: Connection, services: Services, letter: Letter, now: datetime) -> None:
    """Whoever opens the chat sees the last card there. WeCom tells of no other reading."""
    account = _account(letter)
    ids = [person.id for person in people_at(connection, _HERE, account)]
    last = channel_store.last_to(connection, _HERE, account, ids)
    if last is None or last.state not in _ARRIVED:
        return  # nothing, or it is still on its way
    if last.created_at >= letter.at + _WHOLE_SECONDS:
        return
    handle = Handle(last.id, last.attempts)
    take_report(
        connection,
        services,
        CallReport(letter.name, handle, letter.at, Receipt.READ, None),
        now,
    )

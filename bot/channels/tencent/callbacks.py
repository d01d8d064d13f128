"""Where Tencent Cloud tells us whether SMS arrived, and what was written back.

It signs nothing: the address holds a secret, and whoever does not know it finds nothing there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiohttp import web

from alerts.channels import store as channel_store
from alerts.channels.model import Progress
from bot.channels.cloud_hearing import Unit, knows, take_all, taking
from bot.channels.events import CallReport, Handle
from bot.channels.tencent.wire import SmsReceipt, read_receipts, read_replies
from bot.services.services import Services
from bot.web.rare_lines import rarely
from contacts.channels import Channel, Receipt
from data.database import Connection
from data.errors import InvalidInput

log = rarely(__name__)

RECEIPTS_PATH = "/tencent/{token}/receipts"
REPLIES_PATH = "/tencent/{token}/replies"


def routes(services: Services) -> list[web.RouteDef]:
    """The handlers of Tencent Cloud's callbacks."""
    return [
        web.post(RECEIPTS_PATH, partial(_told, services, _receipts)),
        web.post(REPLIES_PATH, partial(_told, services, _replies)),
    ]


Taking = Callable[[Services, bytes, datetime], list[Unit]]


async def _told(services: Services, taking: Taking, request: web.Request) -> web.Response:
    if not knows(request.match_info["token"], services.settings.channels.tencent.callback_token):
        raise web.HTTPNotFound
    try:
        units = taking(services, await request.read(), services.clock())
    except InvalidInput as error:
        log.warning("tencent told something unreadable: %s", error.code)
        return web.json_response({"result": 1, "errmsg": "unreadable"}, status=400)
    await take_all(services, units)
    return web.json_response({"result": 0, "errmsg": "OK"})


def _receipts(services: Services, body: bytes, now: datetime) -> list[Unit]:
    return [partial(_receipt, services, receipt, now) for receipt in read_receipts(body, now)]


def _replies(services: Services, body: bytes, now: datetime) -> list[Unit]:
    return [taking(services, reply, now) for reply in read_replies(body, now)]


def _receipt(
    services: Services, receipt: SmsReceipt, now: datetime, connection: Connection
) -> bool:
    report = _report(connection, receipt)
    return report is not None and taking(services, report, now)(connection)


def _report(connection: Connection, receipt: SmsReceipt) -> CallReport | None:
    """What a receipt tells of one of our SMS; ``None``: it is none of ours.

    Where the answer that named it was lost, or is not noted yet, it is the last one to its number.
    """
    delivery = channel_store.by_provider_id(connection, Channel.SMS, receipt.sid)
    if delivery is None and receipt.number is not None:
        number = receipt.number
        delivery = channel_store.last_without_provider_id(connection, Channel.SMS, number)
    if delivery is None:
        return None
    lost = delivery.state is Progress.QUEUED  # it was put back, for nobody knew
    attempt = delivery.attempts + 1 if lost else delivery.attempts
    return CallReport(
        f"tencent {receipt.sid}",
        Handle(delivery.id, attempt),
        receipt.at,
        Receipt.DELIVERED if receipt.arrived else None,
        receipt.cause,
    )

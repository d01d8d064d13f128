"""``jiaoying webhook list|dead|resend``: what other systems were told, and what they were not."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any, TextIO

import orjson

from alerts.publishing import store
from alerts.publishing.model import Delivery, Event, PublishingProblem
from alerts.publishing.store import Standing
from bot.config.settings import Settings
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.clock import day_clock
from data.audit import Entry, append
from data.database import Connection
from data.errors import InvalidInput, NotFound

_JSON = "输出 JSON / print JSON"

_ERRORS = {
    "timeout": "没有回答 / no answer",
    "unreachable": "连不上 / cannot be reached",
    "broken_off": "中途断开 / broken off",
    "refused": "不收 / refused",
    "restored": "恢复备份时搁置 / set aside by a restore",
    "not_configured": "config.toml 里没有了 / not configured any more",
}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    words = "通知其他系统的情况，没送到的重新发 / what other systems were told"
    hooks = verbs.add_parser("webhook", help=words, description=words)
    what = hooks.add_subparsers(required=True, metavar="list|dead|resend")
    listing = what.add_parser("list", help="各个 webhook 的情况 / how each stands")
    listing.add_argument("--json", action="store_true", help=_JSON)
    listing.set_defaults(func=_list)
    dead = what.add_parser("dead", help="死信：放弃了的 / dead letters: given up")
    dead.add_argument("--webhook", default="", help="只看一个 / of one only")
    dead.add_argument("--json", action="store_true", help=_JSON)
    dead.set_defaults(func=_dead)
    again = what.add_parser("resend", help="死信重新发 / send dead letters again")
    again.add_argument("delivery", nargs="*", type=int, help="编号 / their numbers")
    again.add_argument("--webhook", default="", help="这个的全部 / all of this one")
    again.add_argument("--all", action="store_true", help="全部 / all there are")
    again.set_defaults(func=_resend)


def _list(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    with closing(open_for_command(settings)) as database:
        known = {one.webhook: one for one in database.read(store.standings)}
    configured = [hook.name for hook in settings.webhooks if hook.url]
    found = [known.get(name) or Standing(name, 0, None, 0, None) for name in configured]
    found += [one for name, one in known.items() if name not in configured]
    if arguments.json:
        told = [_standing(one, one.webhook in configured) for one in found]
        out.write(orjson.dumps({"webhooks": told}).decode() + "\n")
        return 0
    if not found:
        print(
            "没有 webhook，请在 config.toml 的 [[webhooks]] 里写 / there are none: [[webhooks]]",
            file=out,
        )
    zone = settings.time.info
    for one in found:
        last = "没有送到过 / none yet" if one.last_sent is None else day_clock(one.last_sent, zone)
        line = f"{one.webhook}  待送 {one.waiting}  死信 {one.dead}  上次送到 {last}"
        if one.oldest_waiting is not None:
            line += f"  最早的从 {day_clock(one.oldest_waiting, zone)} 等着"
        if one.webhook not in configured:
            line += "  config.toml 里没有了 / not configured any more"
        print(line, file=out)
    return 0


def _dead(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    def look(c: Connection) -> list[tuple[Delivery, Event | None]]:
        return [(one, store.event(c, one.event_id)) for one in store.dead(c, arguments.webhook)]

    with closing(open_for_command(settings)) as database:
        found = database.read(look)
    if arguments.json:
        told = [_letter(delivery, event) for delivery, event in found]
        out.write(orjson.dumps({"dead": told}).decode() + "\n")
        return 0
    if not found:
        print("没有死信 / there are no dead letters", file=out)
    for delivery, event in found:
        assert event is not None
        why = _ERRORS.get(delivery.error or "", delivery.error or "?")
        status = "" if delivery.status is None else f" {delivery.status}"
        at = day_clock(event.at, settings.time.info)
        print(
            f"{delivery.id}  {delivery.webhook}  {event.kind.value}  预警 {event.alert_id}  "
            f"{at}  试了 {delivery.attempts} 次  {why}{status}",
            file=out,
        )
    return 0


def _resend(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    numbers: list[int] = arguments.delivery
    if not (numbers or arguments.webhook or arguments.all):
        print("请写编号，或 --webhook，或 --all / say which: numbers, --webhook or --all", file=out)
        return 2
    configured = {hook.name for hook in settings.webhooks if hook.url}
    if arguments.webhook and arguments.webhook not in configured:
        raise InvalidInput(PublishingProblem.NO_WEBHOOK, webhook=arguments.webhook)
    now = utc_now()

    def unit(c: Connection) -> int:
        sent = store.send_again(c, now, numbers, arguments.webhook)
        if numbers and not sent:
            raise NotFound(PublishingProblem.NO_DELIVERY, delivery=numbers[0])
        if sent:
            detail: dict[str, Any] = {"deliveries": sent, "name": arguments.webhook}
            append(c, now, [Entry("webhook.sent_again", "webhooks", None, detail)])
        return sent

    with closing(open_for_command(settings)) as database:
        sent = database.do(unit)
    print(f"{sent} 封重新排队，机器人运行时会发 / {sent} queued again", file=out)
    return 0


def _standing(one: Standing, configured: bool) -> dict[str, Any]:
    return {
        "webhook": one.webhook,
        "configured": configured,
        "waiting": one.waiting,
        "oldest_waiting": None if one.oldest_waiting is None else one.oldest_waiting.isoformat(),
        "dead": one.dead,
        "last_sent": None if one.last_sent is None else one.last_sent.isoformat(),
    }


def _letter(delivery: Delivery, event: Event | None) -> dict[str, Any]:
    assert event is not None
    return {
        "id": delivery.id,
        "webhook": delivery.webhook,
        "event": event.kind.value,
        "alert": event.alert_id,
        "at": event.at.isoformat(),
        "attempts": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
    }

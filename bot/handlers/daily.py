"""/daily: the daily report of one's own division or of one below; remarks of the tier above.

What it shows with is loaded when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.loop.daily.days import Period
from alerts.loop.daily.remarks import DailyProblem, Mark
from alerts.outbox import store as outbox_store
from alerts.outbox.daily_messages import DailyFile
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from bot.actions.daily import (
    DailySheet,
    DailyView,
    FileKind,
    RemarkAsk,
    RemarkList,
    RemarkMark,
    RemarkSend,
    day_written,
)
from bot.actions.named_places import PlaceCommand
from bot.handlers.context import Context
from bot.handlers.named_places import place_named
from bot.handlers.routes import TapHandler, commands
from bot.views.screen import Screen
from contacts.access import may_be_informed, require
from data.database import Connection
from data.errors import InvalidInput


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(daily=daily)


async def daily(context: Context) -> None:
    """/daily; /daily 敦化市 昨天; /daily 敦化市 月."""
    from bot.views.daily_words import read_line

    today = context.done_at.astimezone(context.zone).date()
    asked = read_line(context.after_command, today)
    code = await place_named(context, PlaceCommand.DAILY, asked.place)
    if code is not None:
        await _say(context, code, asked.day, asked.period)


async def daily_of_place(context: Context, code: str) -> None:
    """The newest report of a division."""
    await _say(context, code, None, Period.DAY)


async def viewed(context: Context, action: DailyView) -> None:
    """Another day, week, month, in the place of what is read."""
    day = _day(action.day)
    screen = await context.read(lambda c: _screen(c, context, action.code, day, action.period))
    await context.toast()
    await context.show(screen)


async def sheet(context: Context, action: DailySheet) -> None:
    """📊, 📄: a file, below what is read."""
    from bot.views.daily import coming

    day, now = _day(action.day), context.now
    pdf = action.kind is FileKind.PDF

    def unit(c: Connection) -> None:
        person = context.on_watch(c)
        require(may_be_informed(person, action.code), division=action.code)
        message = DailyFile(action.code, day.isoformat(), action.period.value, pdf)
        key = f"daily_file:{action.code}:{action.day}:{action.period.value}:{pdf}:{person.id}"
        outbox_store.add(c, to_person(person, message, Lane.ANSWER, coalesce_key=key), now)

    await context.write(unit)
    await context.toast(coming(context.language))


async def remark_list(context: Context, action: RemarkList) -> None:
    """💬 点评下级."""
    from alerts.loop.daily.reading import read_report
    from bot.messages.daily import below_of
    from bot.views import daily as views

    day, rules = _day(action.day), context.services.rules.daily

    def look(c: Connection) -> Screen:
        facts, person = context.facts(c), context.on_watch(c)
        require(may_be_informed(person, action.code), division=action.code)
        report = read_report(c, action.code, Period.DAY, day, context.now, rules)
        below = below_of(facts, action.code)
        return views.remark_list(report, below, action.page, facts.place, context.language)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def remark_asked(context: Context, action: RemarkAsk) -> None:
    """One division: its day, 好 or 差."""
    from alerts.loop.daily.reading import read_report
    from alerts.loop.daily.remarking import permit_remark
    from bot.messages.daily import said
    from bot.views import daily as views

    day, rules = _day(action.day), context.services.rules.daily

    def look(c: Connection) -> Screen:
        facts, person = context.facts(c), context.on_watch(c)
        former = permit_remark(c, person, action.code, day)
        report = read_report(c, action.code, Period.DAY, day, context.now, rules)
        return views.ask_remark(
            report,
            None if former is None else said(facts, former),
            _above(context, action.code),
            facts.place,
            context.language,
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def marked(context: Context, action: RemarkMark) -> None:
    """👍, 👎: words are asked for."""
    from alerts.loop.daily.remarking import permit_remark
    from bot.views import daily as views

    day = _day(action.day)

    def unit(c: Connection) -> None:
        permit_remark(c, context.on_watch(c), action.code, day)
        state = {"code": action.code, "day": action.day, "mark": action.mark.value}
        conversations.put(c, context.account, ConversationTopic.DAILY_REMARK, state, context.now)
        place = context.facts(c).place
        context.will_show(
            c, views.ask_words(action.code, day, action.mark, place, context.language)
        )

    await context.write(unit)
    await context.toast()


async def sent(context: Context, action: RemarkSend) -> None:
    """✅: the mark alone."""

    def unit(c: Connection) -> None:
        conversations.end(c, context.account)
        screen = _remark(c, context, action.code, _day(action.day), action.mark, "")
        context.will_show(c, screen)

    await context.write(unit)
    await context.toast()


async def words_told(context: Context, text: str) -> None:
    """The words that were asked for: shown, before they are sent."""
    from alerts.loop.daily.remarking import check_words, permit_remark
    from bot.views import daily as views

    asked, now = context.asked, context.now
    code, day, mark = asked["code"], _day(asked["day"]), Mark(asked["mark"])
    check_words(text)

    def unit(c: Connection) -> None:
        permit_remark(c, context.on_watch(c), code, day)
        nonce = conversations.put_words(c, context.account, context.conversation, text, now)
        place, language = context.facts(c).place, context.language
        context.will_say(c, views.confirm_remark(code, day, mark, text, nonce, place, language))

    await context.write(unit)


def with_words(c: Connection, context: Context, asked: Mapping[str, Any], words: str) -> Screen:
    """✅ under the words that were shown."""
    return _remark(c, context, asked["code"], _day(asked["day"]), Mark(asked["mark"]), words)


TAPS: dict[type, TapHandler] = {
    DailyView: viewed,
    DailySheet: sheet,
    RemarkList: remark_list,
    RemarkAsk: remark_asked,
    RemarkMark: marked,
    RemarkSend: sent,
}


def _remark(
    c: Connection, context: Context, code: str, day: date, mark: Mark, words: str
) -> Screen:
    from alerts.loop.daily.remarking import remark
    from bot.views import daily as views

    rules = context.services.rules.daily
    done = remark(c, context.on_watch(c), code, day, mark, words, context.now, rules)
    return views.remarked(
        done.outcome,
        done.remark,
        done.told,
        _above(context, code),
        context.facts(c).place,
        context.language,
    )


async def _say(context: Context, code: str, day: date | None, period: Period) -> None:
    await context.say(await context.read(lambda c: _screen(c, context, code, day, period)))


def _screen(c: Connection, context: Context, code: str, day: date | None, period: Period) -> Screen:
    """A report; without a code of one's own division, without a day the newest."""
    from alerts.loop.daily.days import newest_day
    from alerts.loop.daily.reading import read_report
    from bot.messages.daily import screen_of, widest_of

    person, rules, now = context.on_watch(c), context.services.rules.daily, context.now
    code = code or widest_of(person)
    require(may_be_informed(person, code), division=code)
    report = read_report(c, code, period, day or newest_day(now, rules), now, rules)
    return screen_of(context.facts(c), report, person, context.language)


def _above(context: Context, code: str) -> str:
    above = context.services.gazetteer.parent(code)
    return code if above is None else above.code


def _day(text: str) -> date:
    day = day_written(text)
    if day is None:
        raise InvalidInput(DailyProblem.NO_DAY, text=text)
    return day

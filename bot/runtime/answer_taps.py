"""收到 by the thousand: answer buttons are handled by the group, on a short road of their own.

The taps that arrive while the last group is at the writer make the next one. They are read from
the update as it came, without python-telegram-bot's objects: measured, those and the handlers cost
more than all the rest of a tap. What is not certainly such a tap goes to the handlers, which take
it for one that nobody can have pressed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from alerts import conversation_store as conversations
from alerts.acknowledge import CallResult, Pressed, by_buttons
from alerts.calls import CallOutcome
from bot.actions.parsing import parse
from bot.actions.warnings import CallAnswer, GroupAnswer
from bot.locale.local_day import LocalDay
from bot.messages.calls import answered_screen
from bot.messages.facts import Facts
from bot.messages.refusals import is_about_something, refused_thing
from bot.messages.requests import as_message
from bot.services.async_database import LONGEST_REST
from bot.services.services import Services
from bot.telegram.acts import STAMP, done_at, taps_of_now
from bot.telegram.voice import Voice
from bot.views.problems import names_duty, problem, try_again
from bot.views.warnings.call import answer_toast
from contacts import people_store
from data import inbox
from data.database import Connection
from data.errors import JiaoyingError, StoreError

log = logging.getLogger(__name__)

LARGEST_GROUP = 200
ANSWERS = (CallAnswer, GroupAnswer)
_PREFIXES = tuple(f"{kind.form.prefix}:" for kind in ANSWERS)

Result = CallResult | JiaoyingError


class AnswerTap(NamedTuple):
    """One press of an answer button, on its way."""

    update: dict[str, Any]  # as it came
    update_id: int
    query_id: str
    pressed: Pressed
    message_id: int | None  # of a call in its person's own chat: shows how the call stands
    done: asyncio.Future[None]


class Refused(NamedTuple):
    """What the words of a refusal need: whom to ring up, and what was refused, named."""

    duty: str
    about: str


class AnswerTaps:
    """The answer taps of one bot. Use it in one event loop."""

    def __init__(self, services: Services, voice: Voice, handled: Callable[[int], None]) -> None:
        """``handled``: told how many were handled."""
        self._services = services
        self._voice = voice
        self._handled = handled
        self._waiting: deque[AnswerTap] = deque()
        self._working: asyncio.Task[None] | None = None

    def take(self, update: dict[str, Any]) -> asyncio.Future[None] | None:
        """Take an update on if it is an answer tap; the future is done when the tap is.

        ``None`` for any other update: it is for the handlers.
        """
        found = read(update)
        if found is None:
            return None
        loop = asyncio.get_running_loop()
        tap = AnswerTap(update, *found, loop.create_future())
        self._waiting.append(tap)
        if self._working is None:
            self._working = loop.create_task(self._work())
        return tap.done

    async def _work(self) -> None:
        try:
            while self._waiting:
                group = list(islice(self._waiting, LARGEST_GROUP))
                for _ in group:
                    self._waiting.popleft()
                await self._handle(group)
        finally:
            self._working = None

    async def _handle(self, group: list[AnswerTap]) -> None:
        languages: dict[int, str] = {}  # by account, of those who are known
        refusals: dict[int, Refused] = {}  # by update, what the words of each need
        try:
            results = await self._record(group, languages, refusals)
        except Exception:  # noqa: BLE001 - logged when it is known whose it is
            if len(group) > 1:  # one of them cannot be handled: each alone, then
                for tap in group:
                    await self._handle([tap])
                return
            await self._failed(group[0], languages)
            return
        words = self._words_for(results)
        for tap in group:
            self._answer(tap, results.get(tap.update_id), words, languages, refusals)
        self._handled(len(group))

    def _words_for(self, results: dict[int, Result]) -> dict[int, str]:
        """The toasts of the answers, by update: most of a group are told the same."""
        zone = LocalDay(self._services.zone, self._services.clock())
        made: dict[tuple[object, ...], str] = {}
        words = {}
        for number, result in results.items():
            if isinstance(result, JiaoyingError):
                continue
            outcome, call, alert = result.outcome, result.call, result.alert
            language = result.person.language
            # Nearly all are recorded, and the hash of an Enum member is slow.
            other = None if outcome is CallOutcome.RECORDED else outcome
            same = (other, call.answered_at, alert.id, language)
            if same not in made:
                made[same] = answer_toast(outcome, call, language, alert, zone=zone)
            words[number] = made[same]
        return words

    async def _record(
        self,
        group: list[AnswerTap],
        languages: dict[int, str],
        refusals: dict[int, Refused],
    ) -> dict[int, Result]:
        """Have the group recorded, however long the database needs; what became of each tap.

        Taps that are missing had their effect before, here or in another process.

        :param languages: filled with those of the accounts, as soon as they are read.
        :param refusals: filled with what the words of each refusal need.
        """
        rules, bot_id = self._services.rules.warnings, self._voice.bot_id
        now = self._services.clock()
        numbers = [tap.update_id for tap in group]
        results: dict[int, Result] = {}
        uncertain, tries = False, 0

        def unit(c: Connection) -> None:
            still = inbox.done_many(c, bot_id, numbers, now)
            fresh = [tap for tap in group if tap.update_id in still]
            recent = taps_of_now(now)
            presses = [
                # Nearly all: no time of theirs is looked for.
                tap.pressed if tap.update.get(STAMP, 0) >= recent else pressed(tap, now)
                for tap in fresh
            ]
            found = by_buttons(c, presses, rules, now, languages)
            conversations.stop_hearing(c, {tap.pressed.telegram_id for tap in fresh})
            facts = Facts(c, self._services, now, bot_id)
            for tap, result in zip(fresh, found, strict=True):
                self._show_again(facts, tap, result)
                if isinstance(result, JiaoyingError):
                    self._look_up_refusal(facts, tap, result, refusals)
            if not uncertain:
                results.clear()
            # After a commit that may have been made, those it took keep what became of them then.
            results.update(zip((tap.update_id for tap in fresh), found, strict=True))

        while True:
            try:
                await self._services.database.run(unit)
            except StoreError as error:
                uncertain = uncertain or error.code == "uncertain"
                log.error("%d answers wait for the database: %s", len(group), error)
                if tries == 0 and not uncertain:
                    for tap in group:
                        self._refuse(tap, error, languages, refusals)
                await asyncio.sleep(min(LONGEST_REST, 1 + tries))
                tries += 1
            else:
                return results

    def _answer(
        self,
        tap: AnswerTap,
        result: Result | None,
        words: dict[int, str],
        languages: dict[int, str],
        refusals: dict[int, Refused],
    ) -> None:
        if isinstance(result, JiaoyingError):
            log.info("update %s refused: %s", tap.update_id, result.code)
            self._refuse(tap, result, languages, refusals)
        elif result is not None:
            self._voice.toast(tap.query_id, words[tap.update_id])
        if not tap.done.done():
            tap.done.set_result(None)

    def _look_up_refusal(
        self,
        facts: Facts,
        tap: AnswerTap,
        error: JiaoyingError,
        refusals: dict[int, Refused],
    ) -> None:
        """What the words of a refusal need: whom to ring up, and what was refused."""
        if not names_duty(error) and not is_about_something(error):
            return
        reader = people_store.person_by_telegram(facts.connection, tap.pressed.telegram_id)
        refusals[tap.update_id] = Refused(
            facts.duty_phone(reader) if names_duty(error) else "",
            refused_thing(facts, error, reader),
        )

    def _show_again(self, facts: Facts, tap: AnswerTap, result: Result) -> None:
        """Nothing was to be recorded: the message pressed shows how its call stands."""
        if (
            tap.message_id is None
            or isinstance(result, JiaoyingError)
            or result.outcome is CallOutcome.RECORDED
        ):
            return
        chat_id = tap.pressed.telegram_id
        screen = answered_screen(facts, result.alert, result.call, result.person.language)
        request = as_message(chat_id, screen, tap.message_id)
        self._voice.will_make(facts.connection, request, chat_id)

    def _refuse(
        self,
        tap: AnswerTap,
        error: JiaoyingError,
        languages: dict[int, str],
        refusals: dict[int, Refused],
    ) -> None:
        unknown = Refused(self._services.settings.telephones.duty, "")
        duty, about = refusals.get(tap.update_id, unknown)
        words = problem(error, _language(tap, languages), duty, about=about)
        self._voice.toast(tap.query_id, words, alert=True)

    async def _failed(self, tap: AnswerTap, languages: dict[int, str]) -> None:
        """A bug: the tap is kept, tried again at the next start, and not called recorded."""
        log.exception("update %s failed", tap.update_id)
        self._voice.toast(tap.query_id, try_again(_language(tap, languages)), alert=True)
        bot_id, update_id = self._voice.bot_id, tap.update_id
        try:
            await self._services.database.run(lambda c: inbox.failed(c, bot_id, update_id))
        except StoreError as error:
            log.error("update %s not set aside: %s", update_id, error)
        finally:
            if not tap.done.done():
                tap.done.set_result(None)


def pressed(tap: AnswerTap, now: datetime) -> Pressed:
    """The press, with its time if that was before now. Pure."""
    at = done_at(tap.update, now)
    return tap.pressed if at >= now else tap.pressed._replace(at=at)


def _language(tap: AnswerTap, languages: dict[int, str]) -> str:
    """The language of whoever pressed; Chinese while nobody knows them."""
    return languages.get(tap.pressed.telegram_id, "zh")


def read(update: dict[str, Any]) -> tuple[int, str, Pressed, int | None] | None:
    """The answer tap that an update is, as the fields of ``AnswerTap`` after the update.

    ``None`` when it is anything else, or anything about it is strange. Pure.
    """
    query = update.get("callback_query")
    if not isinstance(query, dict):
        return None
    data = query.get("data")
    if not isinstance(data, str) or not data.startswith(_PREFIXES):
        return None
    try:
        number, query_id, account = update["update_id"], query["id"], query["from"]["id"]
        action = parse(data)
        if isinstance(action, GroupAnswer):
            return (
                number,
                query_id,
                Pressed(account, None, action.id, asked=action.asked or 1),
                None,
            )
        message = query["message"]
        # In a group the button of a call is forged, and answered as such by the handlers.
        if isinstance(action, CallAnswer) and message["chat"]["id"] == account:
            return (
                number,
                query_id,
                Pressed(account, action.id, asked=action.asked or 1),
                message["message_id"],
            )
    except (KeyError, TypeError):
        pass
    return None

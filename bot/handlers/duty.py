"""/duty: one's shifts, who is on duty, swaps, stand-ins, taking over, hand-overs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.duty import (
    answering,
    ask_store,
    gap_store,
    handing_over,
    passing_on,
    swapping,
    taking_over,
)
from alerts.duty.model import MAX_WORDS, Ask, AskKind, AskState, DutyProblem
from alerts.duty.open_things_store import open_things
from alerts.duty.who import colleagues
from alerts.outbox.duty_messages import DutyEvent
from bot.actions.codec import Action
from bot.actions.duty import (
    DutyAnswer,
    DutyColleagues,
    DutyFill,
    DutyHandOverNow,
    DutyHome,
    DutyHours,
    DutyInReturn,
    DutyPass,
    DutyPassTo,
    DutyPassWords,
    DutyPassWrite,
    DutyReceived,
    DutyShifts,
    DutyStandIn,
    DutySwap,
    DutyTakeGap,
    DutyTakeOver,
    DutyTakeOverAsk,
    DutyWithdraw,
    DutyWrite,
    Reply,
)
from bot.actions.named_places import PlaceCommand
from bot.handlers.context import Context
from bot.handlers.named_places import place_named
from bot.handlers.routes import TapHandler, commands
from bot.messages.duty import coming_names, home_facts, open_ask, question_of
from bot.views.duty import asking, handover
from bot.views.duty.home import home
from bot.views.screen import Screen
from bot.views.vocabulary import held_name
from contacts import duty_plan_store
from contacts.duty_plan import Shift, Span
from contacts.people import Person
from data.database import Connection
from data.errors import Conflict, InvalidInput, JiaoyingError, NotFound


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(duty=duty)


async def duty(context: Context) -> None:
    """/duty, and /duty 敦化市."""
    code = await place_named(context, PlaceCommand.DUTY, context.after_command.strip())
    if code is not None:
        await duty_of_place(context, code)


async def duty_of_place(context: Context, code: str) -> None:
    """The duty of a division, the reader's own when ``code`` is empty."""
    screen = await context.read(lambda c: _home(context, c, code))
    await context.say(screen)


async def at_home(context: Context, _action: DutyHome) -> None:
    """⬅️ back to /duty."""
    screen = await context.read(lambda c: _home(context, c))
    await context.toast()
    await context.show(screen)


def _home(context: Context, connection: Connection, code: str = "") -> Screen:
    person = context.known()
    facts = context.facts(connection)
    told = home_facts(facts, person, code)
    if not told.code:
        raise NotFound(DutyProblem.NO_DIVISION)
    return home(told, person.id, context.now, context.language, facts.zone)


# -- swaps, stand-ins, gaps --------------------------------------------------------------------


async def which_shift(context: Context, _action: DutyShifts) -> None:
    """🔁 换班."""
    person, now = context.known(), context.now

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        mine = duty_plan_store.shifts_of(c, person.id, now)
        listed = [
            (shift, facts.place(shift.division_code)) for shift in mine if shift.starts_at > now
        ]
        return asking.which_shift(listed, context.language, facts.zone)

    await _looked(context, look)


async def which_colleague(context: Context, action: DutyColleagues) -> None:
    """Whom to ask: those of the office who are free then and can be asked."""
    person, now = context.known(), context.now

    def look(c: Connection) -> Screen:
        code, span = _asked_about(c, person, action, context)
        found = [
            each for each in colleagues(c, code, now) if each.id != person.id and not each.unproven
        ]
        free = [
            each for each in found if each.reachable and swapping.free_of(c, each, span, besides=())
        ]
        named = [(each.id, f"{each.name} {held_name(each, context.language)}") for each in free]
        return asking.which_colleague(
            action.kind,
            action.id,
            span,
            named,
            len(found) - len(free),
            action.page,
            context.language,
            context.facts(c).zone,
        )

    await _looked(context, look)


def _asked_about(
    c: Connection, person: Person, action: DutyColleagues, context: Context
) -> tuple[str, Span]:
    if action.kind is AskKind.FILL:
        gap = gap_store.gap(c, action.id)
        if gap is None or gap.ends_at <= context.now:
            raise NotFound(DutyProblem.NO_SUCH_GAP)
        if gap.closed_at is not None:
            raise Conflict(DutyProblem.FILLED)
        return gap.division_code, Span(max(context.now, gap.starts_at), gap.ends_at)
    shift = swapping.own_shift(c, person, action.id, context.now)
    return shift.division_code, Span(max(context.now, shift.starts_at), shift.ends_at)


async def in_return(context: Context, action: DutyInReturn) -> None:
    """A colleague was chosen: which of their shifts is taken in return?"""
    person, now = context.known(), context.now

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        shift = swapping.own_shift(c, person, action.id, now)
        other = swapping.asked_person(c, person, action.person, shift.division_code, now)
        theirs = [
            (each, facts.place(each.division_code))
            for each in duty_plan_store.shifts_of(c, other.id, now)
            if each.starts_at > now and swapping.free_of(c, person, each, [shift.id])
        ]
        return asking.in_return(shift, (other.id, other.name), theirs, context.language, facts.zone)

    await _looked(context, look)


async def how_long(context: Context, action: DutyHours) -> None:
    """A colleague was chosen to stand in: for how long?"""
    person, now = context.known(), context.now

    def look(c: Connection) -> Screen:
        shift = swapping.own_shift(c, person, action.id, now)
        other = swapping.asked_person(c, person, action.person, shift.division_code, now)
        zone = context.facts(c).zone
        return asking.how_long(shift, (other.id, other.name), now, context.language, zone)

    await _looked(context, look)


async def swap(context: Context, action: DutySwap) -> None:
    """The colleague is asked."""
    person, now = context.known(), context.now
    await _ask(
        context,
        lambda c: swapping.ask_swap(c, person, action.id, action.person, action.back, now),
    )


async def stand_in(context: Context, action: DutyStandIn) -> None:
    """The colleague is asked."""
    person, now = context.known(), context.now
    await _ask(
        context,
        lambda c: swapping.ask_stand_in(c, person, action.id, action.person, action.hours, now),
    )


async def fill(context: Context, action: DutyFill) -> None:
    """Somebody is asked to take a gap."""
    person, now = context.known(), context.now
    await _ask(context, lambda c: swapping.ask_fill(c, person, action.id, action.person, now))


async def _ask(context: Context, ask: Callable[[Connection], Ask]) -> None:
    def unit(c: Connection) -> None:
        facts = context.facts(c)
        asked = open_ask(facts, ask(c))
        context.will_show(c, asking.asked_already(asked, context.language, facts.zone))

    await context.write(unit)
    await context.toast()


async def answered(context: Context, action: DutyAnswer) -> None:
    """✅ 同意, ❌ 不同意."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        facts = context.facts(c)
        ask = answering.answer(c, person, action.id, now, agrees=action.reply is Reply.YES)
        screen = asking.decided(
            open_ask(facts, ask), DutyEvent(ask.state.value), context.language, facts.zone
        )
        context.will_show(c, screen)

    await context.write(unit)
    await context.toast()


async def ask_again(context: Context, action: DutyAnswer) -> None:
    """What was agreed to long ago, as it stands now."""
    person = context.known()

    def look(c: Connection) -> Screen:
        ask, facts = ask_store.ask_of(c, action.id), context.facts(c)
        if ask is None:
            raise NotFound(DutyProblem.NO_SUCH_ASK)
        if ask.asked_of != person.id:
            raise InvalidInput(DutyProblem.NOT_ASKED)
        if ask.state is not AskState.OPEN:
            event = DutyEvent(ask.state.value)
            return asking.decided(open_ask(facts, ask), event, context.language, facts.zone)
        return question_of(facts, ask, context.language)

    await _looked(context, look)


async def withdrawn(context: Context, action: DutyWithdraw) -> None:
    """↩️ 不请了."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        facts = context.facts(c)
        asked = open_ask(facts, swapping.withdraw(c, person, action.id, now))
        assert asked.ask.state is AskState.WITHDRAWN
        context.will_show(
            c, asking.decided(asked, DutyEvent.WITHDRAWN, context.language, facts.zone)
        )

    await context.write(unit)
    await context.toast()


async def gap_taken(context: Context, action: DutyTakeGap) -> None:
    """🙋 我来值."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        span = swapping.take_gap(c, person, action.id, now)
        gap = gap_store.gap(c, action.id)
        assert gap is not None
        facts = context.facts(c)
        place = facts.place(gap.division_code)
        context.will_say(c, asking.gap_taken(place, span, context.language, facts.zone))

    await context.write(unit)
    await context.toast()


# -- taking over, handing over -------------------------------------------------------------------


async def take_over_whose(context: Context, action: DutyTakeOverAsk) -> None:
    """🙋 现在接班: whose watch ends is shown first."""
    now = context.now

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        running = taking_over.running(c, action.code, now)
        listed: list[tuple[Shift, str]] = [(shift, facts.by(shift.person_id)) for shift in running]
        place = facts.place(action.code)
        return asking.take_over_whose(action.code, place, listed, context.language, facts.zone)

    await _looked(context, look)


async def take_over(context: Context, action: DutyTakeOver) -> None:
    """They are on duty from now on."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        done = taking_over.take_over(c, person, action.code, action.shift, now)
        facts = context.facts(c)
        screen = asking.taken_over(
            facts.place(done.division_code),
            done.span,
            "" if done.of is None else done.of.name,
            context.language,
            facts.zone,
        )
        context.will_show(c, screen)

    await context.write(unit)
    await context.toast()


async def handed_over(context: Context, action: DutyHandOverNow) -> None:
    """✅ 交班."""
    await context.write(lambda c: context.will_show(c, _hand_over(c, context, action.id, None)))
    await context.toast()


async def ask_words(context: Context, action: DutyWrite) -> None:
    """📝 写交班说明."""
    person, now, account = context.known(), context.now, context.account

    def unit(c: Connection) -> None:
        found = handing_over.own(c, person, action.id)
        state = {"handover": action.id}
        conversations.put(c, account, ConversationTopic.HANDOVER, state, now)
        place = context.facts(c).place(found.division_code)
        context.will_say(c, handover.write_words(place, MAX_WORDS, context.language))

    await context.write(unit)
    await context.toast()


async def words_told(context: Context, text: str) -> None:
    """The words that were asked for: shown, before they are handed over with what is open."""
    asked, person, now = context.asked, context.known(), context.now
    handing_over.check_words(text)

    def unit(c: Connection) -> None:
        facts = context.facts(c)
        again: Action
        if "person" in asked:
            code, other = str(asked["code"]), int(asked["person"])
            names = passing_on.can_be_given_to(c, person, code, other, now).name
            again = DutyPassWrite(code, other)
        else:
            found = handing_over.own(c, person, int(asked["handover"]))
            code, names = found.division_code, coming_names(facts, found)
            again = DutyWrite(found.id)
        nonce = conversations.put_words(c, context.account, context.conversation, text, now)
        place, language = facts.place(code), context.language
        context.will_say(c, handover.confirm(place, names, text, nonce, again, language))

    await context.write(unit)


def with_words(c: Connection, context: Context, asked: Mapping[str, Any], words: str) -> Screen:
    """✅ under the words that were shown."""
    if "person" in asked:
        return _pass(c, context, str(asked["code"]), int(asked["person"]), words)
    return _hand_over(c, context, int(asked["handover"]), words)


def _hand_over(c: Connection, context: Context, handover_id: int, words: str | None) -> Screen:
    rules, person = context.services.rules.duty, context.known()
    done = handing_over.hand_over(c, person, handover_id, words, rules, context.now)
    return handover.given(done, coming_names(context.facts(c), done), context.language)


async def pass_to(context: Context, action: DutyPassTo) -> None:
    """🔄 交班给同事: to whom?"""
    person, now = context.known(), context.now

    def look(c: Connection) -> Screen:
        able, left_out = [], []
        for each in colleagues(c, action.code, now):
            if each.id == person.id:
                continue
            try:
                passing_on.can_be_given_to(c, person, action.code, each.id, now)
            except JiaoyingError as refused:
                if refused.code is DutyProblem.NOT_WATCHING:
                    raise
                left_out.append(each.name)
            else:
                able.append((each.id, f"{each.name} {held_name(each, context.language)}"))
        place = context.facts(c).place(action.code)
        return handover.pass_to(action.code, place, able, left_out, action.page, context.language)

    await _looked(context, look)


async def pass_words(context: Context, action: DutyPassWords) -> None:
    """A colleague was chosen: what is open is shown, and words of one's own are asked for."""
    person, now = context.known(), context.now

    def look(c: Connection) -> Screen:
        other = passing_on.can_be_given_to(c, person, action.code, action.person, now)
        place = context.facts(c).place(action.code)
        things = open_things(c, action.code, now)
        named = (other.id, other.name)
        return handover.pass_words(action.code, place, named, things, context.language)

    await _looked(context, look)


async def pass_write(context: Context, action: DutyPassWrite) -> None:
    """📝 写交班说明."""
    person, now, account = context.known(), context.now, context.account

    def unit(c: Connection) -> None:
        passing_on.can_be_given_to(c, person, action.code, action.person, now)
        state = {"code": action.code, "person": action.person}
        conversations.put(c, account, ConversationTopic.HANDOVER, state, now)
        place = context.facts(c).place(action.code)
        context.will_say(c, handover.write_words(place, MAX_WORDS, context.language))

    await context.write(unit)
    await context.toast()


async def passed(context: Context, action: DutyPass) -> None:
    """✅ 不写，直接交."""
    await context.write(
        lambda c: context.will_show(c, _pass(c, context, action.code, action.person, ""))
    )
    await context.toast()


def _pass(c: Connection, context: Context, code: str, other: int, words: str) -> Screen:
    rules, person = context.services.rules.duty, context.known()
    asked = passing_on.ask(c, person, code, other, words, rules, context.now)
    facts = context.facts(c)
    return asking.asked_already(open_ask(facts, asked), context.language, facts.zone)


async def received(context: Context, action: DutyReceived) -> None:
    """✅ 已接班."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        facts = context.facts(c)
        done = handing_over.receive(c, person, action.id, now, done_at=context.done_at)
        place = facts.place(done.division_code)
        by = facts.by(done.received_by)
        context.will_take_button_away(c)
        context.will_say(c, handover.received(done, place, by, context.language, facts.zone))

    await context.write(unit)
    await context.toast()


async def _looked(context: Context, look: Callable[[Connection], Screen]) -> None:
    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


TAPS: dict[type, TapHandler] = {
    DutyHome: at_home,
    DutyShifts: which_shift,
    DutyColleagues: which_colleague,
    DutyInReturn: in_return,
    DutyHours: how_long,
    DutySwap: swap,
    DutyStandIn: stand_in,
    DutyFill: fill,
    DutyTakeGap: gap_taken,
    DutyAnswer: answered,
    DutyWithdraw: withdrawn,
    DutyTakeOverAsk: take_over_whose,
    DutyTakeOver: take_over,
    DutyHandOverNow: handed_over,
    DutyWrite: ask_words,
    DutyPassTo: pass_to,
    DutyPassWords: pass_words,
    DutyPassWrite: pass_write,
    DutyPass: passed,
    DutyReceived: received,
}

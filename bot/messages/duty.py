"""What a delivery of duty says: its facts read, its view called; and the facts of /duty."""

from __future__ import annotations

from datetime import timedelta

from alerts.duty import ask_store, gap_store, handover_store, passing_on
from alerts.duty.handing_over import change_at, coming_of
from alerts.duty.model import Ask, AskKind, AskState, HandOver, HandOverStep
from alerts.duty.open_things_store import open_things
from alerts.duty.who import colleagues, home_of
from alerts.outbox.deliveries import Delivery
from alerts.outbox.duty_messages import DutyAsked, DutyEvent, DutyGaps, DutyHandover, DutyNews
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.duty import asking, handover
from bot.views.duty.home import Home, OpenAsk, Watch
from bot.views.screen import Screen
from contacts import duty_plan_store, people_store
from contacts.access import may_see_phone, may_take_charge
from contacts.duty_plan import Shift
from contacts.people import Person, Role
from contacts.phones import display

DUTY = Topic()

COMING = timedelta(hours=36)
"""So far ahead the next watch is shown (ours)."""

SHOWN_FOR = timedelta(hours=12)
"""A hand-over can be confirmed in /duty for so long (ours)."""


@DUTY.says(DutyAsked)
def _asked(facts: Facts, delivery: Delivery, message: DutyAsked) -> Request | None:
    ask = ask_store.ask_of(facts.connection, message.ask_id)
    if ask is not None and message.message_id is not None:
        event = DutyEvent(ask.state.value)
        over = asking.decided(open_ask(facts, ask), event, delivery.language, facts.zone)
        return as_message(delivery.chat_id, over, message.message_id)
    if ask is None or ask.state is not AskState.OPEN:
        return None
    if ask.due_at is not None and ask.due_at <= facts.now:
        return None  # it lapses, or they are asked again
    screen = question_of(facts, ask, delivery.language, again=message.again)
    return as_message(delivery.chat_id, screen)


def question_of(facts: Facts, ask: Ask, language: str, *, again: bool = False) -> Screen:
    """What a colleague is asked, as it stands now."""
    shown = open_ask(facts, ask)
    if ask.kind is AskKind.HAND_OVER:
        things = open_things(facts.connection, ask.division_code, facts.now)
        return handover.pass_question(shown, things, again, language)
    return asking.question(shown, language, facts.zone)


@DUTY.says(DutyNews)
def _news(facts: Facts, delivery: Delivery, message: DutyNews) -> Request | None:
    if message.event is DutyEvent.TAKEN_OVER:
        reader = None if delivery.person_id is None else facts.person(delivery.person_id)
        by = people_store.person(facts.connection, message.by or 0)
        screen = asking.was_taken_over(
            facts.place(message.division),
            facts.by(message.by),
            facts.by(message.of),
            delivery.language,
            "" if by is None else _phone(facts, by, reader),
        )
        return as_message(delivery.chat_id, screen)
    ask = None if message.ask_id is None else ask_store.ask_of(facts.connection, message.ask_id)
    if ask is None:
        return None
    phones = ""
    if ask.kind is AskKind.HAND_OVER and message.event is DutyEvent.LAPSED:
        reader = None if delivery.person_id is None else facts.person(delivery.person_id)
        both = people_store.people(facts.connection, [ask.asked_by, ask.asked_of])
        phones = "、".join(
            _with_phone(facts, person, reader)
            for person in both.values()
            if person.id != delivery.person_id
        )
    screen = asking.decided(
        open_ask(facts, ask), message.event, delivery.language, facts.zone, phones
    )
    return as_message(delivery.chat_id, screen)


@DUTY.says(DutyGaps)
def _gaps(facts: Facts, delivery: Delivery, message: DutyGaps) -> Request | None:
    found = [gap_store.gap(facts.connection, gap_id) for gap_id in message.gaps]
    place, language = facts.place(message.division), delivery.language
    if message.filled:
        spans = [gap.span for gap in found if gap is not None]
        return as_message(delivery.chat_id, asking.gaps_filled(place, spans, language, facts.zone))
    left = [(gap.id, gap.span) for gap in found if gap is not None and gap.closed_at is None]
    if not left:
        return None  # filled while it was queued
    return as_message(
        delivery.chat_id, asking.gaps_told(place, left, facts.now, language, facts.zone)
    )


@DUTY.says(DutyHandover)
def _handover(facts: Facts, delivery: Delivery, message: DutyHandover) -> Request | None:
    found = handover_store.handover(facts.connection, message.handover_id)
    if found is None or found.step is HandOverStep.OFF:
        return None
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    screen = _handover_screen(facts, found, message, reader, delivery.language)
    if screen is None:
        return None
    return as_message(delivery.chat_id, screen, message.message_id)


def _handover_screen(
    facts: Facts, found: HandOver, message: DutyHandover, reader: Person | None, language: str
) -> Screen | None:
    place = facts.place(found.division_code)
    if message.message_id is not None and not message.coming:
        return handover.given(found, coming_names(facts, found), language)
    if message.coming:
        return handover.note(found, place, facts.by(found.given_by), language, facts.zone)
    if message.received:
        return handover.received(found, place, facts.by(found.received_by), language, facts.zone)
    if message.missed:
        if found.step is not HandOverStep.MISSED:
            return None
        names = "、".join(_with_phone(facts, person, reader) for person in _coming(facts, found))
        return handover.missed(found, place, names, language, facts.zone)
    if found.step is not HandOverStep.ASKED or found.at <= facts.now:
        return None
    things = open_things(facts.connection, found.division_code, facts.now)
    return handover.to_hand_over(
        found, place, coming_names(facts, found), things, language, facts.zone
    )


def coming_names(facts: Facts, found: HandOver) -> str:
    """Who comes, by name."""
    return "、".join(person.name for person in _coming(facts, found))


def _coming(facts: Facts, found: HandOver) -> list[Person]:
    change = change_at(facts.connection, found.division_code, found.at)
    if change is None:
        return []
    return list(people_store.people(facts.connection, change.coming).values())


def _with_phone(facts: Facts, person: Person, reader: Person | None) -> str:
    phone = _phone(facts, person, reader)
    return f"{person.name} {phone}".rstrip()


def _phone(facts: Facts, person: Person, reader: Person | None) -> str:
    """The number, where the reader may read it and numbers leave by messages."""
    hidden = facts.services.settings.privacy.board_only
    if hidden or not may_see_phone(reader, person).allowed:
        return ""
    return display(person.phone)


def open_ask(facts: Facts, ask: Ask) -> OpenAsk:
    """An ask with the names of both."""
    back = None
    if ask.back_id is not None:
        back = duty_plan_store.shift(facts.connection, ask.back_id)
    return OpenAsk(
        ask, facts.by(ask.asked_by), facts.by(ask.asked_of), facts.place(ask.division_code), back
    )


def home_facts(facts: Facts, reader: Person, code: str = "") -> Home:
    """What /duty shows of a division: of the reader's own where none is named.

    :param code: a division that the reader may look into.
    """
    own = home_of(facts.connection, reader, facts.now)
    code = code or own
    plan = duty_plan_store.plan(facts.connection, code, facts.now, facts.now + COMING)
    now_on = [shift for shift in plan if shift.covers(facts.now)]
    later = [shift for shift in plan if not shift.covers(facts.now)]
    first = min((shift.starts_at for shift in later), default=None)
    coming = [shift for shift in later if shift.starts_at == first]
    people = people_store.people(facts.connection, [each.person_id for each in plan])
    known = [person.id for person in colleagues(facts.connection, code, facts.now)]
    mine = duty_plan_store.shifts_of(facts.connection, reader.id, facts.now)
    writes, receives = _handovers(facts, reader, code)
    in_charge = may_take_charge(reader, code).allowed or reader.id in known
    gaps = gap_store.open_gaps(facts.connection, code) if in_charge else []
    return Home(
        code,
        facts.place(code),
        [_watch(facts, shift, people, reader) for shift in now_on],
        [_watch(facts, shift, people, reader) for shift in coming],
        [] if plan else _officers(facts, code, reader),
        [(shift, facts.place(shift.division_code)) for shift in mine],
        [open_ask(facts, ask) for ask in ask_store.open_asks(facts.connection, reader.id)],
        [gap.span for gap in gaps if gap.ends_at > facts.now],
        keeps=reader.id in known and not reader.unproven,
        own=code == own,
        writes=writes,
        receives=receives,
        on_duty=reader.id in known
        and passing_on.on_duty(facts.connection, reader, code, facts.now),
        calendar=bool(mine) and calendar_on(facts),
    )


def calendar_on(facts: Facts) -> bool:
    """Whether a web server of ours can give out a calendar."""
    board = facts.services.settings.board
    return bool(board.port and board.public_url)


def _watch(facts: Facts, shift: Shift, people: dict[int, Person], reader: Person) -> Watch:
    person = people[shift.person_id].at(
        next(
            (
                post
                for post in people[shift.person_id].posts
                if post.division_code == shift.division_code
            ),
            people[shift.person_id].post,
        )
    )
    phone = _phone(facts, person, reader) if person.id != reader.id else ""
    return Watch(person.name, shift, phone, own=person.id == reader.id)


def _officers(facts: Facts, code: str, reader: Person) -> list[Watch]:
    """The duty officers of the roster, where no plan is kept."""
    found = people_store.people_of(facts.connection, code, {Role.DUTY_OFFICER})
    span = Shift(facts.now, facts.now + COMING, 0, 0, code)
    return [Watch(person.name, span, _phone(facts, person, reader)) for person in found]


def _handovers(facts: Facts, reader: Person, code: str) -> tuple[int | None, int | None]:
    """The hand-over that the reader can give, and the one they can confirm."""
    writes = receives = None
    for planned in handover_store.planned(facts.connection, code, facts.now):
        change = change_at(facts.connection, code, planned.at)
        if change is not None and reader.id in change.going:
            writes = planned.id
            break
    last = handover_store.latest(facts.connection, code, facts.now + COMING)
    if (
        last is not None
        and last.step in (HandOverStep.GIVEN, HandOverStep.MISSED)
        and last.at > facts.now - SHOWN_FOR
        and reader.id in coming_of(facts.connection, last, facts.now)
    ):
        receives = last.id
    return writes, receives

"""What a delivery of a roster check says: its facts read, its view called."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.roster_messages import RosterAsk, RosterDenied, RosterSilent
from alerts.roster_checks import store
from alerts.roster_checks.model import RosterCheck, StillThere
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.roster import checks as views
from bot.views.screen import Screen
from contacts import people_store, place_store
from contacts.access import may_see_phone, may_take_charge
from contacts.divisions.codes import contains
from contacts.people import Person, Post

ROSTER_CHECKS = Topic()


@ROSTER_CHECKS.says(RosterAsk)
def _asked(facts: Facts, delivery: Delivery, message: RosterAsk) -> Request | None:
    check = store.check(facts.connection, message.check_id)
    person = None if delivery.person_id is None else facts.person(delivery.person_id)
    if check is None or not check.open or check.ends_at <= facts.now:
        return None
    if person is None or not person.active:
        return None
    if store.answer_of(facts.connection, check.id, person.id) is not None:
        return None
    screen = views.asked(
        person,
        posts_and_places(facts, person),
        check,
        delivery.language,
        again=message.again,
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


def posts_and_places(facts: Facts, person: Person) -> list[tuple[Post, str]]:
    """The person's posts, each with where it is."""
    names = place_store.names(facts.connection, [post.place_code for post in person.posts])
    path = facts.services.gazetteer.path
    return [
        (post, f"{path(post.division_code)} {names.get(post.place_code, '')}".rstrip())
        for post in person.posts
    ]


def _office(post: Post) -> tuple[str, str, str]:
    return post.division_code, post.role.value, post.place_code


@ROSTER_CHECKS.says(RosterDenied)
def _denied(facts: Facts, delivery: Delivery, message: RosterDenied) -> Request | None:
    person = facts.person(message.person_id)
    said = store.answer_of(facts.connection, message.check_id, message.person_id)
    reader = people_store.person_by_telegram(facts.connection, delivery.chat_id)
    if person is None or said is None or message.over != (said is StillThere.YES):
        return None  # they have changed their mind
    phone = may_see_phone(reader, person).allowed
    if message.over:
        return as_message(
            delivery.chat_id, views.denied_no_more(person, delivery.language, phone=phone)
        )
    gone = (message.division, message.role, message.place)
    posts = [
        found
        for found in posts_and_places(facts, person)
        if not message.division or _office(found[0]) == gone
    ]
    return as_message(
        delivery.chat_id,
        views.denied(person, posts, said, delivery.language, phone=phone),
    )


@ROSTER_CHECKS.says(RosterSilent)
def _silent(facts: Facts, delivery: Delivery, message: RosterSilent) -> Request | None:
    check = store.check(facts.connection, message.check_id)
    reader = facts.person(message.reader_id)
    if check is None or reader is None:
        return None
    officer = facts.on_watch(reader)
    if not may_take_charge(officer, _looked_after(check, officer)).allowed:
        return None  # they have left, or have another post since
    screen = standing_screen(facts, check, officer, delivery.language)
    return as_message(delivery.chat_id, screen, message.message_id)


def standing_screen(facts: Facts, check: RosterCheck, reader: Person, language: str) -> Screen:
    """How a check stands in what the reader is in charge of, and who is silent there."""
    within = _looked_after(check, reader)
    silent = store.silent(facts.connection, check, within, limit=views.LISTED)
    return views.standing(
        check,
        store.counts(facts.connection, check.id, within),
        [
            (
                person,
                facts.place_in(person.division_code, check.division_code),
                may_see_phone(reader, person).allowed,
            )
            for person in silent
        ],
        facts.place(check.division_code),
        language,
        facts.zone,
    )


def _looked_after(check: RosterCheck, reader: Person) -> str:
    """The part of the checked division that the reader is in charge of."""
    code = check.division_code
    if check.started_by == reader.id:
        return code
    held = [post.division_code for post in reader.posts]
    if any(contains(each, code) for each in held):
        return code
    return next((each for each in held if contains(code, each)), reader.division_code)

"""What those above read about the account of somebody whose post gives rights."""

from __future__ import annotations

from datetime import datetime

from alerts.account_events import AccountEvent
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Delivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import AccountNews
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request, reply_of
from bot.views import accounts as views
from bot.views.screen import Screen
from contacts import api_token_store
from contacts.link_requests import LinkRequest
from contacts.linking import wanted_by
from contacts.people import Person
from data.database import Connection

ACCOUNTS = Topic()


@ACCOUNTS.says(AccountNews)
def _news(facts: Facts, delivery: Delivery, message: AccountNews) -> Request | None:
    person = facts.person(message.person_id)
    if person is None:
        return None
    own = delivery.person_id == person.id
    screen = _screen(facts, message, person, delivery.language, own=own)
    return None if screen is None else as_message(delivery.chat_id, screen)


def tell_account(
    connection: Connection, wanted: LinkRequest, screen: Screen, now: datetime
) -> None:
    """Tell an account that asked to be linked, by the bot it had written to."""
    if wanted.bot_id is not None:
        reply = reply_of(as_message(wanted.account, screen))
        outbox_store.relay(connection, wanted.bot_id, reply, wanted.account, Lane.ANSWER, now)


def _screen(
    facts: Facts, message: AccountNews, person: Person, language: str, *, own: bool
) -> Screen | None:
    place = facts.services.gazetteer.path(person.division_code)
    match message.event:
        case AccountEvent.ASKED:
            assert message.account is not None
            wanted = wanted_by(facts.connection, person, message.account, facts.now)
            if wanted is None:
                return None  # it was decided meanwhile
            return views.ask_to_approve(person, wanted, place, language)
        case AccountEvent.LINKED:
            return views.linked(person, place, facts.by(message.by), language)
        case AccountEvent.UNLINKED:
            return views.unlinked(person, place, facts.by(message.by), language)
        case AccountEvent.POST_TAKEN:
            place = facts.services.gazetteer.path(message.division)
            return views.post_taken(person, place, message.role, language)
        case AccountEvent.COMMAND_LINE:
            return views.command_line(person, place, language)
        case AccountEvent.USED:
            return views.used(person, place, language)
        case AccountEvent.TOKEN_MADE:
            token = api_token_store.by_id(facts.connection, message.token or 0)
            if token is None or token.ended_how is not None:
                return None  # it was revoked meanwhile
            area = facts.services.gazetteer.path(token.division_code)
            return views.token_made(person, place, token, area, language, own=own, zone=facts.zone)

"""Takes what somebody pressed or wrote where they have an account, and says what they are told.

Whoever answers from an account that we wrote to has proven that it is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts import alert_store, call_store
from alerts.calls import Call
from alerts.channels import address_store, take_back_store
from alerts.channels import store as channel_store
from alerts.channels.addresses import owned_by, people_at
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.receipts import take_receipt
from alerts.model import Alert
from alerts.test_calls.model import HowProven
from alerts.validity import in_force
from bot.channels.events import ChannelAnswer, Handle, OutgoingCall
from bot.channels.hearing import take_answer
from bot.channels.rendering import outgoing_calls
from bot.messages.facts import area_of
from bot.services.services import Services
from bot.views.warnings.card_replies import not_your_card, recorded_mark, unknown_member
from bot.views.warnings.channel_card import card_title
from contacts import people_store
from contacts.channels import Channel, Receipt
from contacts.people import Person
from data.database import Connection
from data.errors import NotFound


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of an answer.

    :param recorded: the call is answered now.
    :param say: to whoever gave it; empty: nothing.
    :param mark: what stands on the card from now on; empty: it stays as it is.
    :param theirs: it was their own card.
    :param waits: their call is still to be answered by it: what they pressed was taken back since.
    :param over: the title of the card, where it answers nothing any more.
    :param call: what the card says, if it was answered and is still true.
    :param language: of whoever gave it.
    """

    recorded: bool
    say: str
    mark: str = ""
    theirs: bool = True
    waits: bool = False
    over: str = ""
    call: OutgoingCall | None = None
    language: str = "zh"


async def hear(services: Services, answer: ChannelAnswer) -> Heard:
    """Take an answer of an account in; it is committed when this returns. What nobody we know wrote
    is looked up and not written down.

    :raises StoreError: it could not be written: the provider is to say it again.
    """
    if answer.handle is None and not await services.database.ask(lambda c: _known(c, answer)):
        greeted = services.strangers.greets(answer.channel, answer.who)
        return Heard(recorded=False, say=unknown_member("zh") if greeted else "", theirs=False)
    heard = _pressed if answer.handle is not None else _wrote
    return await services.database.run(lambda c: heard(c, services, answer, services.clock()))


async def note_read(
    services: Services, channel: Channel, event: str, names: tuple[str, ...], at: datetime
) -> None:
    """Messages that we sent were read.

    :param names: what the provider calls them.
    :raises StoreError: it could not be written: the provider is to say it again.
    """

    def unit(connection: Connection) -> None:
        for name in names:
            sent = channel_store.by_provider_id(connection, channel, name)
            if sent is not None:
                take_receipt(
                    connection, channel, f"read {event} {name}", sent.id, Receipt.READ, None, None,
                    at, services.clock(),
                )  # fmt: skip

    await services.database.run(unit)


def not_ours(language: str = "zh") -> Heard:
    """Of a button that is on no card of ours."""
    return Heard(recorded=False, say=not_your_card(language), theirs=False, language=language)


def _pressed(
    connection: Connection, services: Services, answer: ChannelAnswer, now: datetime
) -> Heard:
    assert answer.handle is not None and answer.who is not None
    try:
        told = take_answer(connection, services, answer, now)
    except NotFound:  # of a card that was another's, or is not in our books any more
        persons = people_at(connection, answer.channel, answer.who)
        return not_ours(persons[0].language if persons else "zh")
    person = _prove(connection, answer, answer.handle, now)
    if person is None:  # the account was theirs once: the list gives it to somebody else
        return not_ours()
    name, language = ("", "zh") if person is None else (person.name, person.language)
    if not told["recorded"]:
        waits, over = _standing(connection, services, answer.handle, language, now)
        if over:
            take_back_store.told(connection, [answer.handle.delivery_id], now)
        return Heard(False, told["say"], language=language, waits=waits, over=over)
    # The card is answered with no buttons: nothing is to be taken off it later.
    take_back_store.told(connection, [answer.handle.delivery_id], now)
    delivery = channel_store.delivery(connection, answer.handle.delivery_id)
    calls = {} if delivery is None else outgoing_calls(connection, services, [delivery], now)
    mark = recorded_mark(name, min(answer.at, now), language)
    call = calls.get(answer.handle.delivery_id)
    return Heard(
        recorded=True, say=told["say"], mark=f"{mark}\n{told['say']}", call=call, language=language
    )


def _standing(
    connection: Connection, services: Services, handle: Handle, language: str, now: datetime
) -> tuple[bool, str]:
    """Whether a card still answers its call; its title, where it never will: the warning is over,
    or its level rose since and another card asks."""
    delivery = channel_store.delivery(connection, handle.delivery_id)
    call = None
    if delivery is not None and delivery.test_line_id is None:
        call = call_store.call(connection, delivery.call_id)
    alert = None if call is None else alert_store.alert(connection, call.alert_id)
    if call is None or alert is None:
        return False, ""
    if in_force(alert, now) and not call.left_out and not _asks_no_more(delivery, call, alert):
        return call.open, ""
    return False, card_title(alert, area_of(connection, services, alert), language)


def _asks_no_more(delivery: ChannelDelivery | None, call: Call, alert: Alert) -> bool:
    """Whether the level rose since the card was sent, and everybody was asked again."""
    before = delivery is not None and delivery.created_at < call.called_at
    return before and call.open and alert.asked_version > 1


def _prove(
    connection: Connection, answer: ChannelAnswer, handle: Handle, now: datetime
) -> Person | None:
    """Who pressed a card that was sent to them: the account is theirs, whatever they answered.

    ``None``: the account is not theirs any more; nobody is proven by an old card.
    """
    assert answer.who is not None
    delivery = channel_store.delivery(connection, handle.delivery_id)
    person = None if delivery is None else people_store.person(connection, delivery.person_id)
    if (
        person is None
        or answer.who not in owned_by(connection, [person], answer.channel)[person.id]
    ):
        return None
    _theirs(connection, person, answer, now)
    return person


def _theirs(connection: Connection, person: Person, answer: ChannelAnswer, now: datetime) -> None:
    """The account is this person's, whatever came of what they said."""
    assert answer.who is not None
    at = min(answer.at, now)
    how = HowProven.ANSWER
    address_store.prove_once(connection, person.id, answer.channel, answer.who, how, at, now)


def _known(connection: Connection, answer: ChannelAnswer) -> bool:
    assert answer.who is not None
    return bool(people_at(connection, answer.channel, answer.who))


def _wrote(
    connection: Connection, services: Services, answer: ChannelAnswer, now: datetime
) -> Heard:
    assert answer.who is not None
    persons = people_at(connection, answer.channel, answer.who)
    if not persons:  # since a moment ago
        return Heard(recorded=False, say="", theirs=False)
    told = take_answer(connection, services, answer, now)
    if len(persons) == 1:
        _theirs(connection, persons[0], answer, now)
    return Heard(recorded=told["recorded"], say=told["say"])

"""What is said by channels beside Telegram: facts read when it is about to be said."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts import alert_store, call_store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import NEWS, Kind
from alerts.model import Alert
from alerts.withdrawals import store as withdrawal_store
from alerts.withdrawals.model import WithdrawnAnswer
from bot.channels.events import Handle, OutgoingCall
from bot.channels.news_rendering import outgoing_news
from bot.channels.test_rendering import outgoing_test
from bot.messages.answer_links import page_link
from bot.messages.facts import Facts
from bot.services.services import Services
from bot.views.warnings.channel_card import card_buttons, card_text, card_title
from bot.views.warnings.spoken import (
    KEYS,
    speaking_seconds,
    spoken_text,
    template_variables,
    why_asked,
    written_text,
)
from contacts.channels import ACCOUNTS, Channel
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

_NO_BOT = 0  # nothing that only one bot knows is said here


def outgoing_calls(
    connection: Connection,
    services: Services,
    deliveries: Sequence[ChannelDelivery],
    now: datetime,
) -> dict[int, OutgoingCall]:
    """Each of these deliveries as it is handed over.

    Left out is what cannot be said: the warning is over, or a bug keeps its words from being made.
    """
    facts = Facts(connection, services, now, _NO_BOT)
    alerts = alert_store.alerts_by_id(connection, {delivery.alert_id for delivery in deliveries})
    lost = withdrawal_store.last_of(
        connection, {each.call_id for each in deliveries if each.kind is Kind.CALL}
    )
    calls = {}
    for delivery in deliveries:
        alert = alerts.get(delivery.alert_id)
        try:
            if delivery.kind is Kind.TEST:
                call = outgoing_test(facts, delivery)
            elif delivery.kind in NEWS:
                call = None if alert is None else outgoing_news(facts, delivery, alert)
            elif alert is None or not alert.in_force:
                call = None
            else:
                call = _outgoing(facts, delivery, alert, lost.get(delivery.call_id))
        except StoreError:
            raise
        except Exception:  # it holds up no other call
            log.exception("channel delivery %d cannot be said", delivery.id)
            continue
        if call is not None:
            calls[delivery.id] = call
    return calls


def _outgoing(
    facts: Facts, delivery: ChannelDelivery, alert: Alert, withdrawn: WithdrawnAnswer | None
) -> OutgoingCall:
    person = facts.person(delivery.person_id)
    language = "zh" if person is None else person.language
    place, sender = facts.area(alert), facts.signed_by(alert, alert.sender_id)
    again = alert.changed_at is not None or withdrawn is not None
    why = why_asked(
        call_store.call(facts.connection, delivery.call_id) if again else None,
        facts.raised_words(alert, language),
        language,
        remind=delivery.kind is Kind.REMIND,
        withdrawn=withdrawn,
        by="" if withdrawn is None else facts.by(withdrawn.by_id),
    )
    spoken = delivery.channel is Channel.VOICE
    told = OutgoingCall(
        handle=Handle(delivery.id, delivery.attempts),
        channel=delivery.channel,
        kind=delivery.kind.value,
        to=delivery.address,
        text="",
        variables=template_variables(alert, place, sender, language),
        keys=KEYS if spoken else {},
        seconds=0.0,
        exercise=alert.exercise,
        valid_until=alert.expires_at,
        title=card_title(alert, place, language),
        language=language,
        queued_at=delivery.created_at,
    )
    if spoken:
        text = spoken_text(alert, place, sender, language, why=why)
        return replace(told, text=text, seconds=speaking_seconds(text, language))
    if delivery.channel is Channel.SMS:
        text = written_text(alert, place, sender, language, why=why)
        return replace(told, text=text)
    return replace(
        told,
        text=card_text(alert, sender, language, why=why),
        buttons=card_buttons(language) if delivery.channel in ACCOUNTS else {},
        link=_link(facts, delivery, alert),
    )


def _link(facts: Facts, delivery: ChannelDelivery, alert: Alert) -> str:
    """Where it is answered by browser; empty without a page."""
    page = facts.services.settings.channels.page
    call = call_store.call(facts.connection, delivery.call_id) if page.url else None
    return "" if call is None else page_link(facts.connection, page, call, alert, facts.now)

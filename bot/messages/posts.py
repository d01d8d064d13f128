"""What is said about a warning in a group: the post, its progress, the silent named."""

from __future__ import annotations

from alerts import call_store, report
from alerts.cards import progress_card_store
from alerts.escalation import Step
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import Chase, GroupPost, MessageKind
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.silent_lists import silent_rows
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import group_post
from contacts.divisions.codes import code_range

MOST_NAMED = 50
"""Persons named in one post to a group; of the others it says how many."""

POSTS = Topic()


@POSTS.says(GroupPost)
def _post(facts: Facts, delivery: Delivery, message: GroupPost) -> Request | None:
    alert = facts.alert(delivery)
    return as_message(delivery.chat_id, _group_progress(facts, delivery, alert, message.division))


@POSTS.says_kind(MessageKind.POST_CARD)
def _post_card(facts: Facts, delivery: Delivery) -> Request | None:
    alert = facts.alert(delivery)
    card = progress_card_store.card(facts.connection, alert.id, delivery.chat_id)
    if card is None or card.message_id is None:
        return None
    screen = _group_progress(facts, delivery, alert, card.division_code)
    return as_message(delivery.chat_id, screen, card.message_id)


@POSTS.says(Chase)
def _chase(facts: Facts, delivery: Delivery, message: Chase) -> Request | None:
    alert = facts.alert(delivery)
    low, high = code_range(message.division)
    late = [
        call
        for call in call_store.silent(facts.connection, alert.id, low, high, limit=500)
        if call.steps & Step.STAND_IN
    ]
    if not late or not alert.chasing:
        return None
    minutes = int((facts.now - min(call.called_at for call in late)).total_seconds() // 60)
    screen = group_post.chase_message(
        alert,
        delivery.language,
        facts.area(alert),
        silent_rows(facts, late[:MOST_NAMED]),
        total=len(late),
        minutes=minutes,
    )
    return as_message(delivery.chat_id, screen)


def _group_progress(facts: Facts, delivery: Delivery, alert: Alert, division: str) -> Screen:
    return group_post.post_message(
        alert,
        delivery.language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, delivery.language),
        progress=report.progress(facts.connection, alert, division),
        now=facts.now,
        zone=facts.zone,
    )

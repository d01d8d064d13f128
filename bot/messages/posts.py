"""What is said about a warning in a group: the post, its progress, the silent named."""

from __future__ import annotations

from alerts import call_store, report
from alerts.calls import Call
from alerts.cards import progress_card_store, silent_list_store
from alerts.escalation import Step
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import Chase, ChaseEdit, GroupPost, MessageKind
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.silent_lists import silent_rows
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import group_post
from contacts import people_store
from contacts.divisions.codes import code_range

MOST_NAMED = 50
"""Persons named in one post to a group; of the others it says how many."""

POSTS = Topic()


@POSTS.says(GroupPost)
def _post(facts: Facts, delivery: Delivery, message: GroupPost) -> Request | None:
    alert = facts.alert(delivery)
    if not alert.in_force:  # a group that never had it needs not hear that it is over
        return None
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
    late = late_calls(facts, alert, message.division)
    if not late or not alert.chasing:
        return None
    screen = _chase_screen(facts, delivery, alert, late, message.division)
    return as_message(delivery.chat_id, screen)


@POSTS.says(ChaseEdit)
def _chase_edit(facts: Facts, delivery: Delivery, message: ChaseEdit) -> Request | None:
    alert = facts.alert(delivery)
    screen = naming_over(facts, delivery, alert, message.message_id)
    if screen is None:
        late = late_calls(facts, alert, message.division)
        screen = _chase_screen(facts, delivery, alert, late, message.division)
    return as_message(delivery.chat_id, screen, message.message_id)


def naming_over(facts: Facts, delivery: Delivery, alert: Alert, message_id: int) -> Screen | None:
    """What the naming of the silent becomes when nobody is called any more, or everybody was asked
    anew since; ``None``: it goes on."""
    language, area = delivery.language, facts.area(alert)
    if not alert.chasing:
        return group_post.chase_over(alert, language, area, zone=facts.zone)
    if silent_list_store.of_before(facts.connection, alert, delivery.chat_id, message_id):
        return group_post.post_replaced(alert, language, area, zone=facts.zone)
    return None


def late_calls(facts: Facts, alert: Alert, division: str) -> list[Call]:
    """The calls of a division whose persons are to be named in its group.

    Whoever has left since cannot answer any more: those above see to them.
    """
    low, high = code_range(division)
    silent = call_store.silent(facts.connection, alert.id, low, high, limit=500)
    late = [call for call in silent if call.steps & Step.STAND_IN]
    people = people_store.people(facts.connection, [call.person_id for call in late])
    return [call for call in late if people[call.person_id].active]


def _chase_screen(
    facts: Facts, delivery: Delivery, alert: Alert, late: list[Call], division: str
) -> Screen:
    first = min((call.called_at for call in late), default=facts.now)
    return group_post.chase_message(
        alert,
        delivery.language,
        facts.area(alert),
        silent_rows(facts, late[:MOST_NAMED], within=division),
        total=len(late),
        minutes=int((facts.now - first).total_seconds() // 60),
    )


def _group_progress(facts: Facts, delivery: Delivery, alert: Alert, division: str) -> Screen:
    return group_post.post_message(
        alert,
        delivery.language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, delivery.language),
        progress=report.progress(facts.connection, alert, division),
        now=facts.now,
        raised=facts.raised_line(alert, delivery.language),
        zone=facts.zone,
    )

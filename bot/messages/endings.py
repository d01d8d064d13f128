"""What lists and posts become when their warning, or its calling, has ended: no buttons."""

from __future__ import annotations

from alerts.cards import progress_card_store
from alerts.model import Alert, State
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind, Over
from alerts.updates.posts_store import groups_posted
from bot.messages.calls import (
    answered_screen,
    help_screen,
    help_shown_below,
    unreported_screen,
)
from bot.messages.changed_terms import change_lines
from bot.messages.cut_off import list_screen
from bot.messages.expiry import answered_screen as expiry_answered
from bot.messages.facts import Facts
from bot.messages.posts import naming_over
from bot.messages.requests import as_message, without_buttons
from bot.messages.silent_lists import silent_screen
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen, bold
from bot.views.warnings import change_news, confirmation, group_post
from bot.views.warnings.cut_off import errand_over
from bot.views.warnings.left_out import no_more_here
from bot.views.warnings.parts import heading, state_line
from bot.views.warnings.progress import card_elsewhere
from contacts.people import Person

ENDINGS = Topic()

_GOING_ON = (MessageKind.UNREPORTED_LIST, MessageKind.CUT_OFF_LIST, MessageKind.ERRAND)
_CALLING = (MessageKind.CALL, MessageKind.REMIND)
_IN_GROUPS = (MessageKind.POST, MessageKind.CHASE)
_BESIDE_ITS_CALL = (MessageKind.CHANGED, MessageKind.REPORT_DUE)


@ENDINGS.says(Over)
def _over(facts: Facts, delivery: Delivery, message: Over) -> Request | None:
    if message.was in _CALLING and _superseded(facts, delivery, message):
        return without_buttons(delivery.chat_id, message.message_id)
    if message.was in _BESIDE_ITS_CALL:
        beside = _beside_its_call(facts, delivery, facts.alert(delivery), message)
        if beside is None:
            return without_buttons(delivery.chat_id, message.message_id)
        return as_message(delivery.chat_id, beside, message.message_id)
    if message.was is MessageKind.EXPIRY_ASKED:
        answered = expiry_answered(facts, facts.alert(delivery), delivery.language)
        return as_message(delivery.chat_id, answered, message.message_id)
    alert = facts.alert(delivery)
    if message.was is MessageKind.CARD:
        screen = _card_of_before(facts, delivery, alert, message.message_id)
    else:
        screen = _screen(facts, delivery, alert, message.was, message.message_id)
    if screen is None and alert.state is not State.PENDING and not alert.in_force:
        # By now it shows something else.
        return without_buttons(delivery.chat_id, message.message_id)
    return None if screen is None else as_message(delivery.chat_id, screen, message.message_id)


def _superseded(facts: Facts, delivery: Delivery, message: Over) -> bool:
    """Whether a newer message of the call bears its button, or says what came of it."""
    its_call = facts.call(delivery)
    newer = its_call.message_id not in (None, message.message_id)
    return newer and (its_call.open or its_call.answered)


def _beside_its_call(
    facts: Facts, delivery: Delivery, alert: Alert, message: Over
) -> Screen | None:
    """What asked beside the call: it asks for nothing any more, and what it told stays; ``None``:
    the warning is for where they are again."""
    area, language = facts.area(alert), delivery.language
    if not alert.in_force:
        over = state_line(alert, language, facts.zone)
    elif facts.call(delivery).left_out:
        over = no_more_here(alert.hazard, language)
    else:
        return None
    if message.number is None:
        return Screen(heading(alert, bold(over), area, language))
    by, lines = change_lines(facts, alert, message.number, language)
    return change_news.changed_message(
        alert,
        lines,
        language,
        area,
        call_id=None,
        answered=False,
        by=by,
        over=over,
        zone=facts.zone,
    )


def _screen(
    facts: Facts, delivery: Delivery, alert: Alert, was: MessageKind, message_id: int
) -> Screen | None:
    """What the message shows now; ``None`` when it is left as it is."""
    area, zone = facts.area(alert), facts.zone
    if was is MessageKind.CONFIRM:
        if alert.state is State.PENDING:
            return None
        by = facts.by(alert.confirmed_by or alert.cancelled_by)
        return confirmation.confirm_done(alert, delivery.language, area, by=by, zone=zone)
    if was in _CALLING:
        its_call = facts.call(delivery)
        if its_call.open:
            return None
        return answered_screen(facts, alert, its_call, delivery.language)
    if was is MessageKind.HELP_WANTED and alert.in_force:
        return help_shown_below(facts, delivery, alert, message_id)
    if was in _IN_GROUPS:
        return _group_screen(facts, delivery, alert, was, message_id)
    if was in _GOING_ON and alert.in_force:
        return None  # reports are still wanted when the calling is complete
    if alert.chasing:  # a proxy answer was taken back: it goes on
        return None
    if was is MessageKind.ERRAND:
        return errand_over(alert, delivery.language, area, zone=zone)
    viewer = facts.officer(delivery)
    return None if viewer is None else _list(facts, delivery, alert, was, viewer)


def _card_of_before(
    facts: Facts, delivery: Delivery, alert: Alert, message_id: int
) -> Screen | None:
    """What a progress card becomes once another message is; ``None``: it is the card again."""
    card = progress_card_store.card(facts.connection, alert.id, delivery.chat_id)
    if card is not None and card.message_id == message_id:
        return None
    return card_elsewhere(alert, delivery.language, facts.area(alert), zone=facts.zone)


def _group_screen(
    facts: Facts, delivery: Delivery, alert: Alert, was: MessageKind, message_id: int
) -> Screen | None:
    """What a post becomes where the warning is for the group no more, was posted anew, or is over;
    what the naming of the silent becomes; ``None``: it stays as it is."""
    area, language = facts.area(alert), delivery.language
    if alert.in_force and delivery.chat_id not in groups_posted(facts.connection, alert.id):
        return group_post.post_outside(alert, language, area)
    if was is MessageKind.CHASE:
        return naming_over(facts, delivery, alert, message_id)
    return group_post.post_replaced(alert, language, area, zone=facts.zone)


def _list(
    facts: Facts, delivery: Delivery, alert: Alert, was: MessageKind, viewer: Person
) -> Screen | None:
    """A list that an officer got, as it is now."""
    if was is MessageKind.HELP_WANTED:
        return help_screen(facts, delivery, alert, viewer)
    if was is MessageKind.UNREPORTED_LIST:
        return unreported_screen(facts, alert, viewer, delivery.language)
    if was is MessageKind.CUT_OFF_LIST:
        return list_screen(facts, alert, viewer)
    return silent_screen(facts, alert, viewer)

"""What is read of an emergency response."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.calls import CallState
from alerts.model import Hazard, Level, State
from alerts.templates import texts
from bot.views.screen import Screen
from bot.views.warnings import call, ending, release_wizard, responses
from tests.unit.views import samples as s

View = Callable[[str], Screen]
RESPONSE = replace(
    s.ALERT,
    hazard=Hazard.FLOOD_RESPONSE,
    level=Level.ORANGE,
    description=texts(Hazard.FLOOD_RESPONSE, Level.ORANGE)[0],
    lead_minutes=None,
    expires_at=s.START + timedelta(hours=72),
)
ENDED = replace(
    RESPONSE, state=State.LIFTED, lifted_by=1, lifted_at=s.START + timedelta(minutes=40)
)
DRAFT = replace(
    s.DRAFT, hazard=Hazard.FIRE_RESPONSE, level=Level.RED, text="全体到岗。", lead_minutes=None
)


def response_screens() -> Iterator[tuple[str, View]]:
    """Chosen, raised, called, answered, ended."""
    yield "response_choose", lambda language: responses.choose_response(s.PLACE, [], language)
    yield (
        "response_choose_more",
        lambda language: responses.choose_response(s.PLACE, [(RESPONSE, s.PLACE)], language),
    )
    yield (
        "response_level",
        lambda language: release_wizard.ask_level(language, Hazard.FIRE_RESPONSE),
    )
    yield (
        "response_preview",
        lambda language: release_wizard.preview(
            DRAFT, s.COUNTS, 5, language, s.PLACE, nonce="k3", same=[(RESPONSE, s.PLACE)]
        ),
    )
    yield (
        "response_call",
        lambda language: call.call_message(RESPONSE, 31, language, s.PLACE, sender_line=s.FROM),
    )
    yield (
        "response_answered",
        lambda language: call.answered_message(
            RESPONSE, s.ACKNOWLEDGED, "staff", language, s.PLACE, sender_line=s.FROM
        ),
    )
    yield (
        "response_left_out",
        lambda language: call.answered_message(
            RESPONSE,
            s.CALL._replace(state=CallState.LEFT_OUT),
            "staff",
            language,
            s.PLACE,
            sender_line=s.FROM,
        ),
    )
    yield (
        "response_end_which",
        lambda language: responses.which_to_end(
            [(RESPONSE, s.PLACE), (RESPONSE, s.PLACE)], language
        ),
    )
    yield "response_end_none", responses.none_to_end
    yield "response_lift", lambda language: ending.ask_lift(RESPONSE, language, s.PLACE)
    yield "response_cancel", lambda language: ending.ask_cancel(RESPONSE, language, s.PLACE)
    yield (
        "response_ended",
        lambda language: ending.ended_message(ENDED, language, s.PLACE, by="指挥长 王立国"),
    )

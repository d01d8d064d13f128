"""The page where a call is answered by browser: what it says now."""

from __future__ import annotations

from alerts import call_post_store, call_store
from alerts.calls import Call, CallState
from alerts.model import Alert
from alerts.withdrawals import store as withdrawal_store
from alerts.withdrawals.model import lost_answer
from bot.messages.calls import answered_screen
from bot.messages.facts import Facts
from bot.views.answer_page import Figures, PageFacts, answered_page, open_page, over_page, sure_page
from bot.views.screen import bold, name
from bot.views.vocabulary import called_name
from bot.views.warnings.call import call_message
from bot.views.warnings.follow_up import ask_figures
from bot.views.warnings.parts import holds_until
from bot.views.warnings.withdrawals import withdrawn_line
from contacts.people import Person


def page_of(
    facts: Facts,
    call: Call,
    alert: Alert,
    person: Person,
    *,
    figures: Figures | None = None,
    wrong: str = "",
) -> str:
    """The page of a call as it stands now.

    :param figures: as they were typed, when they were not taken.
    :param wrong: why a report was not taken.
    """
    if call.open and alert.in_force:
        return open_page(_facts(facts, call, person, _asked(facts, call, alert, person)))
    screen = answered_screen(facts, alert, call, person.language)
    told = _facts(facts, call, person, screen.text)
    if not (call.answered and alert.in_force):
        return over_page(told)
    own_answer = call.state is not CallState.PROXIED
    return answered_page(told, own_answer=own_answer, figures=figures, wrong=wrong)


def page_asking_figures(
    facts: Facts,
    call: Call,
    alert: Alert,
    person: Person,
    figures: Figures,
    moved: tuple[int | None, int | None],
) -> str:
    """Households and persons that one place hardly has: asked about before they count."""
    area = facts.area(alert)
    screen = ask_figures(call.id, *moved, person.language, alert, area)
    return sure_page(_facts(facts, call, person, ""), screen.text, figures)


def _asked(facts: Facts, call: Call, alert: Alert, person: Person) -> str:
    """The warning as the bot sends it, with whom it asks, and until when it holds."""
    facts.read_posts([call.id])
    language = person.language
    silent = None
    if call.stand_in_for is not None:
        cause = call_store.call(facts.connection, call.stand_in_for)
        silent = None if cause is None else facts.by(cause.person_id)
    where = facts.services.gazetteer.path(call.division_code)
    who = f"{bold(name(person.name))} {called_name(call, person, language)}\n📍 {name(where)}"
    last = withdrawal_store.last_of(facts.connection, [call.id]).get(call.id)
    lost = lost_answer(call, last)
    screen = call_message(
        alert,
        call.id,
        language,
        facts.area(alert),
        sender_line=facts.sender_line(alert, language),
        stand_in_for=silent,
        posts=facts.answers_for(call.id),
        raised=(
            withdrawn_line(lost, facts.by(lost.by_id), alert.hazard, language)
            if lost
            else facts.raised_line(alert, language)
        ),
        included=None if lost else call.included,
        zone=facts.zone,
    )
    return f"{who}\n\n{holds_until(alert, language, facts.zone)}\n\n{screen.text}"


def _facts(facts: Facts, call: Call, person: Person, text: str) -> PageFacts:
    places = [place.where for place in call_post_store.places_of(facts.connection, call)]
    names = facts.names_of(places)
    return PageFacts(
        text, person.language, facts.duty_phone(person), tuple(names[where] for where in places)
    )

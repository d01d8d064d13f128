"""What a delivery about a warning planned in stages says."""

from __future__ import annotations

from alerts import call_store
from alerts.outbox.deliveries import Delivery
from alerts.outbox.stage_messages import StageAsk, StageNews
from alerts.preview import whom_of
from alerts.stages import store
from alerts.stages.plan import Stage, StoredPlan, looked_at
from alerts.stages.planning import draft_at, waits_for_second
from bot.messages.facts import Facts, warned_name
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.screen import Screen
from bot.views.warnings import stages as views
from bot.views.warnings.stages import ShownPlan
from contacts import place_store
from contacts.access import may_release
from contacts.people import Person
from contacts.targeting_store import audience_query

STAGES = Topic()


def shown(facts: Facts, stored: StoredPlan, reader: Person | None) -> ShownPlan:
    """A plan with the names of its places and of whoever made it."""
    draft = stored.draft
    names = place_store.names(facts.connection, draft.places) if draft.places else {}
    place = warned_name(facts.services, draft.areas, draft.places, names)
    decides = may_release(reader, draft.areas).allowed
    waits = waits_for_second(facts.connection, stored)
    return ShownPlan(stored, place, decides, facts.by(stored.planned_by), waits)


def persons_at(facts: Facts, stored: StoredPlan, lead: int) -> int:
    """How many a stage would call now."""
    rules = facts.services.rules.warnings
    whom = whom_of(facts.connection, draft_at(stored.draft, lead, rules), rules)
    query = audience_query(whom)
    return call_store.count_audience(facts.connection, query, excluding=[stored.planned_by])[0]


def question(
    facts: Facts,
    stored: StoredPlan,
    stage: Stage,
    reader: Person | None,
    language: str,
    *,
    again: bool = False,
    late: bool = False,
) -> Screen:
    """Is this stage to go out: what it would say, at which level, and to how many."""
    told = draft_at(stored.draft, stage.lead, facts.services.rules.warnings)
    return views.ask_stage(
        shown(facts, stored, reader),
        stage,
        persons_at(facts, stored, stage.lead),
        told,
        language,
        again=again,
        late=late,
        zone=facts.zone,
    )


@STAGES.says(StageAsk)
def _ask(facts: Facts, delivery: Delivery, message: StageAsk) -> Request | None:
    stored = store.plan(facts.connection, message.plan_id)
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    if stored is not None and message.message_id is not None:
        now_so = views.plan_screen(shown(facts, stored, reader), delivery.language, facts.zone)
        return as_message(delivery.chat_id, now_so, message.message_id)
    stage = None if stored is None else looked_at(stored.plan, facts.now).stage(message.lead)
    if stored is None or stage is None or not stage.open:
        return None  # it was decided while this waited to be sent
    screen = question(
        facts, stored, stage, reader, delivery.language, again=message.again, late=message.late
    )
    return as_message(delivery.chat_id, screen)


@STAGES.says(StageNews)
def _news(facts: Facts, delivery: Delivery, message: StageNews) -> Request | None:
    stored = store.plan(facts.connection, message.plan_id)
    if stored is None:
        return None
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    screen = views.plan_screen(shown(facts, stored, reader), delivery.language, facts.zone)
    return as_message(delivery.chat_id, screen)

"""What is said with satellite and radar pictures in a group, as things stand when it leaves."""

from __future__ import annotations

from functools import partial

import orjson

from alerts import alert_store
from alerts.model import Alert
from alerts.outbox.deliveries import Delivery
from alerts.outbox.sky_messages import SkyPicture, SkyStopped
from alerts.sky_pictures import sending, store
from alerts.sky_pictures.model import Kept, SkySource
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.telegram.picture_requests import picture_fields
from bot.views import sky_pictures as views
from data.database import Database

SKY_PICTURES = Topic()


@SKY_PICTURES.says(SkyPicture)
def _picture(facts: Facts, delivery: Delivery, message: SkyPicture) -> Request | None:
    """The newest one; nothing when it is old, its warnings have ended, or the group is mute."""
    found = _standing(facts, delivery, message.source)
    if found is None:
        return None
    source, kept, warnings = found
    if not kept.fresh(source, facts.now):
        return None
    screen = views.picture_caption(
        source, kept, warnings, delivery.language, facts.now, zone=facts.zone
    )
    assert screen.keyboard is not None
    markup = screen.keyboard.as_dict()
    method, body = picture_fields(delivery.chat_id, screen.text, markup=markup)
    if not kept.as_photo:
        method, body = "sendDocument", orjson.dumps(orjson.loads(body))
    database = facts.services.database.blocking
    return Request(
        method,
        body,
        partial(_bytes, database, kept),
        file_name=f"{source.name}-{kept.known_at:%Y%m%d%H%M}.{kept.kind}",
        file_key=f"{method}:{kept.digest}",
    )


@SKY_PICTURES.says(SkyStopped)
def _stopped(facts: Facts, delivery: Delivery, message: SkyStopped) -> Request | None:
    found = _standing(facts, delivery, message.source)
    if found is None:
        return None
    source, kept, warnings = found
    if kept.fresh(source, facts.now):
        return None  # a new one has come meanwhile
    screen = views.stopped(source, kept, warnings, delivery.language, facts.now, zone=facts.zone)
    return as_message(delivery.chat_id, screen)


def _standing(
    facts: Facts, delivery: Delivery, name: str
) -> tuple[SkySource, Kept, list[tuple[Alert, str]]] | None:
    """The source, its newest picture and the warnings in force; ``None``: nothing to say."""
    source = next((each for each in facts.services.rules.sky if each.name == name), None)
    if source is None:
        return None
    kept = store.kept(facts.connection, name)
    here = sending.open_in(facts.connection, source, delivery.chat_id, facts.now)
    if kept is None or not here:
        return None
    alerts = alert_store.alerts_by_id(facts.connection, [warning.id for warning in here])
    return source, kept, [(alert, facts.area(alert)) for alert in alerts.values()]


def _bytes(database: Database, kept: Kept) -> bytes:
    """The picture itself, read when it leaves.

    :raises LookupError: a newer one has taken its place.
    """
    body = database.read(lambda c: store.body_of(c, kept.source, kept.digest))
    if body is None:
        raise LookupError(kept.source)
    return body

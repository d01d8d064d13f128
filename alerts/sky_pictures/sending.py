"""Pictures taken in, queued to command groups while a warning is in force there, and muted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import Message
from alerts.outbox.sky_messages import SkyPicture, SkyStopped
from alerts.sky_pictures import store
from alerts.sky_pictures.images import Image, image_of
from alerts.sky_pictures.model import (
    MOST_BEFORE,
    Kept,
    OpenWarning,
    SkySource,
    Step,
    is_new,
    muted,
    owed,
    warnings_for,
)
from alerts.sources.feed_store import FeedState, polled
from alerts.sources.feeds import FeedAnswer
from contacts.access import may_take_charge, require
from contacts.group_store import all_groups, group
from contacts.groups import Group
from contacts.people import Contact, Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotFound


class SkyProblem(Enum):
    """Why a button about pictures does nothing."""

    NO_GROUP = "sky_no_group"  # it was pressed outside a group of ours


@dataclass(frozen=True, slots=True)
class Owed:
    """Something to be sent to a group."""

    source: SkySource
    group: Group
    step: Step
    kept: Kept


def take_in(
    connection: Connection,
    source: SkySource,
    state: FeedState,
    answer: FeedAnswer,
    now: datetime,
) -> bool:
    """Keep what a poll brought if it is new, and record the poll; whether it was new."""
    new = False
    newest = None
    if answer.fault is None and not answer.unchanged:
        image = image_of(answer.body)
        assert isinstance(image, Image), "what is none is a fault of the answer"
        digest = hashlib.sha256(answer.body).hexdigest()
        newest = answer.taken_at
        last = store.kept(connection, source.name)
        if new := is_new(last, digest, newest):
            before = () if last is None else (last.digest, *last.before)[:MOST_BEFORE]
            kind = image.kind.value
            picture = Kept(source.name, newest, now, digest, kind, image.as_photo, before)
            store.keep(connection, picture, answer.body)
            detail = {
                "taken_at": None if newest is None else newest.isoformat(),
                "sha256": digest,
                "bytes": image.size,
            }
            entry = Entry("sky_picture.taken_in", f"sky_picture:{source.name}", detail=detail)
            append(connection, now, [entry])
    polled(
        connection,
        state,
        answer,
        answer.fault,
        source.every,
        now,
        rows=1,
        new_rows=int(new),
        newest_at=newest,
    )
    return new


def wanted(connection: Connection, source: SkySource, now: datetime) -> bool:
    """Whether a warning is in force that the source shows."""
    return any(source.shows(warning) for warning in store.open_warnings(connection, now))


def whom_owed(connection: Connection, sources: Sequence[SkySource], now: datetime) -> list[Owed]:
    """What is to be sent now, and to which groups."""
    if not sources or not (warnings := store.open_warnings(connection, now)):
        return []
    groups = [each for each in all_groups(connection) if each.contact is not Contact.REMOVED]
    silenced = store.mutes(connection)
    return [
        found
        for source in sources
        for found in _owed_of(connection, source, groups, warnings, silenced, now)
    ]


def _owed_of(
    connection: Connection,
    source: SkySource,
    groups: Sequence[Group],
    warnings: Sequence[OpenWarning],
    silenced: store.Mutes,
    now: datetime,
) -> Iterator[Owed]:
    picture = store.kept(connection, source.name)
    if picture is None:
        return
    got = store.sent(connection, source.name)
    for each in groups:
        open_here = warnings_for(source, each, warnings)
        if not open_here or muted(silenced.get(each.chat_id), open_here):
            continue
        since = min(warning.released_at for warning in open_here)
        step = owed(source, picture, got.get(each.chat_id, store.NOTHING), since, now)
        if step is not None:
            yield Owed(source, each, step, picture)


def queue(connection: Connection, owing: Sequence[Owed], now: datetime) -> None:
    """Queue it behind everything else: of pictures of one source that wait, only the newest."""
    new = []
    for each in owing:
        name, chat_id = each.source.name, each.group.chat_id
        got = store.sent(connection, name).get(chat_id, store.NOTHING)
        message: Message
        if each.step is Step.PICTURE:
            message = SkyPicture(name)
            got = replace(got, digest=each.kept.digest)
        else:
            message = SkyStopped(name)
            got = replace(got, stopped_after=each.kept.digest)
        store.note_sent(connection, name, chat_id, got)
        key = f"sky:{name}:{chat_id}"
        new.append(NewDelivery(message, Lane.LAST, chat_id, LaneOrder.GROUP, coalesce_key=key))
    outbox_store.add_many(connection, new, now)


def open_in(
    connection: Connection, source: SkySource, chat_id: int, now: datetime
) -> list[OpenWarning]:
    """The warnings for which a group is sent pictures of a source now; none: it is sent none."""
    here = group(connection, chat_id)
    if here is None:
        return []
    found = warnings_for(source, here, store.open_warnings(connection, now))
    return [] if muted(store.mutes(connection, [chat_id]).get(chat_id), found) else found


def mute(connection: Connection, chat_id: int, person: Person, now: datetime) -> None:
    """The group gets no more pictures until a warning is released after this.

    :raises NotFound: it is no group of ours.
    :raises NotAllowed: who neither commands nor is on duty there, or above.
    """
    _permit(connection, chat_id, person)
    store.mute(connection, chat_id, now)
    append(connection, now, [Entry("sky_picture.muted", f"group:{chat_id}", person.id)])


def resume(connection: Connection, chat_id: int, person: Person, now: datetime) -> None:
    """The group gets pictures again, the newest at once.

    :raises NotFound: it is no group of ours.
    :raises NotAllowed: who neither commands nor is on duty there, or above.
    """
    _permit(connection, chat_id, person)
    if store.resume(connection, chat_id):
        append(connection, now, [Entry("sky_picture.resumed", f"group:{chat_id}", person.id)])


def _permit(connection: Connection, chat_id: int, person: Person) -> None:
    here = group(connection, chat_id)
    if here is None:
        raise NotFound(SkyProblem.NO_GROUP)
    require(may_take_charge(person, here.division_code), division=here.division_code)

"""Reports from the spot (现场上报): kept, and passed to the command group of the county.

It is that of the hazard of the warning they belong to; where no group serves, the duty officers.
An album goes on as one, once its parts are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from alerts import alert_store, open_calls_store
from alerts.acknowledge import NEWEST_CALLS
from alerts.cries import Cry
from alerts.lookup import Refusal
from alerts.model import IN_FORCE
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import FieldReports
from alerts.patrol.distress.calling import Raised, add_to_distress, officers_for
from alerts.patrol.distress.model import DistressStage
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.model import CRY_KIND, FieldReport
from alerts.patrol.field_reports.purposes import purpose_of
from alerts.patrol.positions import store as position_store
from contacts import people_store
from contacts.access import may_see_positions, require
from contacts.duty_store import station_officers_many
from contacts.group_store import groups_containing
from contacts.groups import Group, Purpose
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import NotFound

POSITION_FRESH = timedelta(minutes=30)
"""A report takes the person's last position when it is no older than this (ours)."""

ALBUM_PAUSE = timedelta(seconds=2)
"""An album is whole when so long no part of it came: Telegram sends the parts one by one (ours)."""

ALBUM_PARTS = 10
"""Parts of one album at most (Bot API, sendMediaGroup)."""

CRY_PAUSE = timedelta(minutes=3)
"""Of one person's cries the officers hear again after so long; those between go on together."""

CHUNK = 100
"""Waiting parts looked at in one transaction."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: who gets it, and whether it belongs to a call for help."""

    report: FieldReport
    groups: tuple[Group, ...] = ()
    officers: tuple[Person, ...] = ()
    distress: Raised | None = None
    first: bool = True  # of its album


def report_from_spot(
    connection: Connection,
    person: Person,
    kind: str,
    file_id: str | None,
    caption: str | None,
    now: datetime,
    *,
    media_group_id: str | None = None,
    bot_id: int | None = None,
    copy: bool = False,
    alert_id: int | None = None,
    to_officers: bool = False,
    cry: Cry | None = None,
    done_at: datetime | None = None,
) -> Reported:
    """Keep a report, bound to the person's open call and last position, and pass it on.

    :param bot_id: who received it: only that bot can send the file again.
    :param copy: whether the file is to be copied from Telegram.
    :param alert_id: the warning whose message it replies to; else the person's open one.
    :param to_officers: whether the duty officers get it at once, whichever group gets it too.
    :param cry: its caption is a cry for help or of alarm: those who hear one in words get it,
        before everything else.
    :param done_at: when it was sent, if that was before now.
    """
    at = done_at or now
    last = position_store.last_position(connection, person.id)
    fresh = last is not None and not last.doubts and at - last.fix.taken_at <= POSITION_FRESH
    first = media_group_id is None or not field_report_store.album_known(
        connection, person.id, media_group_id
    )
    in_distress = add_to_distress(
        connection, person, now, file_id=file_id, file_kind=kind, note=caption
    )
    # Those called for help get it at once; a call not sent yet may still be undone.
    passed = in_distress is not None and in_distress.call.stage is not DistressStage.PENDING
    report_id = field_report_store.add_field_report(
        connection,
        {
            "person_id": person.id,
            "alert_id": alert_id or _own_alert(connection, person),
            "at": at,
            "kind": kind,
            "file_id": file_id,
            "caption": caption,
            "media_group_id": media_group_id,
            "position_id": last.id if last is not None and fresh else None,
            "division_code": (last.division_code if last is not None and fresh else None)
            or person.division_code,
            "bot_id": bot_id,
            "copy_at": now if copy and file_id is not None else None,
            "forward_at": now + ALBUM_PAUSE if media_group_id and not passed else None,
        },
    )
    report = field_report_store.field_report(connection, report_id)
    assert report is not None
    groups, officers = destinations(connection, person, now, report.alert_id)
    at_once = cry is not None or (to_officers and bool(groups))
    if at_once:
        find = officers_for if cry is None else _cry_officers
        officers = find(connection, person, now)
        lane = Lane.ORANGE if cry is None else Lane.DISTRESS
        if not passed:
            _pass_on(connection, [report], [], officers, now, lane=lane)
    if media_group_id is not None:
        field_report_store.wait_for_album(connection, person.id, media_group_id, now + ALBUM_PAUSE)
    elif not passed:
        _pass_on(connection, [report], groups, [] if at_once else officers, now)
    subject, late = f"person:{person.id}", when_done(at, now)
    entries = [Entry("field_report.sent", subject, person.id, {"report": report_id, **late})]
    if cry is not None:
        told = [officer.id for officer in officers]
        entries.append(_cry_entry(person, cry, caption or "", report_id, told, late))
    append(connection, now, entries)
    return Reported(report, tuple(groups), tuple(officers), in_distress, first)


@dataclass(frozen=True, slots=True)
class Cried:
    """A cry for help in words: who hears it, and whether at once or with what came just before."""

    officers: tuple[Person, ...] = ()
    at_once: bool = True
    distress: Raised | None = None


def cry_out(
    connection: Connection,
    person: Person,
    cry: Cry,
    text: str,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> Cried:
    """Somebody cried for help in words: kept, and told to the duty officers of their place.

    Those called for help hear it while a call for help of the person is open. Of several cries in
    a few minutes the first goes on at once, the others together when the pause is over.

    :param done_at: when they did, if that was before now: it is told at once, with that time.
    """
    text, at = text[:LONGEST_CRY], done_at or now
    in_distress = add_to_distress(connection, person, now, note=text)
    before = field_report_store.cried_since(connection, person.id, at - CRY_PAUSE)
    officers = () if in_distress is not None else tuple(_cry_officers(connection, person, now))
    waits = None
    if before and in_distress is None:
        waits = next(
            (report.forward_at for report in before if report.forward_at is not None),
            before[-1].at + CRY_PAUSE,
        )
    last = position_store.last_position(connection, person.id)
    fresh = last is not None and not last.doubts and at - last.fix.taken_at <= POSITION_FRESH
    report_id = field_report_store.add_field_report(
        connection,
        {
            "person_id": person.id,
            "alert_id": _own_alert(connection, person),
            "at": at,
            "kind": CRY_KIND,
            "caption": text,
            "position_id": last.id if last is not None and fresh else None,
            "division_code": (last.division_code if last is not None and fresh else None)
            or person.division_code,
            "forward_at": waits,
        },
    )
    report = field_report_store.field_report(connection, report_id)
    assert report is not None
    if in_distress is None and waits is None:
        _pass_on(connection, [report], [], list(officers), now, lane=Lane.DISTRESS)
    told = [officer.id for officer in officers] if waits is None else []
    entry = _cry_entry(person, cry, text, report_id, told, when_done(at, now))
    append(connection, now, [entry])
    return Cried(officers, waits is None, in_distress)


LONGEST_CRY = 600
"""Characters kept of a cry in words."""


def _cry_entry(
    person: Person, cry: Cry, text: str, report_id: int, told: list[int], late: dict[str, Any]
) -> Entry:
    detail = {"cry": cry.value, "text": text, "report": report_id, "told": told, **late}
    return Entry("cry.heard", f"person:{person.id}", person.id, detail)


def _cry_officers(connection: Connection, person: Person, now: datetime) -> list[Person]:
    """The duty officers of the township and of the county, or above."""
    code = person.division_code
    station = station_officers_many(connection, [code], now)[code]
    found = {
        officer.id: officer
        for officer in (*station, *officers_for(connection, person, now))
        if officer.reachable and officer.id != person.id
    }
    return list(found.values())


def destinations(
    connection: Connection, person: Person, now: datetime, alert_id: int | None = None
) -> tuple[list[Group], list[Person]]:
    """The command groups of the person's county or the nearest above; else its duty officers.

    :param alert_id: the warning that the report belongs to: the groups of its hazard; without one
        those of the person's work or of the season (``purpose_of``), or of the other command.
    """
    county = person.division_code[:6].ljust(12, "0")
    alert = None if alert_id is None else alert_store.alert(connection, alert_id)
    if alert is not None:
        purposes = [Purpose(alert.hazard.family.value)]
    else:
        meant = purpose_of({post.role for post in person.posts}, now)
        purposes = [meant, Purpose.FIRE if meant is Purpose.FLOOD else Purpose.FLOOD]
    found = (groups_containing(connection, county, purpose) for purpose in purposes)
    groups = next(filter(None, found), [])
    return (groups, []) if groups else ([], officers_for(connection, person, now))


def album_for(connection: Connection, report_id: int, reader: Person) -> list[FieldReport]:
    """A report with its whole album, for somebody who may see where its sender was.

    :raises NotFound: no such report.
    :raises NotAllowed: the sender is not of the reader's division or below.
    """
    report = field_report_store.field_report(connection, report_id)
    if report is None:
        raise NotFound(Refusal.UNKNOWN)
    sender = people_store.person(connection, report.person_id)
    assert sender is not None
    require(may_see_positions(reader, sender), person=sender.id)
    return field_report_store.album(connection, report)


def forward_due(connection: Connection, now: datetime, *, limit: int = CHUNK) -> int:
    """Pass on the albums that are whole; returns how many parts. Idempotent by their rows."""
    due = field_report_store.to_forward(connection, now, limit)
    for _, same_album in groupby(due, key=lambda part: (part.person_id, part.media_group_id)):
        parts = list(same_album)
        person = people_store.person(connection, parts[0].person_id)
        assert person is not None
        if parts[0].kind == CRY_KIND:
            officers = _cry_officers(connection, person, now)
            _pass_on(connection, parts, [], officers, now, lane=Lane.DISTRESS)
            continue
        groups, officers = destinations(connection, person, now, parts[0].alert_id)
        for alike in _alike(parts):
            for start in range(0, len(alike), ALBUM_PARTS):
                _pass_on(connection, alike[start : start + ALBUM_PARTS], groups, officers, now)
    field_report_store.forwarded(connection, [report.id for report in due])
    return len(due)


def anything_to_forward(connection: Connection, now: datetime) -> bool:
    """Whether ``forward_due`` would find work."""
    return field_report_store.any_to_forward(connection, now)


def _alike(parts: list[FieldReport]) -> list[list[FieldReport]]:
    """What may stand in one album: pictures and videos, or documents."""
    documents = [part for part in parts if part.kind == "document"]
    others = [part for part in parts if part.kind != "document"]
    return [album for album in (others, documents) if album]


def _own_alert(connection: Connection, person: Person) -> int | None:
    """The newest warning that the person has still to answer; else the newest in force."""
    calls = open_calls_store.open_calls_of(connection, [person.id])
    if calls:
        return max(call.alert_id for call in calls)
    newest = alert_store.calls_of_person(connection, person.id, limit=NEWEST_CALLS)
    return next((alert.id for _call, alert in newest if alert.state in IN_FORCE), None)


def _pass_on(
    connection: Connection,
    parts: list[FieldReport],
    groups: list[Group],
    officers: list[Person],
    now: datetime,
    *,
    lane: Lane = Lane.ORANGE,
) -> None:
    ids = tuple(part.id for part in parts)
    messages = [FieldReports(ids)]
    if parts[0].kind == "video_note":  # Telegram gives it no caption: the words go first
        messages.insert(0, FieldReports(ids, words=True))
    # Before the mass of calls of lower levels: a command group decides by what it sees.
    to_groups = [
        NewDelivery(message, Lane.ORANGE, group.chat_id, LaneOrder.GROUP)
        for group in groups
        for message in messages
    ]
    to_officers = [
        to_person(officer, message, lane)
        for officer in officers
        if officer.telegram_id is not None
        for message in messages
    ]
    outbox_store.add_many(connection, [*to_groups, *to_officers], now)

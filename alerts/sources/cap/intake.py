"""What a poll of warnings brought: kept as it came, once; and proposed where it concerns us."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from pathlib import Path
from time import monotonic

from alerts.drafts.model import ProposalRules
from alerts.sources import finding_store
from alerts.sources.cap import message_store
from alerts.sources.cap.areas import Ground
from alerts.sources.cap.deciding import CapTrouble, Decided, Desk, Finding, decide
from alerts.sources.cap.drafting import FARTHEST_AHEAD, is_heartbeat, too_far_ahead
from alerts.sources.cap.feeds import FeedEntry, FeedRead, read_feed
from alerts.sources.cap.folder import listing
from alerts.sources.cap.lists import read_qweather, read_weather_list
from alerts.sources.cap.meaning import event_table
from alerts.sources.cap.message_store import KnownMessage, NewMessage, Outcome, digest_of
from alerts.sources.cap.model import Flaw, Unreadable
from alerts.sources.cap.reading import read_alert
from alerts.sources.cap.xml import is_page
from alerts.sources.feed_store import FeedState, polled
from alerts.sources.feeds import FeedAnswer
from alerts.sources.hotspots import FeedFault
from alerts.sources.written_times import read_time
from contacts.area_shapes import Land
from data.database import Connection, Database
from data.errors import RuleBroken, StoreError

log = logging.getLogger(__name__)

CHUNK = 250
"""Messages taken in by one transaction (ours): a tap waits for it."""

LINKS_AT_ONCE = 200
LINK_SECONDS = 45.0
FILES_AT_ONCE = 20_000
"""Links of a feed that are fetched in one poll, and for how long (ours); files of a folder. The
others next time."""

MOST_ENTRIES = 20_000
"""Of one feed (ours): the busiest have some hundreds."""

MOST_UNREADABLE = 200
"""Entries of one poll that are kept though nobody can read them (ours); the others are counted."""

YESTERDAY = timedelta(hours=24)
"""A feed of which everything ended so long ago is an old one (ours)."""

OVERTAKEN = timedelta(days=3)
"""For so long what came before the message that it ends is remembered for it (ours)."""

BACKWARDS = timedelta(hours=1)
"""By so much a feed's own time may go back (ours): its servers' clocks differ."""


class Form(Enum):
    """How a feed is written."""

    CAP = "cap"
    WEATHER_LIST = "weather_list"
    QWEATHER = "qweather"


@dataclass(frozen=True, slots=True)
class CapFeed:
    """A feed of warnings, or a ``folder`` of them.

    ``within``: only what concerns this division. ``fetch``: gets what an entry points to.
    ``in_vain``: digests of the entries whose links gave nothing when they were last tried.
    """

    name: str
    form: Form
    every: timedelta
    within: str = ""
    url: str = ""
    fetch: Callable[[str], FeedAnswer] | None = None
    folder: Path | None = None
    in_vain: set[str] = field(default_factory=set, compare=False)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a poll brought. With a ``fault`` nothing."""

    entries: int = 0
    new: int = 0
    proposed: int = 0
    unreadable: int = 0
    fault: FeedFault | None = None
    detail: str = ""


def take_in(
    database: Database,
    feed: CapFeed,
    state: FeedState,
    answer: FeedAnswer,
    at: datetime,
    land: Land,
    rules: ProposalRules,
) -> Brought:
    """Take in what a poll brought, and record how it went. Blocks: not for a loop."""
    zone = rules.warnings.zone
    if answer.fault is not None or answer.unchanged:
        database.do(lambda c: polled(c, state, answer, answer.fault, feed.every, at))
        return Brought(fault=answer.fault, detail=answer.detail)
    try:
        read = _read(feed, answer.body, zone, at)
        if len(read.entries) > MOST_ENTRIES and feed.folder is None:
            raise Unreadable(Flaw.TOO_LARGE, f"{len(read.entries)} > {MOST_ENTRIES}")
    except Unreadable as error:
        fault, why = _fault(answer.body, error), error
        database.do(lambda c: _refuse(c, feed, state, answer, why, fault, at))
        return Brought(fault=fault, detail=f"{error.flaw.value} {error.text}")
    told, waiting, failed, before, fetched = _with_links(database, feed, read.entries, zone)
    entries = list(_of_today(told, at, zone))
    new, known = _not_known(database, feed, entries)
    unreadable = sum(entry.alert is None for entry in new)
    new = _kept(new)
    of_all = None if before or len(told) > len(entries) else _fault_of_all(entries)
    draft_only = feed.form is Form.WEATHER_LIST
    ground = Ground(land, feed.within)
    overtaken = database.read(lambda c: message_store.overtaken(c, feed.name, at - OVERTAKEN))
    desk = Desk(feed.name, ground, event_table(), rules, at, draft_only, overtaken)
    new.sort(key=_order)
    proposed = 0
    for first in range(0, len(new), CHUNK):
        some = new[first : first + CHUNK]
        proposed += _take_or_single_out(database, feed.name, some, desk)
    findings = _of_poll(state, answer, read, entries, failed, at)
    # Recorded last: of a poll broken off the ETag is not kept, so the next brings it all.
    # A link that leads elsewhere does so the next time, too: the feed is not asked anew for it.
    might_come = any(fault is not FeedFault.REDIRECTED for _, fault in failed)
    again = read.broke_off or waiting or might_come
    kept = replace(answer, etag=None, last_modified=None) if again else answer

    def record(c: Connection) -> None:
        for finding in [*findings, *known]:
            _note(c, feed.name, finding, at)
        # Only now: of a poll broken off, what was fetched is fetched again.
        seen = before if of_all else [*before, *fetched]
        message_store.note_fetched(c, feed.name, seen, at)
        polled(
            c,
            state,
            kept,
            of_all,
            feed.every,
            at,
            rows=len(read.entries),
            new_rows=len(new),
            bad_rows=unreadable,
            newest_at=_own_time(answer, read, at),
        )

    database.do(record)
    return Brought(len(read.entries), len(new), proposed, unreadable, of_all)


def _kept(entries: Sequence[FeedEntry]) -> list[FeedEntry]:
    """What is taken in: of what nobody can read the first, for a feed may be nothing else."""
    unreadable = [entry for entry in entries if entry.alert is None][:MOST_UNREADABLE]
    return [*(entry for entry in entries if entry.alert is not None), *unreadable]


def _fault_of_all(entries: Sequence[FeedEntry]) -> FeedFault | None:
    """A poll has failed of which nothing can be read; that nothing is in force is no failure."""
    said = [entry for entry in entries if entry.flaw is not Flaw.NO_MESSAGE]
    nothing = said and all(entry.alert is None for entry in said)
    return FeedFault.UNREADABLE if nothing else None


def _read(feed: CapFeed, body: bytes, zone: tzinfo, at: datetime) -> FeedRead:
    if feed.folder is not None:
        return listing(feed.folder, at)
    if feed.form is Form.WEATHER_LIST:
        return read_weather_list(body, zone)
    if feed.form is Form.QWEATHER:
        return read_qweather(body, zone)
    return read_feed(body, zone, feed.url)


def _fault(body: bytes, error: Unreadable) -> FeedFault:
    if error.flaw is Flaw.TOO_LARGE:
        return FeedFault.TOO_LARGE
    if not body.strip():
        return FeedFault.EMPTY
    return FeedFault.HTML if is_page(body) else FeedFault.NOT_CAP


def _refuse(
    connection: Connection,
    feed: CapFeed,
    state: FeedState,
    answer: FeedAnswer,
    error: Unreadable,
    fault: FeedFault,
    at: datetime,
) -> None:
    """Nothing of it can be read: it is kept all the same, and an operator is told why."""
    words = f"{error.flaw.value} {error.text}".strip()
    body = answer.body
    message = NewMessage(feed.name, digest_of(body), body, Outcome.UNREADABLE, None, words)
    message_store.add(connection, [message], at)
    facts = {"flaw": error.flaw.value, "words": error.text}
    _note(connection, feed.name, Finding("", CapTrouble.FEED, facts), at)
    polled(connection, state, answer, fault, feed.every, at)


def _with_links(
    database: Database, feed: CapFeed, entries: Sequence[FeedEntry], zone: tzinfo
) -> tuple[list[FeedEntry], bool, list[tuple[str, FeedFault]], set[str], list[str]]:
    """The entries, with the messages that their links lead to.

    Those fetched before are left out. Also: whether some wait for the next poll, the links that
    gave nothing, and the digests of those that were fetched before, and now.
    """
    linked = {_entry_digest(entry): entry for entry in entries if entry.link and not entry.alert}
    others = [entry for entry in entries if entry.alert or entry.flaw or not entry.link]
    if not linked:
        return others, False, [], set(), []
    before = database.read(lambda c: message_store.fetched(c, feed.name, linked))
    wanted = [digest for digest in linked if digest not in before]
    # What hung or failed comes last: it must not take the time of the others in every poll.
    wanted.sort(key=feed.in_vain.__contains__)
    feed.in_vain.intersection_update(wanted)
    give_up = monotonic() + LINK_SECONDS
    done: list[str] = []
    failed: list[tuple[str, FeedFault]] = []
    for digest in wanted[: LINKS_AT_ONCE if feed.folder is None else FILES_AT_ONCE]:
        if feed.fetch is None or monotonic() > give_up:
            break
        entry = linked[digest]
        answer = feed.fetch(entry.link)
        if answer.fault is not None:
            feed.in_vain.add(digest)
            failed.append(
                (entry.id if feed.folder is None else Path(entry.link).name, answer.fault)
            )
            continue
        done.append(digest)
        others.append(_fetched(entry, answer.body, zone))
    return others, len(done) + len(failed) < len(wanted), failed, before, done


def _entry_digest(entry: FeedEntry) -> str:
    return digest_of(f"{entry.id}\n{entry.link}\n{entry.updated}")


def _fetched(entry: FeedEntry, body: bytes, zone: tzinfo) -> FeedEntry:
    try:
        return replace(entry, raw=body, alert=read_alert(body, zone))
    except Unreadable as error:
        return replace(entry, raw=body, flaw=error.flaw, text=error.text)


def _of_today(entries: Iterable[FeedEntry], at: datetime, zone: tzinfo) -> Iterator[FeedEntry]:
    """Without the heartbeats, of which one a minute would be kept; what comes from far ahead is
    named.
    """
    for entry in entries:
        if entry.alert is None:
            yield entry
        elif too_far_ahead(entry.alert, at):
            sent = entry.alert.sent.astimezone(zone)
            yield replace(entry, alert=None, flaw=Flaw.FUTURE, text=f"{sent:%Y-%m-%d %H:%M}")
        elif not is_heartbeat(entry.alert):
            yield entry


def _digest(entry: FeedEntry) -> str:
    return digest_of(entry.raw if entry.alert is None else entry.alert.identity)


def _order(entry: FeedEntry) -> tuple[bool, float]:
    """The older before the newer: what is referred to comes first."""
    return entry.alert is None, 0.0 if entry.alert is None else entry.alert.sent.timestamp()


def _not_known(
    database: Database, feed: CapFeed, entries: Iterable[FeedEntry]
) -> tuple[list[FeedEntry], list[Finding]]:
    """The messages that did not come before; and of those that did, which say something else now.

    In one feed the same message may stand twice.
    """
    by_digest: dict[str, FeedEntry] = {}
    for entry in entries:
        if entry.raw:
            by_digest.setdefault(_digest(entry), entry)
    known = database.read(lambda c: message_store.known(c, feed.name, by_digest))
    changed = [
        Finding(entry.id, CapTrouble.OTHER_CONTENT, {})
        for digest, entry in by_digest.items()
        if entry.alert is not None and known.get(digest, "") not in ("", digest_of(entry.raw))
    ]
    return [entry for digest, entry in by_digest.items() if digest not in known], changed


def _take_or_single_out(
    database: Database, source: str, some: Sequence[FeedEntry], desk: Desk
) -> int:
    """Take in some messages; where one fails, each alone, and that one is kept as unreadable.

    :raises StoreError: the database does not answer.
    """
    try:
        return database.do(lambda c: _take_some(c, source, some, desk))
    except StoreError as error:
        if not isinstance(error, RuleBroken):
            raise
    except Exception:
        log.exception("feed %s: one of %d messages cannot be taken in", source, len(some))
    if len(some) > 1:
        return sum(_take_or_single_out(database, source, [entry], desk) for entry in some)
    spoiled = replace(some[0], alert=None, flaw=Flaw.NOT_CAP, text="cannot be taken in")
    database.do(lambda c: _take_some(c, source, [spoiled], desk))
    return 0


def _take_some(
    connection: Connection, source: str, entries: Sequence[FeedEntry], desk: Desk
) -> int:
    """Decide about some messages and keep them, in one transaction; how many were proposed."""
    at = desk.now
    earlier = _earlier(connection, source, entries)
    kept: list[NewMessage] = []
    proposed = 0
    for entry in entries:
        digest = _digest(entry)
        if entry.alert is None:
            flaw = entry.flaw or Flaw.NOT_CAP
            words = f"{flaw.value} {entry.text}".strip()
            facts = {"flaw": flaw.value, "words": entry.text if flaw in _SAID else ""}
            finding = Finding(entry.id or digest, CapTrouble.MESSAGE, facts)
            decided = Decided(Outcome.UNREADABLE, findings=(finding,), words=words)
        else:
            decided = decide(connection, desk, entry.alert, digest, earlier)
        proposed += decided.proposed
        message = NewMessage(source, digest, entry.raw, decided.outcome, entry.alert, decided.words)
        kept.append(message)
        if entry.alert is not None:
            earlier.setdefault(entry.alert.identifier, []).insert(0, _as_known(message, at))
        for finding in decided.findings:
            _note(connection, source, finding, at)
    message_store.add(connection, kept, at)
    return proposed


_SAID = (Flaw.BAD_TIME, Flaw.FUTURE, Flaw.UNKNOWN_TYPE, Flaw.NO_MESSAGE)
"""Of these the operator reads what the agency wrote; of others it is a parser's English."""


def _earlier(
    connection: Connection, source: str, entries: Iterable[FeedEntry]
) -> dict[str, list[KnownMessage]]:
    """The messages that these refer to, and those that these in turn refer to, a few times over."""
    wanted = {
        reference.identifier
        for entry in entries
        if entry.alert is not None
        for reference in entry.alert.references
    }
    found: dict[str, list[KnownMessage]] = {}
    for _ in range(_GENERATIONS):
        missing = wanted - found.keys()
        if not missing:
            break
        more = message_store.of_identifiers(connection, source, missing)
        found |= {identifier: more.get(identifier, []) for identifier in missing}
        wanted |= {word for known in more.values() for one in known for word in one.refers}
    return found


_GENERATIONS = 10
"""How far back references are followed (ours)."""


def _as_known(message: NewMessage, at: datetime) -> KnownMessage:
    alert = message.alert
    assert alert is not None
    return KnownMessage(
        0,
        message.digest,
        alert.identifier,
        alert.sender,
        alert.type,
        alert.sent,
        tuple(reference.identifier for reference in alert.references),
        message.outcome,
        message.words,
        at,
        "",
    )


def _of_poll(
    state: FeedState,
    answer: FeedAnswer,
    read: FeedRead,
    entries: Sequence[FeedEntry],
    failed: Sequence[tuple[str, FeedFault]],
    at: datetime,
) -> list[Finding]:
    """What is wrong with the answer as a whole."""
    found = []
    if read.broke_off:
        found.append(Finding("", CapTrouble.BROKE_OFF, {"entries": len(read.entries)}))
    own = _own_time(answer, read, at)
    if own is not None and state.newest_at is not None and own < state.newest_at - BACKWARDS:
        found.append(Finding("", CapTrouble.YESTERDAY, {"time": own.isoformat()}))
    elif _all_over(entries, at):
        found.append(Finding("", CapTrouble.YESTERDAY, {"time": ""}))
    if failed:
        name, fault = failed[0]
        facts = {"count": len(failed), "words": name[:100], "fault": fault.value}
        found.append(Finding("", CapTrouble.LINKS, facts))
    return found


def _own_time(answer: FeedAnswer, read: FeedRead, at: datetime) -> datetime | None:
    """When the feed says it was made; else its server. A time far ahead is none."""
    own = read.updated
    if own is None and answer.last_modified:
        said = read_time(answer.last_modified, UTC)
        own = None if said is None else said.at
    return own if own is not None and own <= at + FARTHEST_AHEAD else None


def _all_over(entries: Sequence[FeedEntry], at: datetime) -> bool:
    """Whether everything in it ended over a day ago."""
    ends = [
        info.expires
        for entry in entries
        if entry.alert is not None
        for info in entry.alert.infos
        if info.expires is not None
    ]
    return bool(ends) and max(ends) < at - YESTERDAY


def _note(connection: Connection, source: str, finding: Finding, at: datetime) -> None:
    kind = f"cap_{finding.trouble.value}"
    finding_store.note(connection, source, finding.subject, kind, finding.facts, at)

"""The watch over jiaoying itself: looks for what stands still and tells the top duty officer.

The look is a tick like any other: what was found, who was told and when are rows, so that a restart
or another machine goes on where this one stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from alerts.channels import trouble_store
from alerts.channels.trouble_store import ChannelTrouble
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import OversightNotice
from alerts.oversight import channel_store, publishing_store, refusal_store
from alerts.oversight import store as oversight_store
from alerts.oversight.findings import (
    WORST,
    Finding,
    FindingKind,
    Open,
    OversightRules,
    Source,
    Telling,
    believed,
    silent,
    stuck,
    telling,
)
from alerts.oversight.processes import differing, wrong_clocks
from alerts.oversight.refusal_store import Refusal
from alerts.oversight.store import Waiting
from alerts.sources import finding_store
from alerts.sources.gauges import silent_store
from contacts import bot_store, people_store
from contacts.bots import Bot
from contacts.divisions.codes import tier_of
from contacts.duty_store import duty_officers
from contacts.group_store import EVERYWHERE, groups_out_of_reach
from contacts.people import Person
from data import leases, set_aside
from data.audit import Entry, append
from data.database import Connection
from data.set_aside import SetAside
from data.tables.columns import from_milliseconds, to_milliseconds

MOST_NAMED = 5
"""Bots or sources named in one message; of the others it says how many (ours)."""

TOLD_FOR = timedelta(minutes=5)
"""For so long a step of the clock that is followed is a finding (ours): told once, then over."""

MOST_DOUBTED = 10
"""Things that feeds say and that cannot be right, named in one message (ours)."""

DOUBTED_FOR = timedelta(hours=1)
"""For so long after it was seen last, what a feed says wrongly is a finding (ours)."""

LATELY = timedelta(hours=24)
"""For so long a message that a bug kept from being sent is a finding, and a call that could not be
handed over to another channel (ours)."""

NOT_TAKEN_FOR = timedelta(minutes=5)
"""For so long no call of a warning was handed over (ours): the gateway is out, or never asks."""

CHANNEL_PATIENCE = timedelta(minutes=10)
"""A channel tells of a call within so long: a telephone has rung by then (ours)."""

CHANNEL_LATELY = timedelta(hours=6)
"""For so long a channel that tells of nothing is a finding (ours)."""

_ACTIONS = {
    Telling.FOUND: "oversight.found",
    Telling.AGAIN: "oversight.again",
    Telling.OVER: "oversight.over",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What one look had to say of one kind, and to how many."""

    kind: FindingKind
    telling: Telling
    officers: int


class Stepped(Protocol):
    """As ``bot.services.clocks.ClockStep``."""

    @property
    def by(self) -> timedelta:
        """By how much the machine's clock was stepped."""

    @property
    def at(self) -> datetime:
        """When, by the clock that counts."""

    @property
    def followed(self) -> bool:
        """Whether that clock follows it; a step back never is."""


def look(
    connection: Connection,
    now: datetime,
    rules: OversightRules,
    sources: Iterable[Source] = (),
    step: Stepped | None = None,
    shut: Sequence[tuple[str, int]] = (),
) -> list[Finding]:
    """Everything that is wrong at ``now``; only reads.

    What a bot that cannot speak holds up is not a finding of its own.

    :param step: the last step of this machine's clock that counts.
    :param shut: the servers of this process that cannot listen, with their ports.
    """
    down = [bot for bot in bot_store.bots(connection) if bot.down is not None]
    silenced = {bot.id for bot in down}
    found: list[Finding] = []

    def waiting(kind: FindingKind, some: Waiting) -> None:
        if some.count and some.oldest_at is not None:
            found.append(Finding(kind, _counted(some.count, some.oldest_at)))

    waiting(
        FindingKind.CALLS_LATE,
        oversight_store.late_calls(connection, now - _seconds(rules.late_seconds)),
    )
    queues = [
        queue for queue in oversight_store.queues(connection, now) if queue.bot_id not in silenced
    ]
    if standing := stuck(queues, now, rules):
        oldest = min(queue.oldest_due_at for queue in standing)
        facts = _counted(sum(queue.due for queue in standing), oldest)
        lanes = sorted({queue.lane.name.lower() for queue in standing})
        found.append(Finding(FindingKind.QUEUE_STUCK, {**facts, "lanes": lanes}))
    held = now - _seconds(rules.claimed_seconds)
    waiting(
        FindingKind.CLAIMS_STUCK,
        oversight_store.claimed_before(connection, held, except_bots=silenced),
    )
    waiting(
        FindingKind.INBOX_STUCK,
        oversight_store.unhandled(connection, now - _seconds(rules.inbox_seconds)),
    )
    waiting(FindingKind.UPDATES_FAILED, oversight_store.failed_updates(connection))
    waiting(
        FindingKind.MESSAGES_FAILED, oversight_store.impossible_messages(connection, now - LATELY)
    )
    waiting(
        FindingKind.CHANNEL_FAILING,
        oversight_store.together(
            channel_store.dead_letters(connection, now - LATELY),
            channel_store.not_taken(connection, now - NOT_TAKEN_FOR, now),
        ),
    )
    waiting(
        FindingKind.CHANNEL_SILENT,
        channel_store.silent(connection, now - CHANNEL_LATELY, now - CHANNEL_PATIENCE),
    )
    if troubles := trouble_store.standing(connection, rules.channels):
        found.append(Finding(FindingKind.CHANNEL_REFUSED, _troubles(troubles)))
    found += _of_doors(shut)
    waiting(FindingKind.ROBOT_FAILING, channel_store.robots_refused(connection, now - LATELY))
    waiting(FindingKind.HOOKS_FAILING, publishing_store.not_told(connection, now, now - LATELY))
    waiting(FindingKind.FILES_FAILING, publishing_store.not_filed(connection, now))
    found += _of_sources(list(sources), now)
    found += _of_what_they_say(connection, now)
    if down:
        found.append(Finding(FindingKind.BOT_DOWN, _bots(down)))
    if aside := set_aside.kept(connection, now):
        found.append(Finding(FindingKind.SET_ASIDE, _aside(aside)))
    found += _of_refusals(connection, now)
    processes = leases.processes(connection)
    if settings := differing(processes):
        found.append(Finding(FindingKind.SETTINGS_DIFFER, settings))
    if clocks := wrong_clocks(processes):
        found.append(Finding(FindingKind.CLOCKS_DIFFER, clocks))
    if step is not None and not (step.followed and now - step.at >= TOLD_FOR):
        facts = {"seconds": round(step.by.total_seconds()), "followed": step.followed}
        found.append(Finding(FindingKind.CLOCK_STEPPED, facts))
    return found


def _of_doors(shut: Sequence[tuple[str, int]]) -> list[Finding]:
    doors = [list(door) for door in shut]
    return [Finding(FindingKind.DOORS_SHUT, {"count": len(doors), "doors": doors})] if doors else []


def anything_to_do(
    connection: Connection,
    now: datetime,
    rules: OversightRules,
    sources: Sequence[Source] = (),
    step: Stepped | None = None,
    shut: Sequence[tuple[str, int]] = (),
) -> bool:
    """Whether ``audit`` would change anything: only reads."""
    return bool(
        look(connection, now, rules, sources, step, shut)
        or oversight_store.open_findings(connection)
    )


def audit(
    connection: Connection,
    now: datetime,
    rules: OversightRules,
    sources: Sequence[Source] = (),
    clock_step: Stepped | None = None,
    shut: Sequence[tuple[str, int]] = (),
) -> list[Told]:
    """Look, remember, and tell what there is to tell; in one transaction."""
    known = oversight_store.open_findings(connection)
    set_aside.forget_old(connection, now)
    findings = look(connection, now, rules, sources, clock_step, shut)
    found = {finding.kind: finding for finding in findings}
    told: list[Told] = []
    for kind in FindingKind:
        finding, before = found.get(kind), known.get(kind)
        news_at = None if finding is None else _news_at(finding)
        step = telling(before, finding is not None, now, rules, news_at=news_at)
        if finding is not None:
            if step is Telling.ANEW:
                oversight_store.forget(connection, kind)
            if before is None or step is Telling.ANEW:
                oversight_store.found(connection, kind, finding.facts, now)
            else:
                oversight_store.seen(connection, kind, finding.facts, now)
        if step in (Telling.FOUND, Telling.AGAIN):
            assert finding is not None and before is not None
            officers = watchers(connection, now)
            if officers or before.told_at is not None:
                everybody = dict.fromkeys([*before.told, *(officer.id for officer in officers)])
                oversight_store.told(connection, kind, everybody, now)
                _tell(connection, before, step, finding.facts, officers, now)
            told.append(Told(kind, step, len(officers)))
        elif step in (Telling.OVER, Telling.FORGET):
            assert before is not None
            oversight_store.forget(connection, kind)
            if step is Telling.OVER:
                people = people_store.people(connection, before.told)
                again = [people[person_id] for person_id in before.told if person_id in people]
                _tell(connection, before, step, before.facts, again, now)
                told.append(Told(kind, step, len(again)))
    return told


def worst_open(connection: Connection, now: datetime) -> list[FindingKind]:
    """The findings that stop the heartbeat, if any."""
    known = oversight_store.open_findings(connection).values()
    return [finding.kind for finding in known if finding.kind in WORST and believed(finding, now)]


def watchers(connection: Connection, now: datetime) -> list[Person]:
    """Who is told: the duty officers of the broadest division that a bot serves.

    Where nobody there can be reached, as when it is their own bot that fell silent, those of the
    next division that a bot serves.
    """
    codes = {bot.division_code for bot in bot_store.bots(connection)}
    for code in sorted(codes, key=lambda code: (tier_of(code).depth, code)):
        officers = [
            officer for officer in duty_officers(connection, code, now) if officer.reachable
        ]
        if officers:
            return officers
    return []


def _tell(
    connection: Connection,
    known: Open,
    step: Telling,
    facts: Mapping[str, Any],
    people: Iterable[Person],
    now: datetime,
) -> None:
    """Ahead of every warning: what holds those up must not hold this up."""
    message = OversightNotice(known.kind, step, known.since, now, dict(facts))
    linked = [person for person in people if person.telegram_id is not None]
    deliveries = [
        to_person(
            person,
            message,
            Lane.ANSWER,
            order=LaneOrder.GROUP,
            coalesce_key=f"oversight:{known.kind.value}:{person.id}",
        )
        for person in linked
    ]
    outbox_store.add_many(connection, deliveries, now)
    detail = {"facts": dict(facts), "told": [person.id for person in linked]}
    append(connection, now, [Entry(_ACTIONS[step], f"finding:{known.kind.value}", detail=detail)])


def _counted(count: int, oldest: datetime) -> dict[str, Any]:
    return {"count": count, "oldest": to_milliseconds(oldest)}


def _sources(lost: Sequence[Source]) -> dict[str, Any]:
    heard = [source.last_success for source in lost if source.last_success is not None]
    facts: dict[str, Any] = {
        "count": len(lost),
        "names": [source.name for source in lost[:MOST_NAMED]],
        "faults": [source.fault for source in lost[:MOST_NAMED]],
    }
    return facts | ({"oldest": to_milliseconds(min(heard))} if heard else {})


def _of_sources(sources: Sequence[Source], now: datetime) -> Iterator[Finding]:
    """Feeds that say nothing any more, and those of which rows cannot be read."""
    lost = silent(sources, now)
    if lost:
        yield Finding(FindingKind.SOURCE_SILENT, _sources(lost))
    if slips := [source for source in sources if source.bad_rows and source not in lost]:
        rows = [[source.name, source.bad_rows] for source in slips[:MOST_NAMED]]
        yield Finding(FindingKind.ROWS_UNREADABLE, {"count": len(slips), "rows": rows})


def _of_what_they_say(connection: Connection, now: datetime) -> Iterator[Finding]:
    """What feeds say that cannot be right, and gauges that say nothing: a line for each."""
    if doubted := finding_store.since(connection, now - DOUBTED_FOR):
        rows = [
            [one.feed, one.subject, one.kind, dict(one.facts)] for one in doubted[:MOST_DOUBTED]
        ]
        yield Finding(FindingKind.SOURCES_DOUBTED, {"count": len(doubted), "rows": rows})
    if quiet := silent_store.silent(connection, now):
        facts = {
            "count": len(quiet),
            "names": [f"{name}（{code}）" for code, name, _at in quiet[:MOST_DOUBTED]],
            "oldest": to_milliseconds(quiet[0][2]),
        }
        yield Finding(FindingKind.GAUGES_SILENT, facts)


def _of_refusals(connection: Connection, now: datetime) -> Iterator[Finding]:
    """Groups that take no message from us, and refusals that somebody has to read."""
    if groups := groups_out_of_reach(connection, [EVERYWHERE]):
        named = [group.title for group in groups[:MOST_NAMED]]
        yield Finding(FindingKind.GROUPS_REFUSE, {"count": len(groups), "names": named})
    if refusals := refusal_store.since(connection, now - LATELY):
        yield Finding(FindingKind.UNFORESEEN, _refused(refusals))


def _news_at(finding: Finding) -> datetime | None:
    """When Telegram first refused something in the newest of its words, which nobody has read."""
    newest = finding.facts.get("newest")
    return None if newest is None else from_milliseconds(newest)


def _refused(refusals: Sequence[Refusal]) -> dict[str, Any]:
    by_first = sorted(refusals, key=lambda refusal: refusal.first_at, reverse=True)
    return {
        "count": len(refusals),
        # The newest words first: those of a text that came often may have been read before.
        "words": [[refusal.words, refusal.count] for refusal in by_first[:MOST_NAMED]],
        "newest": to_milliseconds(by_first[0].first_at),
        "oldest": to_milliseconds(min(refusal.first_at for refusal in refusals)),
    }


def _troubles(troubles: Sequence[ChannelTrouble]) -> dict[str, Any]:
    return {
        "count": len(troubles),
        "refused": [[one.channel.value, one.trouble.value, one.words] for one in troubles],
        "oldest": to_milliseconds(min(one.first_at for one in troubles)),
    }


def _aside(rows: Sequence[SetAside]) -> dict[str, Any]:
    named = [[aside.topic, aside.row] for aside in rows[:MOST_NAMED]]
    oldest = to_milliseconds(min(aside.since for aside in rows))
    return {"count": len(rows), "rows": named, "oldest": oldest}


def _bots(down: Sequence[Bot]) -> dict[str, Any]:
    since = [bot.down_since for bot in down if bot.down_since is not None]
    named = [
        {
            "name": bot.username,
            "division": bot.division_code,
            "reason": None if bot.down is None else bot.down.value,
        }
        for bot in down[:MOST_NAMED]
    ]
    facts: dict[str, Any] = {"count": len(down), "bots": named}
    return facts | ({"oldest": to_milliseconds(min(since))} if since else {})


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)

"""(g) kill -9 at random moments of an alert: no call and no tap is lost, duplicates are bounded."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bench.crash import Crowd, kill_again_and_again
from bench.scene import Row, filled, go, run, server
from bot.telegram.dispatcher import IN_FLIGHT
from data import audit
from data.audit import audit as trail
from data.database import Connection
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from data.tables.running import inbox


@dataclass(frozen=True, slots=True)
class Survived:
    """What the database and the simulated people hold after the last kill."""

    kills: int
    kills_while_sending: int
    calls: int
    lost_calls: int
    taps: int
    lost_taps: int
    recorded_twice: int
    doubles: tuple[int, ...]  # calls sent again after each kill
    left_claimed: int
    left_in_inbox: int
    trail_whole: bool


def killing(folder: Path, *, quick: bool) -> list[Row]:
    """100 kills of a 2,000-person alert; 10 of 400 in quick mode."""
    kills, persons = (10, 400) if quick else (100, 2000)
    found = survive(folder, kills=kills, persons=persons)
    total, most = sum(found.doubles), max(found.doubles)
    bound = IN_FLIGHT * found.kills

    def zero(label: str, count: int) -> Row:
        return Row("g", label, str(count), "0", count == 0)

    summary = f"{found.kills} kills, {found.kills_while_sending} of them while sending"
    return [
        zero(f"calls never delivered, of {found.calls} ({summary})", found.lost_calls),
        zero(f"taps lost, of {found.taps}", found.lost_taps),
        zero("answers recorded twice", found.recorded_twice),
        Row("g", "calls sent twice, all kills together", str(total), f"≤ {bound}", total <= bound),
        Row("g", "the same, mean of a kill", f"{statistics.mean(found.doubles):.2f}"),
        Row(
            "g",
            "the same, most after one kill",
            str(most),
            f"≤ {IN_FLIGHT}",
            most <= IN_FLIGHT,
        ),
        zero("deliveries left claimed", found.left_claimed),
        zero("updates left in the inbox", found.left_in_inbox),
        Row("g", "audit trail whole", str(found.trail_whole), "True", found.trail_whole),
    ]


def survive(folder: Path, *, kills: int, persons: int, seed: int = 1) -> Survived:
    """Release, then kill and restart the bot while it sends and people tap; then look."""
    file = folder / "killed.db"
    database = filled(file, persons)
    go(database)
    query = select(calls.c.id, people.c.telegram_id).join(people, people.c.id == calls.c.person_id)
    ids = {row[1]: row[0] for row in database.read(lambda c: c.execute(query).all())}

    def nothing_left(crowd: Crowd) -> bool:
        now = database.read(lambda c: _found(c, crowd, ids, kills))
        return not (now.lost_calls or now.lost_taps or now.left_claimed or now.left_in_inbox)

    with server("--population", str(10**9)) as url:
        crowd: Crowd = run(kill_again_and_again(file, url, ids, kills, seed, nothing_left))
    found = database.read(lambda c: _found(c, crowd, ids, kills))
    database.close()
    return found


def _found(connection: Connection, crowd: Crowd, ids: dict[int, int], kills: int) -> Survived:
    def count(table, *conditions) -> int:  # type: ignore[no-untyped-def]
        query = select(func.count()).select_from(table).where(*conditions)
        return int(connection.execute(query).scalar_one())

    answered = set(
        connection.execute(select(calls.c.id).where(calls.c.state == "acknowledged")).scalars()
    )
    entries = count(trail, trail.c.action == "call.acknowledged")
    return Survived(
        kills,
        crowd.kills_while_sending,
        len(ids),
        sum(1 for account in ids if not crowd.sent[account]),
        len(crowd.tapped),
        sum(1 for account in crowd.tapped if ids[account] not in answered),
        entries - len(answered),
        tuple(crowd.doubles),
        count(deliveries, deliveries.c.state == "claimed"),
        count(inbox),
        audit.verify(connection).broken is None,
    )

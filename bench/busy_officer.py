"""(n), (o) One officer's chat is busy: another's call for help, and the officer's own, do not wait.

A chat takes one message a second. (n) 150 messages for one officer wait in the lane of calls for
help when others call for help. (o) An officer records 25 proxy answers in ten seconds, each of
which changes what the chat shows, and then calls for help.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select, update

from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import RelayedRequest
from bench.distress import APART_SECONDS, called_for_help, prepared
from bench.process import bot_process
from bench.scene import BOT_ID, PROVINCE, Row, filled, go, now, run, server
from bench.tapping import Taps, call_ids, centile, tap
from data.database import Connection, Database
from data.tables.contacts import people
from data.tables.patrol import distress_calls

PERSONS = 20_000
WAITING = 150
OFFICER = 999_999
"""The account of the officer whose chat is busy; nobody else's."""

OFFICERS = 10
PROXIES = 25
WITHIN_SECONDS = 10.0
PATIENCE = 60.0


def behind_others(folder: Path, *, quick: bool) -> list[Row]:
    """(n) Seconds from the second tap of a call for help to its first message to somebody."""
    wanted = 15 if quick else 60
    file = folder / "behind.db"
    database = filled(file, PERSONS)
    rangers = database.do(prepared)
    # As many more as leave while we look: there are 150 at every call.
    there = WAITING + int(wanted * (APART_SECONDS + 1))
    database.do(lambda c: _wait_for_officer(c, there))
    with server("--population", str(10**9), "--limits", "30,1,20") as url:
        process = bot_process(file, url, JIAOYING_DISTRESS__REPEAT_MINUTES="60")
        try:
            seconds, lost = run(called_for_help(url, rangers[:wanted]))
        finally:
            process.terminate()
            process.wait(30)
    database.close()
    p50, p99 = centile(seconds, 50), centile(seconds, 99)
    label = f"distress behind {WAITING} messages for one officer, {len(seconds)} calls"
    return [
        Row("n", f"{label}: tap to first send, p50 s", f"{p50:.3f}"),
        Row("n", f"{label}: p99 s", f"{p99:.3f}", "≤ 0.5", p99 <= 0.5),
        Row("n", f"{label}: nobody got it", str(lost), "0", lost == 0),
    ]


def _wait_for_officer(connection: Connection, count: int) -> None:
    for number in range(count):
        payload = {"chat_id": OFFICER, "text": f"📋 {number}"}
        message = RelayedRequest("sendMessage", payload)
        outbox_store.relay(connection, BOT_ID, message, OFFICER, Lane.DISTRESS, now())


def own_taps(folder: Path, *, quick: bool) -> list[Row]:
    """(o) Seconds from the officer's tap on 立即求救 to its toast; ten officers at a time."""
    helps: list[float] = []
    proxies: list[float] = []
    silent = 0
    for turn in range(1 if quick else 4):
        file = folder / f"officers-{turn}.db"
        database = filled(file, PERSONS)
        go(database)
        officers = database.do(_officers)
        calls = [call for call, _ in call_ids(database)]
        with server("--population", str(10**9), "--limits", "30,1,20") as url:
            process = bot_process(file, url, JIAOYING_DISTRESS__CONFIRM_SECONDS="120")
            try:
                waits = run(_tapped(url, database, officers, calls))
            finally:
                process.terminate()
                process.wait(30)
        database.close()
        silent += sum(wait is None for wait in waits)
        helps += [wait for wait in waits[-OFFICERS:] if wait is not None]
        proxies += [wait for wait in waits[:-OFFICERS] if wait is not None]
    p99 = centile(helps, 99)
    label = f"{PROXIES} proxy answers by an officer in {WITHIN_SECONDS:.0f} s"
    return [
        Row("o", f"{label}, then 求救: tap to toast, median s", f"{statistics.median(helps):.3f}"),
        Row("o", f"{label}, then 求救: tap to toast, p99 s", f"{p99:.3f}", "≤ 0.3", p99 <= 0.3),
        Row("o", f"{label}: tap to toast of those, p99 s", f"{centile(proxies, 99):.3f}"),
        Row("o", f"{label}, then 求救: taps without a toast", str(silent), "0", silent == 0),
    ]


def _officers(connection: Connection) -> list[tuple[int, int]]:
    """(person, account) of ten duty officers of the province: they may answer for anybody."""
    columns = people.c
    query = select(columns.id, columns.telegram_id).where(columns.id > 1).order_by(columns.id)
    chosen = [(row.id, row.telegram_id) for row in connection.execute(query.limit(OFFICERS))]
    ids = [person_id for person_id, _ in chosen]
    officer = {"role": "duty_officer", "division_code": PROVINCE}
    connection.execute(update(people).where(columns.id.in_(ids)).values(officer))
    return chosen


async def _tapped(
    url: str, database: Database, officers: list[tuple[int, int]], calls: list[int]
) -> list[float | None]:
    """Of each tap the seconds to its toast; the last ten are those for help."""
    async with aiohttp.ClientSession() as session:
        taps = Taps(session, url)
        await taps.bots_up()
        for _, account in officers:
            await taps.post("people/send_text", {"user_id": account, "text": "🆘 求救"})
        asked = await _asked_for_help(database, len(officers))
        began = time.perf_counter()
        for number in range(PROXIES):
            await asyncio.sleep(began + number * WITHIN_SECONDS / PROXIES - time.perf_counter())
            turn = calls[number * len(officers) :]
            await taps.at_once(
                [
                    tap(account, f"p:{call}:phone")
                    for (_, account), call in zip(officers, turn, strict=False)
                ]
            )
        await asyncio.sleep(began + WITHIN_SECONDS - time.perf_counter())
        await taps.at_once([tap(account, f"dc:{asked[person]}") for person, account in officers])
        return (await taps.answers(0, PATIENCE)).waits


async def _asked_for_help(database: Database, count: int) -> dict[int, int]:
    """By person, the call for help that waits for its second tap."""
    query = select(distress_calls.c.person_id, distress_calls.c.id)
    for _ in range(600):
        rows: Any = await asyncio.to_thread(database.read, lambda c: c.execute(query).all())
        if len(rows) >= count:
            return {row[0]: row[1] for row in rows}
        await asyncio.sleep(0.1)
    raise TimeoutError("the calls for help were not recorded")

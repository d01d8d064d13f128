"""``jiaoying sources``: how the feeds stand, what came of others' warnings, one as it came."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import timedelta
from typing import Any, TextIO

import orjson

from bot.config.settings import Settings
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from bot.views.clock import day_clock
from data.database import Connection

LISTED = 20
"""Messages that are listed (ours)."""

A_DAY = timedelta(days=1)


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser."""
    words = "数据源的情况、外来预警的去向和原文 / feeds, what came of others' warnings, their text"
    sources = verbs.add_parser("sources", help=words, description=words)
    sources.add_argument(
        "--raw", type=int, metavar="ID", help="打印这条预警的原文 / print this message as it came"
    )
    sources.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    sources.set_defaults(func=_sources)


def _sources(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    from alerts.sources.cap import message_store  # with XML: only this verb wants it

    with closing(open_for_command(settings)) as database:
        if arguments.raw is not None:
            raw = database.read(lambda c: message_store.raw_of(c, arguments.raw))
            if raw is None:
                print(
                    "没有这条，或已过留存期 / there is none, or it was kept long enough", file=out
                )
                return 1
            print(raw.decode("utf-8", "replace"), file=out)
            return 0
        facts = database.read(lambda c: _facts(c, settings))
    if arguments.json:
        out.write(orjson.dumps(facts).decode() + "\n")
        return 0
    for line in facts["feeds"]:
        at = line["succeeded"] or "还没有 / not yet"
        fault = f"  {line['fault']} × {line['failures']}" if line["fault"] else ""
        print(f"{line['name']}  上次成功 / last success {at}{fault}", file=out)
    for line in facts["day"]:
        words = f"{line['source']}  24 小时内 / in 24 h  {line['outcome']} {line['count']}"
        print(words, file=out)
    for line in facts["messages"]:
        identifier = line["identifier"] or line["words"]
        print(
            f"{line['id']}  {line['received']}  {line['source']}  {line['outcome']}  {identifier}",
            file=out,
        )
    for said in facts["findings"]:
        print(f"⚠️ {said}", file=out)
    return 0


def _facts(c: Connection, settings: Settings) -> dict[str, Any]:
    from alerts.sources import finding_store
    from alerts.sources.cap import message_store
    from alerts.sources.feed_store import feed_states
    from bot.views.source_findings import finding_line

    now, zone = utc_now(), settings.time.info
    states = feed_states(c)
    return {
        "feeds": [
            {
                "name": one.name,
                "succeeded": one.succeeded_at and day_clock(one.succeeded_at, zone),
                "fault": one.fault and one.fault.value,
                "failures": one.failures,
            }
            for one in states
        ],
        "day": [
            {"source": source, "outcome": outcome.value, "count": count}
            for (source, outcome), count in sorted(
                message_store.counts(c, now - A_DAY).items(), key=lambda row: (row[0][0], -row[1])
            )
        ],
        "messages": [
            {
                "id": known.id,
                "source": source,
                "received": day_clock(known.received_at, zone),
                "outcome": known.outcome.value,
                "identifier": known.identifier,
                "words": known.words,
            }
            for source, known in message_store.newest(c, limit=LISTED)
        ],
        "findings": [
            finding_line(one.feed, one.subject, one.kind, one.facts, "zh")
            for one in finding_store.since(c, now - A_DAY)
        ],
    }

"""The verbs about the store: ``db upgrade`` (and, in ``upkeep``, its others), ``audit verify``."""

from __future__ import annotations

import argparse
import re
from contextlib import closing
from typing import TextIO

import orjson

from bot.config.settings import Settings
from bot.console import upkeep
from bot.services.clocks import utc_now
from bot.services.opening import open_for_command
from contacts.roster.store import seed_divisions
from data import archived_trail, audit, schema
from data.audit import ChainCheck
from data.database import Connection, Database
from data.schema import SchemaState

_SAID = {
    SchemaState.EMPTY: "数据库已建好 / database created",
    SchemaState.OLDER: "数据库已升级 / database upgraded",
    SchemaState.CURRENT: "数据库已是最新 / database is current",
}


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    of_store = verbs.add_parser("db", help="数据库 / the database").add_subparsers(required=True)
    upgrade = of_store.add_parser("upgrade", help="建立或升级数据库 / create or upgrade")
    upgrade.set_defaults(func=_upgrade)
    upkeep.register_db(of_store)
    of_audit = verbs.add_parser("audit", help="留痕 / the audit trail").add_subparsers(
        required=True
    )
    verify = of_audit.add_parser("verify", help="核验留痕链 / verify the chain")
    verify.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    verify.add_argument(
        "--noted",
        type=_mark,
        metavar="SEQ:HASH",
        help="以前记下的一条，应仍在原处 / an entry noted before, which must still stand there",
    )
    verify.add_argument(
        "--all",
        action="store_true",
        help="连同归档从头核验；否则从最后一个签名标记起"
        " / from the first entry, through the history; else from the last signed mark",
    )
    verify.set_defaults(func=_verify)


def _upgrade(_arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    database = Database(settings.database.url, synchronous=settings.database.synchronous)
    with closing(database):
        before = schema.upgrade(database)
        entered = database.do(lambda c: seed_divisions(c, utc_now()))
    print(_SAID[before], file=out)
    if entered:
        print(f"已载入吉林省行政区划 {entered} 个 / {entered} divisions of Jilin loaded", file=out)
    return 0


def _mark(text: str) -> audit.NotedEntry:
    """An entry as ``verify`` printed it; argparse turns the error into usage, exit 2."""
    seq, _, told = text.partition(":")
    if not (seq.isascii() and seq.isdecimal() and re.fullmatch(r"[0-9a-f]{64}", told)):
        raise argparse.ArgumentTypeError("SEQ:HASH")
    return audit.NotedEntry(int(seq), told)


def _verify(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    noted: audit.NotedEntry | None = arguments.noted

    def check(connection: Connection) -> ChainCheck:
        if arguments.all:
            return archived_trail.verify_all(connection, noted)
        if noted is not None:
            return archived_trail.verify_noted(connection, noted)
        return audit.verify(connection)

    with closing(open_for_command(settings)) as database:
        verdict = database.read(check)
    if arguments.json:
        facts = {
            "entries": verdict.entries,
            "head": verdict.head,
            "broken": None if verdict.broken is None else verdict.broken.value,
            "broken_at": verdict.broken_at,
            "since": verdict.since,
            "away": verdict.away,
        }
        out.write(orjson.dumps(facts).decode() + "\n")
    elif verdict.broken is not None:
        print(
            f"留痕在第 {verdict.broken_at} 条被改动（{verdict.broken.value}）"
            f" / the trail is broken at entry {verdict.broken_at}",
            file=out,
        )
    else:
        _tell_whole(verdict, out)
    return 0 if verdict.broken is None and not verdict.away else 1


def _tell_whole(verdict: ChainCheck, out: TextIO) -> None:
    mark = audit.NotedEntry(verdict.entries, verdict.head)
    print(f"留痕完整 / the trail is whole: {verdict.entries}", file=out)
    if verdict.since > 1:
        print(
            f"从第 {verdict.since} 条起；之前的已归档，全部核验用 --all"
            f" / from entry {verdict.since} on; those before are archived, --all walks them too",
            file=out,
        )
    for first, last in verdict.away:
        print(
            f"第 {first} 到 {last} 条不在手边，没有核验：放回归档文件，或重新挂上那个月的分区"
            f" / entries {first} to {last} are not here and were not checked: put the history file "
            "back, or attach that month's partition again",
            file=out,
        )
    print(mark, file=out)

"""The divisions that ship with the product, put into a fresh database."""

from __future__ import annotations

import csv
from datetime import datetime
from functools import cache

from contacts.divisions import store as division_store
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.roster import store as roster_store
from contacts.roster.changes import Changes
from data.database import Connection
from data.reference import JILIN_DIVISIONS


@cache
def shipped_divisions() -> tuple[Division, ...]:
    """Jilin's 13,014 divisions (2023 codes), by the file that ships."""
    with JILIN_DIVISIONS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Division(row["code"], row["name"], tier_of(row["code"]), row["parent_code"] or None)
            for row in csv.DictReader(file)
        )


def known_divisions(connection: Connection) -> Gazetteer:
    """The divisions stored, or those that ship where none are stored yet."""
    gazetteer = division_store.load_gazetteer(connection)
    return gazetteer if len(gazetteer) else Gazetteer(shipped_divisions())


def seed_divisions(connection: Connection, now: datetime) -> int:
    """Enter the shipped divisions, unless there are divisions already; how many were entered."""
    if division_store.division_count(connection):
        return 0
    shipped = shipped_divisions()
    roster_store.apply_divisions(
        connection, Changes(shipped), now, {"file": f"reference/jilin/{JILIN_DIVISIONS.name}"}
    )
    return len(shipped)

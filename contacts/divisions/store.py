"""Divisions in the database, and those that ship with the product."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from contacts.divisions.codes import CODE_LENGTH, Tier, code_range, prefix_of, tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from data.reference import JILIN_DIVISIONS
from data.reference_versions import DIVISIONS, versions
from data.tables.contacts import divisions as table

_TIERS = {tier.value: tier for tier in Tier}


def divisions(connection: Connection) -> list[Division]:
    """Every division, by code."""
    query = select(
        table.c.code, table.c.name, table.c.level, table.c.parent_code, table.c.lon, table.c.lat
    ).order_by(table.c.code)
    return [
        Division(code, name, _TIERS[level], parent_code, lon, lat)
        for code, name, level, parent_code, lon, lat in connection.execute(query)
    ]


def children_of(connection: Connection, code: str) -> list[str]:
    """The codes of the divisions right below one."""
    query = select(table.c.code).where(table.c.parent_code == code)
    return list(connection.execute(query).scalars())


def division_count(connection: Connection) -> int:
    """How many divisions are stored."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


@cache
def shipped_divisions() -> tuple[Division, ...]:
    """Jilin's 13,014 divisions (2023 codes), by the file that ships."""
    with JILIN_DIVISIONS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Division(row["code"], row["name"], tier_of(row["code"]), row["parent_code"] or None)
            for row in csv.DictReader(file)
        )


def by_tier(code: ColumnElement[str], values: Mapping[Tier, Any]) -> ColumnElement[Any]:
    """The value for the tier of a division code in a statement: where its zeros begin."""
    return case(
        (func.substr(code, 10, 3) != "000", values[Tier.VILLAGE]),
        (func.substr(code, 7, 3) != "000", values[Tier.TOWNSHIP]),
        (func.substr(code, 5, 2) != "00", values[Tier.COUNTY]),
        (func.substr(code, 3, 2) != "00", values[Tier.CITY]),
        else_=values[Tier.PROVINCE],
    )


# Above this many ranges a chain of BETWEENs is slower than one scan with sets of prefixes, and
# SQLite takes no expression a thousand deep.
_FEW_RANGES = 32


def lies_in(code: ColumnElement[str], ranges: Iterable[tuple[Any, Any]]) -> ColumnElement[bool]:
    """The condition that a division code lies in one of the inclusive ``ranges``, however many."""
    ranges = list(ranges)
    if len(ranges) <= _FEW_RANGES:
        return or_(False, *(code.between(low, high) for low, high in ranges))
    prefixes: defaultdict[int, list[str]] = defaultdict(list)
    parts = []
    for low, high in ranges:
        if (low, high) == code_range(low):
            prefix = prefix_of(low)
            prefixes[len(prefix)].append(prefix)
        else:
            parts.append(code.between(low, high))
    # A whole code is looked up in an index, where no other prefix is asked for.
    return or_(
        False,
        *(
            (code if length == CODE_LENGTH else func.substr(code, 1, length)).in_(these)
            for length, these in sorted(prefixes.items())
        ),
        *parts,
    )


def load_gazetteer(connection: Connection) -> Gazetteer:
    """All divisions stored, ready to be searched; some 13,000 for a province, so keep it."""
    return Gazetteer(divisions(connection))


def known_divisions(connection: Connection) -> Gazetteer:
    """The divisions stored, or those that ship where none are stored yet."""
    gazetteer = load_gazetteer(connection)
    return gazetteer if len(gazetteer) else Gazetteer(shipped_divisions())


class DivisionsOnce:
    """The known divisions, read once for as long as nobody imports others."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._gazetteer = Gazetteer(())

    def known(self, connection: Connection) -> Gazetteer:
        """As ``known_divisions``."""
        version = versions(connection).get(DIVISIONS)
        if version is None or version != self._version:
            self._gazetteer, self._version = known_divisions(connection), version
        return self._gazetteer

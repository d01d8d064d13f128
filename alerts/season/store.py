"""Rows to fire seasons and the danger levels of days, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from alerts.season.model import (
    Danger,
    DangerLevel,
    DangerScale,
    OrderedSeasons,
    Season,
    nearest_danger,
)
from contacts.divisions.codes import ancestors
from data.tables.patrol import fire_danger, fire_seasons


def danger_on(connection: Connection, division_code: str, day: date) -> Danger:
    """The forest-fire danger of a division on a local ``day``: its own, else the nearest above."""
    columns = fire_danger.c
    query = select(columns.division_code, columns.level, columns.scale).where(
        columns.day == day, columns.division_code.in_([division_code, *ancestors(division_code)])
    )
    rows = {row.division_code: row for row in connection.execute(query)}
    levels = {code: DangerLevel(row.level) for code, row in rows.items()}
    found = nearest_danger(levels, division_code, day)
    if found.decided_for is None or (scale := rows[found.decided_for].scale) is None:
        return found
    return replace(found, scale=DangerScale(scale))


def dangers_on(connection: Connection, day: date) -> dict[str, DangerLevel]:
    """Every level set for a local ``day``, by division; ``nearest_danger`` answers for others."""
    columns = fire_danger.c
    query = select(columns.division_code, columns.level).where(columns.day == day)
    return {row.division_code: DangerLevel(row.level) for row in connection.execute(query)}


def dangers_between(
    connection: Connection, first: date, last: date
) -> dict[tuple[str, date], DangerLevel]:
    """Every level set for the days from ``first`` to ``last``."""
    columns = fire_danger.c
    query = select(columns.division_code, columns.day, columns.level).where(
        columns.day.between(first, last)
    )
    return {
        (row.division_code, row.day): DangerLevel(row.level) for row in connection.execute(query)
    }


def save_dangers(
    connection: Connection,
    levels: Iterable[tuple[str, date, DangerLevel]],
    now: datetime,
    by: int | None = None,
    scale: DangerScale | None = None,
) -> None:
    """Set levels, in place of those stored for the same division and day.

    :param scale: whose colours they are.
    """
    whose = None if scale is None else scale.value
    rows = {(code, day): level for code, day, level in levels}
    if not rows:
        return
    days = [day for _, day in rows]
    stored = dangers_between(connection, min(days), max(days))
    new, changed = [], []
    for (code, day), level in rows.items():
        if (code, day) in stored:
            values = {"_code": code, "_day": day, "_level": int(level), "_at": now, "_by": by}
            changed.append(values | {"_scale": whose})
        else:
            new.append(
                {
                    "division_code": code,
                    "day": day,
                    "level": int(level),
                    "scale": whose,
                    "set_at": now,
                    "set_by": by,
                }
            )
    if new:
        connection.execute(insert(fire_danger), new)
    if changed:
        connection.execute(_CHANGE, changed)


_CHANGE = (
    update(fire_danger)
    .where(
        fire_danger.c.division_code == bindparam("_code"), fire_danger.c.day == bindparam("_day")
    )
    .values(
        level=bindparam("_level"),
        scale=bindparam("_scale"),
        set_at=bindparam("_at"),
        set_by=bindparam("_by"),
    )
)


def season_orders(connection: Connection) -> OrderedSeasons:
    """Every season set by order, by division; a few rows a year."""
    found: defaultdict[str, list[Season]] = defaultdict(list)
    for row in connection.execute(select(fire_seasons)):
        found[row.division_code].append(Season(row.division_code, row.starts_on, row.ends_on))
    return dict(found)


def save_seasons(connection: Connection, seasons: Iterable[Season]) -> None:
    """Enter seasons; one with the same first day gets the new last day."""
    stored = season_orders(connection)
    known = {
        (season.division_code, season.starts_on)
        for ordered in stored.values()
        for season in ordered
    }
    for season in seasons:
        values = {
            "division_code": season.division_code,
            "starts_on": season.starts_on,
            "ends_on": season.ends_on,
        }
        if (season.division_code, season.starts_on) not in known:
            connection.execute(insert(fire_seasons).values(values))
            continue
        connection.execute(
            update(fire_seasons)
            .where(
                fire_seasons.c.division_code == season.division_code,
                fire_seasons.c.starts_on == season.starts_on,
            )
            .values(ends_on=season.ends_on)
        )

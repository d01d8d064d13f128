"""Daily reports and remarks as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from alerts.loop.daily.figures import NOTHING, Figures, Parts, from_json, summed_up, to_json
from alerts.loop.daily.remarks import Mark, Remark
from contacts.divisions.codes import CODE_LENGTH, Tier, code_range
from data.tables.daily import daily_days, daily_remarks, daily_reports

_NEWEST = select(func.max(daily_days.c.day))
_UNTOLD = select(daily_days.c.day).where(daily_days.c.told_at.is_(None)).order_by(daily_days.c.day)


@dataclass(frozen=True, slots=True)
class Made:
    """A day whose report was made; ``unread``: divisions in which nobody could be told of it."""

    day: date
    made_at: datetime
    unread: tuple[str, ...] = ()


def newest(connection: Connection) -> date | None:
    """The newest day that was made, or with which reports began."""
    return connection.execute(_NEWEST).scalar()


def untold(connection: Connection) -> list[date]:
    """Days made whose readers are still to be told, the earliest first."""
    return list(connection.execute(_UNTOLD).scalars())


def begin(connection: Connection, day: date, now: datetime) -> None:
    """Nothing was made of this day, and nothing will be: it is counted when somebody asks."""
    values = {"day": day, "told_at": now, "unread": []}
    connection.execute(insert(daily_days).values(values))


def is_known(connection: Connection, day: date) -> bool:
    """Whether the day was made, or begun with."""
    found = select(daily_days.c.day).where(daily_days.c.day == day)
    return connection.execute(found).first() is not None


def put(connection: Connection, day: date, parts: Parts, now: datetime) -> None:
    """The report of a day is made; its readers are still to be told."""
    connection.execute(insert(daily_days).values(day=day, made_at=now, unread=[]))
    rows = [
        {
            "day": day,
            "division_code": code,
            "own": to_json(parts.get(code, NOTHING)),
            "sums": None if parts.get(code) == figures else to_json(figures),
        }
        for code, figures in summed_up(parts).items()
    ]
    if rows:
        connection.execute(insert(daily_reports), rows)


def told(connection: Connection, day: date, unread: Collection[str], now: datetime) -> None:
    """Its readers are being told, but for these divisions, in which nobody can be."""
    values = {"told_at": now, "unread": sorted(unread)}
    connection.execute(update(daily_days).where(daily_days.c.day == day).values(values))


def drop_after(connection: Connection, day: date) -> list[date]:
    """Forget the days made after this one: by a clock that was ahead."""
    found = select(daily_days.c.day).where(daily_days.c.day > day).order_by(daily_days.c.day)
    dropped = list(connection.execute(found).scalars())
    for table in (daily_reports, daily_days):
        connection.execute(delete(table).where(table.c.day > day))
    return dropped


def made(connection: Connection, days: Iterable[date]) -> dict[date, Made]:
    """Those of these days that were made."""
    query = select(daily_days.c.day, daily_days.c.made_at, daily_days.c.unread).where(
        daily_days.c.day.in_(list(days)), daily_days.c.made_at.is_not(None)
    )
    return {
        row.day: Made(row.day, row.made_at, tuple(row.unread)) for row in connection.execute(query)
    }


def sums_of(
    connection: Connection, days: Iterable[date], code: str, deepest: Tier
) -> dict[date, dict[str, Figures]]:
    """What a division and those below it came to on days that were made, each with all below it.

    :param deepest: the lowest tier that is read: a month of a province's townships is long.
    """
    low, high = code_range(code)
    table = daily_reports
    zeros = "0" * (CODE_LENGTH - deepest.digits)
    query = select(table.c.day, table.c.division_code, table.c.own, table.c.sums).where(
        table.c.day.in_(list(days)),
        table.c.division_code.between(low, high),
        table.c.division_code.like(f"%{zeros}"),
    )
    found: defaultdict[date, dict[str, Figures]] = defaultdict(dict)
    for day, division, own, sums in connection.execute(query):
        found[day][division] = from_json(own if sums is None else sums)
    return dict(found)


def own_of(connection: Connection, days: Iterable[date], code: str) -> dict[date, Figures]:
    """What a division came to without all that lies below it, on days that were made."""
    table = daily_reports
    query = select(table.c.day, table.c.own).where(
        table.c.day.in_(list(days)), table.c.division_code == code
    )
    return {day: from_json(own) for day, own in connection.execute(query)}


def any_townships_before(connection: Connection, day: date) -> bool:
    """Whether townships' own rows are kept of days before that one."""
    found = select(daily_reports.c.day).where(daily_reports.c.day < day, _TOWNSHIP).limit(1)
    return connection.execute(found).first() is not None


def forget_townships(connection: Connection, day: date) -> int:
    """Delete the rows of townships of the oldest day before that one; the sums above them stay.

    :returns: how many there were.
    """
    oldest = select(func.min(daily_reports.c.day)).where(daily_reports.c.day < day, _TOWNSHIP)
    found = connection.execute(oldest).scalar()
    gone = delete(daily_reports).where(daily_reports.c.day == found, _TOWNSHIP)
    return int(connection.execute(gone).rowcount) if found is not None else 0


_TOWNSHIP = daily_reports.c.division_code.not_like("%000000")


# -- remarks --------------------------------------------------------------------------------------


def add_remark(connection: Connection, values: Mapping[str, Any]) -> int:
    """A remark was made; its number."""
    row = {**values, "mark": values["mark"].value}
    made_row = connection.execute(insert(daily_remarks).values(row).returning(daily_remarks.c.id))
    return int(made_row.scalar_one())


def change_remark(connection: Connection, remark_id: int, values: Mapping[str, Any]) -> None:
    """A remark was made in the place of an earlier one."""
    row = {**values, "mark": values["mark"].value}
    connection.execute(update(daily_remarks).where(daily_remarks.c.id == remark_id).values(row))


def remark(connection: Connection, remark_id: int) -> Remark | None:
    """The remark of this number."""
    query = select(daily_remarks).where(daily_remarks.c.id == remark_id)
    row = connection.execute(query).first()
    return None if row is None else _remark(row)


def remark_of(connection: Connection, day: date, code: str, from_code: str) -> Remark | None:
    """What one division above said about another's day."""
    table = daily_remarks
    query = select(table).where(
        table.c.day == day, table.c.division_code == code, table.c.from_code == from_code
    )
    row = connection.execute(query).first()
    return None if row is None else _remark(row)


def remarks_in(connection: Connection, days: Iterable[date], code: str) -> list[Remark]:
    """All remarks on a division and those below it, by day and division; the widest first."""
    low, high = code_range(code)
    table = daily_remarks
    query = (
        select(table)
        .where(table.c.day.in_(list(days)), table.c.division_code.between(low, high))
        .order_by(table.c.day, table.c.division_code, table.c.from_code)
    )
    return [_remark(row) for row in connection.execute(query)]


def _remark(row: Row[Any]) -> Remark:
    values = dict(row._mapping)
    return Remark(**(values | {"mark": Mark(row.mark)}))

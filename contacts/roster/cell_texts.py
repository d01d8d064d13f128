"""What a cell holds, as text: numbers, days and hours as a spreadsheet stores them. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


@lru_cache(1000)
def kind_of_format(written: str) -> str:
    """What a number of this format is: "" a number, "date" a time, "hours" a span of hours."""
    marks = _NOT_FORMAT.sub("", written.partition(";")[0]).lower()
    if "[h" in marks:
        return "hours"
    return "date" if "general" not in marks and set("ymdhs") & set(marks) else ""


@lru_cache(1000)
def column_number(letters: str) -> int:
    """The column of this name, from 0: A is 0, AB is 27.

    :raises ValueError: it is no name of a column.
    """
    if not 0 < len(letters) <= 3 or not (letters.isascii() and letters.isalpha()):
        raise ValueError(f"no column {letters[:10]}")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def number_text(written: str, kind: str, since_1904: bool = False) -> str:
    """A number as text: whole ones without a fraction, times in ISO, hours as 24:00.

    :param kind: see ``kind_of_format``.
    :raises ValueError: it is no number.
    """
    if not kind and written.isascii() and written.isdigit():
        return written
    value = float(written)
    if kind == "hours":
        minutes = round(value * 24 * 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if kind == "date":
        return time_of_serial(value, since_1904)
    return str(int(value)) if value.is_integer() else str(value)


def time_of_serial(serial: float, since_1904: bool = False) -> str:
    """A day and time as spreadsheets count them, in ISO; only the time where there is no day.

    :raises ValueError: no calendar has that day.
    """
    if not 0 <= serial < 2_958_466:  # year 10000
        raise ValueError(f"no day {serial}")
    epoch = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - local
    at = epoch + timedelta(seconds=round(serial * 86_400))
    return f"{at:%H:%M:%S}" if serial < 1 else at.isoformat(sep=" ")

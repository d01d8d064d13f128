"""How much an answer may hold, counted before it is read. Pure.

Bytes alone bound nothing: of three bytes ``{},`` Python makes seventy, so that an answer of 32 MB
of them took two gigabytes and a minute of the processor that also calls people.
"""

from __future__ import annotations

from typing import Any

import orjson

from alerts.sources.hotspots import FeedFault

MOST_ROWS = 500_000
"""Rows of a table, objects and lists of JSON (ours): a day of a province's gauges is a seventh."""

MOST_VALUES = 3_000_000
"""Values of all of them (ours)."""

MOST_FIELDS = 1000
"""Of one row (ours): each name is looked up by how it is spelt, and tables have dozens."""

MOST_TAGS = 2_000_000
"""Tags of an XML document, an element's beginning and its end (ours)."""


class Unfit(ValueError):
    """A body that is not read; ``fault``: why. Its text is the parser's."""

    def __init__(self, fault: FeedFault, words: str = "") -> None:
        super().__init__(words)
        self.fault = fault


def too_many_rows(text: str, delimiters: str) -> bool:
    """Whether a table has more rows, or more values, than are read."""
    values = sum(text.count(delimiter) for delimiter in delimiters)
    rows = text.count("\n") + text.count("\r") - text.count("\r\n")
    return rows > MOST_ROWS or values > MOST_VALUES


def too_many_tags(body: bytes) -> bool:
    """Whether an XML document has more tags than are read."""
    return body.count(b"<") > MOST_TAGS


def json_of(body: bytes | str) -> Any:
    """What a JSON text says. Whatever it is, it can be written again: it is not nested too deep.

    :raises Unfit: it is no JSON, or holds too much.
    """
    written = body.encode("utf-8", "replace") if isinstance(body, str) else body
    if written.count(b"{") + written.count(b"[") > MOST_ROWS or written.count(b",") > MOST_VALUES:
        raise Unfit(FeedFault.TOO_LARGE, "rows")
    try:
        told = orjson.loads(written)
        orjson.dumps(told)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        raise Unfit(FeedFault.NOT_JSON, str(error)) from None
    return told

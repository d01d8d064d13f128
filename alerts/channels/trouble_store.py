"""Why a channel's provider takes nothing from us just now: a row for each such channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from alerts.channels.model import Trouble
from contacts.channels import Channel
from data.audit import Entry, append
from data.tables.channels import channel_troubles as table

LONGEST_WORDS = 80
"""Characters kept of a provider's word for it."""


@dataclass(frozen=True, slots=True)
class ChannelTrouble:
    """What a channel's provider refuses, and since when."""

    channel: Channel
    trouble: Trouble
    words: str  # the provider's
    first_at: datetime
    last_at: datetime


def note(
    connection: Connection, channel: Channel, trouble: Trouble, words: str, now: datetime
) -> None:
    """A provider takes nothing, for this reason. Each new reason is entered in the trail."""
    words = "".join(sign for sign in words if sign.isprintable())[:LONGEST_WORDS]
    same = update(table).where(
        table.c.channel == channel.value,
        table.c.trouble == trouble.value,
        table.c.words == words,
    )
    if connection.execute(same.values(last_at=now)).rowcount:
        return
    connection.execute(delete(table).where(table.c.channel == channel.value))
    row = {"channel": channel.value, "trouble": trouble.value, "words": words}
    connection.execute(insert(table).values(**row, first_at=now, last_at=now))
    detail = {"trouble": trouble.value, "words": words}
    append(connection, now, [Entry("channel.refuses", f"channel:{channel.value}", None, detail)])


def over(connection: Connection, channel: Channel, now: datetime) -> None:
    """The provider takes calls again."""
    gone = delete(table).where(table.c.channel == channel.value)
    if connection.execute(gone).rowcount:
        append(connection, now, [Entry("channel.takes", f"channel:{channel.value}", None, {})])


def standing(connection: Connection, channels: Iterable[Channel]) -> Sequence[ChannelTrouble]:
    """What is refused in these channels, as far as is known: until one takes something again.

    However long ago: while nobody was called there, nothing was mended.
    """
    wanted = {channel.value for channel in channels}
    return [
        ChannelTrouble(
            Channel(row.channel), Trouble(row.trouble), row.words, row.first_at, row.last_at
        )
        for row in connection.execute(_ALL)
        if row.channel in wanted
    ]


_ALL = select(table).order_by(table.c.channel)

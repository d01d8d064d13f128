"""What comes back from a test: a key, a button, words, a code. What it proves, and what not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import Enum

from alerts.channels import address_store, test_store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import Said
from alerts.test_calls import store
from alerts.test_calls.model import HowProven, Line, Typed, typed
from alerts.test_calls.running import fresh_code
from contacts.channels import ACCOUNTS, Channel
from data.audit import Entry, append
from data.database import Connection


class Proof(Enum):
    """What became of an answer to a test."""

    PROVEN = "proven"
    ALREADY = "already"
    OVER = "over"  # the test is
    NO_HELP = "no_help"  # 2 was pressed: a test calls nobody
    AGAIN = "again"
    NOT_UNDERSTOOD = "not_understood"
    WRONG = "wrong"  # another code
    NEW_CODE = "new_code"  # wrong three times: another one is on its way
    NO_MORE = "no_more"  # wrong too often


def by_key(
    connection: Connection, delivery: ChannelDelivery, said: Said, at: datetime, now: datetime
) -> Proof:
    """A key pressed while a test rang, or a button of its card: proves that very address."""
    line = None
    if delivery.test_line_id is not None:
        line = store.line(connection, delivery.test_line_id)
    if line is None:
        return Proof.OVER
    if said is Said.AGAIN:
        return Proof.AGAIN
    if said is Said.HELP:
        return Proof.NO_HELP
    if said is Said.OTHER:
        return Proof.NOT_UNDERSTOOD
    how = HowProven.CARD if delivery.channel in ACCOUNTS else HowProven.KEY
    return _prove(connection, line, how, at, now, address=delivery.address)


def by_words(
    connection: Connection,
    channel: Channel,
    address: str,
    person_ids: Collection[int],
    at: datetime,
    now: datetime,
) -> Proof | None:
    """收到 from an address that a test wrote to. ``None``: no test did, or it is shared.

    Of several persons who share a number it says nothing of whose it is: their codes do.
    """
    found = [
        line
        for line in store.open_lines_of(connection, person_ids)
        if line.channel is channel and line.address == address
    ]
    if len({line.person_id for line in found}) != 1:
        return None
    return _prove(connection, found[0], HowProven.WORDS, at, now)


def by_code(
    connection: Connection, person_ids: Collection[int], code: str, at: datetime, now: datetime
) -> Proof | None:
    """A code, wherever the person typed it: proves the address that it was sent to.

    ``None``: none of them was sent a code that could be meant. A wrong one counts against every
    code that is still open; after three of them another one is sent.
    """
    lines = [
        line
        for line in store.open_lines_of(connection, person_ids)
        if line.channel is not Channel.VOICE
    ]
    right = next((line for line in lines if line.code and line.code == code), None)
    if right is not None:
        return _prove(connection, right, HowProven.CODE, at, now)
    waiting = [line for line in lines if line.proven_at is None]
    if not waiting:
        return None
    proofs = [_wrong(connection, line, code, now) for line in waiting]
    return max(proofs, key=_WORSE.index)


_WORSE = [Proof.NO_MORE, Proof.WRONG, Proof.NEW_CODE]
"""What is told where several codes are open: the one that there is something to do about last."""


def _wrong(connection: Connection, line: Line, code: str, now: datetime) -> Proof:
    spent = len(line.code) or len(code)
    state, found = typed(line.code_state, code, fresh_code(spent))
    store.set_code(connection, line.id, *state)
    if found is Typed.NEW_CODE:
        test_store.drop(connection, line.id, now)
        store.queue(connection, [line], now)
        return Proof.NEW_CODE
    return Proof.WRONG if found is Typed.WRONG else Proof.NO_MORE


def _prove(
    connection: Connection,
    line: Line,
    how: HowProven,
    at: datetime,
    now: datetime,
    *,
    address: str = "",
) -> Proof:
    """Note it, once.

    :param address: where it was answered: an account may have been found by a number since.
    """
    test = store.test_call(connection, line.test_id)
    if test is None or not test.open:
        return Proof.OVER
    at = min(at, now)
    if not store.set_proven(connection, line, how, at):
        return Proof.ALREADY
    test_store.drop(connection, line.id, now)
    if line.person_id is None:
        detail = {"channel": line.channel.value, "how": how.value}
        subject = f"division:{line.division_code}"
        append(connection, now, [Entry("equipment.proven", subject, None, detail)])
        return Proof.PROVEN
    where = line.person_id, line.channel, address or line.address
    address_store.prove(connection, *where, how, at, now)
    return Proof.PROVEN

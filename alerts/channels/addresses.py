"""Where each channel reaches people: their telephones, accounts, e-mail addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from alerts.channels import address_store
from contacts import number_store
from contacts.channels import ACCOUNTS, Channel, known_by, telephones
from contacts.people import Person
from contacts.phones import normalise
from data.database import Connection
from data.errors import InvalidInput

_STORED = ACCOUNTS | {Channel.EMAIL}
"""Channels whose addresses are stored; those of the others are the telephones."""


def addresses_of(
    connection: Connection, people: Collection[Person], channel: Channel
) -> dict[int, list[str]]:
    """The addresses of each of these persons in a channel, which is tried first first.

    Of a person without a known account there is the mobile number their account is found by; also
    when the account that was known is there no more.
    """
    known = _accounts(connection, people, channel, gone=False)
    return {person.id: known_by(person, known.get(person.id, ()), channel) for person in people}


def owned_by(
    connection: Connection, people: Collection[Person], channel: Channel
) -> dict[int, frozenset[str]]:
    """All that is theirs in a channel: also the numbers by which an account was found before."""
    known = _accounts(connection, people, channel)
    numbers = Channel.SMS if channel in ACCOUNTS else channel
    return {
        person.id: frozenset((*known.get(person.id, ()), *telephones(person, numbers)))
        for person in people
    }


def people_at(connection: Connection, channel: Channel, address: str) -> list[Person]:
    """Active persons whose number, account or e-mail address this is; several may share one."""
    if channel in _STORED:
        return address_store.people_with(connection, channel, address)
    try:
        return number_store.people_with(connection, normalise(address))
    except InvalidInput:
        return []


def _accounts(
    connection: Connection, people: Iterable[Person], channel: Channel, *, gone: bool = True
) -> dict[int, list[str]]:
    if channel not in _STORED:
        return {}
    return address_store.known(connection, people, channel, all_of_them=gone)

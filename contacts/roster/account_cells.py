"""What the rows of a list say of accounts in WeCom and of e-mail addresses. Pure.

An empty cell leaves what is known; 无 says that there is none. What a list names is all there is:
an account that it does not name is not the person's any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from contacts.channels import Channel
from contacts.phones import normalise
from contacts.roster.rows import Problems, RowReason
from data.errors import InvalidInput

LISTED = (Channel.WECOM, Channel.EMAIL)
"""Channels whose accounts a list may name; each has a column of that name."""

LONGEST = 120
"""Characters of a stored address."""

_NONE = frozenset({"无", "没有", "否", "-", "—", "/"})
_BETWEEN = re.compile(r"[、，,;；\s]+")
# WeCom: 1 to 64 letters, digits, _ - @ . beginning with a letter or a digit.
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>\"(),:;\[\]\\]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")

_FORMS = {
    Channel.WECOM: (_ACCOUNT, RowReason.WECOM_INVALID),
    Channel.EMAIL: (_EMAIL, RowReason.EMAIL_INVALID),
}


class AccountCell(NamedTuple):
    """One cell of a list, and whose it is: the person with this number."""

    row: int
    sheet: str
    phone: str
    channel: Channel
    text: str


Whose = tuple[str, Channel]
"""A person's number, and a channel."""


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """What an import changes of them: all accounts of a person in a channel, as they are to be."""

    listed: Mapping[Whose, tuple[str, ...]] = field(default_factory=dict)
    coming: int = 0
    going: int = 0

    def __bool__(self) -> bool:
        return bool(self.listed)


def account_changes(
    cells: Iterable[AccountCell], known: Mapping[Whose, tuple[str, ...]], problems: Problems
) -> AccountChanges:
    """What the cells say, compared with what is known; several rows of a person say it together.

    :param known: the accounts of persons, by their number.
    """
    said: dict[Whose, tuple[str, ...]] = {}
    for cell in cells:
        try:
            whose = (normalise(cell.phone), cell.channel)
        except InvalidInput:
            continue  # the row itself is refused
        before = said.get(whose, ())
        said[whose] = tuple(dict.fromkeys((*before, *_addresses(cell, problems))))
    changed = {
        whose: addresses for whose, addresses in said.items() if addresses != known.get(whose, ())
    }
    pairs = [(set(addresses), set(known.get(whose, ()))) for whose, addresses in changed.items()]
    coming = sum(len(after - before) for after, before in pairs)
    return AccountChanges(changed, coming, sum(len(before - after) for after, before in pairs))


def pieces_of(text: str) -> list[str]:
    """The accounts in a cell: 、 commas, blanks and line ends part them."""
    return [piece for piece in _BETWEEN.split(text.strip().lstrip("'")) if piece]


def _addresses(cell: AccountCell, problems: Problems) -> list[str]:
    if cell.text.strip() in _NONE:
        return []
    form, reason = _FORMS[cell.channel]
    found = pieces_of(cell.text)
    for piece in found:
        if len(piece) > LONGEST or not form.fullmatch(piece):
            problems.add(cell.row, cell.channel.value, reason, sheet=cell.sheet, text=piece[:40])
            return []
    # WeCom's accounts are the same in any case, and its own answers have them in lower case.
    return [piece.casefold() for piece in found] if cell.channel is Channel.WECOM else found

"""The rows of a people file: pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from contacts.divisions import Gazetteer
from contacts.people import Role
from contacts.roster_columns import LANGUAGE_WORDS, ROLE_WORDS, Kind, word
from contacts.roster_rows import Cells, Problems, Reason, rows_of
from contacts.roster_sheet import Sheet

# Telegram: "at most 52 significant bits".
_MAX_TELEGRAM_ID = 2**52 - 1
_MAX_RANK = 99


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as the file has it. ``None`` for an empty cell, which leaves what is stored."""

    row: int
    name: str
    phone: str
    division_code: str
    role: Role
    rank: int
    telegram_id: int | None
    language: str | None


def people_rows(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[list[PersonRow], tuple[str, ...]]:
    """The persons of ``sheet`` and its unused columns; what is wrong goes to ``problems``.

    :raises InvalidInput: with a ``FileProblem`` about the header.
    """
    phones: dict[str, int] = {}
    accounts: dict[int, int] = {}
    people = []
    rows, ignored = rows_of(sheet, Kind.PEOPLE, problems)
    for cells in rows:
        person = _person(cells, gazetteer)
        phone, account = person.phone, person.telegram_id
        if phone and phones.setdefault(phone, cells.row) != cells.row:
            cells.refuse("phone", Reason.PHONE_TWICE, text=phone, other=phones[phone])
        if account is not None and accounts.setdefault(account, cells.row) != cells.row:
            cells.refuse(
                "telegram_id", Reason.TELEGRAM_ID_TWICE, text=account, other=accounts[account]
            )
        if cells.good:
            people.append(person)
    return people, ignored


def _person(cells: Cells, gazetteer: Gazetteer) -> PersonRow:
    name = cells.name("name")
    phone = cells.phone()
    division_code = cells.division(gazetteer)
    role = cells.word("role", partial(word, ROLE_WORDS), Reason.ROLE_UNKNOWN)
    rank_text = cells.optional("rank")
    rank = cells.integer("rank", rank_text, Reason.RANK_INVALID, 1, _MAX_RANK) if rank_text else 1
    account_text = cells.optional("telegram_id").lstrip("'")
    account = (
        cells.integer("telegram_id", account_text, Reason.TELEGRAM_ID_INVALID, 1, _MAX_TELEGRAM_ID)
        if account_text
        else None
    )
    language_text = cells.optional("language")
    language = word(LANGUAGE_WORDS, language_text) if language_text else None
    if language_text and language is None:
        cells.refuse("language", Reason.LANGUAGE_UNKNOWN, text=language_text[:40])
    return PersonRow(cells.row, name, phone, division_code, role, rank or 1, account, language)

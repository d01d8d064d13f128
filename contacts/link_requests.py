"""Accounts that want to be somebody whose post gives rights, and what each has shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

REQUEST_FOR = timedelta(days=1)
"""How long what an account has shown counts until the rest follows (ours)."""


class Proof(Enum):
    """What shows that an account is a person's."""

    CODE = "code"
    PHONE = "contact"


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What one account has shown to be one person.

    ``account`` is Telegram's number, ``asker`` the name it goes by there.
    """

    person_id: int
    account: int
    bot_id: int | None
    asker: str
    code_at: datetime | None = None
    phone_at: datetime | None = None
    asked_at: datetime | None = None  # when those who may approve it were asked

    def counts(self, proof: Proof, now: datetime) -> bool:
        """Whether it was shown, and not long ago."""
        at = self.code_at if proof is Proof.CODE else self.phone_at
        return at is not None and now - at < REQUEST_FOR

    def open(self, now: datetime) -> bool:
        """Whether anything was shown not long ago."""
        return any(self.counts(proof, now) for proof in Proof)

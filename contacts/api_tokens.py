"""Tokens of the API: what one looks like, what it may, and when it is good no more. Pure.

A token belongs to a person, and may do no more than that person may: it ends when the person leaves
the roster or loses the post. What it may is less still: its scopes, in its division, until it
expires.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from contacts.access import Access, may_be_informed, may_release
from contacts.people import Person

BEGINNING = "jy"
PUBLIC_BYTES = 5
SECRET_BYTES = 32
"""256 bits of chance: nobody guesses one, so a plain digest of it is enough."""

LONGEST_NAME = 80
LONGEST_DAYS = 730
"""Of a token's life (ours): two years, then somebody has to want it again."""

_FORM = re.compile(r"jy_([a-z2-7]{8})_([A-Za-z0-9_-]{43})", re.ASCII)


class Scope(Enum):
    """What a token is good for; each is granted by itself."""

    READ = "read"  # warnings, messages, counts, sources: no numbers, no names of those called
    PHONES = "phones"  # who has not answered, with names and telephone numbers
    RELEASE = "release"  # release, change, lift and cancel as its person may
    CONFIRM = "confirm"  # be the second person for what somebody else proposed: never with RELEASE


ACTING = frozenset({Scope.RELEASE, Scope.CONFIRM})
"""What only whoever commands may."""


class TokenProblem(Enum):
    """Why a token is not made, or a request with one is not done."""

    NONE = "no_token"
    UNKNOWN = "unknown_token"  # nobody's, or not of the form of ours: it is not said which
    NO_SUCH = "no_such_token"  # of this number, that is not ended
    EXPIRED = "token_expired"
    REVOKED = "token_revoked"
    LEFT = "token_person_left"
    POST_LOST = "token_post_lost"
    SCOPE = "token_scope"
    BOTH_HANDS = "token_both_hands"  # one token is not to propose and to confirm
    SAME_SYSTEM = "token_same_system"  # what a system proposed is not confirmed by itself
    DIVISION = "token_division"
    DAYS = "token_days"
    NAME = "token_name"
    TOO_MANY = "too_many_requests"


class Ended(Enum):
    """How a token ended before its time."""

    REVOKED = "revoked"
    LEFT = "left"
    POST_LOST = "post_lost"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is kept: never the token itself."""

    id: int
    person_id: int
    name: str
    public: str
    digest: str
    scopes: frozenset[Scope]
    division_code: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None = None
    used_from: str | None = None
    ended_at: datetime | None = None
    ended_how: Ended | None = None

    def good(self, now: datetime) -> bool:
        """Whether it was not ended, and its time is not over; its person is another question."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: shown once, and never again."""

    text: str
    public: str
    digest: str


def new_token(chance: bytes) -> NewToken:
    """A token made of so many bytes of chance: ``PUBLIC_BYTES`` and ``SECRET_BYTES``."""
    assert len(chance) == PUBLIC_BYTES + SECRET_BYTES
    public = base64.b32encode(chance[:PUBLIC_BYTES]).decode().lower()
    secret = base64.urlsafe_b64encode(chance[PUBLIC_BYTES:]).decode().rstrip("=")
    text = f"{BEGINNING}_{public}_{secret}"
    return NewToken(text, public, digest(text))


def digest(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def public_part(text: str) -> str:
    """The part by which a token is found; empty where the text is no token of ours."""
    found = _FORM.fullmatch(text)
    return found.group(1) if found else ""


def same(token: ApiToken, text: str) -> bool:
    """Whether ``text`` is this token; it takes the same time whatever differs."""
    return hmac.compare_digest(token.digest, digest(text))


def standing(token: ApiToken, person: Person | None, now: datetime) -> TokenProblem | None:
    """Why the token is not good now; ``None``: it is."""
    if token.ended_how is Ended.LEFT or person is None or not person.active:
        return TokenProblem.LEFT
    if token.ended_how is Ended.POST_LOST:
        return TokenProblem.POST_LOST
    if token.ended_at is not None:
        return TokenProblem.REVOKED
    if now >= token.expires_at:
        return TokenProblem.EXPIRED
    return (
        None
        if holds_posts_for(token.scopes, token.division_code, person)
        else (TokenProblem.POST_LOST)
    )


def holds_posts_for(scopes: frozenset[Scope], division_code: str, person: Person) -> bool:
    """Whether the person's posts allow what the scopes say, in that division."""
    return refusal(scopes, division_code, person).allowed


def refusal(scopes: frozenset[Scope], division_code: str, person: Person) -> Access:
    """ALLOWED, or why the person cannot have a token of these scopes for that division."""
    if scopes & ACTING:
        access = may_release(person, [division_code])
        if not access.allowed:
            return access
    return may_be_informed(person, division_code)


def ended_as(problem: TokenProblem) -> Ended | None:
    """How a token ends by itself when it is found not to be good: for good, and not for a while."""
    return {TokenProblem.LEFT: Ended.LEFT, TokenProblem.POST_LOST: Ended.POST_LOST}.get(problem)


def life(days: int, now: datetime) -> datetime | None:
    """When a token of so many days expires; ``None`` where it cannot be so many."""
    return now + timedelta(days=days) if 1 <= days <= LONGEST_DAYS else None

"""Who asks: the token of a request, its person, and what both may. Guessing is slowed.

A token that is not known costs its sender the next requests: after a few from one address, every
further one waits. Whoever shares that address with a token seen before is not held up.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from bot.services.services import Services
from bot.web.visitors import address_kind, address_of
from bot.web.visits import VisitLimit
from contacts import api_token_store, people_store, token_making
from contacts.api_tokens import (
    ApiToken,
    Scope,
    TokenProblem,
    digest,
    ended_as,
    public_part,
    same,
    standing,
)
from contacts.divisions.codes import contains
from contacts.people import Person
from data import audit
from data.database import Connection
from data.errors import NotAllowed, NotFound, StoreError

log = logging.getLogger(__name__)

AT_ONCE, EVERY = 40, 0.2
"""Requests of one token: so many at once, then one each so many seconds (ours)."""

GUESSES_AT_ONCE, GUESS_EVERY = 10, 30.0
"""Unknown tokens from one address: so many at once, then one each so many seconds (ours)."""

GUESS_SECONDS = 0.5
"""An unknown token waits so long for its refusal (ours)."""

MOST_KNOWN = 1000
NOTED_EVERY = timedelta(minutes=1)
"""Between two notes of a token's use (ours): not every request writes."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A request's token and whose it is; both were good when it was asked."""

    token: ApiToken
    person: Person

    @property
    def division(self) -> str:
        """Nothing outside of it is shown or done."""
        return self.token.division_code

    @property
    def whence(self) -> dict[str, str]:
        """For the trail: what was done by this token, and of which system it is."""
        return {"via": "api", "system": self.token.name, "token": self.token.public}

    def require(self, *scopes: Scope) -> None:
        """Go on only when the token was made for this, or for one of these.

        :raises NotAllowed: ``SCOPE``.
        """
        if self.token.scopes.isdisjoint(scopes):
            raise NotAllowed(TokenProblem.SCOPE, scope="/".join(scope.value for scope in scopes))

    def require_another(self, proposed_by: str | None) -> None:
        """Go on only when the token is not of the system that proposed what is to be confirmed.

        Two tokens that lie on one machine are in one hand, whoever they belong to.

        :param proposed_by: who proposed it without a chat; see ``audit.acting_user``.
        :raises NotAllowed: ``SAME_SYSTEM``.
        """
        if proposed_by == audit.system_name(self.token.name):
            raise NotAllowed(TokenProblem.SAME_SYSTEM, system=self.token.name)

    def require_areas(self, areas: tuple[str, ...]) -> None:
        """Go on only when all of these lie in the token's division.

        :raises NotAllowed: ``DIVISION``.
        """
        if not all(contains(self.division, area) for area in areas):
            raise NotAllowed(TokenProblem.DIVISION)


class Bearers:
    """Knows the bearers of one server. Make it in a running event loop."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._of_token = VisitLimit(AT_ONCE, EVERY)
        self._of_anybody = VisitLimit(AT_ONCE, EVERY)
        self._of_guesser = VisitLimit(GUESSES_AT_ONCE, GUESS_EVERY)
        self._shut_out: dict[str, float] = {}  # addresses that guessed too often, until when
        self._known: OrderedDict[str, None] = OrderedDict()  # digests of tokens that were good
        self._noted: dict[int, datetime] = {}

    async def of(self, request: web.Request) -> Bearer:
        """Whose request it is.

        :raises NotAllowed: with a ``TokenProblem``.
        :raises StoreError: it cannot be known now.
        """
        text, address = token_text(request), address_of(request)
        if not text:
            raise NotAllowed(TokenProblem.NONE)
        now = asyncio.get_running_loop().time()
        known = digest(text) in self._known
        if not known and (until := self._shut_out.get(address, 0.0)) > now:
            raise NotAllowed(TokenProblem.TOO_MANY, after=max(1, int(until - now)))
        try:
            bearer = await self._services.database.ask(
                lambda c: bearer_of(c, text, self._services.clock())
            )
        except NotAllowed as error:
            self._known.pop(digest(text), None)
            await self._note_end(text, error)
            await self._slow_down(address, now)
            raise
        self._remember(text)
        if not self._of_token.admits(bearer.token.id, now):
            raise NotAllowed(TokenProblem.TOO_MANY, after=1)
        await self._note_use(bearer, address_kind(request))
        return bearer

    def admit_anybody(self, request: web.Request) -> None:
        """Let somebody without a token read what is open, not all too often from one address.

        :raises NotAllowed: ``TOO_MANY``.
        """
        now = asyncio.get_running_loop().time()
        if not self._of_anybody.admits(address_of(request), now):
            raise NotAllowed(TokenProblem.TOO_MANY, after=1)

    def _remember(self, text: str) -> None:
        self._known[digest(text)] = None
        self._known.move_to_end(digest(text))
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    async def _slow_down(self, address: str, now: float) -> None:
        if not self._of_guesser.admits(address, now):
            self._shut_out = {who: until for who, until in self._shut_out.items() if until > now}
            self._shut_out[address] = now + GUESS_EVERY
            log.warning("the API is asked again and again with tokens that are not known")
            raise NotAllowed(TokenProblem.TOO_MANY, after=int(GUESS_EVERY))
        await asyncio.sleep(GUESS_SECONDS)

    async def _note_use(self, bearer: Bearer, kind: str) -> None:
        """When it was last used; the request goes on without it."""
        token, now = bearer.token, self._services.clock()
        noted_at = self._noted.get(token.id)
        if noted_at is not None and timedelta(0) <= now - noted_at < NOTED_EVERY:
            return
        self._noted[token.id] = now
        try:
            await self._services.database.run(
                lambda c: api_token_store.used(c, token.id, kind, now)
            )
        except StoreError as error:
            log.error("not noted that a token was used: %s", error)

    async def _note_end(self, text: str, error: NotAllowed) -> None:
        """Whose person left, or lost the post, is no token any more, should they come back."""
        if not isinstance(error.code, TokenProblem) or (how := ended_as(error.code)) is None:
            return
        now = self._services.clock()

        def unit(c: Connection) -> None:
            token = api_token_store.by_public(c, public_part(text))
            if token is not None and token.ended_at is None:
                token_making.end(c, token.id, how, now)

        try:
            await self._services.database.run(unit)
        except (StoreError, NotFound) as problem:
            log.error("a token was not ended: %s", problem)


def bearer_of(connection: Connection, text: str, now: datetime) -> Bearer:
    """Whose token ``text`` is, when it is good now.

    :raises NotAllowed: with a ``TokenProblem``.
    """
    token = api_token_store.by_public(connection, public_part(text))
    if token is None or not same(token, text):
        raise NotAllowed(TokenProblem.UNKNOWN)
    person = people_store.person(connection, token.person_id)
    # An operator made the token for the person: here no account acts.
    person = None if person is None else replace(person, unproven=False)
    problem = standing(token, person, now)
    if problem is not None or person is None:
        raise NotAllowed(problem or TokenProblem.LEFT)
    return Bearer(token, person)


def token_text(request: web.Request) -> str:
    """The token of a request: a bearer's, or the password of those that know Basic only.

    Never of the address: addresses are logged on the way.
    """
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    given = given.strip()
    if kind.lower() == "bearer":
        return given
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""

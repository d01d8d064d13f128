"""What the API answers, as JSON; a refusal has a code, and words in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import orjson
from aiohttp import web

from alerts.publishing.model import PublishingProblem, RequestProblem
from bot.views.problems import problem
from contacts.api_tokens import TokenProblem
from data.errors import Conflict, InvalidInput, JiaoyingError, NotAllowed, NotFound, StoreError

JSON = "application/json"

_UNKNOWN_BEARER = frozenset(
    {
        TokenProblem.NONE,
        TokenProblem.UNKNOWN,
        TokenProblem.EXPIRED,
        TokenProblem.REVOKED,
        TokenProblem.LEFT,
        TokenProblem.POST_LOST,
    }
)
_OF_REQUESTS: Mapping[object, int] = {
    RequestProblem.NO_SUCH_METHOD: 405,
    RequestProblem.TOO_LARGE: 413,
}
_STATUSES: Mapping[type[JiaoyingError], int] = {
    InvalidInput: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    StoreError: 503,
}


def told(facts: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """The facts, as JSON."""
    return web.Response(body=orjson.dumps(facts), status=status, content_type=JSON, headers=headers)


def refused(error: JiaoyingError) -> web.Response:
    """Why it is not done; ``Retry-After`` where to wait helps."""
    headers = {}
    if error.code in _UNKNOWN_BEARER:
        headers["WWW-Authenticate"] = 'Bearer realm="jiaoying", Basic realm="jiaoying"'
    after = error.facts.get("after") if isinstance(error, NotAllowed) else None
    if isinstance(error, StoreError):
        after = 5
    if after is not None:
        headers["Retry-After"] = str(after)
    return told({"error": _facts(error)}, status_of(error), headers)


def status_of(error: JiaoyingError) -> int:
    """The HTTP status of a refusal."""
    if error.code in _UNKNOWN_BEARER:
        return 401
    if error.code is TokenProblem.TOO_MANY:
        return 429
    if error.code in _OF_REQUESTS:
        return _OF_REQUESTS[error.code]
    if error.code in (RequestProblem.NO_JSON, RequestProblem.NO_KEY, RequestProblem.BAD_QUERY):
        return 400
    if error.code is PublishingProblem.NO_MESSAGE:
        return 404
    return next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), 500)


def _facts(error: JiaoyingError) -> dict[str, Any]:
    code = error.code.value if isinstance(error.code, Enum) else error.code
    facts = {"code": code, "message": problem(error, "zh"), "message_en": problem(error, "en")}
    for name in ("field", "alerts"):
        if name in error.facts:
            facts[name] = error.facts[name]
    return facts

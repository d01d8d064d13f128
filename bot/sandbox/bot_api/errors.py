"""The refusals of Telegram's server: code, description and parameters, word for word.

The Bot API documents only the codes; the texts are those its server sends, and clients read them.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """The Bot API refuses a call. ``code`` is both the HTTP status and ``error_code``."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class SandboxMistake(Exception):
    """Test or page asked for what no user could do; the text says what."""


def bad_request(what: str) -> ApiError:
    """The call is wrong; ``what`` says how."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> ApiError:
    """The bot may not do that; ``what`` says why."""
    return ApiError(403, f"Forbidden: {what}")


def unauthorized() -> ApiError:
    """There is no bot of this token."""
    return ApiError(401, "Unauthorized")


def not_found() -> ApiError:
    """An unknown method."""
    return ApiError(404, "Not Found")


def too_many_requests(seconds: int) -> ApiError:
    """A limit was passed: wait ``seconds``."""
    return ApiError(
        429, f"Too Many Requests: retry after {seconds}", {"retry_after": max(1, seconds)}
    )


def terminated_by_other() -> ApiError:
    """A newer getUpdates ended this one."""
    return ApiError(
        409,
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    )


def terminated_by_webhook() -> ApiError:
    """setWebhook ended this getUpdates."""
    return ApiError(409, "Conflict: terminated by setWebhook request")


def webhook_is_active() -> ApiError:
    """getUpdates while updates go to a webhook."""
    return ApiError(
        409,
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first",
    )


def migrated(new_chat_id: int) -> ApiError:
    """The group is a supergroup of another id now."""
    return ApiError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": new_chat_id},
    )


def not_modified() -> ApiError:
    """The edit would change nothing."""
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )


def cannot_parse(why: str) -> ApiError:
    """The text's markup is wrong; ``why`` says where."""
    return bad_request(f"can't parse entities: {why}")


def query_too_old() -> ApiError:
    """The tap was answered before, or is too old to be answered."""
    return bad_request("query is too old and response timeout expired or query ID is invalid")

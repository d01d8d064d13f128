"""The records of the local Bot API server: bots, users, chats, messages, taps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]  # Telegram's shape
Update = dict[str, Any]

# Bots get these only when they ask (Bot API, getUpdates, allowed_updates).
_ASKED_FOR = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
HERE = frozenset({"creator", "administrator", "member", "restricted"})


@dataclass(slots=True)
class WebhookRegistration:
    """The webhook a bot has set: where its updates are posted to."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass(slots=True, eq=False)
class BotAccount:
    """A bot: its token, its user, its queue of updates, its settings."""

    token: str
    user: dict[str, Any]
    can_read_all_group_messages: bool = False
    updates: deque[Update] = field(default_factory=deque)
    next_update_id: int = 1
    last_message_id: int = 0  # of its private chats: one count for all of them, as in Telegram
    allowed_updates: frozenset[str] | None = None
    webhook: WebhookRegistration | None = None
    posting: int = 0  # updates under way to the webhook: not queued any more, not taken yet
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    id: int = 0

    def __post_init__(self) -> None:
        self.id = int(self.user["id"])

    def wants(self, kind: str) -> bool:
        """Whether it asked for this kind of update."""
        if self.allowed_updates is None:
            return kind not in _ASKED_FOR
        return kind in self.allowed_updates


@dataclass(slots=True, eq=False)
class UserAccount:
    """A Telegram user, and which bots they have started or blocked."""

    user: dict[str, Any]
    phone: str = ""
    started: set[int] = field(default_factory=set)  # bot ids
    blocked: set[int] = field(default_factory=set)
    deactivated: bool = False


@dataclass(slots=True, eq=False)
class MessageRecord:
    """A message, and what of it the Bot API does not show."""

    message: Message
    html: str = ""  # as the bot wrote it
    sender_id: int = 0
    ask: dict[str, Any] | None = None  # ForceReply: the person's app opens an answer to it
    reactions: dict[int, str] = field(default_factory=dict)  # emoji by user id

    def shown(self) -> Message:
        """The message for the page and for tests: with ``html`` and ``force_reply`` added."""
        shown = {**self.message, "html": self.html} if self.html else dict(self.message)
        if self.ask is not None:
            shown["force_reply"] = {
                name: value for name, value in self.ask.items() if name != "force_reply"
            }
        return shown


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat as one bot sees it, or a group with its members."""

    id: int
    kind: str  # private, group, supergroup
    title: str = ""
    username: str = ""
    bot_id: int = 0  # private only
    members: dict[int, str] = field(default_factory=dict)  # user id -> status
    migrated_to: int | None = None
    pinned: list[int] = field(default_factory=list)
    messages: dict[int, MessageRecord] = field(default_factory=dict)
    last_message_id: int = 0  # of the group
    keyboards: dict[int, dict[str, Any]] = field(default_factory=dict)  # user id -> reply keyboard

    @property
    def is_private(self) -> bool:
        """Whether it is one bot's chat with one person."""
        return self.kind == "private"


@dataclass(slots=True, eq=False)
class CallbackQuery:
    """One tap on an inline button."""

    id: str
    bot_id: int
    user_id: int
    data: str
    tapped_at: float  # monotonic seconds
    answered_at: float | None = None
    answer: dict[str, Any] | None = None

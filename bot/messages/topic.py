"""Which function says what: a topic holds its renderers by the kind of message each is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import Message, MessageKind
from bot.messages.facts import Facts
from bot.telegram.outgoing import Request

M = TypeVar("M", bound=Message)

Renderer = Callable[[Facts, Delivery], Request | None]
"""What a delivery says now; ``None`` when there is nothing to say any more."""

MessageRenderer = Callable[[Facts, Delivery, M], Request | None]
"""The same, given the delivery's message."""


class Topic:
    """The renderers of one topic."""

    def __init__(self) -> None:
        self.renderers: dict[MessageKind, Renderer] = {}

    def says(self, message_type: type[M]) -> Callable[[MessageRenderer[M]], MessageRenderer[M]]:
        """Decorator: this function renders messages of this class."""

        def register(render: MessageRenderer[M]) -> MessageRenderer[M]:
            def rendered(facts: Facts, delivery: Delivery) -> Request | None:
                return render(facts, delivery, decode(message_type, delivery.params))

            self.renderers[message_type.kind] = rendered
            return render

        return register

    def says_kind(self, kind: MessageKind) -> Callable[[Renderer], Renderer]:
        """Decorator: this function renders messages of a kind that has no parameters."""

        def register(render: Renderer) -> Renderer:
            self.renderers[kind] = render
            return render

        return register

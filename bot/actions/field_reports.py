"""The buttons of /feed, the reports from the spot. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, Id, Page, action


@action("fp")
class FeedPage(Action):
    """Another page of the list."""

    page: Page


@action("fs")
class FeedShow(Action):
    """👁 看: the picture, video or voice itself (``id``: the field report)."""

    id: Id

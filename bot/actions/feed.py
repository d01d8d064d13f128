"""The buttons of /feed, the reports from the spot: callback data and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ID = re.compile(r"[1-9][0-9]{0,17}")
_PAGE = re.compile(r"0|[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Another page of the list, from 0."""

    page: int

    def encode(self) -> str:
        """The callback data."""
        return f"fp:{self.page}"


@dataclass(frozen=True, slots=True)
class FeedShow:
    """The picture, video or voice itself (``id``: the field report)."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"fs:{self.id}"


def _page(parts: Sequence[str]) -> FeedPage | None:
    return FeedPage(int(parts[0])) if len(parts) == 1 and _PAGE.fullmatch(parts[0]) else None


def _show(parts: Sequence[str]) -> FeedShow | None:
    return FeedShow(int(parts[0])) if len(parts) == 1 and _ID.fullmatch(parts[0]) else None


PARSERS: dict[str, Callable[[Sequence[str]], FeedPage | FeedShow | None]] = {
    "fp": _page,
    "fs": _show,
}

"""The facts of a sentence, some of which may be missing."""

from __future__ import annotations

from typing import Any


class ForgivingFacts(dict[str, Any]):
    """For ``str.format_map``: a fact that is missing reads ？ and does not hide its sentence."""

    def __missing__(self, key: str) -> str:
        return "？"

"""What can be configured of the mechanism of departments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MechanismSettings:
    """``folder``: the office's own files; one named as a shipped file takes its place.

    ``shipped``: whether the shipped files count at all.
    """

    folder: str = ""
    shipped: bool = True

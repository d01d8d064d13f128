"""Which servers of this process cannot listen, for the watch to tell."""

from __future__ import annotations

from enum import Enum


class Door(Enum):
    """A server to which others come."""

    PAGE = "page"  # where people answer by browser
    GATEWAY = "gateway"  # a county gateway's reports and answers
    CALLBACKS = "callbacks"  # those of clouds and WeCom
    API = "api"  # where other systems ask and act


class Doors:
    """The servers that wanted to listen and could not, with their ports."""

    def __init__(self) -> None:
        self._shut: dict[Door, int] = {}

    def is_shut(self, door: Door, port: int) -> None:
        """It cannot listen at this port: another program does, or the address is not ours."""
        self._shut[door] = port

    def is_open(self, door: Door) -> None:
        """It listens, or is not wanted any more."""
        self._shut.pop(door, None)

    @property
    def shut(self) -> list[tuple[str, int]]:
        """Those that cannot listen, by name, with the port of each."""
        return sorted((door.value, port) for door, port in self._shut.items())

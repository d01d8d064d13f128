"""Resolves the names of configured addresses: only to addresses that may be asked at all.

A name is resolved by whoever holds its zone: it must not turn into a machine's own metadata
service, or a whole network.
"""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.config.setting_kinds import may_be_asked


class CheckedResolver(AbstractResolver):
    """Resolves names to addresses that may be asked; to no other."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """
        :raises OSError: there is none that may be asked.
        """
        found = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if may_be_asked(one["host"])]
        if not allowed:
            raise OSError(None, "the name leads to no address that may be asked")
        return allowed

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()

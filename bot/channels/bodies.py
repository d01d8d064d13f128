"""Reads the whole of what a provider answers: it comes in as many pieces as the network likes."""

from __future__ import annotations

import aiohttp


async def whole_body(answer: aiohttp.ClientResponse, longest: int) -> bytes:
    """The answer's body; of one that is longer, its first ``longest`` bytes.

    :raises aiohttp.ClientError, OSError, TimeoutError: it broke off.
    """
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) >= longest:
            break
    return bytes(body[:longest])

"""Answers and files that are packed, in HTTP or as a whole (``.xml.gz``), unpacked. Pure.

Never too far: so little may stand for all of a memory. And never by half: what breaks off is not
taken for the whole.
"""

from __future__ import annotations

import zlib

from alerts.sources.hotspots import FeedFault

_GZIP = b"\x1f\x8b\x08"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_MOST_PARTS = 100
"""Packed pieces of one file (ours): empty ones cost time and nothing else."""

_RAW_WINDOW = -zlib.MAX_WBITS


def decoded(body: bytes, encoding: str, most: int) -> bytes | FeedFault:
    """What stands in an answer; or why it cannot be used.

    :param encoding: what the answer says of itself (Content-Encoding). One that is not packed
        though it says so is taken as it is, and a file that is packed is unpacked besides.
    :param most: bytes that it may have.
    """
    for word in reversed([part.strip().lower() for part in encoding.split(",")]):
        if word in ("", "identity"):
            continue
        if word == "deflate":
            found = _inflated(body, most)
        elif word in ("gzip", "x-gzip"):
            found = unpacked(body, most)
        else:  # nobody asked for it
            return FeedFault.NOT_TEXT
        if isinstance(found, FeedFault):
            return found
        body = found
    return unpacked(body, most)


def unpacked(body: bytes, most: int) -> bytes | FeedFault:
    """``body``, unpacked if it is packed by gzip; or why it cannot be used."""
    if not body.startswith(_GZIP):
        return body
    found = b""
    for _ in range(_MOST_PARTS):  # several, one behind the other, are one file
        part = _unpacked(body, _GZIP_WINDOW, most - len(found))
        if isinstance(part, FeedFault):
            return part
        found, body = found + part[0], part[1]
        if not body.startswith(_GZIP):
            return found
    return FeedFault.TOO_LARGE


def _inflated(body: bytes, most: int) -> bytes | FeedFault:
    """With the header of zlib, as the standard has it, or without, as some servers do."""
    for window in (zlib.MAX_WBITS, _RAW_WINDOW):
        part = _unpacked(body, window, most)
        if not isinstance(part, FeedFault):
            return part[0]
        if part is FeedFault.TOO_LARGE:
            return part
    plain = body.lstrip()[:1] in (b"<", b"{", b"[")
    return body if plain else FeedFault.BROKE_OFF


def _unpacked(body: bytes, window: int, most: int) -> tuple[bytes, bytes] | FeedFault:
    """What one packed piece holds, and what stands behind it."""
    unpacking = zlib.decompressobj(window)
    try:
        found = unpacking.decompress(body, most + 1)
    except zlib.error:
        return FeedFault.BROKE_OFF
    if len(found) > most:
        return FeedFault.TOO_LARGE
    if not unpacking.eof:
        return FeedFault.BROKE_OFF
    return found, unpacking.unused_data

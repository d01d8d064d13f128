"""Whether bytes are a whole picture, and of what kind and size: by its first bytes. Pure.

Nothing is decoded, so no picture can be a bomb. What a server calls a file says nothing: many send
a page of words for people, with status 200, where a picture is not there yet.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum

from alerts.sources.hotspots import FeedFault

PHOTO_BYTES = 10_000_000
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20
"""Limits of a photo (Bot API, sendPhoto): what is beyond them is sent as a file."""


class ImageKind(Enum):
    """A kind of picture; the value is the ending of its file's name."""

    PNG = "png"
    JPEG = "jpg"
    GIF = "gif"
    WEBP = "webp"


@dataclass(frozen=True, slots=True)
class Image:
    """What a picture's first bytes say; sides in pixels, 0 where they are not said."""

    kind: ImageKind
    width: int
    height: int
    size: int  # bytes

    @property
    def as_photo(self) -> bool:
        """Whether Telegram shows it in the chat; a moving or huge one is sent as a file."""
        sides = sorted((self.width, self.height))
        return (
            self.kind in (ImageKind.PNG, ImageKind.JPEG)
            and self.size <= PHOTO_BYTES
            and sum(sides) <= PHOTO_SIDES
            and sides[0] > 0
            and sides[1] <= sides[0] * PHOTO_RATIO
        )


def image_of(body: bytes) -> Image | FeedFault:
    """What picture it is, or why it is none: empty, a web page, broken off, something else."""
    if not body:
        return FeedFault.EMPTY
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(body)
    if body.startswith(b"\xff\xd8\xff"):
        return _jpeg(body)
    if body[:6] in (b"GIF87a", b"GIF89a") and len(body) > 10:
        width, height = struct.unpack("<HH", body[6:10])
        whole = body.rstrip(b"\0").endswith(b";")
        return Image(ImageKind.GIF, width, height, len(body)) if whole else FeedFault.BROKE_OFF
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        whole = len(body) >= 8 + struct.unpack("<I", body[4:8])[0]
        return Image(ImageKind.WEBP, 0, 0, len(body)) if whole else FeedFault.BROKE_OFF
    begins = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return FeedFault.HTML if begins == b"<" else FeedFault.NOT_PICTURE


def _png(body: bytes) -> Image | FeedFault:
    if len(body) < 24 or b"IEND" not in body[-32:]:
        return FeedFault.BROKE_OFF
    width, height = struct.unpack(">II", body[16:24])
    return Image(ImageKind.PNG, width, height, len(body))


_SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
MOST_MARKERS = 10_000
"""Before the one that says the size (ours): ten million of nothing took seconds."""

_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers that nothing belongs to


def _jpeg(body: bytes) -> Image | FeedFault:
    if b"\xff\xd9" not in body[-64:]:
        return FeedFault.BROKE_OFF
    at = 2
    for _ in range(MOST_MARKERS):
        if at + 9 >= len(body):
            break
        if body[at] != 0xFF:
            return FeedFault.NOT_PICTURE
        marker = body[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        length = struct.unpack(">H", body[at + 2 : at + 4])[0]
        if marker in _SIZED:
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return Image(ImageKind.JPEG, width, height, len(body))
        at += 2 + max(2, length)
    return FeedFault.NOT_PICTURE

"""What Telegram asks of an uploaded photo (Bot API, sendPhoto). No I/O."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from bot.sandbox.errors import bad_request

LARGEST_PHOTO = 10 * 1024 * 1024
MOST_SIDES = 10_000  # width and height together
MOST_RATIO = 20


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height of a picture; ``None`` when it is none."""
    try:
        with Image.open(BytesIO(content)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError):
        return None


def checked_photo(content: bytes) -> None:
    """:raises ApiError: 400, in Telegram's words, for what is no photo to it."""
    if len(content) > LARGEST_PHOTO:
        raise bad_request("file is too big")
    size = size_of(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    short, long = sorted(size)
    if short + long > MOST_SIDES or long > short * MOST_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")

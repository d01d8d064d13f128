"""Uploaded files: their bytes, how messages describe them, what a photo must be. No I/O."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError

from bot.sandbox.bot_api.errors import bad_request

# What a photo without bytes consists of: one grey pixel.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
_SUFFIX = {
    "photo": ("photos", "jpg"),
    "video": ("videos", "mp4"),
    "video_note": ("video_notes", "mp4"),
    "animation": ("animations", "mp4"),
    "voice": ("voice", "oga"),
    "audio": ("music", "mp3"),
    "document": ("documents", "bin"),
}
_FACTS: dict[str, dict[str, Any]] = {
    "video": {"width": 640, "height": 480, "duration": 3, "mime_type": "video/mp4"},
    "video_note": {"length": 240, "duration": 3},
    "animation": {"width": 320, "height": 240, "duration": 3, "mime_type": "video/mp4"},
    "voice": {"duration": 3, "mime_type": "audio/ogg"},
    "audio": {"duration": 3, "mime_type": "audio/mpeg"},
    "document": {"mime_type": "application/octet-stream"},
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One uploaded file. ``path`` is what getFile answers and the download URL ends with."""

    file_id: str
    unique_id: str
    kind: str
    path: str
    content: bytes
    name: str


class FileStore:
    """Everything uploaded, by file id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, kind: str, content: bytes, name: str = "") -> StoredFile:
        """Keep an upload of a kind: photo, video, video_note, voice, audio, document, animation."""
        number = len(self._by_id) + 1
        folder, suffix = _SUFFIX[kind]
        if kind == "document" and "." in name:
            suffix = name.rpartition(".")[2]
        stored = StoredFile(
            file_id=f"{kind}-{number:06d}-{sha256(content).hexdigest()[:24]}",
            unique_id=f"u{number:06d}",
            kind=kind,
            path=f"{folder}/file_{number}.{suffix}",
            content=content,
            name=name,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile | None:
        """The file of an id; ``None`` when there is none."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """The file of a download path; ``None`` when there is none."""
        return self._by_path.get(path)


def content_of(stored: StoredFile) -> dict[str, Any]:
    """The message field that carries a file: ``{"photo": [...]}``, ``{"voice": {...}}``."""
    base = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
    }
    if stored.kind == "photo":
        width, height = size_of(stored.content) or (1280, 960)
        return {"photo": [{**base, "width": width, "height": height}]}
    facts = {**base, **_FACTS[stored.kind]}
    if stored.name and stored.kind in ("document", "video", "audio", "animation"):
        facts["file_name"] = stored.name
    return {stored.kind: facts}


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
    """Check that Telegram would take it as a photo.

    :raises ApiError: 400, in Telegram's words, when it would not.
    """
    if len(content) > LARGEST_PHOTO:
        raise bad_request("file is too big")
    size = size_of(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    short, long = sorted(size)
    if short + long > MOST_SIDES or long > short * MOST_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")

"""What somebody sends to a bot in an app that is no text: said as what it is. Pure.

The duty officer reads that it came, and asks; whoever sent it is told that it is no answer.
"""

from __future__ import annotations

from collections.abc import Mapping

PICTURE = "［图片 picture］"
VOICE = "［语音 voice］"
VIDEO = "［视频 video］"
FILE = "［文件 file］"
LINK = "［链接 link］"
PLACE = "［位置 place］"
STICKER = "［表情 sticker］"
OTHER = "［其他消息 other］"


def named(kind: str, names: Mapping[str, str], *said: str) -> str:
    """What it is, and what an app says of it in words: a place's name, what a voice said."""
    return " ".join(filter(None, (names.get(kind, OTHER), *said)))

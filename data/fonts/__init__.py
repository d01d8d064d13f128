"""The Chinese font that ships with the product, for the pictures it draws."""

from __future__ import annotations

from pathlib import Path

MAP_FONT = Path(__file__).parent / "NotoSansSC-Medium.otf"
"""Noto Sans CJK SC Medium, cut down to GB 2312 and the names of Jilin; SIL OFL 1.1."""

"""The templates that ship with the product: TOML files, a folder a kind (docs/handbook.md)."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = Path(__file__).parent
"""``warnings/``: texts offered for a warning; ``lists/``: tasks that one makes when released."""

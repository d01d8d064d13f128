"""The handbook's cards that ship with the product: one Markdown file each (docs/handbook.md)."""

from __future__ import annotations

from pathlib import Path

HANDBOOK = Path(__file__).parent
"""The folder of the cards; what one says, ``alerts.handbook.reading``."""

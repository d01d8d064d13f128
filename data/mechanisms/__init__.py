"""The mechanisms of departments that ship with the product: TOML files (docs/mechanism.md)."""

from __future__ import annotations

from pathlib import Path

MECHANISMS = Path(__file__).parent

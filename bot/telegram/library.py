"""python-telegram-bot, loaded without what comes along with it and is never run here.

Telegram Passport loads cryptography, and httpx its own command line (click, rich, pygments):
together 13 MB of every process that sends, and a tenth of its start.
"""

from __future__ import annotations

import sys
from importlib import import_module

_NEVER_RUN = ("cryptography", "click")
"""Each is optional to whoever imports it; others may import it afterwards (WeCom's cipher)."""


def load() -> None:
    """Import the library, before anything else does; a library that is loaded stays as it is."""
    missing = {name: None for name in _NEVER_RUN if name not in sys.modules}
    sys.modules.update(missing)  # type: ignore[arg-type]  # None: an import of it fails
    try:
        import_module("telegram.ext")
    finally:
        for name in missing:
            del sys.modules[name]

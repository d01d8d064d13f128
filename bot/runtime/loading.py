"""What a start loads while its first messages leave: of the thousand modules, sending needs a few.

They are a third of a second of a start. Calls that waited for it leave before, and what is loaded
meanwhile, in a thread of its own, keeps no message waiting that is about to leave. Where updates
are pushed, the door for them opens first, and needs all this.
"""

from __future__ import annotations

import asyncio
import gc
from importlib import import_module
from threading import Lock

_REST = ("bot.messages.registry", "bot.runtime.updates", "bot.handlers", "bot.runtime.ticks")
_loading = Lock()
_loaded = False


async def load_the_rest() -> None:
    """Load what takes updates in, what keeps the schedule, and the messages that are not calls.

    Once in a process: whoever needs it waits for it, and does not make the event loop wait.
    """
    if not _loaded:
        await asyncio.to_thread(_load)


def _load() -> None:
    global _loaded  # modules are a process's, not a bot's
    with _loading:
        if _loaded:
            return
        for name in _REST:
            import_module(name)
        gc.freeze()  # what is loaded stays: see ``bot.app.tune_interpreter``
        _loaded = True

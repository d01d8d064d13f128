"""Feishu's own Python client, in a process of its own: it cannot be stopped otherwise.

    python official_feishu.py URL APP_ID APP_SECRET

Its package loads 9000 modules; its connection needs few of them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import types

spec = importlib.util.find_spec("lark_oapi")
assert spec is not None and spec.submodule_search_locations is not None
package = types.ModuleType("lark_oapi")
package.__path__ = list(spec.submodule_search_locations)
sys.modules["lark_oapi"] = package
events = types.ModuleType("lark_oapi.event.dispatcher_handler")
events.EventDispatcherHandler = object  # type: ignore[attr-defined]
sys.modules["lark_oapi.event.dispatcher_handler"] = events
asyncio.set_event_loop(asyncio.new_event_loop())

from lark_oapi.ws.client import Client  # noqa: E402


class Handler:
    """Says what it was told."""

    def _do_without_validation(self, payload: bytes) -> dict[str, object]:
        told = json.loads(payload)
        words = f"heard {told['event']['action']['value']['key']}"
        return {"toast": {"type": "info", "content": words}}


url, app_id, app_secret = sys.argv[1:]
Client(app_id, app_secret, event_handler=Handler(), domain=url).start()

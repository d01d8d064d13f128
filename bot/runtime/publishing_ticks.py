"""What becomes due of what goes out to others: it is queued, written as files, told to webhooks."""

from __future__ import annotations

from typing import Any

from bot.publishing.spreading import Spreading
from bot.runtime.schedule import Tick
from bot.services.services import Services

SECONDS = 2.0
"""Between two looks: another system hears of a release within some seconds."""

COUNT_SECONDS = 30.0
"""Between two looks at how many have answered: they are told once a minute."""


def publishing(services: Services) -> tuple[Tick[Any], ...]:
    """Tells others, by files and webhooks, as far as they are configured."""
    settings, spreading = services.settings, Spreading(services)
    ticks: list[Tick[Any]] = [Tick("spread", SECONDS, spreading.due, spreading.spread)]
    if spreading.tells_counts:
        ticks.append(
            Tick("answer_counts", COUNT_SECONDS, spreading.counts_due, spreading.note_counts)
        )
    if settings.publish.directory:
        from bot.publishing.files import CapFiles  # others start without it

        files = CapFiles(services)
        ticks.append(Tick("cap_files", SECONDS, files.due, files.write))
    if any(hook.url for hook in settings.webhooks):
        from bot.publishing.hooks import Hook  # others start without it

        for settings_of_one in settings.webhooks:
            if settings_of_one.url:
                hook = Hook(services, settings_of_one)
                name = f"webhook_{settings_of_one.name}"
                ticks.append(Tick(name, SECONDS, hook.due, hook.tell))
    return tuple(ticks)

"""The one exception tree of jiaoying.

::

    JiaoyingError
    ├── ConfigError             config.toml or the environment is wrong
    ├── InvalidInput            somebody typed or sent something that cannot be used
    ├── NotAllowed              the person may not do this (see contacts.access)
    ├── NotFound                the alert, call, person or division does not exist
    ├── Conflict                the thing was changed meanwhile (answered, closed, cancelled)
    ├── RuleBroken              the database refused a row: a mistake of ours, nothing was done
    └── StoreError              the database
        ├── StoreBusy           locked for longer than we wait: try again
        ├── StoreUnwritable     read-only, full, vanished: an operator must act
        ├── SchemaMismatch      written by a newer jiaoying, or not upgraded yet
        └── RowsAgainstRules    rows of an earlier release stand in the way of an upgrade

Errors below the edge carry a ``code`` (an enum member) and ``facts``; the bot turns them into a
sentence in the reader's language. ``str(error)`` is for logs only and never holds a secret.
"""

from __future__ import annotations

from enum import Enum
from typing import Any


class JiaoyingError(Exception):
    """Everything jiaoying raises on purpose."""

    def __init__(self, code: Enum | str, **facts: Any) -> None:
        self.code = code
        self.facts = facts
        name = code.value if isinstance(code, Enum) else code
        super().__init__(f"{name} {facts}" if facts else str(name))


class ConfigError(JiaoyingError):
    """config.toml or the environment is wrong; the message says which key and what to do."""


class InvalidInput(JiaoyingError):
    """Somebody typed or sent something that cannot be used."""


class NotAllowed(JiaoyingError):
    """The person may not do this; ``code`` says why."""


class NotFound(JiaoyingError):
    """The alert, call, person, group or division does not exist."""


class Conflict(JiaoyingError):
    """The thing was changed meanwhile: already answered, closed, cancelled, confirmed."""


class RuleBroken(JiaoyingError):
    """The database refused a row that breaks one of its rules; the facts name the ``rule``.

    Whoever asked did nothing wrong: a use case should have refused it with a reason of its own.
    """


class StoreError(JiaoyingError):
    """The database did not do what was asked; nothing was half done."""


class StoreBusy(StoreError):
    """The database stayed locked for longer than we wait; trying again later is right."""


class StoreUnwritable(StoreError):
    """The database is read-only, full or gone; an operator must act."""


class SchemaMismatch(StoreError):
    """The database was written by a newer jiaoying, or has not been upgraded yet."""


class RowsAgainstRules(StoreError):
    """Rows of an earlier release break a rule of this one: the upgrade changed nothing.

    The facts: ``rows``, each named with the rule it breaks.
    """

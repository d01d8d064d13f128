"""The databases of the store tests, for the threats that concern the database."""

from tests.store.conftest import (
    _filled,
    _upgraded,
    database,
    empty_url,
    filled_url,
    postgresql,
    store_kind,
    upgraded_url,
)

__all__ = [
    "_filled",
    "_upgraded",
    "database",
    "empty_url",
    "filled_url",
    "postgresql",
    "store_kind",
    "upgraded_url",
]

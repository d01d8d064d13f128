"""Signals between processes over PostgreSQL's LISTEN and NOTIFY.

A signal is a hint to look sooner, never the only way a thing is found: everything due is a row, and
every process also looks by itself. So a listener that lost its connection may miss some.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from data.engines import CONNECT_SECONDS, postgresql_options, psycopg_url

log = logging.getLogger(__name__)

CHANNEL = "jiaoying"
LONGEST_PAYLOAD = 7900  # bytes; PostgreSQL takes 8000
REST_SECONDS = 1.0
PATIENCE_SECONDS = 5  # for a lock, and one statement
LOOK_SECONDS = 0.5  # how soon a closing listener ends

_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


class Notices:
    """Tells the other processes, and hears them in a thread of its own.

    :param heard: called from that thread with what another process told.
    """

    def __init__(self, url: str, heard: Callable[[frozenset[str]], None]) -> None:
        self._url = psycopg_url(url).replace("postgresql+psycopg", "postgresql", 1)
        self._name = uuid.uuid4().hex
        self._heard = heard
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def listen(self) -> None:
        """Begin to hear the others; once is enough."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._listen, name="notices", daemon=True)
            self._thread.start()

    def tell(self, connection: Connection, signals: set[str]) -> None:
        """Tell the others ``signals``, once the running transaction is committed."""
        payload = "\n".join([self._name, *sorted(signals)])
        if len(payload.encode()) <= LONGEST_PAYLOAD:
            connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": payload})

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(CONNECT_SECONDS + 2 * LOOK_SECONDS)

    def _listen(self) -> None:
        import psycopg

        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    self._url,
                    autocommit=True,
                    application_name="jiaoying notices",
                    **postgresql_options(
                        lock=PATIENCE_SECONDS, idle=PATIENCE_SECONDS, statement=PATIENCE_SECONDS
                    ),
                ) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection)
            except psycopg.Error as error:
                log.info("not listening to the other processes: %s", type(error).__name__)
                self._stop.wait(REST_SECONDS)

    def _hear(self, connection: Any) -> None:
        while not self._stop.is_set():
            for notice in connection.notifies(timeout=LOOK_SECONDS):
                sender, *signals = notice.payload.split("\n")
                if sender != self._name and signals:
                    self._heard(frozenset(signals))

"""A TCP proxy on loopback that a test can have cut a connection at a chosen request."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum


class Cut(Enum):
    """When a connection is cut, seen from a request that a test waits for."""

    BEFORE = "before"  # the server never gets it
    AFTER = "after"  # the server gets it, and its answer is lost


class Proxy:
    """Forwards every connection to a port; cuts one connection, once, when told to."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._request, self._cut = b"", Cut.BEFORE
        self.cuts = 0
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut_at(self, request: bytes, cut: Cut) -> None:
        """Cut the next connection on which the client sends these bytes."""
        self._request, self._cut = request, cut

    def close(self) -> None:
        """Take no more connections, and wait until those there are have ended."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._forward, args=(client,))
                self._threads.append(thread)
                thread.start()

    def _forward(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._target))
        with client, server, suppress(OSError):
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is server:
                        client.sendall(data)
                        continue
                    if self._request and self._request in data:
                        self._request = b""
                        self.cuts += 1
                        if self._cut is Cut.AFTER:
                            server.sendall(data)
                            server.recv(65536)  # lost; the server is done with the request
                        return
                    server.sendall(data)


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """A proxy to a port of this machine; its clients are closed before it."""
    made = Proxy(target)
    try:
        yield made
    finally:
        made.close()

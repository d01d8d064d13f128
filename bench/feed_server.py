"""A local HTTP server that serves hotspot feeds with ETags, as NASA FIRMS does."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ServedBodies:
    """The response body to serve for each path."""

    def __init__(self) -> None:
        self._bodies: dict[str, tuple[bytes, str]] = {}

    def put(self, path: str, body: bytes) -> None:
        """Serve ``body`` there from now on."""
        self._bodies[path] = body, f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def get(self, path: str) -> tuple[bytes, str]:
        """The body and its ETag."""
        return self._bodies[path]


@contextmanager
def serving(bodies: ServedBodies) -> Iterator[str]:
    """Serve until the block ends; the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, etag = bodies.get(self.path)
            unchanged = self.headers.get("If-None-Match") == etag
            self.send_response(304 if unchanged else 200)
            self.send_header("ETag", etag)
            if not unchanged:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()

"""The headers that keep a page to itself: no framing, no referrer, nothing stored on the way."""

from __future__ import annotations

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Server": "jiaoying",
}
"""Each server adds its own Content-Security-Policy."""

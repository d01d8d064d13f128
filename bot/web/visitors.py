"""Who asks a web server: from what kind of address, and from which page."""

from __future__ import annotations

import ipaddress

from aiohttp import web


def address_kind(request: web.Request) -> str:
    """The kind of the visitor's address, for the audit trail, which holds no address.

    :returns: ``loopback``, ``private``, ``public`` or ``unknown``.

    Behind a proxy on this machine, what the proxy says (the last of X-Forwarded-For).
    """
    return _kind(address_of(request))


def address_of(request: web.Request) -> str:
    """The visitor's address, never to be stored; see ``address_kind`` for proxies."""
    remote = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if _kind(remote) == "loopback" and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return remote


def asked_by_own_page(request: web.Request) -> bool:
    """Whether the request comes from our own page, as far as the browser says.

    A program that is no browser may ask too.

    A cookie cannot be used across sites (SameSite=Strict); this keeps another site from logging
    somebody in or out.
    """
    json = request.content_type == "application/json"
    return json and request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")


def _kind(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.is_loopback:
        return "loopback"
    return "private" if found.is_private else "public"

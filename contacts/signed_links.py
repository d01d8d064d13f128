"""How what opens one of our pages is signed: HMAC-SHA256 over every byte before it. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac


def key_for(purpose: bytes, secret: str) -> bytes:
    """The signing key for one purpose: what is signed with it is worth nothing for another."""
    return hashlib.sha256(purpose + secret.encode()).digest()


def signed(told: str, key: bytes, signature_bytes: int = 32) -> str:
    """``told`` with its signature after a full stop, for an address or a cookie."""
    return f"{told}.{_signature(told, key, signature_bytes)}"


def is_genuine(text: str, key: bytes, signature_bytes: int = 32) -> bool:
    """Whether ``text`` is what ``signed`` made of what is told before its last full stop."""
    told, _, signature = text.rpartition(".")
    return hmac.compare_digest(_signature(told, key, signature_bytes).encode(), signature.encode())


def _signature(told: str, key: bytes, signature_bytes: int) -> str:
    digest = hmac.new(key, told.encode(), hashlib.sha256).digest()[:signature_bytes]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

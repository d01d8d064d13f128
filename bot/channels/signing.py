"""Signed requests between jiaoying and a county's gateway, in both directions. Pure.

A request bears a time, a nonce and a signature: HMAC-SHA256, in hex, with the shared secret, over

    METHOD, newline, path with query, newline, timestamp, newline, nonce, newline, body

It is taken for ``SKEW`` around its time and only once: whoever takes it remembers the nonce for as
long as the time would let it in again. A body, a path or a method that was changed has another
signature; what we send cannot be sent back to us, for neither side serves what it asks for.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from data.errors import NotAllowed

TIMESTAMP_HEADER = "X-Jiaoying-Timestamp"
NONCE_HEADER = "X-Jiaoying-Nonce"
SIGNATURE_HEADER = "X-Jiaoying-Signature"

SKEW = timedelta(minutes=5)
"""How far the clocks of both sides may differ, and how long a request may be under way (ours)."""

_TIMESTAMP = re.compile(r"\d{10}", re.ASCII)  # seconds since 1970
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


class SignatureFault(Enum):
    """Why a request is not taken for one of the other side."""

    UNSIGNED = "unsigned"  # a header is missing or has not its form
    STALE = "stale"  # its time is too far from ours
    FORGED = "forged"  # signed with another secret, or changed on the way
    REPLAYED = "replayed"  # this very request was taken before


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature is right. Its nonce is to be refused until ``until``."""

    nonce: str
    until: datetime


def signature(
    secret: str, method: str, target: str, timestamp: str, nonce: str, body: bytes
) -> str:
    """The signature of one request, in hex.

    :param target: the path with its query, as it stands in the request line.
    """
    # Bytes of a path that are no UTF-8 come as lone surrogates, which a plain encode() refuses.
    head = "\n".join([method.upper(), target, timestamp, nonce, ""])
    signed = head.encode("utf-8", "surrogateescape") + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(
    secret: str, method: str, target: str, body: bytes, nonce: str, now: datetime
) -> dict[str, str]:
    """The three headers that make a request one of ours.

    :param nonce: 16 to 64 letters, digits, ``_`` or ``-``, never used before.
    """
    timestamp = str(int(now.timestamp()))
    return {
        TIMESTAMP_HEADER: timestamp,
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: signature(secret, method, target, timestamp, nonce, body),
    }


def check_signature(
    secret: str, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Signed:
    """What is to be remembered of a request that is signed as it must be.

    That it was not taken before is the caller's to see: by its nonce.

    :param headers: of the request; names in any case, where the mapping allows it.
    :raises NotAllowed: with a ``SignatureFault``.
    """
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    nonce = headers.get(NONCE_HEADER, "")
    given = headers.get(SIGNATURE_HEADER, "")
    well_formed = (
        _TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce) and _SIGNATURE.fullmatch(given)
    )
    if not secret or not well_formed:
        raise NotAllowed(SignatureFault.UNSIGNED)
    if not hmac.compare_digest(given, signature(secret, method, target, timestamp, nonce, body)):
        raise NotAllowed(SignatureFault.FORGED)
    at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - at) > SKEW:
        raise NotAllowed(SignatureFault.STALE)
    return Signed(nonce, at + SKEW)

"""How requests to Aliyun are signed: ACS3-HMAC-SHA256, and the message queue's older way. Pure.

The first is "V3版本请求体&签名机制" of the OpenAPI documentation, the second "签名" of the message
service (MNS). Both are checked against what Aliyun publishes (``tests/unit/test_aliyun_wire.py``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

from bot.channels.cloud import CloudRequest

ALGORITHM = "ACS3-HMAC-SHA256"
MNS_VERSION = "2015-06-06"


def signed_call(
    url: str,
    action: str,
    version: str,
    parameters: Mapping[str, str],
    key_id: str,
    key_secret: str,
    now: datetime,
    nonce: str,
) -> CloudRequest:
    """A request to one of Aliyun's RPC services.

    :param url: where the service is: ``https://dysmsapi.aliyuncs.com``.
    :param nonce: never used before.
    """
    at = urlsplit(url)
    path = at.path.rstrip("/") + "/"
    query = "&".join(f"{_quoted(name)}={_quoted(parameters[name])}" for name in sorted(parameters))
    content = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": at.netloc,
        "x-acs-action": action,
        "x-acs-content-sha256": content,
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    written = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    asked = "\n".join(["POST", path, query, written, names, content])
    signed = f"{ALGORITHM}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    authorization = f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"
    return CloudRequest(
        "POST",
        f"{at.scheme}://{at.netloc}{path}?{query}",
        {**headers, "accept": "application/json", "Authorization": authorization},
    )


def signed_for_queue(
    method: str,
    url: str,
    resource: str,
    key_id: str,
    key_secret: str,
    token: str,
    now: datetime,
    body: bytes = b"",
) -> CloudRequest:
    """A request to the message queue, with the key that was lent for it.

    :param resource: path and query, as it goes over the line.
    :param token: goes with the lent key.
    """
    at = urlsplit(url)
    date = format_datetime(now.astimezone(UTC), usegmt=True)
    headers = {"date": date, "host": at.netloc, "x-mns-version": MNS_VERSION}
    kind = digest = ""
    if body:
        kind = "text/xml;charset=UTF-8"
        digest = base64.b64encode(hashlib.md5(body).hexdigest().encode()).decode()
        headers |= {"content-type": kind, "content-md5": digest}
    signed = "\n".join([method, digest, kind, date, f"x-mns-version:{MNS_VERSION}", resource])
    mac = hmac.new(key_secret.encode(), signed.encode(), hashlib.sha1).digest()
    headers["Authorization"] = f"MNS {key_id}:{base64.b64encode(mac).decode()}"
    if token:
        headers["security-token"] = token
    return CloudRequest(method, f"{at.scheme}://{at.netloc}{resource}", headers, body)


def _quoted(text: str) -> str:
    return quote(text, safe="~")

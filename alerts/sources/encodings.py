"""The text of a table or a list, in whatever Chinese offices write it. Pure."""

from __future__ import annotations


def text_of(body: bytes, errors: str = "strict") -> str:
    """Marked UTF-16, as Excel saves "Unicode text"; UTF-8; else GB 18030.

    :param errors: what becomes of bytes that are nothing in it; see ``bytes.decode``.
    :raises UnicodeDecodeError: it is no text, and ``errors`` is strict.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors)

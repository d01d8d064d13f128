"""The files of a web page: in the folder ``page`` of the package that serves it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from aiohttp import web


def page_file(package: str, name: str, types: Mapping[str, str]) -> web.Response:
    """One file of ``package``'s page.

    :param types: the content type by file name ending (``.css``); no other ending is given out.
    :raises aiohttp.web.HTTPNotFound: when there is no such file, or its ending is not in ``types``.
    """
    known = {file.name: file for file in (resources.files(package) / "page").iterdir()}
    content_type = types.get("." + name.rpartition(".")[2])
    if content_type is None or name not in known:
        raise web.HTTPNotFound
    return web.Response(body=known[name].read_bytes(), content_type=content_type, charset="utf-8")

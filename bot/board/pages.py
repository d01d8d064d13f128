"""The board's pages: their files, the headers of every answer, the page that refuses."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web

from bot.web.page_files import page_file
from bot.web.safe_headers import SAFE_HEADERS
from contacts.board_links import BoardRefusal
from data.fonts import NAMES_FONT

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    **SAFE_HEADERS,
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}

_WHY: Mapping[BoardRefusal, tuple[str, str]] = {
    BoardRefusal.NO_PASS: ("这里要有链接才能看。", "The board opens by a link only."),
    BoardRefusal.FORGED: ("这个链接无效。", "This link is not valid."),
    BoardRefusal.EXPIRED: ("时间到了，已自动退出。", "Its time is over."),
    BoardRefusal.USED: ("这个链接已经打开过一次。", "This link was opened before."),
    BoardRefusal.ENDED: ("已退出，或由管理员结束。", "It was left, or ended by an administrator."),
    BoardRefusal.NOT_IN_POST: (
        "您的职务、区划或 Telegram 账号已变动。",
        "Your post, division or Telegram account has changed.",
    ),
    BoardRefusal.NOT_CONFIGURED: ("指挥大屏没有开通。", "The board is not set up."),
}


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add the security headers to an answer; errors get them too."""
    response.headers.update(_HEADERS)


def shipped(name: str) -> web.StreamResponse:
    """A style, script, picture or font of the page.

    :raises aiohttp.web.HTTPNotFound: when there is no such file.
    """
    if name == NAMES_FONT.name:
        return web.FileResponse(NAMES_FONT, headers={"Content-Type": "font/ttf"})
    return page_file("bot.board", name, _TYPES)


def html_page(name: str) -> web.Response:
    """One of the board's HTML pages."""
    return page_file("bot.board", name, {".html": "text/html"})


def refused_page(refusal: BoardRefusal) -> web.Response:
    """The page that says why the board is not shown, and what to do."""
    page = html_page("refused.html")
    assert isinstance(page.body, bytes)
    zh, en = _WHY[refusal]
    text = page.body.decode().replace("{why_zh}", zh).replace("{why_en}", en)
    return web.Response(status=403, text=text, content_type="text/html")


def cookie_path(public_url: str) -> str:
    """The path of the cookie: the board's own pages only."""
    return urlsplit(public_url).path.rstrip("/") + "/"


def secure(public_url: str) -> bool:
    """Whether the cookie is for https only."""
    return public_url.startswith("https://")

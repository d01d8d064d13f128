"""Printable invitations (PDF): for each person a card with the QR code that links them.

Cards are grouped by township, each beginning on a new page, so that a stack can be handed out. The
Chinese typeface is the PDF standard's STSong-Light, which readers supply: no font file is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from bot.locale import N_, translator
from bot.views.roster.invitations import deep_link
from contacts.phones import masked

FONT = "STSong-Light"
_LATIN_FONT = "Helvetica"
_COLUMNS, _ROWS = 2, 4
_MARGIN = 12 * mm
_HEAD = 14 * mm
_QR = 40 * mm
_PAD = 4 * mm
# Modules of the quiet zone that ISO/IEC 18004 wants around a QR code.
_QUIET = 4
# Any of the eight masks is read as well; to weigh them up took most of a card's time.
_MASK = 3
_GETA = "\u3013"  # what printers put for a character they do not have

_STEPS = (
    N_("1. 手机装好 Telegram 并登录"),
    N_("2. 用相机扫上面的二维码"),
    N_("3. 点“开始”，见到“已绑定”即可"),
)
_WARNING = N_("此码只给本人使用，请勿转发")


@dataclass(frozen=True, slots=True)
class Invitation:
    """One card: who, which post, where, and the person's code. ``township`` heads the page."""

    name: str
    phone: str
    post: str
    place: str
    township: str
    code: str
    bot_username: str


def invitation_sheets(invitations: Iterable[Invitation]) -> bytes:
    """The PDF of all cards, A4, eight a page, in the order given within each township."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1)
    canvas.setTitle("叫应 绑定二维码")
    for township, cards in groupby(invitations, key=lambda card: card.township):
        listed = list(cards)
        pages = [
            listed[start : start + _COLUMNS * _ROWS]
            for start in range(0, len(listed), _COLUMNS * _ROWS)
        ]
        for number, page in enumerate(pages, start=1):
            _page(canvas, township, page, f"{number}/{len(pages)}")
            canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _page(canvas: Canvas, township: str, cards: Sequence[Invitation], number: str) -> None:
    width, height = A4
    canvas.setFont(FONT, 15)
    canvas.drawString(_MARGIN, height - _MARGIN - 5 * mm, _printable(township))
    canvas.setFont(FONT, 9)
    canvas.drawRightString(width - _MARGIN, height - _MARGIN - 5 * mm, number)
    card_width = (width - 2 * _MARGIN) / _COLUMNS
    card_height = (height - 2 * _MARGIN - _HEAD) / _ROWS
    for place, card in enumerate(cards):
        row, column = divmod(place, _COLUMNS)
        x = _MARGIN + column * card_width
        y = height - _MARGIN - _HEAD - (row + 1) * card_height
        canvas.setStrokeGray(0.6)
        canvas.setDash(2, 2)  # where to cut
        canvas.rect(x, y, card_width, card_height)
        canvas.setDash()
        _card(canvas, card, x, y, card_width, card_height)


def _card(
    canvas: Canvas,
    card: Invitation,
    x: float,
    y: float,
    width: float,
    height: float,
) -> None:
    _qr(canvas, deep_link(card.bot_username, card.code), x + _PAD / 2, y + height - _PAD / 2 - _QR)
    left = x + _PAD / 2 + _QR + 1 * mm
    room = x + width - 2 * mm - left
    top = y + height - _PAD - 4 * mm
    top = _line(canvas, card.name, left, top, room, 15)
    top = _line(canvas, card.post, left, top, room, 10.5)
    top = _wrapped(canvas, card.place, left, top, room, 9.5, most=3)
    _line(canvas, masked(card.phone), left, top, room, 9.5)
    canvas.setFont("Courier", 8)
    canvas.drawString(left, y + height - _QR, f"/start {card.code}")
    bot = f"@{card.bot_username.removeprefix('@')}"  # to be searched for, where no camera reads
    _line(canvas, bot, left, y + height - _QR - 3.1 * mm, room, 8, _LATIN_FONT)
    half = width / 2
    for language, at, font, size in (("zh", 0.0, FONT, 8.0), ("en", half, _LATIN_FONT, 5.8)):
        _ = translator(language)
        bottom = y + height - _QR - _PAD - 2 * mm
        for step in (*_STEPS, _WARNING):
            bottom = _line(canvas, _(step), x + at + _PAD, bottom, half - _PAD, size, font)


def _qr(canvas: Canvas, text: str, x: float, y: float) -> None:
    """Draw the code as black squares, one path; ``x``, ``y`` is its lower left corner."""
    rows = list(segno.make_qr(text, error="m", mask=_MASK).matrix)
    module = _QR / (len(rows) + 2 * _QUIET)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        bottom = y + _QR - (number + 1 + _QUIET) * module
        at = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path.rect(x + (at + _QUIET) * module, bottom, length * module, module)
            at += length
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def _line(
    canvas: Canvas, text: str, x: float, y: float, room: float, size: float, font: str = FONT
) -> float:
    """One line, set smaller if it would not fit; returns where the next one begins."""
    shown = _printable(text)
    wide = pdfmetrics.stringWidth(shown, font, size)
    fitting = size if wide <= room else max(5.0, size * room / wide)
    while shown and pdfmetrics.stringWidth(shown, font, fitting) > room * 1.001:
        shown = shown[:-1]
    canvas.setFont(font, fitting)
    canvas.drawString(x, y, shown)
    return y - size * 1.35


def _wrapped(
    canvas: Canvas, text: str, x: float, y: float, room: float, size: float, *, most: int
) -> float:
    """Up to ``most`` lines, broken at spaces where there are any, else anywhere."""
    lines = [""]
    for piece in _printable(text).split(" "):
        longer = f"{lines[-1]} {piece}".strip()
        if not lines[-1] or pdfmetrics.stringWidth(longer, FONT, size) <= room:
            lines[-1] = longer
        else:
            lines.append(piece)
    for line in (*lines[: most - 1], " ".join(lines[most - 1 :])):
        if line:
            y = _line(canvas, line, x, y, room, size)
    return y


def _printable(text: str) -> str:
    """``text`` with what the typeface cannot show (emoji, rare characters) marked by a geta."""
    return "".join(mark if ord(mark) < 0x10000 else _GETA for mark in text if mark.isprintable())

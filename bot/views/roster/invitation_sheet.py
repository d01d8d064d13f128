"""Printable invitations (PDF): for each person a card with the QR code that links them.

Cards are grouped by township, each beginning on a new page, so that a stack can be handed out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from bot.locale import N_, translator
from bot.views.roster.invitations import deep_link
from bot.views.roster.link_codes import LinkCodes
from bot.views.typeface import FONT, lacking, printable, runs, typeface, width
from contacts.phones import masked

_LATIN_FONT = "Helvetica"
_COLUMNS, _ROWS = 2, 4
_MARGIN = 12 * mm
_HEAD = 14 * mm
_QR = 40 * mm
_PAD = 4 * mm
# Modules of the quiet zone that ISO/IEC 18004 wants around a QR code.
_QUIET = 4
_DARK = re.compile("1+")
_CARD_WIDTH = (A4[0] - 2 * _MARGIN) / _COLUMNS
_CARD_HEIGHT = (A4[1] - 2 * _MARGIN - _HEAD) / _ROWS
_QR_BOTTOM = _CARD_HEIGHT - _PAD / 2 - _QR
_ADVICE = "advice"

_STEPS = (
    N_("1. 手机装好 Telegram 并登录"),
    N_("2. 用相机扫上面的二维码"),
    N_("3. 点「开始」，见到「已绑定」即可"),
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


def invitation_sheets(
    invitations: Iterable[Invitation], tell: Callable[[int, int], None] | None = None
) -> bytes:
    """The PDF of all cards, A4, eight a page, in the order given within each township.

    :param tell: is told how many cards are drawn, and of how many.
    """
    typeface()
    everybody = list(invitations)
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1)
    canvas.setTitle("叫应 绑定二维码")
    _advice(canvas)
    codes = LinkCodes()
    drawn = 0
    for township, cards in groupby(everybody, key=lambda card: card.township):
        listed = list(cards)
        pages = [
            listed[start : start + _COLUMNS * _ROWS]
            for start in range(0, len(listed), _COLUMNS * _ROWS)
        ]
        for number, page in enumerate(pages, start=1):
            _page(canvas, township, page, f"{number}/{len(pages)}", codes)
            canvas.showPage()
            drawn += len(page)
            if tell is not None:
                tell(drawn, len(everybody))
    canvas.save()
    return buffer.getvalue()


def unprintable(invitations: Iterable[Invitation]) -> list[tuple[Invitation, str]]:
    """The cards with characters that no font holds, which are printed 〓; and these characters."""
    lacks = (
        (card, lacking(f"{card.name}{card.post}{card.place}{card.township}"))
        for card in invitations
    )
    return [(card, marks) for card, marks in lacks if marks]


def _page(
    canvas: Canvas, township: str, cards: Sequence[Invitation], number: str, codes: LinkCodes
) -> None:
    page_width, height = A4
    top = height - _MARGIN - 5 * mm
    _line(canvas, township, _MARGIN, top, page_width - 2 * _MARGIN - 20 * mm, 15)
    canvas.setFont(FONT, 9)
    canvas.drawRightString(page_width - _MARGIN, top, number)
    for place, card in enumerate(cards):
        row, column = divmod(place, _COLUMNS)
        x = _MARGIN + column * _CARD_WIDTH
        y = height - _MARGIN - _HEAD - (row + 1) * _CARD_HEIGHT
        canvas.saveState()
        canvas.translate(x, y)
        _card(canvas, card, codes)
        canvas.restoreState()


def _card(canvas: Canvas, card: Invitation, codes: LinkCodes) -> None:
    """One card; its lower left corner is where the canvas begins."""
    canvas.doForm(_ADVICE)
    _qr(canvas, codes.rows(deep_link(card.bot_username, card.code)), _PAD / 2, _QR_BOTTOM)
    left = _PAD / 2 + _QR + 1 * mm
    room = _CARD_WIDTH - 2 * mm - left
    top = _CARD_HEIGHT - _PAD - 4 * mm
    top = _line(canvas, card.name, left, top, room, 15)
    top = _line(canvas, card.post, left, top, room, 10.5)
    top = _wrapped(canvas, card.place, left, top, room, 9.5, most=3)
    _line(canvas, masked(card.phone), left, top, room, 9.5)
    canvas.setFont("Courier", 8)
    canvas.drawString(left, _CARD_HEIGHT - _QR, f"/start {card.code}")
    bot = f"@{card.bot_username.removeprefix('@')}"  # to be searched for, where no camera reads
    canvas.setFont(_LATIN_FONT, min(8, 8 * room / stringWidth(bot, _LATIN_FONT, 8)))
    canvas.drawString(left, _CARD_HEIGHT - _QR - 3.1 * mm, bot)


def _advice(canvas: Canvas) -> None:
    """What is the same on every card, kept in the document once: where to cut, and what to do."""
    canvas.beginForm(_ADVICE, 0, 0, _CARD_WIDTH, _CARD_HEIGHT)
    canvas.setStrokeGray(0.6)
    canvas.setDash(2, 2)  # where to cut
    canvas.rect(0, 0, _CARD_WIDTH, _CARD_HEIGHT)
    half = _CARD_WIDTH / 2
    for language, at, font, size in (("zh", 0.0, FONT, 8.0), ("en", half, _LATIN_FONT, 5.8)):
        _ = translator(language)
        bottom = _QR_BOTTOM + _PAD / 2 - _PAD - 2 * mm
        for step in map(_, (*_STEPS, _WARNING)):
            fitting = min(size, size * (half - _PAD) / stringWidth(step, font, size))
            canvas.setFont(font, fitting)
            canvas.drawString(at + _PAD, bottom, step)
            bottom -= size * 1.35
    canvas.endForm()


def _qr(canvas: Canvas, rows: Sequence[str], x: float, y: float) -> None:
    """Draw the code as black squares, one path; ``x``, ``y`` is its lower left corner.

    The path is written in whole numbers, a module being one: measured, ReportLab's own rectangles
    took more than half of a card's time.
    """
    module = _QR / (len(rows) + 2 * _QUIET)
    squares = " ".join(
        f"{run.start()} {bottom} {run.end() - run.start()} 1 re"
        for bottom, row in enumerate(reversed(rows))
        for run in _DARK.finditer(row)
    )
    canvas.saveState()
    canvas.setFillGray(0)
    canvas.translate(x + _QUIET * module, y + _QUIET * module)
    canvas.scale(module, module)
    canvas.addLiteral(f"n {squares} f")
    canvas.restoreState()


def _line(canvas: Canvas, text: str, x: float, y: float, room: float, size: float) -> float:
    """One line, set smaller if it would not fit; returns where the next one begins."""
    shown = printable(text)
    wide = width(shown, size)
    fitting = size if wide <= room else max(5.0, size * room / wide)
    while shown and width(shown, fitting) > room * 1.001:
        shown = shown[:-1]
    for font, part in runs(shown):
        canvas.setFont(font, fitting)
        canvas.drawString(x, y, part)
        x += width(part, fitting)
    return y - size * 1.35


def _wrapped(
    canvas: Canvas, text: str, x: float, y: float, room: float, size: float, *, most: int
) -> float:
    """Up to ``most`` lines, broken at spaces where there are any, else anywhere."""
    lines = [""]
    for piece in printable(text).split(" "):
        longer = f"{lines[-1]} {piece}".strip()
        if not lines[-1] or width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(piece)
    for line in (*lines[: most - 1], " ".join(lines[most - 1 :])):
        if line:
            y = _line(canvas, line, x, y, room, size)
    return y

"""The handbook's cards: one card, the cards of a hazard, what was found by words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from alerts.handbook.model import Card, Phase
from alerts.instructions import Work
from alerts.model import RESPONSES, WARNED_OF, Hazard
from alerts.template_files.model import TemplateKind
from bot.actions.handbook_cards import CallCard, HandbookCard, HandbookHazards, HandbookOf
from bot.actions.templates import TemplateShow
from bot.locale import N_, reads_english, translator
from bot.views.screen import Button, Inline, Rows, Screen, bold, escape, name, shorten
from bot.views.vocabulary import hazard_name

MOST_FOUND = 8
"""Cards that one message offers: more are found by another word (ours)."""

PHASES: Mapping[Phase, str] = {
    Phase.BEFORE: N_("备"),
    Phase.WARNED: N_("警"),
    Phase.MOVING: N_("转"),
    Phase.AFTER: N_("后"),
}
WORKS: Mapping[Work, str] = {
    Work.VILLAGE: N_("村责任人"),
    Work.COMMAND: N_("指挥员"),
    Work.OFFICE: N_("值班室"),
    Work.RANGER: N_("巡护员"),
    Work.LOOKOUT: N_("瞭望员"),
    Work.CHECKPOINT: N_("检查员"),
}
_STEP = re.compile(r"^\s*(\d{1,2})[.、]\s*(.*)$")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def how_to_button(call_id: int, language: str) -> Button:
    """📖 怎么做: under an answered call."""
    return Button(translator(language)("📖 怎么做"), CallCard(call_id).encode())


def handbook_button(language: str) -> Button:
    """📗 处置手册: under the phone book."""
    return Button(translator(language)("📗 处置手册"), HandbookHazards().encode())


def hazards_menu(hazards: Iterable[Hazard], language: str) -> Screen:
    """The hazards there are cards of, three in a row."""
    _ = translator(language)
    have = set(hazards)
    buttons = [
        Button(_capital(hazard_name(hazard, language)), HandbookOf(hazard).encode())
        for hazard in (*WARNED_OF, *RESPONSES)
        if hazard in have
    ]
    rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
    text = f"{bold(_('📗 处置手册'))}\n{_('按灾种看，或发 /handbook 和要找的词，如：')}"
    another = "flash flood" if reads_english(language) else "sh"
    return Screen(f"{text}\n/handbook 山洪\n/handbook {another}", Inline(tuple(rows)))


def cards_of_hazard(
    hazard: Hazard, cards: Sequence[Card], work: Work, works: Iterable[Work], language: str
) -> Screen:
    """The cards of a hazard for one kind of work, and the other kinds of work.

    :param works: those there are cards for.
    """
    _ = translator(language)
    words = _("📗 {hazard} · {work}").format(
        hazard=hazard_name(hazard, language), work=_(WORKS[work])
    )
    rows: list[tuple[Button, ...]] = [(_open(card, hazard, language),) for card in cards]
    others = [
        Button(_(WORKS[other]), HandbookOf(hazard, other).encode())
        for other in Work
        if other is not work and other in set(works)
    ]
    rows += [tuple(others[at : at + 3]) for at in range(0, len(others), 3)]
    rows.append((Button(_("⬅️ 各灾种"), HandbookHazards().encode()),))
    lines = [bold(words), _("按一张看。下面几个是别的岗位的。")]
    return Screen("\n".join(lines), Inline(tuple(rows)))


def card_screen(
    card: Card, language: str, hazard: Hazard | None = None, *, may_edit: bool = False
) -> Screen:
    """One card: its title, what to do, and from which published text it was written.

    In English for those who read it, where the card has it; else in Chinese.
    """
    _ = translator(language)
    english = reads_english(language)
    parts = [bold("📗 " + card_title(card, language))]
    if english and not card.body_en:
        parts[0] += "\n" + _("（卡片内容为中文）")
    parts.append(body_html((english and card.body_en) or card.body))
    source = (english and card.source_en) or card.source
    parts.append(f"<i>{_('依据：{source}').format(source=escape(source))}</i>")
    rows: list[tuple[Button, ...]] = []
    if hazard is not None:
        words = _("📗 {hazard}的其他卡片").format(hazard=hazard_name(hazard, language))
        rows.append((Button(words, HandbookOf(hazard).encode()),))
    if may_edit:
        edit = TemplateShow(TemplateKind.CARD, card.key)
        rows.append((Button(_("✏️ 修改"), edit.encode()),))
    return Screen("\n\n".join(parts), Inline(tuple(rows)) if rows else None)


def no_card(language: str) -> Screen:
    """There is none, or no more."""
    _ = translator(language)
    words = _("没有这张卡片，可能已更换。请从手册重新打开。")
    return Screen(words, Inline(((handbook_button(language),),)))


def found_lines(words: str, cards: Sequence[Card], language: str) -> list[str]:
    """What stands above the buttons of the cards found (HTML)."""
    _ = translator(language)
    lines = [
        bold(
            _("📗 「{text}」：处置手册 {count} 张").format(
                text=shorten(words, 30), count=len(cards)
            )
        )
    ]
    if len(cards) > MOST_FOUND:
        lines.append(
            _("先列 {most} 张，再加一个词可缩小，如「{text} 村」").format(
                most=MOST_FOUND, text=name(shorten(words, 20))
            )
        )
    return lines


def found_rows(cards: Sequence[Card], language: str) -> Rows:
    """A button for each card found."""
    return tuple((_open(card, None, language),) for card in cards[:MOST_FOUND])


def card_title(card: Card, language: str) -> str:
    """What the card is called, plain."""
    return (reads_english(language) and card.title_en) or card.title


def body_html(body: str) -> str:
    """The few marks of Markdown that a chat can show: steps, bold, quotations, headings (HTML)."""
    return "\n".join(map(_line, body.splitlines()))


def _line(line: str) -> str:
    if step := _STEP.match(line):
        return f"{step[1]}. {_inline(step[2])}"
    stripped = line.strip()
    if stripped.startswith("#"):
        return f"<b>{_inline(stripped.lstrip('# '))}</b>"
    if stripped.startswith("> "):
        return f"<blockquote>{_inline(stripped[2:])}</blockquote>"
    if stripped.startswith(("- ", "* ")):
        return f"• {_inline(stripped[2:])}"
    return _inline(stripped)


def _inline(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", escape(text))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _open(card: Card, hazard: Hazard | None, language: str) -> Button:
    _ = translator(language)
    parted = "/" if reads_english(language) else ""
    phases = parted.join(_(PHASES[phase]) for phase in Phase if phase in card.phases)
    marked = phases if len(card.phases) < len(Phase) else _("全程")
    words = f"[{marked}] {card_title(card, language)}"
    return Button(words, HandbookCard(card.key, hazard).encode())

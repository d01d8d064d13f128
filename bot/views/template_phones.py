"""What a template says, as a commander, a village's head and a patroller would read it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from alerts.handbook.model import Card, best_card
from alerts.instructions import work_of
from alerts.loop.evacuation.model import Card as EvacuationCard
from alerts.loop.evacuation.model import Shelter
from alerts.loop.tasks.model import Evidence
from alerts.model import Alert, Hazard, Level, State, Status
from alerts.template_files.frames import CardFrame
from alerts.template_files.lists import ListedTask, TaskTemplate
from bot.locale import N_, translator
from bot.views.clock import lead
from bot.views.handbook_cards import body_html, card_title
from bot.views.screen import bold, escape
from bot.views.vocabulary import role_name, tier_name
from bot.views.warnings.parts import body as warning_body
from bot.views.warnings.parts import title, todo
from contacts.people import Role

PHONES: Mapping[Role, str] = {
    Role.COMMANDER: N_("指挥员"),
    Role.VILLAGE_RESPONSIBLE: N_("村责任人"),
    Role.RANGER: N_("巡护员"),
}
"""Whose phones a preview shows."""

EVIDENCE: Mapping[Evidence, str] = {
    Evidence.PHOTO: N_("照片"),
    Evidence.VIDEO: N_("视频"),
    Evidence.DOCUMENT: N_("文件"),
    Evidence.VOICE: N_("语音"),
    Evidence.POSITION: N_("位置"),
}


def phones_of_texts(
    hazard: Hazard, level: Level, texts: Sequence[str], place: str, language: str, now: datetime
) -> list[tuple[str, str]]:
    """The first of these texts as each of three would read it; how many more there are."""
    _ = translator(language)
    alert = _sample(hazard, level, texts[0], now)
    found = [
        (
            "📱 " + _(words),
            "\n".join(
                [
                    title(alert, place, language),
                    warning_body(alert, language),
                    _("按「收到」后："),
                    todo(hazard, level, role, None, language),
                ]
            ),
        )
        for role, words in PHONES.items()
    ]
    if len(texts) > 1:
        more = _("另外 {count} 段，发布时可选：").format(count=len(texts) - 1)
        found.append((more, "\n\n".join(escape(text) for text in texts[1:])))
    return found


def phones_of_card(card: Card, others: Iterable[Card], language: str) -> list[tuple[str, str]]:
    """What each of three would read when this card is theirs; who reads another one instead.

    Last what those read whose language is English, if the card says it in English.
    """
    _ = translator(language)
    found: dict[str, list[str]] = {}
    hazard = min(card.hazards, key=list(Hazard).index)
    phase = min(card.phases, key=lambda one: one.value)
    rest = [other for other in others if other.key != card.key]
    for role, words in PHONES.items():
        if work_of(role) in card.works:
            text = f"{bold('📗 ' + card.title)}\n{body_html(card.body)}"
        else:
            instead = best_card(rest, hazard, work_of(role), phase)
            text = _NOT_THIS if instead is None else _NOT_THIS_BUT
            named = "" if instead is None else escape(card_title(instead, language))
            text = _(text).format(title=named)
        found.setdefault(text, []).append(_(words))
    phones = [("📱 " + "、".join(who), text) for text, who in found.items()]
    if card.body_en:
        english = f"{bold('📗 ' + card.title_en)}\n{body_html(card.body_en)}"
        phones.append(("📱 " + _("用英文的人"), english))
    return phones


_NOT_THIS = N_("这张不给此岗位。")
_NOT_THIS_BUT = N_("这张不给此岗位，打开的是《{title}》。")


def phones_of_frame(frame: CardFrame, language: str) -> list[tuple[str, str]]:
    """A made-up card as each of three would read it; its map's titles, its page for the wall."""
    # Loaded by whoever looks: most offices start without cards.
    from bot.views.evacuation import card as views

    _ = translator(language)
    card, day = _sample_card(), date(2026, 6, 1)
    found: dict[str, list[str]] = {}
    for role, words in PHONES.items():
        numbers = role is not Role.RANGER  # who is in charge of the village, or above it
        caption = views.card_caption(card, frame, language, numbers=numbers, frail=2)
        found.setdefault(caption.text, []).append(_(words))
    phones = [("📱 " + "、".join(who), text) for text, who in found.items()]
    titles = (
        views.card_title(card, frame, language),
        views.card_subtitle(card, frame, language),
    )
    phones.append((_("🖼 图上的标题"), escape("\n".join(filter(None, titles)))))
    page = [bold(views.wall_title(card, frame, language))]
    page += [
        _("{heading}：{words}").format(heading=escape(heading), words=escape(words))
        for heading, words in views.card_lines(card, frame, language, numbers=True, printed=True)
    ]
    page.append("❗ " + bold(views.no_return(frame, language)))
    page.append(escape(views.foot(card, frame, day, language)))
    return [*phones, (_("🖨 墙上的一页"), "\n".join(page))]


def _sample_card() -> EvacuationCard:
    shelter = Shelter(
        0, "", "镇中心校", capacity=300, key_holder="孙校长", key_phone="+8613900000002"
    )
    return EvacuationCard(
        0,
        "",
        "",
        "太平村",
        organiser="王村长",
        organiser_phone="+8613900000001",
        signal="铜锣连敲，喇叭喊话",
        when_to_move="红色预警，或沟口水变浑",
        route=((128.0, 43.0), (128.0, 43.01)),
        route_words="沿村北路往高处走，不过桥",
        households=12,
        persons=35,
        shelter=shelter,
    )


def phones_of_list(tasks: TaskTemplate, language: str) -> list[tuple[str, str]]:
    """The tasks that each of three would be given."""
    _ = translator(language)
    found = []
    for role, words in PHONES.items():
        theirs = [task for task in tasks.tasks if work_of(task.role) is work_of(role)]
        lines = [task_line(number, task, language) for number, task in enumerate(theirs, 1)]
        found.append(("📱 " + _(words), "\n".join(lines) or _("没有给此岗位的任务。")))
    if not tasks.enabled:
        found.append((_("注意"), _("这张清单没有启用：发布预警时不派任务。")))
    return found


def task_line(number: int, task: ListedTask, language: str) -> str:
    _ = translator(language)
    who = _("{tier} {role}").format(
        tier=tier_name(task.tier, language), role=role_name(task.role, language)
    )
    limit = _("限时 {lead}").format(lead=lead(task.minutes, language))
    line = f"{number}. <b>{escape(task.title)}</b>\n　👤 {escape(who)} · ⏱ {limit}"
    if task.evidence:
        kinds = "、".join(_(EVIDENCE[one]) for one in Evidence if one in task.evidence)
        line += " · " + _("要{kinds}").format(kinds=kinds)
    return line + (f"\n　{escape(task.measure)}" if task.measure else "")


def phone_lines(phones: Sequence[tuple[str, str]]) -> list[str]:
    """What is on the phones, each with whose it is (HTML)."""
    lines: list[str] = []
    for who, text in phones:
        plain = text.replace("<blockquote>", "").replace("</blockquote>", "")
        lines += ["", f"<b>{escape(who)}</b>", f"<blockquote>{plain}</blockquote>"]
    return lines


def _sample(hazard: Hazard, level: Level, text: str, now: datetime) -> Alert:
    return Alert(
        id=0,
        identifier="",
        status=Status.ACTUAL,
        level=level,
        hazard=hazard,
        headline="",
        description=text,
        areas=(),
        lead_minutes=None,
        state=State.RELEASED,
        sender_id=0,
        created_at=now,
        expires_at=now,
        released_at=now,
    )

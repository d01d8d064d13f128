"""Which places a warning is for alone: reservoirs, schools, hazard points. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.actions.release import PlaceChoice, choose_place
from bot.locale import translator
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import place_kind_name
from bot.views.warnings.release_wizard import stop_button
from contacts.places import Place, PlaceKind

ON_A_PAGE = 12
"""Places on a page, one in a row: names of reservoirs are long."""

_SHOWN = 8


def only_these(kinds: Collection[PlaceKind], names: Sequence[str], language: str) -> str:
    """What a warning is for alone, in words: 所有水库、红旗小学; empty: it is for everybody."""
    _ = translator(language)
    words = [
        _("所有{kind}").format(kind=place_kind_name(kind, language))
        for kind in PlaceKind
        if kind in kinds
    ]
    more = len(names) - _SHOWN
    shown = _("、").join([*words, *names[:_SHOWN]])
    return shown + (_("等{count}处").format(count=len(names)) if more > 0 else "")


def ask_places(
    places: Sequence[Place],
    chosen: Collection[str],
    language: str,
    area: str,
    *,
    page: int = 0,
    draft: str = "",
    note: str = "",
) -> Screen:
    """Everybody of the area, all places of a kind, or single ones: buttons that switch.

    :param places: those of the area.
    :param chosen: the codes and kinds chosen so far.
    :param draft: which draft asks (HTML).
    :param note: what became of the name that was written (HTML).
    """
    _ = translator(language)
    kinds = [kind for kind in PlaceKind if any(place.kind is kind for place in places)]
    picked = [kind for kind in PlaceKind if kind.value in chosen]
    names = [place.name for place in places if place.code in chosen]
    only = only_these(picked, names, language)
    now = (
        _("只叫应：{places}的责任人").format(places=only)
        if only
        else _("全部责任人，各处地点的也在内")
    )
    lines = [note, draft, bold(_("🎯 叫应谁？")) + f" 📍 {name(area)}", escape(now)]
    lines.append(_("可只选一类或几处地点，也可以打字写地点名称。"))
    rows: list[tuple[Button, ...]] = []
    for kind in kinds:
        count = sum(place.kind is kind for place in places)
        words = _("所有{kind}（{count} 处）").format(
            kind=place_kind_name(kind, language), count=count
        )
        rows.append((_switch(words, kind.value in chosen, PlaceChoice.KIND, kind.value),))
    last = last_page(len(places), ON_A_PAGE)
    page = max(0, min(page, last))
    for place in places[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]:
        words = shorten(place.name, 30)
        rows.append((_switch(words, place.code in chosen, PlaceChoice.ONE, place.token),))
    turn = page_buttons(
        page, last, lambda number: choose_place(PlaceChoice.PAGE, str(number)), language
    )
    if turn:
        rows.append(turn)
    if chosen:
        everybody = Button(_("👥 不限，全部责任人"), choose_place(PlaceChoice.EVERYBODY).encode())
        rows.append((everybody,))
    rows.append((Button(_("✔️ 选好了，去核对"), choose_place(PlaceChoice.DONE).encode()),))
    rows.append((stop_button(language),))
    return Screen("\n".join(filter(None, lines)), Inline(tuple(rows)))


def which_place(
    text: str, found: Sequence[tuple[Place, str]], language: str, *, draft: str = ""
) -> Screen:
    """Several places bear the name that was written: which is meant?

    :param found: the places, each with the path of its division.
    :param draft: which draft asks (HTML).
    """
    _ = translator(language)
    asks = _("「{text}」有 {total} 处，是哪一处？").format(text=shorten(text, 30), total=len(found))
    rows = [
        (
            Button(
                shorten(f"{path} {place.name}", 60),
                choose_place(PlaceChoice.ONLY, place.token).encode(),
            ),
        )
        for place, path in found[:_SHOWN]
    ]
    text = "\n".join(filter(None, [draft, bold(asks)]))
    return Screen(text, Inline((*rows, (stop_button(language),))))


def _switch(words: str, on: bool, choice: PlaceChoice, value: str) -> Button:
    mark = "✅" if on else "▫️"
    return Button(f"{mark} {words}", choose_place(choice, value).encode())

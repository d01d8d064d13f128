"""How far an evacuation has got, in words."""

from __future__ import annotations

from alerts.loop.evacuation.counting import Evacuation, Figures
from bot.views.warnings.evacuated import evacuation_lines


def test_where_others_moved_people_too_the_target_says_whose_it_is() -> None:
    """On the cards 12 households are to move; villages without a card have moved 142."""
    own = Evacuation(Figures(12, 35), Figures(5, 9), left=Figures(7, 26), villages=1)
    first, second, _finished = evacuation_lines(own, "zh")
    assert first == "<b>🏘 应转 12 户 35 人</b>"
    assert second == "　已转 5 户 9 人 · 未转 7 户 26 人"
    others = Evacuation(Figures(12, 35), Figures(142, 367), left=Figures(12, 35), villages=1)
    first, second, _finished = evacuation_lines(others, "zh")
    assert first == "<b>🏘 应转 12 户 35 人（有转移卡的村）</b>"
    assert second == "　已转 142 户 367 人（含转移卡以外的） · 未转 12 户 35 人"

"""How far an evacuation has got, in words."""

from __future__ import annotations

from alerts.loop.evacuation.counting import Evacuation, Figures
from bot.views.warnings.evacuated import evacuation_lines


def test_where_others_moved_people_too_the_target_says_whose_it_is() -> None:
    """On the cards 12 households are to move; villages without a card have moved 142."""
    own = Evacuation(Figures(12, 35), Figures(5, 9), left=Figures(7, 26), villages=1)
    assert evacuation_lines(own, "zh")[0] == "<b>🏘 应转 12 户 35 人</b>"
    others = Evacuation(Figures(12, 35), Figures(142, 367), left=Figures(12, 35), villages=1)
    assert evacuation_lines(others, "zh")[0] == "<b>🏘 应转 12 户 35 人（有转移卡的村）</b>"

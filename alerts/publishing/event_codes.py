"""The codes of China's national list of emergencies, for the events of CAP messages. Pure.

GB/T 35965.1 has them in its element ``eventType`` (``11B03``). The paper of the list (GB/T 35561)
was not at hand; each code here stands with the same meaning in several public programs that read
what the national centre (12379) sends: a telephone maker's warning centre, provinces' emergency
platforms, a table of the whole list; docs/adr/0010 names them. What is not in the list (应急响应,
返回) has no code: none is made up.
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.model import Hazard

NATIONAL = "eventType"
"""The ``valueName`` of such a code: the name of its element in GB/T 35965.1."""

NATIONAL_CODES: Mapping[Hazard, str] = {
    Hazard.RIVER_FLOOD: "11A01",  # 洪水
    Hazard.WATERLOGGING: "11A02",  # 内涝
    Hazard.RESERVOIR: "11A03",  # 水库重大险情
    Hazard.FLASH_FLOOD: "11A51",  # 山洪灾害事件
    Hazard.TYPHOON: "11B01",  # 台风事件
    Hazard.RAINSTORM: "11B03",  # 暴雨事件
    Hazard.SNOWSTORM: "11B04",  # 暴雪事件
    Hazard.COLD_WAVE: "11B05",  # 寒潮事件
    Hazard.GALE: "11B06",  # 大风事件
    Hazard.HAIL: "11B15",  # 冰雹事件
    Hazard.THUNDERSTORM_GALE: "11B20",  # 雷雨大风
    Hazard.ROAD_ICING: "11B21",  # 道路结冰
    Hazard.FOREST_FIRE_DANGER: "11B25",  # 森林火险
    Hazard.GEOLOGICAL: "11D00",  # 地质灾害: slides, debris flows and falls have codes below it
    Hazard.FOREST_FIRE: "11G00",  # 森林草原火灾: inside, across and outside the border below it
}

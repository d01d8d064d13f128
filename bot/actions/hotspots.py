"""The buttons of hotspot tasks and of the heat sources that are masked. Pure."""

from __future__ import annotations

from alerts.patrol.hotspots.model import Verdict
from bot.actions.codec import Action, Id, action


@action("ka")
class HotspotAccept(Action):
    """✅ 我去: the patroller goes and looks (``id``: the task)."""

    id: Id


@action("kn")
class HotspotDecline(Action):
    """❌ 去不了: the next nearest is asked (``id``: the task)."""

    id: Id


@action("kv")
class HotspotVerdictTap(Action):
    """What it is (``id``: the task)."""

    id: Id
    verdict: Verdict


@action("ks")
class HotspotShow(Action):
    """One task; also 改结果, which offers the verdicts again (``id``: the task)."""

    id: Id


@action("kd")
class HotspotDraft(Action):
    """⚠️ 发布预警: the drafted warning, as a preview (``id``: the task)."""

    id: Id


@action("km")
class HotspotPicture(Action):
    """🗺 地图: the pixels, the nearest village and who is near, as a picture (``id``: the task)."""

    id: Id


@action("kf")
class HeatForget(Action):
    """✖️ 取消: this is no steady heat source (``id``: the source)."""

    id: Id


@action("kh:all")
class HeatSources(Action):
    """🏭 已知热源: what is masked."""

"""The buttons of hotspot tasks: callback data and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.patrol.hotspots.model import Verdict

_ID = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class HotspotAccept:
    """✅ 我去: the patroller goes and looks (``id``: the task)."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"ka:{self.id}"


@dataclass(frozen=True, slots=True)
class HotspotDecline:
    """❌ 去不了: the next nearest is asked."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"kn:{self.id}"


@dataclass(frozen=True, slots=True)
class HotspotVerdict:
    """What it is."""

    id: int
    verdict: Verdict

    def encode(self) -> str:
        """The callback data."""
        return f"kv:{self.id}:{self.verdict.value}"


@dataclass(frozen=True, slots=True)
class HotspotShow:
    """One task; also 改结果, which offers the verdicts again."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"ks:{self.id}"


@dataclass(frozen=True, slots=True)
class HotspotDraft:
    """⚠️ 发布预警: the drafted warning, as a preview."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"kd:{self.id}"


@dataclass(frozen=True, slots=True)
class HotspotPicture:
    """🗺 地图: the pixels, the nearest village and who is near, as a picture."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"km:{self.id}"


@dataclass(frozen=True, slots=True)
class HeatForget:
    """✖️ 取消: this is no steady heat source (``id``: the source)."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"kf:{self.id}"


@dataclass(frozen=True, slots=True)
class HeatSources:
    """🏭 已知热源: what is masked."""

    def encode(self) -> str:
        """The callback data."""
        return "kh:all"


HotspotAction = (
    HotspotAccept
    | HotspotDecline
    | HotspotVerdict
    | HotspotShow
    | HotspotDraft
    | HotspotPicture
    | HeatForget
    | HeatSources
)

_VERDICTS = {verdict.value: verdict for verdict in Verdict}


def _on_id(
    make: Callable[[int], HotspotAction],
) -> Callable[[Sequence[str]], HotspotAction | None]:
    def parse(parts: Sequence[str]) -> HotspotAction | None:
        if len(parts) != 1 or not _ID.fullmatch(parts[0]):
            return None
        return make(int(parts[0]))

    return parse


def _verdict(parts: Sequence[str]) -> HotspotAction | None:
    if len(parts) != 2 or not _ID.fullmatch(parts[0]) or parts[1] not in _VERDICTS:
        return None
    return HotspotVerdict(int(parts[0]), _VERDICTS[parts[1]])


PARSERS: dict[str, Callable[[Sequence[str]], HotspotAction | None]] = {
    "ka": _on_id(HotspotAccept),
    "kn": _on_id(HotspotDecline),
    "ks": _on_id(HotspotShow),
    "kd": _on_id(HotspotDraft),
    "km": _on_id(HotspotPicture),
    "kf": _on_id(HeatForget),
    "kh": lambda parts: HeatSources() if list(parts) == ["all"] else None,
    "kv": _verdict,
}

"""Why an SMS did not arrive, in the codes and words of China's carriers. Pure.

The clouds pass on what a carrier says: a code that differs by carrier and province (MK:0001,
UNDELIV), and mostly a few words of Chinese. Sources: the tables of receipts of Aliyun's and
Tencent Cloud's SMS, and the carriers' own (CMPP). What nobody knows is no cause.
"""

from __future__ import annotations

from collections.abc import Mapping

from contacts.channels import Cause

_CODES: Mapping[str, Cause] = {
    "MK:0001": Cause.NO_SUCH_NUMBER,
    "MI:0073": Cause.NO_SUCH_NUMBER,
    "MI:0210": Cause.NO_SUCH_NUMBER,
    "CB:0053": Cause.NO_SUCH_NUMBER,
    "DB:0101": Cause.NO_SUCH_NUMBER,
    "MOBILE_NUMBER_ILLEGAL": Cause.NO_SUCH_NUMBER,
    "MK:0005": Cause.SUSPENDED,
    "MK:0013": Cause.SUSPENDED,
    "DB:0102": Cause.SUSPENDED,
    "MOBILE_NOT_ON_SERVICE": Cause.SUSPENDED,
    "MK:0023": Cause.POWERED_OFF,
    "MI:0024": Cause.POWERED_OFF,
    "MK:0010": Cause.OUT_OF_REACH,  # 关机或不在服务区, until the carrier gave it up
    "EXPIRED": Cause.OUT_OF_REACH,
    "MI:NNNN": Cause.OUT_OF_REACH,
    "002": Cause.OUT_OF_REACH,
    "REJECTD": Cause.CARRIER_BLOCKED,
    "-106": Cause.CARRIER_BLOCKED,
    "MBBLACK": Cause.CARRIER_BLOCKED,
    "DB:0144": Cause.CARRIER_BLOCKED,
    "MK:0115": Cause.CARRIER_BLOCKED,
    "CONTENT_KEYWORD": Cause.CARRIER_BLOCKED,
    "KEYWORD": Cause.CARRIER_BLOCKED,
    "BLACK": Cause.BLOCKED,
    "MOBILE_IN_BLACK": Cause.BLOCKED,
}

_WORDS: tuple[tuple[str, Cause], ...] = (
    ("空号", Cause.NO_SUCH_NUMBER),
    ("号码不存在", Cause.NO_SUCH_NUMBER),
    ("停机", Cause.SUSPENDED),
    ("欠费", Cause.SUSPENDED),
    ("关机", Cause.POWERED_OFF),
    ("服务区", Cause.OUT_OF_REACH),
    ("无法接通", Cause.OUT_OF_REACH),
    ("退订", Cause.BLOCKED),
    ("黑名单", Cause.BLOCKED),
    ("免打扰", Cause.BLOCKED),
    ("关键字", Cause.CARRIER_BLOCKED),
    ("敏感", Cause.CARRIER_BLOCKED),
    ("拦截", Cause.CARRIER_BLOCKED),
    ("屏蔽", Cause.CARRIER_BLOCKED),
)


def cause_of(code: str, words: str) -> Cause | None:
    """Why an SMS did not arrive; ``None``: the carrier's words say nothing that is certain."""
    known = _CODES.get(code.strip().upper())
    if known is not None:
        return known
    named = dict.fromkeys(cause for part, cause in _WORDS if part in words)
    if len(named) == 1:
        return next(iter(named))
    off = {Cause.POWERED_OFF, Cause.OUT_OF_REACH, Cause.SUSPENDED}
    # 关机、停机或不在服务区: whichever it is, nobody is there now.
    return Cause.OUT_OF_REACH if named and named.keys() <= off else None

"""Which divisions bear a name: the index behind ``Gazetteer.find``.

A *full* name (any spelling) outweighs a *bare* one (敦化 for 敦化市). A bare name that belongs to a
county, city or province means that one, not the villages named after it; between two such upper
divisions (吉林: the province and the city), or among townships and villages, it stays ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from contacts.divisions.codes import EVERYWHERE, Tier, ancestors, code_range, contains, prefix_of
from contacts.divisions.spellings import bare_name, canonical, kind_of

_UPPER = frozenset({Tier.PROVINCE, Tier.CITY, Tier.COUNTY})
_TIERS_OF_KIND: dict[str, frozenset[Tier]] = {
    "村": frozenset({Tier.VILLAGE}),
    "社区": frozenset({Tier.VILLAGE}),
    "生活区": frozenset({Tier.VILLAGE}),
    "虚拟生活区": frozenset({Tier.VILLAGE}),
    "镇": frozenset({Tier.TOWNSHIP}),
    "乡": frozenset({Tier.TOWNSHIP}),
    "街道": frozenset({Tier.TOWNSHIP}),
    "": frozenset(Tier) - {Tier.VILLAGE},
}
_LIKENESS = 0.5
_REWRITTEN_ENDS = "会处办府委)）区镇道"
"""Last characters of what ``canonical`` writes otherwise."""

_LONGEST_HEAD = 24
"""Characters of one name of a path: 前郭尔罗斯蒙古族自治县人民政府 has fifteen."""


class NameIndex:
    """Names to codes. Add every division before the first ``match``."""

    def __init__(self) -> None:
        self._full: dict[str, list[str]] = {}
        self._bare: dict[str, list[str]] = {}
        self._tiers: dict[str, Tier] = {}
        self._ends = set(_REWRITTEN_ENDS)  # last characters of names that others lie below

    def add(self, code: str, tier: Tier, name: str) -> None:
        """``name`` without any path in front."""
        self._tiers[code] = tier
        full = canonical(name)
        self._full.setdefault(full, []).append(code)
        if tier is not Tier.VILLAGE:
            self._ends.add(full[-1:])
        bare = bare_name(full)
        if bare:
            self._bare.setdefault(bare, []).append(code)

    def add_zone(self, code: str, name: str, above: Iterable[str]) -> None:
        """A development zone, whose name begins with those of the divisions ``above`` (top down).

        It is also found as 高新区 or 净月区, but never as 长春.
        """
        self._tiers[code] = Tier.COUNTY
        full = canonical(name)
        spellings = {full}
        for upper in above:
            prefix = bare_name(canonical(upper))
            if prefix and full.startswith(prefix) and len(full) > len(prefix) + 1:
                full = full[len(prefix) :]
                spellings.add(full)
        bare = bare_name(full)
        if bare:
            spellings.add(bare + "区")
            self._bare.setdefault(bare, []).append(code)
        for spelling in spellings:
            self._full.setdefault(spelling, []).append(code)
            self._ends.add(spelling[-1:])

    def match(self, text: str, within: str | None, *, careful: bool = False) -> list[str]:
        """The codes that ``text`` (no spaces) may mean, upper tiers first, then by code.

        When some lie inside ``within``, only those; or, where others are no less likely meant,
        those first, then those of its township, its county, its city.

        :param careful: 朝阳 means 长春市朝阳区, unless a township elsewhere bears the name too; it
            does not mean a village of ``within`` as long as either could be meant.
        """
        name = canonical(text)
        scope = [within] if within else []
        full = self._full.get(name, [])
        bare = self._bare.get(name, [])
        found = self._inside(scope, full) or full
        if not found:
            own, anywhere = self._inside(scope, bare), self._weigh(bare, careful)
            found = self._weigh(own, careful) or anywhere
            if careful and own and not self._above_villages(own):
                found = list(dict.fromkeys([*own, *self._above_villages(anywhere)]))
        if not found:
            paths = self._below(name)
            found = self._inside(scope, paths) or paths
        mine = frozenset(self._inside(scope, found))
        near = ancestors(within) if within else ()
        return sorted(
            found,
            key=lambda code: (
                code not in mine,
                next((at for at, upper in enumerate(near) if contains(upper, code)), len(near)),
                self._order(code),
            ),
        )

    def alike(self, text: str, within: str | None) -> list[str]:
        """Codes whose names look like ``text``, best first; the tier is taken from its last word.

        The part of a path that is known narrows the choice.
        """
        scope, rest = within, canonical(text)
        for cut in range(len(rest) - 1, 1, -1):
            heads = self._heads(rest[:cut])
            if len(heads) == 1:
                scope, rest = heads[0], rest[cut:]
                break
        kind = kind_of(rest)
        tiers = _TIERS_OF_KIND.get(kind, _UPPER)
        if scope and not kind:
            tiers = frozenset(Tier)
        wanted = bare_name(rest) or rest
        letters = set(wanted)
        if len(wanted) < 2:
            return []
        low, high = code_range(scope) if scope else EVERYWHERE
        ranked = []
        for name, codes in self._full.items():
            if len(letters.intersection(name)) * 2 < len(letters):
                continue
            places = [c for c in codes if low <= c <= high and self._tiers[c] in tiers]
            if not places:
                continue
            likeness = SequenceMatcher(None, wanted, bare_name(name) or name).ratio()
            if likeness >= _LIKENESS:
                ranked += [(-likeness, *self._order(code), code) for code in places]
        return list(dict.fromkeys(code for *_, code in sorted(ranked)))

    def _below(self, text: str, scopes: list[str] | None = None) -> list[str]:
        """Codes for a path such as 敦化市大石头镇; a tier may be left out.

        :param scopes: divisions below one of which the path begins; ``None``: anywhere. Each tier
            of a path lies below the last, so that no text makes it a long search.
        """
        found: dict[str, None] = {}
        for heads_of in (self._heads, self._bare_heads):
            for cut in range(2, min(len(text) - 1, _LONGEST_HEAD + 1)):
                heads = heads_of(text[:cut])
                if scopes is not None:
                    heads = self._inside(scopes, heads, strictly=True)
                if not heads:
                    continue
                tail = text[cut:]
                found |= dict.fromkeys(
                    self._inside(heads, self._full.get(tail, []), strictly=True)
                    or self._weigh(self._inside(heads, self._bare.get(tail, []), strictly=True))
                    or self._below(tail, heads)
                )
            if found:
                break
        return list(found)

    def _heads(self, name: str) -> list[str]:
        if name[-1] not in self._ends:  # most of what is tried, and quickly told
            return []
        codes = self._full.get(canonical(name), [])
        return [c for c in codes if self._tiers[c] is not Tier.VILLAGE]

    def _bare_heads(self, name: str) -> list[str]:
        return [c for c in self._bare.get(name, []) if self._tiers[c] is not Tier.VILLAGE]

    def _above_villages(self, codes: list[str]) -> list[str]:
        return [c for c in codes if self._tiers[c] is not Tier.VILLAGE]

    def _weigh(self, codes: list[str], careful: bool = False) -> list[str]:
        """A bare name means the county, city or province of that name, if there is one."""
        upper = [c for c in codes if self._tiers[c] in _UPPER]
        if not upper or not careful:
            return upper or codes
        named_after = set(self._inside(upper, codes))
        elsewhere = [c for c in codes if self._tiers[c] is Tier.TOWNSHIP and c not in named_after]
        return upper + elsewhere

    @staticmethod
    def _inside(scopes: Iterable[str], codes: list[str], *, strictly: bool = False) -> list[str]:
        if not codes:
            return []
        prefixes = [(scope, prefix_of(scope)) for scope in scopes]
        return [
            code
            for code in codes
            if any(code.startswith(p) and not (strictly and code == s) for s, p in prefixes)
        ]

    def _order(self, code: str) -> tuple[int, str]:
        return self._tiers[code].depth, code

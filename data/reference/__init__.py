"""Reference data that ships with the product: the divisions and county boundaries of Jilin."""

from __future__ import annotations

from pathlib import Path

JILIN = Path(__file__).parent / "jilin"

JILIN_DIVISIONS = JILIN / "divisions.csv"
"""13,014 rows ``code,name,level,parent_code``, UTF-8."""

JILIN_COUNTIES = JILIN / "counties.geojson"
"""60 county boundaries in WGS-84 lon/lat; properties ``code``, ``name``."""

"""Reference data that ships with the product: the divisions and county boundaries of Jilin."""

from __future__ import annotations

from pathlib import Path

JILIN = Path(__file__).parent / "jilin"

JILIN_DIVISIONS = JILIN / "divisions.csv"
"""13,014 rows ``code,name,level,parent_code``, UTF-8."""

JILIN_COUNTIES = JILIN / "counties.geojson"
"""60 county boundaries in WGS-84 lon/lat; properties ``code``, ``name``."""

WARNING_EVENTS = Path(__file__).parent / "warning_events.csv"
"""What others warn of, in our hazards: ``scheme,key,hazard``; an empty hazard is none of ours.

``event_type``: the national centre's classification (a key is a beginning of the code);
``qweather``: QWeather's types; ``same``: NWS's event codes; ``word``: in the order in which they
are looked for in an event's name or a headline, whatever the case.
"""

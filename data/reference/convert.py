"""Convert a GCJ-02 boundary file to WGS-84: ``python -m data.reference.convert SOURCE OUT``.

``jilin/counties.geojson`` was made with it; run again on the same source it writes the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.errors import InvalidInput
from data.geo.boundaries import Boundaries, convert_boundaries


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the converted file; 0 when done, 1 when the source cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m data.reference.convert", description=__doc__)
    parser.add_argument(
        "source", type=Path, help="GeoJSON in GCJ-02, property code on each feature"
    )
    parser.add_argument("out", type=Path, help="GeoJSON to write, WGS-84")
    options = parser.parse_args(arguments)
    try:
        converted = convert_boundaries(options.source.read_bytes())
        drawn = Boundaries.from_geojson(converted).codes
        options.out.write_bytes(converted)
    except (InvalidInput, OSError) as error:
        sys.stderr.write(f"{options.source}: {error}\n")
        return 1
    sys.stdout.write(f"{options.out}: {len(drawn)} boundaries, {len(converted)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

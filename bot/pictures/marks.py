"""The signs on the maps: told apart by their shape as well as by their colour.

The colours are Okabe and Ito's, which colour-blind readers tell apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from PIL import ImageDraw

from bot.pictures.projection import Spot

Colour = tuple[int, int, int]

GREEN: Colour = (0, 158, 115)
VERMILION: Colour = (213, 94, 0)
BLUE: Colour = (0, 114, 178)
BLACK: Colour = (25, 25, 25)
GREY: Colour = (120, 120, 120)
WHITE: Colour = (255, 255, 255)
PALE_RED: Colour = (255, 205, 180)
PALE_BLUE: Colour = (190, 218, 240)


class Shape(Enum):
    """What a sign looks like."""

    DISC = "disc"  # filled
    SQUARE = "square"  # hollow
    TRIANGLE = "triangle"  # filled
    CROSS = "cross"
    HOUSE = "house"
    PIXEL = "pixel"  # a filled square with an edge: ground a satellite saw hot
    CIRCLE = "circle"  # a thin ring: a distance
    REFUGE = "refuge"  # a white house on a filled square: where people are safe
    WAY = "way"  # a piece of a thick line
    WATER = "water"  # a pale square: land that floods


@dataclass(frozen=True, slots=True)
class MapMark:
    """A sign on the map; ``radius`` in pixels of the finished picture."""

    shape: Shape
    colour: Colour
    radius: float


ANSWERED = MapMark(Shape.DISC, GREEN, 10)
CROWDED = MapMark(Shape.DISC, GREEN, 5)
SILENT = MapMark(Shape.SQUARE, VERMILION, 13)
FAR = MapMark(Shape.TRIANGLE, BLUE, 15)
UNREACHABLE = MapMark(Shape.CROSS, GREY, 11)
PATROLLER = MapMark(Shape.DISC, GREEN, 12)
VILLAGE = MapMark(Shape.HOUSE, BLACK, 14)
HOT = MapMark(Shape.PIXEL, VERMILION, 14)
REACH = MapMark(Shape.CIRCLE, BLUE, 14)
START = MapMark(Shape.HOUSE, BLACK, 22)
REFUGE = MapMark(Shape.REFUGE, GREEN, 28)
WAY = MapMark(Shape.WAY, VERMILION, 18)
FLOODED = MapMark(Shape.WATER, BLUE, 16)


def stamp(draw: ImageDraw.ImageDraw, mark: MapMark, spot: Spot, scale: float) -> None:
    """Draw a sign; ``spot`` is of the finished picture, the canvas ``scale`` times as large."""
    x, y, r = spot[0] * scale, spot[1] * scale, mark.radius * scale
    thin, thick = max(1, round(1.5 * scale)), max(2, round(4.5 * scale))
    box = (x - r, y - r, x + r, y + r)
    if mark.shape in _OF_CARDS:
        _stamp_of_card(draw, mark, (x, y), r, scale)
        return
    match mark.shape:
        case Shape.DISC:
            draw.ellipse(box, fill=mark.colour, outline=WHITE, width=thin)
        case Shape.SQUARE:
            draw.rectangle((box[0] - thin, box[1] - thin, box[2] + thin, box[3] + thin), fill=WHITE)
            draw.rectangle(box, outline=mark.colour, width=thick)
        case Shape.TRIANGLE:
            corners = [
                (x + r * 1.15 * math.sin(a), y - r * 1.15 * math.cos(a))
                for a in (0.0, 2 * math.pi / 3, 4 * math.pi / 3)
            ]
            draw.polygon(corners, fill=mark.colour, outline=WHITE, width=thin)
        case Shape.CROSS:
            draw.line((box[0], box[1], box[2], box[3]), fill=mark.colour, width=thick)
            draw.line((box[0], box[3], box[2], box[1]), fill=mark.colour, width=thick)
        case Shape.HOUSE:
            draw.polygon(_house(x, y, r), fill=mark.colour, outline=WHITE, width=thin)
        case Shape.PIXEL:
            draw.rectangle(box, fill=PALE_RED, outline=mark.colour, width=max(2, round(3 * scale)))
        case Shape.CIRCLE:
            draw.ellipse(box, outline=mark.colour, width=max(2, round(3 * scale)))


_OF_CARDS = (Shape.REFUGE, Shape.WAY, Shape.WATER)


def _stamp_of_card(
    draw: ImageDraw.ImageDraw, mark: MapMark, spot: Spot, r: float, scale: float
) -> None:
    """The signs of evacuation cards; ``spot`` and ``r`` are of the canvas."""
    x, y = spot
    box, edge = (x - r, y - r, x + r, y + r), max(2, round(2 * scale))
    match mark.shape:
        case Shape.REFUGE:
            draw.rectangle(box, fill=mark.colour, outline=WHITE, width=edge)
            draw.polygon(_house(x, y, r * 0.66), fill=WHITE)
        case Shape.WAY:
            draw.line((box[0], y, box[2], y), fill=mark.colour, width=max(3, round(9 * scale)))
        case _:
            draw.rectangle(box, fill=PALE_BLUE, outline=mark.colour, width=edge)


def _house(x: float, y: float, r: float) -> list[Spot]:
    roof = [(x - r, y - r * 0.1), (x, y - r), (x + r, y - r * 0.1)]
    walls = [(x + r * 0.7, y - r * 0.1), (x + r * 0.7, y + r), (x - r * 0.7, y + r)]
    return [*roof, *walls, (x - r * 0.7, y - r * 0.1)]

"""A drawing surface with a view: everything is drawn as polygons, larger than shown, then scaled down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, ...]

# Things are drawn on a square of 100 × 100 units, y downwards, standing on this line.
FLOOR = 80.0
# Pixels drawn for each pixel shown, in both directions.
OVERSAMPLING = 2
_SHADOW_STEPS = 9


@dataclass(frozen=True)
class View:
    """How the square lies on the picture: scale, turn in degrees, shift in units, mirrored or not."""

    scale: float = 1.0
    turn: float = 0.0
    shift: Point = (0.0, 0.0)
    mirrored: bool = False


def colour(code: str, alpha: int = 255) -> Colour:
    """``"#rrggbb"`` with an opacity from 0 to 255."""
    return (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16), alpha)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` with a share from 0 to 1 of ``other``."""
    return (*(round(a + (b - a) * share) for a, b in zip(one[:3], other[:3], strict=True)), 255)


class Canvas:
    """A picture in the making.

    Args:
        width: In pixels of the finished picture.
        height: The same.
    """

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING), "white")
        self.view = View()
        self._unit = width * OVERSAMPLING / 100
        # Where the square's centre lies; a taller picture has more room above than below.
        self._centre = (50.0, 50.0 + 62.0 * (height / width - 1))
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def finished(self) -> Image.Image:
        """The picture in the size that was asked for."""
        return self.image.reduce(OVERSAMPLING)

    def _place(self, point: Point) -> Point:
        view = self.view
        x, y = (50 - point[0] if view.mirrored else point[0] - 50), point[1] - 50
        cos, sin = math.cos(math.radians(view.turn)) * view.scale, math.sin(math.radians(view.turn)) * view.scale
        x, y = x * cos - y * sin, x * sin + y * cos
        return ((x + self._centre[0] + view.shift[0]) * self._unit, (y + self._centre[1] + view.shift[1]) * self._unit)

    def poly(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([self._place(point) for point in points], fill)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled shape with a smooth outline through the points (a closed Catmull-Rom spline)."""
        self.poly(curve(points, closed=True), fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour, turn: float = 0.0) -> None:
        """A filled ellipse around a point."""
        self.poly(ellipse(x, y, rx, ry, turn), fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0.0) -> None:
        """A filled rectangle with rounded corners."""
        r = min(radius, (right - left) / 2, (bottom - top) / 2)
        corners = (
            (right - r, top + r, -90),
            (right - r, bottom - r, 0),
            (left + r, bottom - r, 90),
            (left + r, top + r, 180),
        )
        self.poly([point for x, y, start in corners for point in arc_points(x, y, r, r, start, start + 90)], fill)

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A line with round joints and ends. The colour should be opaque."""
        for (x0, y0), (x1, y1) in pairwise(points):
            length = math.hypot(x1 - x0, y1 - y0) or 1.0
            dx, dy = -(y1 - y0) / length * width / 2, (x1 - x0) / length * width / 2
            self.poly([(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)], fill)
        for x, y in points:
            self.oval(x, y, width / 2, width / 2, fill)

    def bend(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A smooth line through the points."""
        self.line(curve(points), width, fill)

    def ring(self, x: float, y: float, radius: float, width: float, fill: Colour, squash: float = 1.0) -> None:
        """A circle's or ellipse's outline; ``squash`` is its height to its width."""
        self.arc(x, y, radius, 0, 360, width, fill, squash)

    def arc(
        self,
        x: float,
        y: float,
        radius: float,
        start: float,
        end: float,
        width: float,
        fill: Colour,
        squash: float = 1.0,
    ) -> None:
        """A part of such an outline, clockwise from ``start`` to ``end`` in degrees, 0 at three o'clock."""
        self.line(arc_points(x, y, radius, radius * squash, start, end), width, fill)

    def shadow(self, x: float, y: float, rx: float, ry: float = 3.0, strength: int = 11) -> None:
        """The soft shadow of something that stands at a point of the floor."""
        for step in range(_SHADOW_STEPS):
            grown = 1.16 - 0.09 * step
            self.oval(x, y, rx * grown, ry * grown, (70, 45, 20, strength))


def arc_points(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    """Points along an arc, one every six degrees or so."""
    steps = max(2, round(abs(end - start) / 6))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> list[Point]:
    """Points around an ellipse that is turned by some degrees."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    points = arc_points(0, 0, rx, ry, 0, 354)
    return [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in points]


def curve(points: Sequence[Point], closed: bool = False, steps: int = 8) -> list[Point]:
    """A Catmull-Rom spline through the points."""
    line = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    parts = zip(line, line[1:], line[2:], line[3:], strict=False)
    smooth = [_between(*part, step / steps) for part in parts for step in range(steps)]
    return smooth if closed else [*smooth, points[-1]]


def _between(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    def one(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)

    return one(p0[0], p1[0], p2[0], p3[0]), one(p0[1], p1[1], p2[1], p3[1])

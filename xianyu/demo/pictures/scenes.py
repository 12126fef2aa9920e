"""What stands behind a thing: a wall, a floor, and the light of a room."""

from random import Random

from PIL import Image

from xianyu.demo.pictures.canvas import FLOOR, Canvas, Colour, View, arc_points, mix
from xianyu.demo.pictures.palette import BACKGROUNDS, INK, LEAF, LEAF_DARK, WHITE

Background = tuple[Colour, Colour, Colour]

# Where wall and floor meet, in units.
_EDGE = FLOOR - 10
_FAR = 160.0


def _gradient(canvas: Canvas, top: Colour, bottom: Colour) -> None:
    width, height = canvas.image.size
    ramp = Image.linear_gradient("L").resize((1, height))
    ends = [Image.new("RGB", ramp.size, end[:3]) for end in (bottom, top)]
    column = Image.composite(ends[0], ends[1], ramp)
    canvas.image.paste(column.resize((width, height), Image.Resampling.NEAREST))


def _room(canvas: Canvas, background: Background) -> None:
    wall, floor, _ = background
    _gradient(canvas, mix(wall, WHITE, 0.35), mix(wall, floor, 0.25))
    canvas.box(-_FAR, _EDGE, _FAR, _FAR, mix(floor, wall, 0.25))
    canvas.box(-_FAR, _EDGE, _FAR, _EDGE + 1.2, mix(floor, INK, 0.07))
    canvas.box(-_FAR, _EDGE + 18, _FAR, _FAR, (*floor[:3], 70))


def _halo(canvas: Canvas, background: Background) -> None:
    _room(canvas, background)
    canvas.oval(50, 44, 37, 37, (*background[2][:3], 150))


def _arch(canvas: Canvas, background: Background) -> None:
    _room(canvas, background)
    canvas.poly([(17, _EDGE), *arc_points(50, 36, 33, 33, 180, 360), (83, _EDGE)], (*background[2][:3], 165))
    canvas.poly([(22, _EDGE), *arc_points(50, 37, 28, 28, 180, 360), (78, _EDGE)], (*background[1][:3], 60))


def _window_light(canvas: Canvas, background: Background) -> None:
    _room(canvas, background)
    for left, top in ((8, 6), (30, 6), (8, 32), (30, 32)):
        canvas.poly([(left, top), (left + 19, top), (left + 25, top + 23), (left + 6, top + 23)], (255, 250, 230, 90))


def _studio(canvas: Canvas, background: Background) -> None:
    wall, floor, tint = background
    _gradient(canvas, mix(wall, tint, 0.5), mix(floor, wall, 0.35))
    for step in range(8):
        canvas.oval(50, 52, 62 - 5 * step, 50 - 4 * step, (*tint[:3], 22))


def _planks(canvas: Canvas, background: Background) -> None:
    _room(canvas, background)
    seam = (*mix(background[1], INK, 0.3)[:3], 60)
    for x in range(-120, 240, 26):
        canvas.poly(
            [(50 + (x - 50) * 0.62, _EDGE + 1), (50 + (x - 49) * 0.62, _EDGE + 1), (x + 1.2, 140), (x, 140)], seam
        )


_SCENES = (_halo, _arch, _window_light, _studio, _planks)


def paint_background(canvas: Canvas, random: Random, view: View) -> None:
    """Fill the canvas with some corner of some flat, and leave it with that view."""
    canvas.view = view
    background = random.choice(BACKGROUNDS)
    random.choice(_SCENES)(canvas, background)


def potted_twig(canvas: Canvas, x: float, pot: Colour) -> None:
    """A small plant at the side, for scale."""
    canvas.shadow(x, FLOOR, 6, 1.5)
    for lean, height in ((-5, 20), (0, 25), (5, 19)):
        tip = (x + lean, FLOOR - 9 - height)
        canvas.bend([(x, FLOOR - 8), (x + lean * 0.3, FLOOR - 9 - height * 0.5), tip], 0.7, LEAF_DARK)
        canvas.oval(tip[0], tip[1] + 2, 2.2, 4.6, LEAF, lean * 4)
        canvas.oval(x + lean * 0.7 + 2, FLOOR - 9 - height * 0.55, 1.8, 3.6, LEAF, 40)
    canvas.poly([(x - 5, FLOOR - 10), (x + 5, FLOOR - 10), (x + 3.8, FLOOR), (x - 3.8, FLOOR)], pot)


def mug(canvas: Canvas, x: float, body: Colour) -> None:
    """A mug at the side, for scale."""
    canvas.shadow(x, FLOOR, 6, 1.5)
    canvas.ring(x + 4.5, FLOOR - 5, 3, 1.2, mix(body, INK, 0.15))
    canvas.box(x - 4.5, FLOOR - 10, x + 4.5, FLOOR, body, 1.5)
    canvas.box(x - 4.5, FLOOR - 10, x - 2.5, FLOOR, (255, 255, 255, 70), 1)
    canvas.oval(x, FLOOR - 10, 4.5, 1.1, mix(body, INK, 0.25))

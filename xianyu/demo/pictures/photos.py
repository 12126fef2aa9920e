"""The photos of a listing: the same thing from several sides, as a neighbour would take them."""

import io
from random import Random

from xianyu.demo.pictures.canvas import Canvas, Colour, View, colour
from xianyu.demo.pictures.palette import COLOURS, palette
from xianyu.demo.pictures.scenes import mug, paint_background, potted_twig
from xianyu.demo.pictures.things import THINGS

# Width in pixels. Photos are square, as cards show them, but for the second, which is upright.
SIDE = 900
_QUALITY = 92


def photo(thing: str, main: str, accent: str, seed: str, number: int) -> bytes:
    """One photo as a JPEG file; the same arguments give the same pixels.

    Args:
        thing: A name from ``THINGS``.
        main: The thing's colour, a name from ``COLOURS``.
        accent: The second colour, likewise.
        seed: What decides about the surroundings.
        number: 0 for the cover, then 1 to 3: with something beside it, from near, from afar.
    """
    random = Random(f"{seed}/{number}")  # noqa: S311 - it decides about wallpaper
    canvas = Canvas(SIDE, SIDE * 4 // 3 if number == 1 else SIDE)
    view = _view(number, random)
    paint_background(canvas, random, view)
    if number in {1, 3}:
        _prop(canvas, random)
    canvas.view = view
    THINGS[thing](canvas, palette(main, accent))
    buffer = io.BytesIO()
    canvas.finished().save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _view(number: int, random: Random) -> View:
    mirrored = number in {1, 3}
    if number == 0:
        return View(scale=random.uniform(0.98, 1.04))
    if number == 2:
        aside = random.choice((-9.0, 9.0))
        return View(scale=1.6, turn=random.uniform(-4, 4), shift=(aside, random.uniform(4, 12)))
    return View(scale=0.76 if number == 1 else 0.66, turn=random.uniform(-1.5, 1.5), mirrored=mirrored)


def _prop(canvas: Canvas, random: Random) -> None:
    side = random.choice((-5.0, 105.0))
    tone: Colour = colour(random.choice([COLOURS[name] for name in ("cream", "coral", "teal", "sky", "sand")]))
    random.choice((mug, potted_twig))(canvas, side, tone)

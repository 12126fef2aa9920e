"""Every thing that can be drawn, by the name that data/listings.toml uses."""

from collections.abc import Callable

from xianyu.demo.pictures.canvas import Canvas
from xianyu.demo.pictures.palette import Palette
from xianyu.demo.pictures.things import devices, furniture, hobbies, household, outdoors, wardrobe

Drawing = Callable[[Canvas, Palette], None]

THINGS: dict[str, Drawing] = {
    drawing.__name__: drawing
    for module in (devices, furniture, hobbies, household, outdoors, wardrobe)
    for drawing in module.DRAWINGS
}

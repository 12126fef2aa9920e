"""Every thing that can be drawn, by the name that listings.toml uses."""

from collections.abc import Callable

from xianyu.demo.pictures.canvas import Canvas
from xianyu.demo.pictures.palette import Palette
from xianyu.demo.pictures.things.devices import DRAWINGS as DEVICES
from xianyu.demo.pictures.things.furniture import DRAWINGS as FURNITURE
from xianyu.demo.pictures.things.hobbies import DRAWINGS as HOBBIES
from xianyu.demo.pictures.things.household import DRAWINGS as HOUSEHOLD
from xianyu.demo.pictures.things.outdoors import DRAWINGS as OUTDOORS
from xianyu.demo.pictures.things.wardrobe import DRAWINGS as WARDROBE

Drawing = Callable[[Canvas, Palette], None]

THINGS: dict[str, Drawing] = {
    drawing.__name__: drawing for drawing in (*DEVICES, *FURNITURE, *HOBBIES, *HOUSEHOLD, *OUTDOORS, *WARDROBE)
}

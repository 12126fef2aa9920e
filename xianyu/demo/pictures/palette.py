"""The colours of the illustrations."""

from dataclasses import dataclass

from xianyu.demo.pictures.canvas import Colour, colour, mix

WHITE = colour("#fdfbf7")
PAPER = colour("#f6efe2")
INK = colour("#3a3330")
STEEL = colour("#b9bcc0")
STEEL_DARK = colour("#83878d")
STEEL_LIGHT = colour("#dfe1e3")
RUBBER = colour("#4a4644")
WOOD = colour("#c99a66")
WOOD_DARK = colour("#a3764a")
WOOD_LIGHT = colour("#e0b988")
GLASS = colour("#cfe3e6")
SCREEN = colour("#2c3a4a")
LEAF = colour("#5c8f5a")
LEAF_DARK = colour("#3f7049")
LEAF_LIGHT = colour("#86b375")
SOIL = colour("#6a4c38")
GOLD = colour("#dcae53")
SHINE = (255, 255, 255, 70)
SHADE = (50, 30, 20, 38)

# The colours that a thing can have, by the name that listings.toml uses.
COLOURS = {
    "red": "#d3574a",
    "coral": "#e98b73",
    "orange": "#e8944a",
    "mustard": "#e2b04a",
    "green": "#6fa06b",
    "sage": "#9db59a",
    "teal": "#4b9a97",
    "sky": "#86b8d6",
    "blue": "#4f7fb5",
    "navy": "#3f5273",
    "lavender": "#a99bc9",
    "pink": "#e7a8b0",
    "brown": "#9a6b4b",
    "sand": "#d9c3a0",
    "cream": "#f0e4cd",
    "white": "#f4f1ec",
    "grey": "#a5a39f",
    "charcoal": "#54504e",
}

# Wall, floor and a tint for what stands behind the thing.
BACKGROUNDS = tuple(
    (colour(wall), colour(floor), colour(tint))
    for wall, floor, tint in (
        ("#f7e7cf", "#e6c9a1", "#fdf4e3"),
        ("#f6dcc8", "#dfb596", "#fdeee0"),
        ("#efe4d6", "#d3bfa6", "#faf3e9"),
        ("#e4e8d6", "#c3c9a6", "#f3f5e8"),
        ("#f3d9d3", "#d9aea4", "#fceeea"),
        ("#dfe6e6", "#b9c7c6", "#f1f5f4"),
        ("#f8e3b8", "#e3bd7c", "#fef3d8"),
        ("#e9dfe6", "#cbb7c4", "#f7f1f5"),
        ("#ece0cb", "#c8a681", "#f8f0e0"),
    )
)


@dataclass(frozen=True)
class Palette:
    """A thing's own colour, that in shade and in light, and a second one that goes with it."""

    main: Colour
    dark: Colour
    light: Colour
    accent: Colour


def palette(name: str, accent: str) -> Palette:
    """The palette of a thing, from two names of ``COLOURS``."""
    main = colour(COLOURS[name])
    return Palette(main, mix(main, INK, 0.26), mix(main, WHITE, 0.38), colour(COLOURS[accent]))

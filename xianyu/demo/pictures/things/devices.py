"""Phones, computers and what belongs to them."""

from xianyu.demo.pictures.canvas import FLOOR, Canvas, Colour, mix
from xianyu.demo.pictures.palette import (
    GLASS,
    GOLD,
    INK,
    PAPER,
    SCREEN,
    SHINE,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
    WHITE,
    Palette,
)


def _glow(canvas: Canvas, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
    """A screen that shows hills under a sun."""
    width, height = right - left, bottom - top
    canvas.box(left, top, right, bottom, mix(colour, WHITE, 0.62), 1)
    canvas.oval(left + width * 0.7, top + height * 0.3, width * 0.1, width * 0.1, GOLD)
    far = [
        (left, bottom - height * 0.35),
        (left + width * 0.35, bottom - height * 0.55),
        (right, bottom - height * 0.22),
    ]
    canvas.poly([*far, (right, bottom), (left, bottom)], mix(colour, WHITE, 0.3))
    near = [
        (left, bottom - height * 0.15),
        (left + width * 0.65, bottom - height * 0.36),
        (right, bottom - height * 0.1),
    ]
    canvas.poly([*near, (right, bottom), (left, bottom)], colour)


def phone(canvas: Canvas, p: Palette) -> None:
    """A telephone's back and, before it, another's screen."""
    canvas.shadow(50, FLOOR, 25, 3)
    canvas.box(46, 20, 72, FLOOR, p.dark, 5)
    canvas.box(45, 20, 71, FLOOR, p.main, 5)
    canvas.box(48, 23, 58, 37, p.light, 3.5)
    for y in (27, 33):
        canvas.oval(53, y, 2.7, 2.7, SCREEN)
        canvas.oval(52.2, y - 0.8, 0.8, 0.8, GLASS)
    canvas.box(28, 26, 54, FLOOR, INK, 5)
    _glow(canvas, 29.4, 27.6, 52.6, 78.4, p.accent)
    canvas.box(37, 29.4, 45, 31, INK, 1)
    canvas.poly([(29.4, 60), (48, 27.6), (52.6, 27.6), (52.6, 30), (29.4, 70)], (255, 255, 255, 32))


def tablet(canvas: Canvas, p: Palette) -> None:
    """A tablet that leans on its cover, a pen beside it."""
    canvas.shadow(50, FLOOR, 36, 3)
    canvas.poly([(70, 34), (88, FLOOR), (66, FLOOR)], p.dark)
    canvas.box(15, 27, 79, FLOOR, mix(STEEL_DARK, INK, 0.3), 4)
    canvas.box(17, 29, 77, FLOOR - 2, SCREEN, 2.5)
    _glow(canvas, 20, 32, 74, 75, p.main)
    canvas.poly([(20, 62), (48, 32), (58, 32), (20, 72)], (255, 255, 255, 34))
    canvas.line([(26, 84), (68, 86)], 2.2, WHITE)
    canvas.line([(68, 86), (71, 86.2)], 1.2, STEEL_DARK)


def headphones(canvas: Canvas, p: Palette) -> None:
    """Headphones over the ear, standing."""
    canvas.shadow(50, FLOOR, 29, 3)
    canvas.arc(50, 48, 25, 180, 360, 6, p.dark, 1.15)
    canvas.arc(50, 48, 25, 205, 335, 3, p.light, 1.15)
    for side in (-1, 1):
        x = 50 + side * 25
        canvas.line([(x, 46), (x, 54)], 3.4, STEEL)
        canvas.oval(x - side * 4, 64, 8, 14.5, mix(p.dark, INK, 0.35))
        canvas.oval(x, 64, 8.5, 15.5, p.main)
        canvas.oval(x + side * 1.6, 64, 5, 10.5, p.light)
        canvas.oval(x + side * 2, 64, 2.6, 6, p.main)


def earbuds(canvas: Canvas, p: Palette) -> None:
    """An open case with two earbuds."""
    canvas.shadow(50, FLOOR, 25, 3)
    canvas.box(27, 26, 73, 50, p.light, 11)
    canvas.box(30, 29, 70, 50, p.dark, 9)
    canvas.box(26, 46, 74, FLOOR, p.main, 14)
    canvas.box(26, 46, 74, 53, mix(p.main, WHITE, 0.3), 3)
    for x, side in ((40, -1), (60, 1)):
        canvas.box(x - 2.6, 40, x + 2.6, 54, WHITE, 2.4)
        canvas.oval(x + side, 39, 6, 6.5, WHITE)
        canvas.oval(x + side * 3.4, 38, 2, 3.6, STEEL_DARK)
    canvas.oval(50, 63, 1.4, 1.4, p.accent)
    canvas.box(31, 56, 34, 73, SHINE, 2)


def camera(canvas: Canvas, p: Palette) -> None:
    """A camera with a lens and a strap."""
    canvas.shadow(50, FLOOR, 36, 3)
    canvas.bend([(18, 42), (8, 56), (12, 74), (26, 82), (42, 84)], 2.4, p.accent)
    canvas.box(34, 27, 66, 44, STEEL, 4)
    canvas.box(20, 33, 29, 40, STEEL_DARK, 1.5)
    canvas.box(71, 33, 80, 40, STEEL_DARK, 1.5)
    canvas.box(15, 37, 85, FLOOR, p.dark, 5)
    canvas.box(15, 37, 85, 46, STEEL_LIGHT, 5)
    canvas.box(15, 44, 85, 74, p.main)
    canvas.box(15, 71, 85, FLOOR, STEEL, 4)
    for radius, fill in (
        (21, STEEL_DARK),
        (19, INK),
        (15, mix(INK, SCREEN, 0.6)),
        (11, SCREEN),
        (6, mix(SCREEN, p.accent, 0.4)),
    ):
        canvas.oval(50, 59, radius, radius, fill)
    canvas.oval(45, 53, 4, 3, (255, 255, 255, 130), -35)
    canvas.box(72, 49, 80, 53, GLASS, 1)


def console(canvas: Canvas, p: Palette) -> None:
    """A game console to hold, with two coloured grips."""
    canvas.shadow(50, 76, 40, 3)
    canvas.box(9, 34, 34, 75, p.main, 11)
    canvas.box(66, 34, 91, 75, p.accent, 11)
    canvas.box(24, 34, 76, 75, INK, 2)
    _glow(canvas, 28, 39, 72, 70, p.light)
    canvas.oval(17, 46, 4.4, 4.4, INK)
    canvas.oval(16.4, 45, 3, 3, mix(INK, WHITE, 0.25))
    canvas.oval(83, 63, 4.4, 4.4, INK)
    for dx, dy in ((0, -4), (0, 4), (-4, 0), (4, 0)):
        canvas.oval(17 + dx, 62 + dy, 1.7, 1.7, INK)
        canvas.oval(83 + dx, 47 + dy, 1.7, 1.7, INK)


def power_bank(canvas: Canvas, p: Palette) -> None:
    """A power bank and its cable."""
    canvas.shadow(52, FLOOR, 25, 3)
    canvas.bend([(50, 24), (44, 10), (26, 14), (20, 34), (24, 58), (16, 74), (18, 82)], 1.8, WHITE)
    canvas.box(47, 20, 53, 27, STEEL, 1)
    canvas.box(32, 25, 71, FLOOR, p.dark, 6)
    canvas.box(32, 25, 68, FLOOR, p.main, 6)
    canvas.box(36, 29, 40, 74, SHINE, 2)
    for index in range(4):
        canvas.oval(52 + index * 3.6, 33, 1.1, 1.1, p.accent if index < 3 else p.dark)


def laptop(canvas: Canvas, p: Palette) -> None:
    """An open laptop."""
    canvas.shadow(50, FLOOR, 44, 3)
    canvas.box(19, 26, 81, 74, p.dark, 3.5)
    canvas.box(20.5, 27.5, 79.5, 73, INK, 2.5)
    _glow(canvas, 23, 30, 77, 69, p.accent)
    canvas.poly([(23, 60), (50, 30), (60, 30), (23, 69)], (255, 255, 255, 30))
    canvas.poly([(17, 73), (83, 73), (91, 79), (9, 79)], p.light)
    canvas.box(9, 78, 91, 81, p.main, 1.5)
    canvas.poly([(25, 74), (75, 74), (78, 76.6), (22, 76.6)], p.dark)
    canvas.poly([(42, 77.2), (58, 77.2), (59, 78.6), (41, 78.6)], mix(p.light, STEEL, 0.5))


def monitor(canvas: Canvas, p: Palette) -> None:
    """A wide monitor on its stand."""
    canvas.shadow(50, FLOOR, 26, 3)
    canvas.box(46, 62, 54, 78, p.main)
    canvas.box(46, 62, 49, 78, p.dark)
    canvas.box(32, 76.5, 68, FLOOR, p.main, 1.6)
    canvas.box(9, 21, 91, 67, p.dark, 2.5)
    canvas.box(10.4, 22.4, 89.6, 64, INK, 1.5)
    _glow(canvas, 11.5, 23.5, 88.5, 62.8, p.accent)
    canvas.poly([(11.5, 56), (44, 23.5), (58, 23.5), (18.5, 62.8), (11.5, 62.8)], (255, 255, 255, 26))


def keyboard(canvas: Canvas, p: Palette) -> None:
    """A keyboard from above, tilted towards the eye."""
    canvas.shadow(50, 70, 45, 4)
    canvas.poly([(12, 42), (88, 42), (95, 71), (5, 71)], p.dark)
    canvas.poly([(12, 41), (88, 41), (95, 68), (5, 68)], p.main)
    for row in range(4):
        y, left, right = 44 + row * 5.8, 13.5 - row * 1.6, 86.5 + row * 1.6
        width = (right - left) / 13
        for key in range(13):
            if row == 3 and 4 < key < 9:
                continue
            special = (row, key) in {(0, 0), (1, 12), (3, 0), (3, 12)}
            x = left + key * width
            wide = width * 5 if row == 3 and key == 4 else width
            canvas.box(x + 0.4, y, x + wide - 0.4, y + 4.9, p.accent if special else p.light, 1)
            canvas.box(x + 0.9, y + 0.3, x + wide - 0.9, y + 3.9, SHINE, 0.8)


def router(canvas: Canvas, p: Palette) -> None:
    """A wireless router with four aerials."""
    canvas.shadow(50, FLOOR, 38, 3)
    for x, lean in ((20, -5), (37, -2), (63, 2), (80, 5)):
        canvas.line([(x, 66), (x + lean, 28)], 3, p.dark)
        canvas.line([(x, 66), (x, 60)], 4, INK)
    canvas.poly([(15, 62), (85, 62), (90, 74), (10, 74)], p.light)
    canvas.box(10, 72, 90, FLOOR, p.main, 2.5)
    for index in range(5):
        canvas.oval(24 + index * 6, 76, 1, 1, p.accent)
    canvas.poly([(40, 64), (60, 64), (62, 71), (38, 71)], SHINE)


def printer(canvas: Canvas, p: Palette) -> None:
    """A printer with a sheet coming out."""
    canvas.shadow(50, FLOOR, 38, 3)
    canvas.poly([(30, 46), (34, 20), (68, 20), (70, 46)], PAPER)
    canvas.box(14, 42, 86, FLOOR, p.dark, 5)
    canvas.box(14, 42, 86, 74, p.main, 5)
    canvas.box(14, 42, 86, 50, p.light, 5)
    canvas.box(24, 60, 76, 66, INK, 1.5)
    canvas.poly([(28, 63), (72, 63), (77, 83), (23, 83)], WHITE)
    for index, width in enumerate((34, 26, 30)):
        canvas.box(33, 67 + index * 4.5, 33 + width, 68.4 + index * 4.5, (p.accent if index == 0 else STEEL), 0.6)
    canvas.box(60, 53, 76, 57, SCREEN, 1)
    canvas.oval(21, 55, 1.6, 1.6, p.accent)


DRAWINGS = (
    phone, tablet, headphones, earbuds, camera, console, power_bank, laptop, monitor, keyboard, router, printer,
)  # fmt: skip

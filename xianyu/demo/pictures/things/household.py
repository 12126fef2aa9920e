"""Appliances, and what stands on a bathroom shelf."""

from xianyu.demo.pictures.canvas import FLOOR, Canvas, Point, arc_points, mix
from xianyu.demo.pictures.palette import (
    GLASS,
    GOLD,
    INK,
    SCREEN,
    SHADE,
    SHINE,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
    WHITE,
    Palette,
)


def kettle(canvas: Canvas, p: Palette) -> None:
    """An electric kettle on its base."""
    canvas.shadow(50, FLOOR, 30, 3)
    canvas.box(27, 76, 73, FLOOR, INK, 1.8)
    canvas.poly([(28, 40), (16, 36), (19, 42), (30, 54)], p.dark)
    canvas.bend([(66, 32), (82, 33), (85, 46), (80, 64), (69, 68)], 4.6, INK)
    canvas.blob([(35, 30), (65, 30), (70, 52), (73, 75), (50, 77.5), (27, 75), (30, 52)], p.main)
    canvas.blob([(58, 31), (65, 30), (70, 52), (73, 75), (60, 77), (62, 52)], p.dark)
    canvas.blob([(38, 34), (42, 34), (39, 54), (36, 71), (32, 71), (34, 52)], SHINE)
    canvas.oval(50, 30, 16, 3.6, p.light)
    canvas.box(46, 21, 54, 28, INK, 2.5)
    canvas.box(27, 70, 73, 73, STEEL_LIGHT, 1)


def rice_cooker(canvas: Canvas, p: Palette) -> None:
    """A rice cooker with a small display."""
    canvas.shadow(50, FLOOR, 34, 3)
    canvas.box(18, 38, 82, FLOOR, p.main, 13)
    canvas.box(66, 40, 82, FLOOR, p.dark, 12)
    canvas.blob([(19, 46), (24, 32), (50, 26), (76, 32), (81, 46), (50, 49)], p.light)
    canvas.box(42, 27, 58, 33, STEEL_DARK, 2.5)
    canvas.box(18, 46, 82, 49, STEEL_LIGHT)
    canvas.box(37, 55, 63, 72, INK, 4)
    canvas.box(40, 58, 60, 64.5, mix(GLASS, p.accent, 0.3), 1)
    for x in (43, 50, 57):
        canvas.oval(x, 68.4, 1.7, 1.7, p.accent)
    canvas.box(23, 52, 26, 73, SHINE, 1.5)


def fan(canvas: Canvas, p: Palette) -> None:
    """A standing fan."""
    canvas.shadow(50, FLOOR, 21, 3)
    canvas.oval(50, FLOOR - 2, 19, 3.4, p.dark)
    canvas.oval(50, FLOOR - 3, 19, 3, p.main)
    canvas.line([(50, 58), (50, 77)], 3, STEEL)
    canvas.oval(50, 36, 28, 28, (*p.light[:3], 120))
    for turn in (20, 140, 260):
        canvas.oval(*_around(50, 36, 12.5, turn), 12, 6.5, (*p.accent[:3], 225), turn + 24)
    for radius in (28, 22, 16, 10):
        canvas.ring(50, 36, radius, 1.3 if radius == 28 else 0.5, p.main if radius == 28 else p.dark)
    canvas.oval(50, 36, 5, 5, p.main)
    canvas.oval(50, 36, 2.6, 2.6, p.light)
    canvas.box(45, 63, 55, 70, p.main, 2)


def _around(x: float, y: float, radius: float, turn: float) -> Point:
    return arc_points(x, y, radius, radius, turn, turn)[0]


def washer(canvas: Canvas, p: Palette) -> None:
    """A washing machine with a round door."""
    canvas.shadow(50, FLOOR, 34, 3)
    canvas.box(20, 15, 80, FLOOR, p.main, 4)
    canvas.box(20, 15, 80, 29, p.light, 4)
    canvas.box(20, 28, 80, 29.2, SHADE)
    canvas.box(24, 18, 42, 26, mix(p.main, INK, 0.12), 1.5)
    canvas.oval(52, 22, 3.6, 3.6, STEEL)
    canvas.box(60, 19, 76, 25, SCREEN, 1.2)
    for radius, fill in ((21, STEEL), (19.5, STEEL_LIGHT), (16, STEEL_DARK), (14.6, mix(SCREEN, GLASS, 0.35))):
        canvas.oval(50, 53, radius, radius, fill)
    canvas.blob([(37, 56), (44, 52), (52, 57), (63, 53), (62, 61), (50, 67.4), (39, 62)], p.accent)
    canvas.blob([(44, 60), (52, 57), (60, 60), (54, 66), (46, 65)], mix(p.accent, WHITE, 0.5))
    canvas.oval(44, 46, 5, 3, (255, 255, 255, 120), -35)
    canvas.box(20, 76, 80, FLOOR, mix(p.main, INK, 0.14), 2)


def microwave(canvas: Canvas, p: Palette) -> None:
    """A microwave oven."""
    canvas.shadow(50, FLOOR, 42, 3)
    canvas.box(10, 32, 90, 78, p.main, 4)
    canvas.box(14, 37, 67, 73, p.dark, 3)
    canvas.box(17, 40, 64, 70, SCREEN, 2)
    canvas.oval(40, 65, 17, 2.6, mix(SCREEN, GLASS, 0.3))
    canvas.poly([(17, 62), (38, 40), (46, 40), (17, 70)], (255, 255, 255, 34))
    canvas.box(69.5, 40, 71.5, 70, STEEL_LIGHT, 1)
    canvas.box(74, 38, 87, 44, SCREEN, 1)
    for y in (52, 63):
        canvas.oval(80.5, y, 4.6, 4.6, p.light)
        canvas.line([(80.5, y), (80.5, y - 3.4)], 1, p.accent)
    for x in (18, 82):
        canvas.box(x - 3, 77.5, x + 3, FLOOR, INK, 0.8)


def vacuum(canvas: Canvas, p: Palette) -> None:
    """A cordless vacuum cleaner that leans at the wall."""
    canvas.shadow(46, FLOOR, 24, 3)
    canvas.line([(60, 34), (40, 74)], 2.6, STEEL)
    canvas.poly([(26, 72), (54, 74), (56, FLOOR), (23, FLOOR)], p.dark)
    canvas.box(24, 76.5, 55, FLOOR, p.main, 1.6)
    canvas.bend([(72, 14), (80, 22), (74, 32)], 4, INK)
    canvas.oval(66, 27, 9, 13, p.main, 24)
    canvas.oval(60, 33, 8, 9, (*GLASS[:3], 220), 24)
    canvas.oval(59, 35, 4.5, 5, (*p.accent[:3], 160), 24)
    canvas.oval(71, 17, 6.4, 6.4, p.dark)
    canvas.oval(71, 17, 3.8, 3.8, p.accent)


def humidifier(canvas: Canvas, p: Palette) -> None:
    """A drop-shaped humidifier with its mist."""
    canvas.shadow(50, FLOOR, 24, 3)
    for x, y, size in ((47, 17, 6), (53, 11, 8), (45, 4, 7)):
        canvas.oval(x, y, size, size * 0.8, (255, 255, 255, 95))
    canvas.blob([(46, 25), (54, 25), (67, 46), (71, 66), (64, 79), (36, 79), (29, 66), (33, 46)], p.main)
    canvas.blob([(56, 30), (67, 46), (71, 66), (64, 79), (56, 79), (61, 60)], (*p.dark[:3], 120))
    canvas.blob([(38, 45), (42, 42), (38, 58), (37, 66), (34, 64)], SHINE)
    canvas.box(44, 22, 56, 27, p.dark, 2)
    canvas.box(33, 73, 67, FLOOR, p.accent, 3)
    canvas.oval(50, 76.5, 1.6, 1.6, WHITE)


def hair_dryer(canvas: Canvas, p: Palette) -> None:
    """A hair dryer."""
    canvas.shadow(48, FLOOR, 25, 3)
    canvas.bend([(57, 76), (66, 80), (78, 78), (84, 82)], 1.8, INK)
    canvas.poly([(47, 52), (61, 50), (60, 78), (52, 79)], p.dark)
    canvas.box(49.6, 56, 54, 66, p.accent, 2)
    canvas.poly([(14, 31), (26, 27), (26, 53), (14, 49)], STEEL_DARK)
    canvas.box(24, 25, 66, 55, p.main, 5)
    canvas.oval(66, 40, 15, 15, p.main)
    canvas.oval(66, 40, 10.5, 10.5, p.dark)
    for radius in (8.4, 5.6, 2.8):
        canvas.ring(66, 40, radius, 0.7, p.light)
    canvas.box(28, 29, 56, 32.4, SHINE, 1.6)


def lipstick(canvas: Canvas, p: Palette) -> None:
    """Two lipsticks, one with its cap on."""
    canvas.shadow(50, FLOOR, 25, 3)
    canvas.box(57, 34, 73, FLOOR, INK, 2)
    canvas.box(57, 56, 73, 60, GOLD)
    canvas.box(59.5, 36, 62, FLOOR - 2, SHINE, 1)
    canvas.box(29, 58, 47, FLOOR, INK, 2)
    canvas.box(31, 44, 45, 59, GOLD, 1)
    canvas.box(33, 45, 35.5, 58, (255, 255, 255, 110), 1)
    canvas.poly([(32.5, 46), (32.5, 26), (35, 21), (43.5, 29), (43.5, 46)], p.main)
    canvas.poly([(32.5, 26), (35, 21), (43.5, 29), (39, 32)], p.light)
    canvas.box(40.5, 32, 43.5, 46, p.dark)
    canvas.box(32, 62, 34.5, FLOOR - 2, SHINE, 1)


def perfume(canvas: Canvas, p: Palette) -> None:
    """A bottle of perfume."""
    canvas.shadow(50, FLOOR, 25, 3)
    canvas.box(43, 17, 57, 31, GOLD, 2)
    canvas.box(45, 18.6, 47.6, 30, (255, 255, 255, 110), 1)
    canvas.box(45, 30, 55, 36, STEEL_LIGHT)
    canvas.box(28, 35, 72, FLOOR, mix(GLASS, p.light, 0.5), 6)
    canvas.box(32, 46, 68, FLOOR - 4, (*p.main[:3], 170), 4)
    canvas.box(38, 52, 62, 67, WHITE, 1)
    canvas.box(42, 56.4, 58, 57.8, p.dark, 0.6)
    canvas.box(45, 60.6, 55, 61.6, STEEL, 0.5)
    canvas.box(31.5, 39, 34.5, 74, (255, 255, 255, 120), 1.5)


def cream(canvas: Canvas, p: Palette) -> None:
    """A jar of cream before a tall bottle."""
    canvas.shadow(50, FLOOR, 32, 3)
    canvas.box(22, 30, 44, FLOOR, p.light, 4)
    canvas.box(27, 16, 39, 31, p.dark, 2)
    canvas.box(26, 44, 40, 62, WHITE, 1)
    canvas.box(29, 49, 37, 50.4, p.main, 0.6)
    canvas.box(29, 53, 35, 54.2, STEEL, 0.6)
    canvas.box(24, 34, 26, 75, SHINE, 1)
    canvas.box(40, 56, 80, FLOOR, p.main, 6)
    canvas.box(38.5, 46, 81.5, 58, GOLD, 2.5)
    canvas.box(41, 47.5, 79, 50, (255, 255, 255, 90), 1)
    canvas.oval(60, 68, 8, 6.4, WHITE)
    canvas.oval(60, 68, 3, 4.2, p.accent, 35)
    canvas.box(44, 61, 46.6, 75, SHINE, 1)


DRAWINGS = (
    kettle, rice_cooker, fan, washer, microwave, vacuum, humidifier, hair_dryer, lipstick, perfume, cream,
)  # fmt: skip

"""Sports, wheels, plants and pets."""

from math import cos, radians, sin

from xianyu.demo.pictures.canvas import FLOOR, Canvas, Colour, Point, mix
from xianyu.demo.pictures.palette import (
    GLASS,
    GOLD,
    INK,
    LEAF,
    LEAF_DARK,
    LEAF_LIGHT,
    RUBBER,
    SHADE,
    SHINE,
    SOIL,
    STEEL,
    STEEL_DARK,
    STEEL_LIGHT,
    WHITE,
    WOOD,
    WOOD_DARK,
    WOOD_LIGHT,
    Palette,
)


def _wheel(canvas: Canvas, x: float, radius: float, spokes: int = 12) -> None:
    y = FLOOR - radius
    for spoke in range(spokes):
        turn = radians(spoke * 360 / spokes)
        canvas.line([(x, y), (x + radius * cos(turn), y + radius * sin(turn))], 0.3, STEEL_DARK)
    canvas.ring(x, y, radius - 1, 2.1, RUBBER)
    canvas.ring(x, y, radius - 2.4, 0.7, STEEL_LIGHT)
    canvas.oval(x, y, 1.6, 1.6, STEEL_DARK)


def _tubes(canvas: Canvas, width: float, fill: Colour, *lines: tuple[Point, Point]) -> None:
    for line in lines:
        canvas.line(line, width, fill)


def bicycle(canvas: Canvas, p: Palette) -> None:
    """A bicycle for grown-ups."""
    canvas.shadow(50, FLOOR, 46, 2.6)
    _wheel(canvas, 23, 18)
    _wheel(canvas, 77, 18)
    seat, crank, head = (36, 36), (45, 64), (67, 37)
    _tubes(canvas, 1.6, p.dark, ((23, 62), crank), ((23, 62), (37.5, 41)))
    _tubes(canvas, 2.4, p.main, (seat, crank), (crank, (69, 43)), ((38, 42), head))
    canvas.line([(66, 33), (70, 46), (77, 62)], 2.4, p.main)
    canvas.line([(35, 33), (36, 36)], 1.6, STEEL)
    canvas.blob([(27, 30), (40, 31), (44, 32.5), (36, 35), (28, 34)], p.accent)
    canvas.bend([(66, 33), (64, 27), (68, 25), (75, 26)], 1.7, STEEL_DARK)
    canvas.line([(71, 25.4), (76, 26)], 2.6, p.accent)
    canvas.ring(45, 64, 4.4, 1.2, STEEL_DARK)
    canvas.line([(45, 64), (49, 71)], 1.4, INK)
    canvas.line([(46.6, 71.4), (51.6, 71.4)], 1.6, INK)
    canvas.line([(24, 60.4), (45, 59.8)], 0.5, INK)


def balance_bike(canvas: Canvas, p: Palette) -> None:
    """A child's bicycle with a basket."""
    canvas.shadow(50, FLOOR, 38, 2.6)
    _wheel(canvas, 29, 14, 8)
    _wheel(canvas, 73, 14, 8)
    canvas.line([(29, 66), (44, 60), (64, 44)], 3.6, p.main)
    canvas.line([(39, 44), (44, 60)], 3, p.main)
    canvas.line([(62, 32), (67, 50), (73, 66)], 3, p.main)
    canvas.blob([(30, 40), (44, 40), (48, 43), (40, 46), (31, 45)], p.accent)
    canvas.line([(54, 30), (66, 31)], 2, STEEL_DARK)
    canvas.line([(52, 30), (56, 30.2)], 3.4, p.accent)
    canvas.poly([(66, 34), (84, 34), (81, 48), (68, 48)], WOOD_LIGHT)
    for y in (38, 42.6):
        canvas.line([(67, y), (83, y)], 0.6, WOOD_DARK)
    canvas.box(65, 32.6, 85, 35, WOOD, 1)
    canvas.arc(29, 66, 16.4, 200, 300, 2, p.light)


def scooter(canvas: Canvas, p: Palette) -> None:
    """An electric scooter."""
    canvas.shadow(50, FLOOR, 38, 2.6)
    for x in (24, 77):
        canvas.oval(x, FLOOR - 7, 7, 7, RUBBER)
        canvas.oval(x, FLOOR - 7, 3.8, 3.8, STEEL)
        canvas.oval(x, FLOOR - 7, 1.4, 1.4, INK)
    canvas.box(20, 66, 72, 71, p.main, 2.4)
    canvas.box(26, 65, 66, 67, INK, 1)
    canvas.line([(68, 17), (76, 71)], 3.4, p.main)
    canvas.line([(68.6, 20), (71, 38)], 1, p.light)
    canvas.line([(57, 17), (75, 15)], 2, STEEL_DARK)
    canvas.line([(56, 17.1), (61, 16.6)], 3.4, p.accent)
    canvas.oval(72, 23, 2.6, 2.6, GOLD)
    canvas.arc(24, 73, 9.4, 190, 300, 2, p.dark)
    canvas.oval(18, 68, 1.6, 1.6, p.accent)


def helmet(canvas: Canvas, p: Palette) -> None:
    """A cycling helmet."""
    canvas.shadow(50, FLOOR - 6, 36, 3)
    canvas.bend([(28, 62), (34, 78), (48, 82), (62, 77), (68, 62)], 1.6, INK)
    canvas.box(44, 79.6, 52, 83, p.accent, 1)
    canvas.blob([(12, 60), (15, 42), (30, 26), (52, 22), (74, 30), (88, 50), (87, 61), (66, 66), (36, 65)], p.main)
    canvas.blob([(15, 58), (36, 62), (66, 63), (87, 58), (84, 66), (64, 71), (36, 70), (16, 65)], p.dark)
    for offset in (0, 15, 30):
        canvas.blob(
            [(25 + offset, 50), (32 + offset, 36), (41 + offset, 31), (38 + offset, 42), (33 + offset, 53)], INK
        )
    canvas.blob([(20, 44), (32, 30), (44, 25), (30, 35), (23, 47)], SHINE)


def basketball(canvas: Canvas, p: Palette) -> None:
    """A basketball and a pump."""
    canvas.shadow(46, FLOOR, 28, 3)
    canvas.box(81, 34, 86, FLOOR, p.accent, 1.5)
    canvas.line([(77, 32), (90, 32)], 2.2, INK)
    canvas.oval(46, 51, 29, 29, p.dark)
    canvas.oval(44.6, 49.6, 27, 27, p.main)
    canvas.oval(36, 40, 12, 9, (255, 255, 255, 46), -35)
    seam = mix(p.dark, INK, 0.6)
    canvas.line([(46, 22), (46, 80)], 1.1, seam)
    canvas.bend([(17.4, 50), (32, 55), (60, 55), (74.6, 50)], 1.1, seam)
    canvas.bend([(25.6, 30.6), (34, 42), (34, 60), (25.6, 71.4)], 1.1, seam)
    canvas.bend([(66.4, 30.6), (58, 42), (58, 60), (66.4, 71.4)], 1.1, seam)


def rackets(canvas: Canvas, p: Palette) -> None:
    """Two badminton rackets and a shuttlecock."""
    canvas.shadow(50, FLOOR, 36, 3)
    for x, turn, fill in ((37, -22, p.main), (61, 20, p.accent)):
        lean = radians(turn)
        top, end = (x + 26 * sin(lean) * 0.4, 30), (x - 44 * sin(lean), 78)
        canvas.line([(top[0] - 18 * sin(lean), 48), end], 1.5, STEEL_DARK)
        canvas.line([(end[0] + 15 * sin(lean), 62), end], 3, INK)
        canvas.oval(top[0], top[1], 13.6, 18, fill, turn)
        canvas.oval(top[0], top[1], 11.8, 16.2, mix(WHITE, GLASS, 0.4), turn)
        for step in range(-9, 10, 3):
            dx, dy = step * cos(lean), step * sin(lean)
            canvas.line([(top[0] + dx + 13 * sin(lean), top[1] + dy - 13 * cos(lean)),
                         (top[0] + dx - 13 * sin(lean), top[1] + dy + 13 * cos(lean))], 0.3, STEEL)  # fmt: skip
    canvas.poly([(70, 70), (76, 70), (84, 57), (66, 55)], WHITE)
    for x in (69, 74, 79):
        canvas.line([(73, 70), (x, 56.5)], 0.4, STEEL)
    canvas.oval(73, 73, 4, 4.6, WOOD_LIGHT)
    canvas.box(69.6, 68.6, 77, 70.6, p.main, 0.8)


def dumbbells(canvas: Canvas, p: Palette) -> None:
    """A pair of dumbbells on a mat."""
    canvas.shadow(50, FLOOR, 44, 3)
    canvas.poly([(10, 70), (90, 70), (96, 84), (4, 84)], p.accent)
    for dx, dy in ((10, -16), (-6, 0)):
        canvas.box(30 + dx, 65 + dy, 70 + dx, 70 + dy, STEEL, 2)
        for left, width, height in ((18, 7, 11), (25, 8, 15), (67, 8, 15), (75, 7, 11)):
            fill = p.main if height == 15 else p.dark
            canvas.box(left + dx, 67.5 - height + dy, left + width + dx, 67.5 + height + dy, fill, 2.4)
            canvas.box(left + 1.2 + dx, 70 - height + dy, left + 2.6 + dx, 65 + height + dy, SHINE, 0.7)


def tent(canvas: Canvas, p: Palette) -> None:
    """A tent for two."""
    canvas.shadow(50, FLOOR, 46, 3)
    for x in (3, 97):
        canvas.line([(x, FLOOR), (x + (12 if x < 50 else -12), 60)], 0.6, STEEL_DARK)
    canvas.blob([(6, 80), (18, 52), (36, 32), (50, 27), (64, 32), (82, 52), (94, 80), (50, 80.6)], p.main)
    canvas.poly([(50, 27), (64, 32), (82, 52), (94, 80), (66, 80)], p.dark)
    canvas.poly([(50, 30), (36, 34), (25, 80), (67, 80)], p.light)
    canvas.poly([(48, 36), (34, 80), (62, 80)], mix(INK, p.dark, 0.4))
    canvas.poly([(48, 36), (34, 80), (26, 80), (38, 52)], p.accent)
    canvas.line([(48, 34), (63, 80)], 0.8, WHITE)


def skateboard(canvas: Canvas, p: Palette) -> None:
    """A skateboard on its wheels, another at the wall."""
    canvas.shadow(50, FLOOR, 44, 3)
    canvas.oval(50, 38, 11, 29, p.accent, 9)
    canvas.oval(50, 38, 8.6, 26.4, p.light, 9)
    canvas.line([(46, 59), (54, 17)], 2.4, p.main)
    for x in (27, 73):
        canvas.box(x - 3, 69, x + 3, 74, STEEL)
        canvas.oval(x, FLOOR - 4.6, 4.6, 4.6, p.accent)
        canvas.oval(x, FLOOR - 4.6, 1.8, 1.8, WHITE)
    canvas.bend([(8, 62), (16, 67.6), (50, 68.6), (84, 67.6), (92, 62)], 3.6, p.main)
    canvas.bend([(8, 60.4), (16, 66), (50, 67), (84, 66), (92, 60.4)], 1.2, INK)


def _pot(canvas: Canvas, x: float, top: float, half: float, fill: Colour) -> None:
    canvas.poly([(x - half, top), (x + half, top), (x + half * 0.74, FLOOR), (x - half * 0.74, FLOOR)], fill)
    canvas.poly([(x + half * 0.3, top), (x + half, top), (x + half * 0.74, FLOOR), (x + half * 0.3, FLOOR)], SHADE)
    canvas.box(x - half - 1.6, top - 3, x + half + 1.6, top + 3, mix(fill, WHITE, 0.2), 1.4)
    canvas.oval(x, top - 2.6, half - 0.4, 1.5, SOIL)


def monstera(canvas: Canvas, p: Palette) -> None:
    """A big-leaved plant in a pot."""
    canvas.shadow(50, FLOOR, 21, 3)
    for x, y, turn, size, fill in (
        (30, 36, -52, 14, LEAF_DARK), (71, 38, 52, 14, LEAF_DARK), (40, 20, -24, 15, LEAF), (63, 21, 26, 15, LEAF),
        (50, 40, 4, 13, LEAF_LIGHT),
    ):  # fmt: skip
        canvas.bend([(50, 60), ((50 + x) / 2, 52), (x, y + size * 0.5)], 1.1, LEAF_DARK)
        canvas.oval(x, y, size * 0.72, size, fill, turn)
        up = (sin(radians(turn)) * size, -cos(radians(turn)) * size)
        vein = mix(fill, WHITE, 0.25)
        canvas.line([(x - up[0] * 0.9, y - up[1] * 0.9), (x + up[0] * 0.85, y + up[1] * 0.85)], 0.6, vein)
        for share in (-0.4, 0.0, 0.4):
            root = (x + up[0] * share, y + up[1] * share)
            for side in (-1, 1):
                tip = (root[0] + side * -up[1] * 0.5 + up[0] * 0.28, root[1] + side * up[0] * 0.5 + up[1] * 0.28)
                canvas.line([root, tip], 0.45, vein)
    _pot(canvas, 50, 60, 15, p.main)


def cactus(canvas: Canvas, p: Palette) -> None:
    """Three succulents in a row."""
    canvas.shadow(50, FLOOR, 40, 3)
    canvas.box(42, 28, 58, 66, LEAF, 8)
    canvas.bend([(56, 52), (66, 50), (66, 40)], 5.6, LEAF)
    canvas.bend([(44, 46), (35, 45), (35, 37)], 5, LEAF)
    for x in (46.4, 50, 53.6):
        canvas.line([(x, 33), (x, 64)], 0.6, LEAF_DARK)
    canvas.oval(50, 27, 4, 3, p.accent)
    _pot(canvas, 50, 62, 12, p.main)
    for turn in range(0, 360, 45):
        canvas.oval(22 + 6 * cos(radians(turn)), 61 + 4 * sin(radians(turn)), 4.4, 3.2, LEAF_LIGHT, turn)
    canvas.oval(22, 60, 4, 3.4, mix(LEAF_LIGHT, WHITE, 0.4))
    _pot(canvas, 22, 68, 9, p.light)
    for lean in (-14, -5, 5, 14):
        canvas.oval(78 + lean * 0.4, 56, 2, 12, LEAF_DARK, lean)
    _pot(canvas, 78, 68, 9, p.accent)


def cat_tree(canvas: Canvas, p: Palette) -> None:
    """A cat tree, a cat on top."""
    canvas.shadow(50, FLOOR, 33, 3)
    canvas.box(20, 76, 80, FLOOR, p.dark, 1.8)
    for x, top in ((33, 38), (66, 22)):
        canvas.box(x - 3, top, x + 3, 76, WOOD_LIGHT)
        for y in range(top + 3, 76, 3):
            canvas.line([(x - 3, y), (x + 3, y - 1)], 0.5, WOOD)
    canvas.box(20, 36, 48, 40, p.main, 2)
    canvas.box(52, 22, 80, 26, p.main, 2)
    canvas.box(44, 50, 78, 76, p.main, 3)
    canvas.oval(61, 63, 8.6, 9, mix(INK, p.dark, 0.3))
    canvas.blob([(56, 22), (57, 14), (64, 11), (74, 13), (77, 22)], p.accent)
    canvas.oval(59, 10, 6, 5.2, p.accent)
    canvas.poly([(53.6, 9), (54.4, 1.6), (58.6, 5.6)], p.accent)
    canvas.poly([(64.4, 9), (63.6, 1.6), (59.4, 5.6)], p.accent)
    canvas.bend([(75, 20), (82, 24), (81, 34)], 2.2, p.accent)
    for x in (57, 61):
        canvas.oval(x, 9.6, 0.7, 1, INK)
    canvas.line([(24, 40), (24, 50)], 0.4, INK)
    canvas.oval(24, 52, 2.6, 2.6, p.accent)


def fish_tank(canvas: Canvas, p: Palette) -> None:
    """A small aquarium."""
    canvas.shadow(50, FLOOR, 38, 3)
    canvas.box(15, 28, 85, FLOOR, (*mix(GLASS, p.main, 0.35)[:3], 255), 3)
    canvas.box(15, 28, 85, 36, mix(GLASS, WHITE, 0.5), 3)
    canvas.blob([(16, 74), (30, 70), (50, 73), (70, 69), (84, 73), (83, 79), (17, 79)], WOOD_LIGHT)
    for x, height in ((24, 26), (29, 18), (72, 30), (78, 20)):
        canvas.bend([(x, 73), (x - 2, 73 - height * 0.4), (x + 2, 73 - height * 0.7), (x, 73 - height)], 2, LEAF)
    for x, y, fill in ((45, 50, p.accent), (59, 60, GOLD), (38, 63, WHITE)):
        canvas.oval(x, y, 5, 3, fill)
        canvas.poly([(x + 4, y), (x + 9, y - 3.4), (x + 9, y + 3.4)], fill)
        canvas.oval(x - 2.6, y - 0.6, 0.7, 0.7, INK)
    for x, y in ((55, 44), (57, 40), (54, 38)):
        canvas.ring(x, y, 1, 0.3, WHITE)
    canvas.box(13, 24, 87, 29, p.dark, 1.6)
    canvas.box(19, 33, 21.4, 70, SHINE, 1)


def watering_can(canvas: Canvas, p: Palette) -> None:
    """A watering can."""
    canvas.shadow(54, FLOOR, 26, 3)
    canvas.bend([(70, 46), (86, 44), (88, 60), (74, 72)], 2.6, p.dark)
    canvas.arc(54, 42, 14, 190, 350, 2.6, p.dark)
    canvas.poly([(38, 60), (38, 70), (16, 42), (20, 39)], p.dark)
    canvas.poly([(10, 41), (22, 34), (25, 38), (13, 45)], STEEL)
    canvas.poly([(38, 44), (70, 44), (74, FLOOR), (34, FLOOR)], p.main)
    canvas.poly([(62, 44), (70, 44), (74, FLOOR), (64, FLOOR)], SHADE)
    canvas.oval(54, 44, 16, 3.2, p.light)
    canvas.box(36.6, 56, 71.4, 58.4, p.accent)
    canvas.poly([(41, 48), (44, 48), (42, 76), (38.6, 76)], SHINE)


DRAWINGS = (
    bicycle, balance_bike, scooter, helmet, basketball, rackets, dumbbells, tent, skateboard, monstera, cactus,
    cat_tree, fish_tank, watering_can,
)  # fmt: skip

"""Furniture, lamps and what hangs on a wall."""

from xianyu.demo.pictures.canvas import FLOOR, Canvas, arc_points, mix
from xianyu.demo.pictures.palette import (
    GLASS,
    GOLD,
    INK,
    LEAF,
    LEAF_DARK,
    PAPER,
    SHADE,
    SHINE,
    STEEL,
    STEEL_DARK,
    WHITE,
    WOOD,
    WOOD_DARK,
    WOOD_LIGHT,
    Palette,
)


def chair(canvas: Canvas, p: Palette) -> None:
    """A padded chair on wooden legs."""
    canvas.shadow(50, FLOOR, 28, 3)
    for top, foot in (((36, 58), (31, FLOOR)), ((64, 58), (69, FLOOR))):
        canvas.line([top, foot], 2.8, WOOD_DARK)
    canvas.blob([(32, 17), (50, 13), (68, 17), (70, 36), (66, 54), (34, 54), (30, 36)], p.dark)
    canvas.blob([(34, 19), (50, 15.5), (66, 19), (68, 36), (64, 53), (36, 53), (32, 36)], p.main)
    canvas.blob([(37, 22), (46, 19), (42, 34), (38, 44), (35, 36)], SHINE)
    canvas.blob([(28, 53), (50, 50), (72, 53), (74, 60), (50, 64), (26, 60)], p.light)
    canvas.blob([(27, 58), (50, 62), (73, 58), (71, 64), (50, 67), (29, 64)], p.dark)
    for top, foot in (((32, 64), (25, FLOOR + 2)), ((68, 64), (75, FLOOR + 2))):
        canvas.line([top, foot], 3.2, WOOD)


def sofa(canvas: Canvas, p: Palette) -> None:
    """A sofa for two with a cushion."""
    canvas.shadow(50, FLOOR, 45, 3)
    for x in (15, 85):
        canvas.line([(x, 72), (x, FLOOR)], 2.6, WOOD_DARK)
    canvas.box(12, 33, 88, 66, p.dark, 8)
    canvas.box(14, 35, 50, 64, p.main, 6)
    canvas.box(50, 35, 86, 64, p.main, 6)
    canvas.box(13, 55, 50, 68, p.light, 4)
    canvas.box(50, 55, 87, 68, p.light, 4)
    canvas.box(10, 65, 90, 76, p.main, 3)
    canvas.box(10, 72, 90, 76, p.dark, 3)
    for left in (5, 83):
        canvas.box(left, 46, left + 12, 76, mix(p.main, WHITE, 0.12), 5)
        canvas.box(left, 46, left + 12, 51, p.light, 3)
    canvas.poly([(22, 42), (38, 39), (41, 55), (25, 58)], p.accent)
    canvas.poly([(24, 44), (30, 43), (33, 56), (27, 57)], SHINE)


def desk(canvas: Canvas, p: Palette) -> None:
    """A desk with two drawers."""
    canvas.shadow(50, FLOOR, 44, 3)
    for x in (14, 84):
        canvas.line([(x, 46), (x - 2 if x < 50 else x + 2, FLOOR)], 2.8, WOOD_DARK)
    canvas.box(55, 45, 83, 70, p.dark, 1.5)
    canvas.box(56, 47, 82, 57.4, p.main, 1)
    canvas.box(56, 58.6, 82, 69, p.main, 1)
    for y in (52, 64):
        canvas.box(65, y - 0.8, 73, y + 0.8, GOLD, 0.8)
    canvas.box(8, 40, 92, 46, WOOD, 1.5)
    canvas.box(8, 40, 92, 42, WOOD_LIGHT, 1)
    canvas.box(20, 35, 38, 40, p.accent, 0.6)
    canvas.box(22, 31, 36, 35, mix(p.accent, WHITE, 0.5), 0.6)
    canvas.line([(74, 40), (74, 25), (66, 19)], 1.6, INK)
    canvas.poly([(60, 17), (70, 14), (72, 23), (58, 25)], INK)
    canvas.poly([(58, 25), (72, 23), (75, 40), (52, 40)], (255, 236, 170, 70))


def bookshelf(canvas: Canvas, p: Palette) -> None:
    """A bookcase of four shelves."""
    canvas.shadow(50, FLOOR, 33, 3)
    canvas.box(22, 9, 78, FLOOR, WOOD_DARK, 1.5)
    canvas.box(25, 12, 75, FLOOR - 3, mix(WOOD_DARK, INK, 0.3))
    colours = (p.main, p.accent, PAPER, p.light, p.dark, GOLD)
    for shelf, top in enumerate((12, 29, 46, 63)):
        bottom = top + 14
        x = 26.5 + (shelf % 2) * 12
        for book in range(7):
            width = 2.8 + (book * 7 + shelf * 3) % 4 * 0.6
            canvas.box(
                x, bottom - 8.5 - (book * 5 + shelf * 2) % 4, x + width, bottom, colours[(book + shelf * 2) % 6], 0.4
            )
            x += width + 0.4
        canvas.box(25, bottom, 75, bottom + 2.6, WOOD)
        canvas.box(25, bottom, 75, bottom + 0.8, WOOD_LIGHT)
    canvas.oval(32, 39, 3.4, 4, p.light)
    canvas.oval(32, 32.5, 3.6, 3.4, LEAF)
    canvas.box(22, 9, 25, FLOOR, WOOD, 1)
    canvas.box(75, 9, 78, FLOOR, WOOD, 1)


def lamp(canvas: Canvas, p: Palette) -> None:
    """A table lamp, lit."""
    for step in range(6):
        canvas.oval(50, 40, 42 - 5 * step, 34 - 4 * step, (255, 232, 160, 26))
    canvas.shadow(50, FLOOR, 20, 3)
    canvas.oval(50, FLOOR - 1, 15, 2.6, WOOD_DARK)
    canvas.blob([(46, 46), (54, 46), (57, 58), (62, 70), (55, 79), (45, 79), (38, 70), (43, 58)], p.accent)
    canvas.blob([(45, 60), (47, 58), (44, 70), (46, 76), (42, 72)], SHINE)
    canvas.poly([(38, 15), (62, 15), (75, 47), (25, 47)], p.main)
    canvas.poly([(38, 15), (46, 15), (40, 47), (25, 47)], p.light)
    canvas.poly([(56, 15), (62, 15), (75, 47), (63, 47)], p.dark)
    canvas.box(25, 45.4, 75, 47.6, WHITE, 1)


def floor_mirror(canvas: Canvas, p: Palette) -> None:
    """A tall mirror with a round top."""
    canvas.shadow(50, FLOOR, 25, 3)
    canvas.poly([(31, FLOOR), *arc_points(50, 29, 19, 19, 180, 360), (69, FLOOR)], p.main)
    canvas.poly([(33.4, FLOOR - 2.4), *arc_points(50, 29, 16.6, 16.6, 180, 360), (66.6, FLOOR - 2.4)], GLASS)
    canvas.poly([(33.4, 66), (66.6, 34), (66.6, 46), (33.4, FLOOR - 2.4)], (255, 255, 255, 85))
    canvas.poly([(33.4, 56), (62, 28), (64, 31), (33.4, 61)], (255, 255, 255, 85))


def boxes(canvas: Canvas, p: Palette) -> None:
    """Storage boxes, stacked."""
    canvas.shadow(50, FLOOR, 40, 3)
    for left, top, right, fill, lid in (
        (14, 53, 51, p.main, p.dark), (52, 57, 87, p.accent, mix(p.accent, INK, 0.25)), (25, 26, 66, p.light, p.main),
    ):  # fmt: skip
        bottom = FLOOR if top > 50 else 53
        canvas.box(left + 1.4, top, right - 1.4, bottom, (*fill[:3], 235), 2)
        canvas.box(left, top - 1, right, top + 4.4, lid, 1.6)
        canvas.box((left + right) / 2 - 5, top + 9, (left + right) / 2 + 5, top + 12, WHITE, 1.4)
        canvas.box(left + 3.4, top + 7, left + 5.6, bottom - 3, SHINE, 1)


def frame(canvas: Canvas, p: Palette) -> None:
    """A framed print of hills, leaning at the wall."""
    canvas.shadow(50, FLOOR, 33, 3)
    canvas.box(20, 14, 80, FLOOR, WOOD_DARK, 1)
    canvas.box(20, 14, 78.6, FLOOR - 1.4, WOOD, 1)
    canvas.box(24, 18, 75, FLOOR - 5, PAPER)
    canvas.box(31, 25, 68, 68, mix(p.light, WHITE, 0.5))
    canvas.oval(56, 37, 6, 6, p.accent)
    canvas.poly([(31, 55), (42, 43), (52, 53), (60, 46), (68, 54), (68, 68), (31, 68)], p.main)
    canvas.poly([(31, 61), (46, 54), (68, 63), (68, 68), (31, 68)], p.dark)
    canvas.poly([(24, 60), (58, 18), (66, 18), (24, 70)], (255, 255, 255, 36))


def vase(canvas: Canvas, p: Palette) -> None:
    """A vase with a few branches."""
    canvas.shadow(50, FLOOR, 19, 3)
    for tip, knee in (((30, 14), (44, 34)), ((52, 8), (50, 32)), ((70, 19), (56, 36))):
        canvas.bend([(50, 48), knee, tip], 1, WOOD_DARK)
        for share in (0.25, 0.5, 0.75, 1.0):
            x, y = knee[0] + (tip[0] - knee[0]) * share, knee[1] + (tip[1] - knee[1]) * share
            canvas.oval(x + 2.4, y - 1, 2.8, 2.8, p.accent)
            canvas.oval(x + 1.8, y - 1.6, 1, 1, WHITE)
            canvas.oval(x - 2.8, y + 1, 1.5, 3, LEAF if share < 0.6 else LEAF_DARK, 50)
    canvas.blob([(45, 44), (55, 44), (56, 51), (66, 62), (61, 79), (39, 79), (34, 62), (44, 51)], p.main)
    canvas.blob([(55, 48), (56, 51), (66, 62), (61, 79), (53, 79), (58, 64)], SHADE)
    canvas.blob([(42, 56), (45, 54), (41, 63), (41, 71), (38, 65)], SHINE)
    canvas.oval(50, 44, 5.6, 1.4, p.dark)


def clothes_rail(canvas: Canvas, p: Palette) -> None:
    """A clothes rail with three garments."""
    canvas.shadow(50, FLOOR, 38, 3)
    for x in (17, 83):
        canvas.line([(x, 18), (x, FLOOR)], 1.8, STEEL_DARK)
        canvas.line([(x - 6, FLOOR), (x + 6, FLOOR)], 1.8, STEEL_DARK)
    canvas.line([(17, 18), (83, 18)], 1.8, STEEL)
    for x, length, fill in ((32, 32, p.main), (50, 40, p.accent), (68, 30, p.light)):
        canvas.arc(x, 21, 2, 180, 360, 0.7, INK)
        canvas.blob(
            [(x - 2, 24), (x + 2, 24), (x + 9, 30), (x + 8, 24 + length), (x - 8, 24 + length), (x - 9, 30)], fill
        )
        canvas.line([(x, 27), (x, 22 + length)], 0.5, mix(fill, INK, 0.25))
    canvas.box(19, 70, 81, 72, STEEL)


DRAWINGS = (chair, sofa, desk, bookshelf, lamp, floor_mirror, boxes, frame, vase, clothes_rail)

"""Books, toys and music."""

from xianyu.demo.pictures.canvas import FLOOR, Canvas, mix
from xianyu.demo.pictures.palette import (
    GOLD,
    INK,
    PAPER,
    RUBBER,
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


def book_stack(canvas: Canvas, p: Palette) -> None:
    """Books lying on each other."""
    canvas.shadow(50, FLOOR, 36, 3)
    bottom = FLOOR
    for left, right, height, fill in (
        (17, 83, 11, p.main),
        (22, 80, 8, p.accent),
        (16, 76, 10, p.dark),
        (24, 82, 7, GOLD),
        (25, 74, 9, p.light),
    ):
        top = bottom - height
        canvas.box(left, top, right, bottom, fill, 1.4)
        canvas.box(left + 7, top + 1.5, right + 0.6, bottom - 1.5, PAPER, 0.6)
        canvas.box(left + 7, top + height / 2, right, top + height / 2 + 0.6, (*STEEL[:3], 160))
        canvas.box(left + 2, top + 1.6, left + 3.4, bottom - 1.6, SHINE, 0.5)
        bottom = top
    canvas.poly([(60, 35), (63, 35), (63, 44), (61.5, 42.4), (60, 44)], p.accent)


def novel(canvas: Canvas, p: Palette) -> None:
    """One book that stands, another behind it."""
    canvas.shadow(52, FLOOR, 30, 3)
    canvas.poly([(50, 22), (76, 26), (74, FLOOR), (48, FLOOR)], mix(p.accent, INK, 0.1))
    canvas.poly([(69, 21), (73, 23), (73, FLOOR - 2), (69, FLOOR)], PAPER)
    canvas.box(26, 18, 69, FLOOR, p.main, 1.6)
    canvas.box(26, 18, 31, FLOOR, p.dark, 1.6)
    canvas.oval(50, 41, 11, 11, p.accent)
    canvas.poly([(31, 56), (44, 44), (53, 53), (60, 47), (69, 56), (69, 66), (31, 66)], p.light)
    canvas.box(37, 24, 63, 26.4, PAPER, 0.8)
    canvas.box(42, 71, 58, 72.6, PAPER, 0.8)
    canvas.box(27.4, 20, 28.6, FLOOR - 2, SHINE, 0.5)


def open_book(canvas: Canvas, p: Palette) -> None:
    """An open picture book."""
    canvas.shadow(50, FLOOR - 2, 44, 4)
    canvas.poly([(6, 42), (94, 42), (97, 78), (3, 78)], p.dark)
    canvas.blob([(8, 40), (28, 36), (50, 42), (50, 76), (28, 71), (5, 75)], WHITE)
    canvas.blob([(92, 40), (72, 36), (50, 42), (50, 76), (72, 71), (95, 75)], PAPER)
    canvas.poly([(50, 42), (56, 39.5), (56, 73), (50, 76)], SHADE)
    canvas.oval(27, 50, 7, 7, p.accent)
    canvas.blob([(10, 70), (18, 58), (28, 62), (36, 55), (46, 66), (46, 71), (28, 67)], p.main)
    for index, width in enumerate((30, 26, 32, 20, 28)):
        canvas.box(58, 45 + index * 5, 58 + width, 46.6 + index * 5, (*STEEL[:3], 220), 0.8)
    canvas.poly([(70, 35.8), (74, 35.6), (74, 31), (72, 33), (70, 31)], p.main)


def teddy(canvas: Canvas, p: Palette) -> None:
    """A teddy bear that sits."""
    canvas.shadow(50, FLOOR, 31, 3)
    for side in (-1, 1):
        canvas.oval(50 + side * 15, 17, 7.5, 7.5, p.main)
        canvas.oval(50 + side * 15, 17, 4.2, 4.2, p.light)
        canvas.oval(50 + side * 22, 55, 7, 13, p.dark, side * -24)
    canvas.oval(50, 60, 20.5, 20, p.main)
    canvas.oval(50, 62, 13, 14, p.light)
    canvas.oval(50, 30, 20, 17.5, p.main)
    canvas.oval(50, 36, 9, 7.4, p.light)
    canvas.oval(50, 32.6, 3, 2.2, INK)
    canvas.arc(50, 36, 3, 20, 160, 0.9, INK)
    for side in (-1, 1):
        canvas.oval(50 + side * 8.4, 27, 1.8, 2.2, INK)
        canvas.oval(50 + side * 8.4 + 0.5, 26.3, 0.6, 0.6, WHITE)
        canvas.oval(50 + side * 17, 75, 9.5, 8, p.main)
        canvas.oval(50 + side * 17.6, 75.6, 5.4, 4.6, p.light)
        canvas.poly([(50, 48), (50 + side * 10, 44), (50 + side * 10, 53)], p.accent)
    canvas.oval(50, 48.4, 2.6, 2.6, mix(p.accent, INK, 0.2))


def blocks(canvas: Canvas, p: Palette) -> None:
    """Building blocks."""
    canvas.shadow(50, FLOOR, 38, 3)
    for left, top, right, fill in (
        (14, 60, 44, p.main), (44, 60, 66, GOLD), (66, 60, 88, p.accent), (24, 40, 54, p.light), (54, 40, 76, p.dark),
        (38, 20, 60, p.accent),
    ):  # fmt: skip
        for x in range(left + 5, right - 2, 10):
            canvas.box(x, top - 3.4, x + 6, top + 2, mix(fill, INK, 0.08), 1.2)
            canvas.oval(x + 3, top - 3.4, 3, 0.9, mix(fill, WHITE, 0.3))
        canvas.box(left, top, right, top + 20, fill, 1)
        canvas.box(left, top + 17.6, right, top + 20, SHADE)
        canvas.box(left + 1.6, top + 2, left + 3.4, top + 16, SHINE, 0.8)


def train(canvas: Canvas, p: Palette) -> None:
    """A wooden train with a wagon."""
    canvas.shadow(50, FLOOR, 45, 3)
    canvas.line([(38, 70), (52, 70)], 1.8, STEEL_DARK)
    canvas.box(7, 48, 41, 71, p.accent, 2)
    canvas.box(7, 63, 41, 71, WOOD, 2)
    for x, fill in ((15, p.main), (24, GOLD), (33, p.light)):
        canvas.oval(x, 46, 4.6, 4.6, fill)
    canvas.box(50, 62, 93, 71, WOOD, 2)
    canvas.box(70, 44, 91, 63, p.main, 7)
    canvas.box(48, 32, 70, 63, p.dark, 2)
    canvas.box(52, 38, 66, 50, mix(WHITE, GOLD, 0.25), 1.5)
    canvas.box(45, 28, 73, 33, p.accent, 2)
    canvas.poly([(80, 44), (78, 29), (89, 29), (87, 44)], GOLD)
    for x, radius in ((15, 6), (33, 6), (57, 8), (82, 8)):
        canvas.oval(x, FLOOR - radius, radius, radius, RUBBER)
        canvas.oval(x, FLOOR - radius, radius * 0.62, radius * 0.62, WOOD_LIGHT)
        canvas.oval(x, FLOOR - radius, 1.4, 1.4, INK)


def pram(canvas: Canvas, p: Palette) -> None:
    """A pushchair."""
    canvas.shadow(50, FLOOR, 36, 3)
    canvas.line([(82, 22), (70, 46), (32, 72)], 2, STEEL_DARK)
    canvas.line([(36, 52), (70, 72)], 2, STEEL)
    canvas.line([(78, 21), (87, 24)], 3.4, INK)
    canvas.blob([(26, 45), (72, 45), (70, 58), (56, 64), (38, 63), (28, 56)], p.main)
    canvas.blob([(56, 46), (72, 45), (70, 58), (56, 64), (60, 54)], SHADE)
    canvas.poly([(48, 45), (72, 45), (71, 32), (62, 22), (50, 18), (38, 20)], p.dark)
    canvas.poly([(48, 45), (71, 32), (62, 22)], p.main)
    canvas.poly([(48, 45), (62, 22), (50, 18)], p.light)
    canvas.poly([(48, 45), (50, 18), (38, 20)], p.main)
    canvas.box(24, 43, 74, 47, p.accent, 2)
    canvas.box(36, 66, 66, 70, STEEL_DARK, 1)
    for x, radius in ((31, 9), (71, 9)):
        canvas.oval(x, FLOOR - radius, radius, radius, RUBBER)
        canvas.oval(x, FLOOR - radius, radius - 2.4, radius - 2.4, WHITE)
        canvas.oval(x, FLOOR - radius, 2, 2, p.main)


def guitar(canvas: Canvas, p: Palette) -> None:
    """An acoustic guitar."""
    canvas.shadow(50, FLOOR + 1, 21, 3)
    body = [
        (50, 42),
        (61, 42),
        (65, 49),
        (61, 55),
        (69, 64),
        (68, 77),
        (50, 82),
        (32, 77),
        (31, 64),
        (39, 55),
        (35, 49),
        (39, 42),
    ]
    canvas.blob([(x + 1.6, y + 0.4) for x, y in body], p.dark)
    canvas.blob(body, p.main)
    canvas.blob([(40, 44), (44, 44), (40, 52), (38, 50)], SHINE)
    canvas.oval(50, 57, 7.4, 7.4, p.dark)
    canvas.oval(50, 57, 6, 6, INK)
    canvas.box(47.6, 14, 52.4, 56, WOOD_DARK)
    for y in range(20, 54, 5):
        canvas.box(47.6, y, 52.4, y + 0.5, GOLD)
    canvas.box(46, 7, 54, 18, INK, 1.6)
    for y in (9, 12, 15):
        canvas.oval(44.8, y, 1.3, 1, STEEL)
        canvas.oval(55.2, y, 1.3, 1, STEEL)
    canvas.box(42, 70, 58, 73, WOOD_DARK, 1)
    for x in (48.4, 49.5, 50.5, 51.6):
        canvas.line([(x, 12), (x, 71)], 0.22, PAPER)


def board_game(canvas: Canvas, p: Palette) -> None:
    """A game's box, dice and pieces."""
    canvas.shadow(50, FLOOR, 41, 3)
    canvas.box(18, 24, 76, 75, p.dark, 2)
    canvas.box(16, 22, 74, 73, p.main, 2)
    for row in range(4):
        for column in range(4):
            light = (row + column) % 2 == 0
            canvas.box(25 + column * 10, 28 + row * 10, 35 + column * 10, 38 + row * 10, PAPER if light else p.accent)
    canvas.box(17.4, 24, 19, 71, SHINE, 0.6)
    for x, fill in ((70, p.accent), (82, p.light)):
        canvas.poly([(x - 5, FLOOR), (x + 5, FLOOR), (x + 2, 66), (x - 2, 66)], fill)
        canvas.oval(x, 63, 4, 4, fill)
        canvas.oval(x - 1.2, 61.8, 1.2, 1.2, SHINE)
    canvas.box(50, 69, 62, 81, WHITE, 2)
    for x, y in ((53, 72), (59, 72), (56, 75), (53, 78), (59, 78)):
        canvas.oval(x, y, 1.1, 1.1, INK)


def umbrella(canvas: Canvas, p: Palette) -> None:
    """An open umbrella."""
    canvas.shadow(50, FLOOR, 21, 2.4)
    canvas.line([(50, 12), (50, 72)], 1.8, STEEL_DARK)
    canvas.bend([(50, 70), (50, 76), (53.5, 80), (57, 77), (57, 73)], 2.6, WOOD_DARK)
    scallops = [(14, 48), (23, 44), (32, 47), (41, 43), (50, 47), (59, 43), (68, 47), (77, 44), (86, 48)]
    canvas.poly([*scallops, (82, 34), (72, 22), (58, 15), (50, 14), (42, 15), (28, 22), (18, 34)], p.main)
    canvas.poly([(14, 48), (23, 44), (32, 47), (40, 26), (50, 14), (28, 22), (18, 34)], p.light)
    canvas.poly([(32, 47), (41, 43), (50, 47), (50, 14), (40, 26)], p.accent)
    canvas.poly([(68, 47), (77, 44), (86, 48), (82, 34), (72, 22), (50, 14), (61, 26)], p.dark)
    canvas.line([(50, 8), (50, 14)], 1.6, STEEL_DARK)


def carton(canvas: Canvas, p: Palette) -> None:
    """An open moving box, half packed."""
    canvas.shadow(50, FLOOR, 36, 3)
    canvas.box(33, 27, 47, 50, p.main, 1)
    canvas.box(35, 24, 40, 50, p.accent, 1)
    canvas.oval(60, 40, 10, 11, p.light)
    canvas.box(53, 28, 58, 50, p.dark, 1)
    canvas.poly([(20, 44), (80, 44), (76, FLOOR), (24, FLOOR)], WOOD_LIGHT)
    canvas.poly([(62, 44), (80, 44), (76, FLOOR), (62, FLOOR)], SHADE)
    canvas.poly([(20, 44), (44, 44), (35, 52), (8, 50)], mix(WOOD, WOOD_LIGHT, 0.4))
    canvas.poly([(80, 44), (56, 44), (65, 52), (92, 50)], WOOD)
    canvas.box(45, 44, 55, 79, (*PAPER[:3], 120))
    canvas.poly([(30, 66), (33, 62), (36, 66), (34, 66), (34, 71), (32, 71), (32, 66)], WOOD_DARK)


DRAWINGS = (book_stack, novel, open_book, teddy, blocks, train, pram, guitar, board_game, umbrella, carton)

"""Clothes, shoes and bags."""

from xianyu.demo.pictures.canvas import FLOOR, Canvas, mix
from xianyu.demo.pictures.palette import GOLD, INK, PAPER, SHADE, SHINE, STEEL_DARK, STEEL_LIGHT, WHITE, WOOD, Palette


def _hanger(canvas: Canvas, y: float) -> None:
    canvas.arc(50, y - 6, 3, 180, 430, 1.1, STEEL_DARK)
    canvas.line([(50, y - 3), (50, y)], 1.1, STEEL_DARK)
    canvas.line([(32, y + 8), (50, y), (68, y + 8)], 2, WOOD)


def coat(canvas: Canvas, p: Palette) -> None:
    """A winter coat on a hanger."""
    _hanger(canvas, 17)
    canvas.blob([(34, 25), (27, 32), (21, 58), (22, 66), (30, 66), (35, 44)], p.dark)
    canvas.blob([(66, 25), (73, 32), (79, 58), (78, 66), (70, 66), (65, 44)], p.dark)
    canvas.poly([(40, 20), (60, 20), (69, 27), (68, 50), (71, 83), (29, 83), (32, 50), (31, 27)], p.main)
    canvas.poly([(50, 32), (51, 83), (71, 83), (68, 50), (69, 27), (60, 20)], SHADE)
    canvas.poly([(40, 20), (50, 36), (41, 41), (36, 24)], p.light)
    canvas.poly([(60, 20), (50, 36), (59, 41), (64, 24)], p.light)
    for y in (46, 56, 66):
        canvas.oval(47, y, 1.2, 1.2, p.dark)
        canvas.oval(53.4, y, 1.2, 1.2, p.dark)
    canvas.box(31, 53, 69, 56.4, p.dark)
    for x in (34, 57):
        canvas.poly([(x, 62), (x + 9, 62), (x + 9, 71), (x, 71)], mix(p.main, INK, 0.1))
        canvas.box(x - 0.5, 60.5, x + 9.5, 63.4, p.dark, 0.8)


def dress(canvas: Canvas, p: Palette) -> None:
    """A summer dress with dots."""
    _hanger(canvas, 15)
    canvas.line([(42, 20), (44, 30)], 2, p.dark)
    canvas.line([(58, 20), (56, 30)], 2, p.dark)
    canvas.blob(
        [(42, 28), (50, 31), (58, 28), (60, 46), (70, 66), (76, 82), (50, 85), (24, 82), (30, 66), (40, 46)], p.main
    )
    canvas.blob([(55, 46), (60, 46), (70, 66), (76, 82), (62, 84), (60, 64)], SHADE)
    canvas.box(40, 44, 60, 47.6, p.accent, 1)
    for x, y in (
        (45, 36),
        (54, 38),
        (42, 57),
        (51, 55),
        (59, 60),
        (36, 68),
        (46, 68),
        (55, 71),
        (65, 73),
        (32, 78),
        (43, 79),
    ):
        canvas.oval(x, y, 1.4, 1.4, p.light)


def sneakers(canvas: Canvas, p: Palette) -> None:
    """A pair of trainers."""
    canvas.shadow(50, FLOOR, 42, 3)
    for dx, dy, share in ((12, -15, 0.16), (0, 0, 0.0)):
        main, sole = mix(p.main, INK, share), mix(WHITE, INK, share * 0.8)
        shape = [(13, 72), (12, 56), (19, 51), (30, 55), (41, 47), (48, 46), (62, 60), (78, 64), (82, 73), (50, 75)]
        canvas.blob([(x + dx, y + dy) for x, y in shape], main)
        canvas.blob([(x + dx, y + dy) for x, y in ((11, 72), (12, 80), (50, 80.6), (82, 80), (85, 74), (50, 73))], sole)
        canvas.blob(
            [(x + dx, y + dy) for x, y in ((66, 61), (78, 64), (82, 73), (68, 73), (63, 66))], mix(p.light, INK, share)
        )
        canvas.poly([(x + dx, y + dy) for x, y in ((20, 70), (40, 58), (46, 61), (30, 72))], mix(p.accent, INK, share))
        for step in range(4):
            x, y = 43 + step * 4.6 + dx, 49 + step * 3.6 + dy
            canvas.line([(x, y + 3.6), (x + 5, y)], 1.3, sole)
        canvas.line([(12 + dx, 77 + dy), (83 + dx, 77 + dy)], 0.8, mix(p.main, INK, share))


def handbag(canvas: Canvas, p: Palette) -> None:
    """A leather handbag."""
    canvas.shadow(50, FLOOR, 33, 3)
    canvas.arc(50, 40, 17, 180, 360, 3.2, p.dark, 1.25)
    canvas.blob([(24, 39), (50, 37), (76, 39), (82, 66), (79, 79), (50, 80.5), (21, 79), (18, 66)], p.main)
    canvas.blob([(62, 39), (76, 39), (82, 66), (79, 79), (66, 80), (70, 60)], SHADE)
    canvas.blob([(23, 38), (50, 36), (77, 38), (76, 52), (50, 61), (24, 52)], p.light)
    canvas.box(45, 54, 55, 63, GOLD, 2)
    canvas.box(47.4, 57, 52.6, 60, mix(GOLD, INK, 0.4), 1)
    for x in (33, 67):
        canvas.ring(x, 40, 1.8, 1, GOLD)
    canvas.blob([(26, 57), (29, 57), (28, 68), (30, 75), (25, 74), (24, 66)], SHINE)


def backpack(canvas: Canvas, p: Palette) -> None:
    """A rucksack with a front pocket."""
    canvas.shadow(50, FLOOR, 28, 3)
    canvas.arc(50, 20, 6, 180, 360, 2.4, p.dark)
    canvas.bend([(29, 36), (20, 50), (22, 68), (30, 75)], 4.4, p.dark)
    canvas.bend([(71, 36), (80, 50), (78, 68), (70, 75)], 4.4, p.dark)
    canvas.blob(
        [(36, 20), (50, 17), (64, 20), (73, 38), (75, 66), (70, 79), (50, 80.5), (30, 79), (25, 66), (27, 38)], p.main
    )
    canvas.blob([(63, 20), (73, 38), (75, 66), (70, 79), (60, 80), (65, 50)], SHADE)
    canvas.arc(50, 42, 20, 200, 340, 1.2, p.dark)
    canvas.box(32, 50, 68, 75, p.light, 6)
    canvas.box(32, 56, 68, 57.4, p.dark)
    canvas.box(63, 56, 65, 62, GOLD, 0.8)
    canvas.box(44, 63, 56, 70, p.accent, 1.4)
    canvas.box(33, 28, 36, 44, SHINE, 1.5)


def suitcase(canvas: Canvas, p: Palette) -> None:
    """A suitcase on wheels."""
    canvas.shadow(50, FLOOR + 1, 25, 3)
    for x in (42, 58):
        canvas.line([(x, 8), (x, 24)], 1.6, STEEL_DARK)
    canvas.box(40, 6, 60, 10, INK, 1.8)
    for x in (35, 65):
        canvas.oval(x, FLOOR - 0.6, 2.6, 2.6, INK)
    canvas.box(27, 22, 73, 78, p.main, 6)
    canvas.box(64, 22, 73, 78, p.dark, 6)
    for x in (34, 42, 50, 58):
        canvas.box(x - 0.9, 27, x + 0.9, 73, p.dark, 0.9)
        canvas.box(x + 0.9, 27, x + 1.6, 73, SHINE, 0.3)
    canvas.box(24.6, 46, 28.6, 56, STEEL_LIGHT, 1.4)
    canvas.poly([(44, 32), (55, 30), (57, 39), (46, 41)], p.accent)
    canvas.oval(51, 35.4, 2.4, 2.4, WHITE)


def scarf(canvas: Canvas, p: Palette) -> None:
    """A knitted hat and a folded scarf."""
    canvas.shadow(50, FLOOR, 38, 3)
    for index, fill in enumerate((p.accent, p.light, p.accent, p.light)):
        top = 78 - (index + 1) * 5.6
        canvas.box(13 + index, top, 87 - index, top + 6.4, fill, 3)
        canvas.box(13 + index, top + 4.6, 87 - index, top + 6.4, SHADE, 1.5)
    for x in range(16, 28, 3):
        canvas.line([(x, 77), (x - 1, 84)], 1, p.accent)
    canvas.oval(52, 15, 6.4, 6.4, PAPER)
    canvas.blob([(28, 48), (32, 28), (52, 18), (72, 28), (76, 48), (52, 52)], p.main)
    for x, lean in ((36, -4), (44, -2), (52, 0), (60, 2), (68, 4)):
        canvas.bend([(52 + (x - 52) * 0.3, 21), (x - lean * 0.4, 33), (x, 47)], 0.7, p.dark)
    canvas.box(26, 44, 78, 55, p.dark, 4)
    for x in range(29, 78, 4):
        canvas.box(x, 45.4, x + 1.4, 53.6, p.main, 0.7)


DRAWINGS = (coat, dress, sneakers, handbag, backpack, suitcase, scarf)

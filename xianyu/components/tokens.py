"""The visual identity, all of it: colours, type, space, shape and motion.

Everything else refers to these names. The values follow light and dark through Radix's own scales
(amber, sand), which meet 4.5 : 1 for their text steps.
"""

import reflex as rx

THEME = rx.theme(accent_color="amber", gray_color="sand", radius="large", scaling="100%", panel_background="solid")

FONT = (
    '"PingFang SC", "HarmonyOS Sans SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", '
    '"Noto Sans SC", system-ui, sans-serif'
)

# Colours, as names of the custom properties below.
INK = "var(--x-ink)"
QUIET = "var(--x-quiet)"
PAGE = "var(--x-page)"
SURFACE = "var(--x-surface)"
LINE = "var(--x-line)"
FIELD = "var(--x-field)"
PRIMARY = "var(--x-primary)"
PRIMARY_HOVER = "var(--x-primary-hover)"
ON_PRIMARY = "var(--x-on-primary)"
TINT = "var(--x-tint)"
AVATAR = "var(--x-avatar)"
PRICE = "var(--x-price)"
DANGER = "var(--x-danger)"
PLACEHOLDER = "var(--x-placeholder)"

RADIUS = "14px"
RADIUS_SMALL = "10px"
SHADOW = "0 1px 2px rgb(60 45 10 / 6%), 0 6px 20px rgb(60 45 10 / 6%)"
MAX_WIDTH = "1200px"
NARROW = "720px"
TARGET = "44px"
BAR = "60px"
MOTION = "150ms ease"

_LIGHT = {
    "ink": "#2b2418",
    "quiet": "#6b6353",
    "page": "#faf7f1",
    "surface": "#ffffff",
    "line": "#ebe4d6",
    "field": "#8f8672",
    "nav-ink": "#2b2418",
    "primary": "#ffd84d",
    "primary-hover": "#ffcc1f",
    "on-primary": "#33280a",
    "tint": "#fff6d6",
    "mark": "#ffe58a",
    "avatar": "#f6e3a1",
    "price": "#c8361d",
    "danger": "#b3261e",
    "chart": "#a8720a",
    "placeholder": "#efe9dc",
    "star": "#c47d00",
}
_DARK = {
    "ink": "#f3ede0",
    "quiet": "#b3a996",
    "page": "#191711",
    "surface": "#24211a",
    "line": "#4b4536",
    "field": "#857b66",
    "nav-ink": "#2b2206",
    "primary": "#f5cb3d",
    "primary-hover": "#ffd95c",
    "on-primary": "#2b2206",
    "tint": "#3b3216",
    "mark": "#6b551a",
    "avatar": "#5c4c1c",
    "price": "#ff8a6b",
    "danger": "#ff9a8f",
    "chart": "#f0bd2f",
    "placeholder": "#332e23",
    "star": "#ffc93d",
}


def _properties(palette: dict[str, str]) -> str:
    return "".join(f"--x-{name}:{value};" for name, value in palette.items())


def stylesheet() -> str:
    """The custom properties in both schemes, and the few rules that hold for every page."""
    return f"""
:root, .light {{ {_properties(_LIGHT)} }}
.dark {{ {_properties(_DARK)} }}
:root {{ --x-bar: {BAR}; --x-target: {TARGET}; --x-radius: {RADIUS}; --x-radius-small: {RADIUS_SMALL}; }}
html, body {{ background: {PAGE}; }}
body, .radix-themes.radix-themes {{
  --default-font-family: {FONT}; --heading-font-family: {FONT}; --color-background: {PAGE};
  font-family: {FONT}; color: {INK}; -webkit-text-size-adjust: 100%;
}}
:focus-visible {{ outline: 3px solid var(--amber-9); outline-offset: 2px; border-radius: 6px; }}
h1, h2, h3 {{ font-weight: 700; }}
a {{ color: inherit; text-decoration: none; }}
a.rt-Link:hover {{ color: inherit; }}
img {{ display: block; max-width: 100%; }}
@keyframes x-breathe {{ 50% {{ opacity: .55; }} }}
.x-skeleton {{ background: {PLACEHOLDER}; border-radius: {RADIUS_SMALL}; animation: x-breathe 1.4s ease infinite; }}
.x-visually-hidden {{
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}}
@media (prefers-reduced-motion: reduce) {{
  *, *::before, *::after {{
    animation: none !important; transition: none !important; scroll-behavior: auto !important;
  }}
}}
"""

"""What holds for every page, measured in the browser."""

import re
from typing import Any

from playwright.sync_api import Page

# WCAG 2.2, 1.4.3: the contrast of text, and of large text (24 px, or 18.66 px bold).
_CONTRAST = """() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const parse = (colour) => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const ground = (element) => {
        if (!element) return [255, 255, 255, 1];
        const own = parse(getComputedStyle(element).backgroundColor);
        return own[3] === 1 ? own : over(own, ground(element.parentElement));
    };
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const poor = [];
    for (let node; (node = walker.nextNode()); ) {
        const element = node.parentElement;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const visible = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        if (!node.data.trim() || !visible) continue;
        // What only screen readers get, and what cannot be pressed, needs no contrast.
        if (box.width <= 1 || element.closest("script, style, :disabled")) continue;
        const below = ground(element);
        const [a, b] = [light(over(parse(style.color), below)), light(below)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (large ? 3 : 4.5)) {
            poor.push(`${ratio.toFixed(2)} "${node.data.trim()}" ${style.color} on ${below}`);
        }
    }
    return poor;
}"""

# Links within a sentence are exempt (WCAG 2.2, 2.5.8), everything else is a target of a finger. What stands in a
# label is pressed by all of the label.
_SMALL_TARGETS = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, [role=tab]")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => !element.closest("p") && element.type !== "file" && element.type !== "hidden")
    .map((element) => [element, (element.closest("label") ?? element).getBoundingClientRect()])
    .filter(([, box]) => box.height > 0 && (box.height < 43.5 || box.width < 43.5))
    .map(([element, box]) => `${element.outerHTML.slice(0, 120)} is ${box.width} by ${box.height}`)"""

_OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll("main, main > div, [role=log]")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => `${element.tagName} ${element.className}: ${element.scrollWidth} in ${element.clientWidth}`)"""

_UNNAMED = """() => [...document.querySelectorAll("img:not([alt]), svg:not([aria-hidden=true])")]
    .filter((element) => element.checkVisibility() && !element.closest("[aria-hidden=true]"))
    .map((element) => element.outerHTML.slice(0, 160))"""

# Scrolls every scrolling box to its end, and asks what lies on top of the last thing to be seen there.
_COVERED = """() => {
    const main = document.querySelector("main");
    for (const box of [main, ...main.querySelectorAll("*")]) {
        if (box.scrollHeight > box.clientHeight) box.scrollTop = box.scrollHeight;
    }
    const shown = [...main.querySelectorAll("a[href], button, input, textarea, p, img, dd, time")]
        .map((element) => [element, element.getBoundingClientRect()])
        .filter(([element, box]) => box.height > 1 && box.width > 1 && element.checkVisibility());
    const [last, box] = shown.reduce((low, one) => (one[1].bottom > low[1].bottom ? one : low));
    const top = document.elementFromPoint(box.x + box.width / 2, box.bottom - 2);
    const covered = box.bottom > innerHeight || !(top && (last.contains(top) || top.contains(last)));
    return covered ? [`${last.outerHTML.slice(0, 120)} is covered by ${top?.outerHTML.slice(0, 120)}`] : [];
}"""

# Whether the page's ground is dark, as a script for the browser.
IS_DARK = """() => getComputedStyle(document.querySelector("main").parentElement)
    .backgroundColor.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) < 240"""

# What a Chinese reader expects in Latin letters: formats, names of products, addresses of mail.
_LATIN = re.compile(r"JPEG|PNG|WebP|WebM|HEIC|MP4|MOV|MB|TA|CSV|Chrome|Linux|\S+@\S+")


def findings(page: Page) -> list[str]:
    """Everything that is wrong with a page that has finished loading, in words; none is what is wanted."""
    checks: dict[str, Any] = {
        "wider than the window": _OVERFLOW,
        "too small to press": _SMALL_TARGETS,
        "hard to read": _CONTRAST,
        "without a text alternative": _UNNAMED,
        "covered": _COVERED,
    }
    found = [f"{what}: {one}" for what, script in checks.items() for one in page.evaluate(script)]
    return [*found, *(f"not Chinese: {word}" for word in _english(page))]


def _english(page: Page) -> list[str]:
    visible = page.locator("body").inner_text()
    named = page.locator("[aria-label], [placeholder], [title]").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && e.getAttribute('aria-label') !== 'Notifications alt+T')"
        ".flatMap(e => ['aria-label', 'placeholder', 'title'].map(n => e.getAttribute(n) ?? '')).join(' ')"
    )
    return re.findall(r"[A-Za-z]{2,}", _LATIN.sub("", f"{visible} {named}"))

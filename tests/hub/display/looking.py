"""Looks at a page in the browser as a person's eye would: sizes at a distance, contrast, what sticks out of its box."""

from __future__ import annotations

from typing import Any, cast

from selenium.webdriver import Chrome

TEXTS = """
const lum = (c) => { const f = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
const rgba = (s) => { const n = s.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const ground = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor);
  if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, e = node.parentElement, text = node.textContent.trim();
  if (!text || !e.checkVisibility() || e.closest(".aside, .label, noscript, option, script")) continue;
  const style = getComputedStyle(e), range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  if (!box.width) continue;
  const a = lum(rgba(style.color)), b = lum(ground(e));
  found.push({text, kind: e.closest("rt") ? "rt" : "text", px: parseFloat(style.fontSize),
    essential: Boolean(e.closest("main :is(.name, .word, .median b, .number)")) && !e.closest("small, rt"),
    contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05),
    box: [box.left, box.top, box.right, box.bottom], width: innerWidth, height: innerHeight});
}
return found;
"""

OVERFLOWING = """
return [...document.querySelectorAll("main .service, footer .service")].filter((e) => e.checkVisibility()).flatMap((e) => {
  const own = e.getBoundingClientRect();
  return [...e.querySelectorAll("p, .name")].filter((c) => getComputedStyle(c).position !== "absolute").filter((c) => {
    const box = c.getBoundingClientRect();
    return box.height && (box.bottom > own.bottom + 2 || box.top < own.top - 2 || box.right > own.right + 2
      || c.scrollWidth > c.clientWidth + 2);
  }).map((c) => `${c.className} of ${e.dataset.key}: ${c.textContent}`);
});
"""


def texts(browser: Chrome) -> list[dict[str, Any]]:
    """Every text that is seen: its size [px], contrast, box, and whether it is what one comes for."""
    return cast(list[dict[str, Any]], browser.execute_script(TEXTS))


def overflowing(browser: Chrome) -> list[str]:
    """What sticks out of its service's box."""
    return cast(list[str], browser.execute_script(OVERFLOWING))

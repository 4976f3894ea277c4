"""Icons: one shape a level, so that no level is told by its colour alone."""

from __future__ import annotations

from typing import Final

from hub.display.markup import Markup, joined, tag

SHAPES: Final[dict[str, str]] = {
    "good": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM6.500 12.500l1.800-1.800 2.500 2.500 5-5 1.800 1.800-6.800 6.800"
    "z",
    "notice": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2.500a7.500 7.500 0 1 1 0 15 7.500 7.500 0 0 1 0-15z"
    "M10.700 7h2.600v2.600h-2.600zM10.700 11h2.600v6h-2.600z",
    "warning": "M12 2 1.500 21h21zM10.800 9h2.400v6h-2.400zM10.800 16.500h2.400v2.400h-2.400z",
    "bad": "M7.900 2h8.200L22 7.900v8.200L16.100 22H7.900L2 16.100V7.900zM10.800 6h2.400v7.500h-2.400z"
    "M10.800 15.200h2.400v2.400h-2.400z",
    "unknown": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16z"
    "M11 15.500h2v2h-2zM8.700 9.700a3.300 3.300 0 1 1 4.900 2.900c-.400.200-.600.500-.600.900v.500h-2"
    "v-.800c0-1 .600-1.800 1.500-2.300"
    "a1.300 1.300 0 1 0-1.800-1.200z",
    "silent": "M3.400 2 2 3.400l18.600 18.600 1.400-1.400zM12 5c-1.300 0-2.500.200-3.700.500l2.500 2.500"
    "c.400 0 .800-.100 1.200-.100"
    "a12 12 0 0 1 8.600 3.600l1.900-2A15 15 0 0 0 12 5zM5 6.900a15 15 0 0 0-3.500 2.600"
    "l1.900 2A12 12 0 0 1 7 9zM8.500 10.500"
    "a9 9 0 0 0-3 2.200l2 2a6 6 0 0 1 3.100-2zM12 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
}
_OF: Final = {"offline": "silent", "never": "unknown", "info": "notice", "critical": "bad"}


def icon(name: str) -> Markup:
    """The shape for a level, a liveness or a severity; decoration beside its word."""
    return tag("svg", tag("use", href=f"#shape-{_OF.get(name, name)}"), class_="icon", aria_hidden="true")


def drawn(path: str) -> Markup:
    """A family's own icon."""
    return tag("svg", tag("path", d=path), viewBox="0 0 24 24", class_="icon", aria_hidden="true")


def sprite() -> Markup:
    """All shapes, once a page."""
    symbols = [
        tag("symbol", tag("path", d=d, fill_rule="evenodd"), id=f"shape-{name}", viewBox="0 0 24 24")
        for name, d in SHAPES.items()
    ]
    return tag("svg", joined(symbols), class_="sprite", aria_hidden="true")

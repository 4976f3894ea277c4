"""What a printer's attributes mean: words for the table of states, and counts of its supplies.

Rules it keeps:
- A reason's ending ``-error``, ``-warning`` or ``-report`` is its severity, and the word on the reason's path; without
  one it is an error (RFC 8011, section 5.4.12). A reason that no table knows is ``other``, its letters are not kept.
- Levels or reasons that a printer does not give are not known. 'none' is all well where the printer gives a level of
  anything; an ink printer on USB that gives none says 'none' whatever it lacks: its supplies are *not reported*.
- Names of trays are vendors' text, as those of supplies: they choose one of our names, and end here.
- What a container of waste holds is no supply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from edge.kiosk.conditions import IPP_REASONS, IPP_STATE
from edge.kiosk.ipp import Value
from edge.kiosk.items import Item, ProviderStatus, SupplyCounted, SupplyName
from edge.kiosk.printer_levels import Level, colourant, counted, scarcest

WANTED: Final = (
    "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "device-uri", "marker-names",
    "marker-types", "marker-colors", "marker-levels", "marker-low-levels", "printer-supply", "printer-input-tray",
)  # fmt: skip
Attributes = Mapping[str, Sequence[Value]]

_STATES: Final = {3: "idle", 4: "processing", 5: "stopped"}
_SEVERITIES: Final = ("error", "warning", "report")
_COLOUR_OF_HEX: Final[dict[str, SupplyName]] = {
    "#000000": "black", "#00FFFF": "cyan", "#FF00FF": "magenta", "#FFFF00": "yellow",
}  # fmt: skip
_TRAYS: Final[dict[str, SupplyName]] = {
    "main": "main", "by-pass-tray": "bypass", "tray-1": "tray-1", "tray-2": "tray-2",
    "tray-3": "tray-3", "tray-4": "tray-4", "inputtray1": "tray-1", "inputtray2": "tray-2",
}  # fmt: skip


def items_of(attributes: Attributes, source: str) -> list[Item]:
    """A printer's state as words, whole, and its supplies as counts."""
    levels = scarcest([*_levels(attributes), *_trays(attributes)])
    reasons = [value for value in attributes.get("printer-state-reasons", ()) if isinstance(value, str)]
    unreported = _says_nothing_of_supplies(attributes, reasons, levels)
    state = next((value for value in attributes.get("printer-state", ()) if isinstance(value, int)), 0)
    words = {
        IPP_STATE: _STATES.get(state, "unknown"),
        "ipp.reasons": "reported" if reasons and not unreported else "notReported",
        **_reason_words(reasons),
    }
    if attributes.get("printer-is-accepting-jobs") == [False]:
        words["ipp.accepting"] = "false"
    if unreported:
        mute: list[SupplyName] = [one.name for one in levels] or ["ink"]
        counts = [SupplyCounted(name, -1, -1, "not_reported") for name in mute]
    else:
        counts = counted(levels)
    return [ProviderStatus(words, whole=True, source=source), *counts]


def _reason_words(reasons: Sequence[str]) -> dict[str, str]:
    """The severest word of each reason."""
    words: dict[str, str] = {}
    for reason in reasons:
        if reason == "none":
            continue
        name, _, ending = reason.rpartition("-")
        name, severity = (name, ending) if ending in _SEVERITIES else (reason, "error")
        known = name in IPP_REASONS
        path = f"ipp.{name if known else 'other'}"
        severity = severity if known or severity == "report" else "warning"
        words[path] = min(severity, words.get(path, severity), key=_SEVERITIES.index)
    return words


def _says_nothing_of_supplies(attributes: Attributes, reasons: Sequence[str], levels: Sequence[Level]) -> bool:
    uri = next((value for value in attributes.get("device-uri", ()) if isinstance(value, str)), "")
    types = [value for value in attributes.get("marker-types", ()) if isinstance(value, str)]
    is_ink_on_usb = uri.startswith(("usb:", "ippusb:")) and all("ink" in each.lower() for each in types)
    return reasons == ["none"] and is_ink_on_usb and all(one.left < 0 for one in levels)


def _levels(attributes: Attributes) -> Iterator[Level]:
    """Colourants by ``printer-supply`` (PWG 5100.13), else by CUPS' ``marker-…``."""
    supplies = [_fields(value) for value in attributes.get("printer-supply", ())]
    if supplies:
        for one in supplies:
            if one.get("class") != "receptacleThatIsFilled" and "waste" not in one.get("type", "").lower():
                name = colourant(one.get("colorantname", ""), "ink" in one.get("type", "").lower())
                yield Level(name, _number(one.get("level")), _number(one.get("maxcapacity")), -1)
        return
    levels = attributes.get("marker-levels", ())
    for number, level in enumerate(levels):
        kind, colour, called, low = (
            _at(attributes, key, number)
            for key in ("marker-types", "marker-colors", "marker-names", "marker-low-levels")
        )
        if "waste" not in str(kind).lower():
            name = _COLOUR_OF_HEX.get(str(colour).upper()) or colourant(
                str(called or ""), "ink" in str(kind or "").lower()
            )
            yield Level(name, level if isinstance(level, int) else -1, 100, low if isinstance(low, int) else -1)


def _trays(attributes: Attributes) -> Iterator[Level]:
    """Trays by ``printer-input-tray`` (PWG 5100.13); ``auto`` is none of its own."""
    for value in attributes.get("printer-input-tray", ()):
        tray = _fields(value)
        name = _TRAYS.get(tray.get("name", "").lower())
        if name is not None:
            yield Level(name, _number(tray.get("level")), _number(tray.get("maxcapacity")), -1)


def _fields(value: Value) -> dict[str, str]:
    """``key=value;key=value;`` of an octet string."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return {
        key.strip(): content.strip()
        for key, found, content in (part.partition("=") for part in text.split(";"))
        if found
    }


def _number(text: str | None) -> int:
    """A whole number; −2, which is unknown, for anything else."""
    try:
        return int(text or "-2")
    except ValueError:
        return -2


def _at(attributes: Attributes, key: str, number: int) -> Value:
    values = attributes.get(key, ())
    return values[number] if number < len(values) else None

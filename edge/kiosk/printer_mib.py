"""What a printer's MIBs say: the same words and counts that IPP gives, so that one table of states serves both.

``hrPrinterDetectedErrorState`` becomes IPP's reasons, ``hrDeviceStatus`` and ``hrPrinterStatus`` its state (RFC 2790,
section 5, hrDeviceTable and hrPrinterTable), the tables of inputs and marker supplies the counts (RFC 3805).

Rules it keeps:
- A bit's severity is the one that RFC 2790 gives it: an error where the printer shall be *down*, else a warning. A printer that
  calls itself in *warning* has only warnings: one of several trays is empty.
- A printer's status *other* while it runs is its standby; *down* is stopped; what the table does not know is *unknown*.
- Only what puts colour on paper is a supply here; drums, fusers and what is filled with waste are not. Colours come from
  ``prtMarkerColorantValue``, else from the description, which ends here. Trays are numbered as their table is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from edge.errors import SourceError
from edge.kiosk.conditions import IPP_STATE
from edge.kiosk.items import Item, ProviderStatus, SupplyName
from edge.kiosk.printer_levels import Level, colourant, counted

MibValue = None | str | bytes | int | float
Columns = Mapping[str, Mapping[str, MibValue]]
"""Each column's values by the end of their identifiers, which names the row: the device, then the row of its table."""

_HOST: Final = "1.3.6.1.2.1.25.3."
_PRINTER: Final = "1.3.6.1.2.1.43."
COLUMNS: Final = {
    "hrDeviceStatus": _HOST + "2.1.5",
    "hrPrinterStatus": _HOST + "5.1.1",
    "hrPrinterDetectedErrorState": _HOST + "5.1.2",
    "prtInputType": _PRINTER + "8.2.1.2",
    "prtInputMaxCapacity": _PRINTER + "8.2.1.9",
    "prtInputCurrentLevel": _PRINTER + "8.2.1.10",
    "prtMarkerSuppliesColorantIndex": _PRINTER + "11.1.1.3",
    "prtMarkerSuppliesType": _PRINTER + "11.1.1.5",
    "prtMarkerSuppliesDescription": _PRINTER + "11.1.1.6",
    "prtMarkerSuppliesMaxCapacity": _PRINTER + "11.1.1.8",
    "prtMarkerSuppliesLevel": _PRINTER + "11.1.1.9",
    "prtMarkerColorantValue": _PRINTER + "12.1.1.4",
}
"""What is asked, by its name in the MIBs."""

_WARNING, _DOWN = 3, 5
_RUNNING: Final = (2, _WARNING)
_OTHER: Final = 1
_STATES: Final = {3: "idle", 4: "processing", 5: "processing"}
ERROR_BITS: Final = (
    ("media-low", "warning"), ("media-empty", "error"), ("toner-low", "warning"), ("toner-empty", "error"),
    ("door-open", "error"), ("media-jam", "error"), ("offline", "error"), ("other", "warning"),
    ("input-tray-missing", "warning"), ("output-tray-missing", "warning"), ("marker-supply-empty", "warning"),
    ("output-area-almost-full", "warning"), ("output-area-full", "warning"), ("media-empty", "warning"), ("other", "warning"),
)  # fmt: skip
"""IPP's reason of each bit of hrPrinterDetectedErrorState from the first (the highest of the first byte) on, and its severity."""

_MANUAL_FEED: Final = 5
_INKS: Final = (5, 6)
_COLOURANTS: Final = (3, *_INKS, 7, 12, 13, 21)
"""prtMarkerSuppliesType: toner, ink, ink cartridge, ink ribbon, solid wax, ribbon wax, toner cartridge."""
_TRAYS: Final[tuple[SupplyName, ...]] = ("tray-1", "tray-2", "tray-3", "tray-4")


def items_of(columns: Columns, source: str) -> list[Item]:
    """The first printer's state as words, whole, and its supplies as counts.

    Raises:
        SourceError: there is no printer in the answer.
    """
    device = next(iter(columns["hrPrinterStatus"]), None)
    if device is None:
        raise SourceError("its MIB has no printer (hrPrinterStatus); is it one, and may the community read that?")
    status = _number(columns["hrDeviceStatus"].get(device))
    bits = columns["hrPrinterDetectedErrorState"].get(device)
    words = {
        IPP_STATE: _state(status, _number(columns["hrPrinterStatus"][device])),
        "ipp.reasons": "reported" if isinstance(bits, bytes) else "notReported",
        **_reason_words(bits if isinstance(bits, bytes) else b"", status == _WARNING),
    }
    own = {
        name: {row.removeprefix(device + "."): value for row, value in column.items() if row.startswith(device + ".")}
        for name, column in columns.items()
    }
    return [ProviderStatus(words, whole=True, source=source), *counted([*_colourants(own), *_trays(own)])]


def _state(device_status: int, printer_status: int) -> str:
    if device_status == _DOWN:
        return "stopped"
    if printer_status == _OTHER and device_status in _RUNNING:
        return "idle"
    return _STATES.get(printer_status, "unknown")


def _reason_words(bits: bytes, only_warnings: bool) -> dict[str, str]:
    """The severest word of each reason."""
    words: dict[str, str] = {}
    for number, (reason, severity) in enumerate(ERROR_BITS):
        byte, bit = divmod(number, 8)
        if byte < len(bits) and bits[byte] & 0x80 >> bit:
            path = f"ipp.{reason}"
            words[path] = "warning" if only_warnings else min(severity, words.get(path, severity))
    return words


def _colourants(columns: Columns) -> Iterator[Level]:
    for row, level in columns["prtMarkerSuppliesLevel"].items():
        kind = _number(columns["prtMarkerSuppliesType"].get(row))
        if kind in _COLOURANTS:
            colour = columns["prtMarkerColorantValue"].get(str(columns["prtMarkerSuppliesColorantIndex"].get(row)))
            called = _text(colour) or _text(columns["prtMarkerSuppliesDescription"].get(row))
            yield Level(
                colourant(called, kind in _INKS),
                _number(level),
                _number(columns["prtMarkerSuppliesMaxCapacity"].get(row)),
            )


def _trays(columns: Columns) -> Iterator[Level]:
    names = iter(_TRAYS)
    for row, level in columns["prtInputCurrentLevel"].items():
        by_hand = _number(columns["prtInputType"].get(row)) == _MANUAL_FEED
        name = "bypass" if by_hand else next(names, None)
        if name is not None:
            yield Level(name, _number(level), _number(columns["prtInputMaxCapacity"].get(row)))


def _number(value: MibValue) -> int:
    """A whole number; −2, which is unknown, for anything else."""
    return value if isinstance(value, int) else -2


def _text(value: MibValue) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""

"""Real partners of a kiosk on loopback: CUPS' IPP printer, which can run out of paper and toner, and NUT with its dummy UPS.

CUPS' printer looks for Avahi over the system's D-Bus even where it shall announce nothing; it gets a bus of its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from simulators import programs
from simulators.servers import Place, Recipe, Server

_TIMEOUT_S = 2.0
UPS = "ups"


def ipp_url(printer: Server) -> str:
    """Where the printer is asked."""
    return f"ipp://{printer.host}:{printer.port}/ipp/print"


@contextlib.contextmanager
def ipp_printer(attributes: str | None = None) -> Iterator[Server]:
    """A printer; with ``attributes`` (lines of ipptool's ATTR) it has those in place of its own trays and supplies."""
    with contextlib.ExitStack() as closing:
        bus = closing.enter_context(Server(Recipe("dbus", lambda _: "", _bus_command, lambda at: _bus(at).exists())))

        def command(place: Place) -> list[str]:
            given = [] if attributes is None else ["-a", str(place.configuration)]
            return [
                "env", f"DBUS_SYSTEM_BUS_ADDRESS=unix:path={_bus(bus.place)}", str(programs.IPPEVEPRINTER.require()),
                "-n", "localhost", "-p", str(place.port), "-r", "off", "-d", str(place.store), *given, "kiosk",
            ]  # fmt: skip

        yield closing.enter_context(Server(Recipe("ippeveprinter", lambda _: attributes or "", command, answers_tcp)))


def set_supplies(printer: Server, waste_percent: int, black_percent: int) -> None:
    """What the printer's own page sets: its levels, of which its reasons follow."""
    _page(printer, "supplies", {"supply0": str(waste_percent), "supply1": str(black_percent)})


def set_sheets(printer: Server, main: int) -> None:
    """How many sheets lie in the main tray."""
    of_tray = {"size1": "na_letter_8.5x11in", "type1": "stationery", "level1": str(main)}
    _page(printer, "media", {**of_tray, "size3": "na_number-10_4.125x9.5in", "type3": "envelope", "level3": "10"})


def _page(printer: Server, name: str, form: Mapping[str, str]) -> None:
    address = f"http://{printer.host}:{printer.port}/{name}?{urllib.parse.urlencode(form)}"
    with urllib.request.urlopen(address, timeout=_TIMEOUT_S) as answer:
        answer.read()


@contextlib.contextmanager
def upsd(dump: Path, mode: str) -> Iterator[tuple[Server, Server]]:
    """``upsd`` and its driver, a dummy that says what ``dump`` says (``mode``: dummy-once or dummy-loop)."""
    account = "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")

    def environment(place: Place) -> list[str]:
        folder = place.store
        return ["env", f"NUT_CONFPATH={folder}", f"NUT_STATEPATH={folder}", f"NUT_ALTPIDPATH={folder}"]

    with contextlib.ExitStack() as closing:

        def driver_command(place: Place) -> list[str]:
            place.store.chmod(0o700)
            (place.store / dump.name).write_bytes(dump.read_bytes())
            config = f"[{UPS}]\n  driver = dummy-ups\n  port = {dump.name}\n  mode = {mode}\n"
            (place.store / "ups.conf").write_text(config, encoding="utf-8")
            return [*environment(place), str(programs.DUMMY_UPS.require()), "-a", UPS, "-u", account, "-F"]

        def driver_ready(place: Place) -> bool:
            return (place.store / f"dummy-ups-{UPS}").exists()

        driver = closing.enter_context(Server(Recipe("dummy-ups", lambda _: "", driver_command, driver_ready)))

        def command(place: Place) -> list[str]:
            (driver.place.store / "upsd.conf").write_text(f"LISTEN {place.host} {place.port}\nMAXAGE 5\n")
            (driver.place.store / "upsd.users").write_text("")
            return [*environment(driver.place), str(programs.UPSD.require()), "-F", "-u", account]

        yield closing.enter_context(Server(Recipe("upsd", lambda _: "", command, _answers_ups))), driver


def _answers_ups(place: Place) -> bool:
    """Whether the supply's status is there: it is empty until the driver has read its dump."""
    try:
        with socket.create_connection((place.host, place.port), timeout=_TIMEOUT_S) as line:
            line.sendall(f"GET VAR {UPS} ups.status\n".encode())
            return b'"O' in line.recv(256)
    except OSError:
        return False


def _bus(place: Place) -> Path:
    return place.store / "bus"


def _bus_command(place: Place) -> list[str]:
    address = f"--address=unix:path={_bus(place)}"
    return [str(programs.DBUS.require()), "--session", address, "--nofork", "--nopidfile"]


def answers_tcp(place: Place) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((place.host, place.port), timeout=_TIMEOUT_S).close()
    except OSError:
        return False
    return True

"""Real partners of a kiosk on loopback: CUPS' IPP printer, which can run out of paper and toner, Net-SNMP's agent with a
printer's MIBs, and NUT with its dummy UPS.

CUPS' printer looks for Avahi over the system's D-Bus even where it shall announce nothing; it gets a bus of its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from simulators import programs
from simulators.kiosk import mib_script
from simulators.servers import Place, Recipe, Server

_TIMEOUT_S = 2.0
UPS = "ups"
COMMUNITY = "kiosk"
_OF_HOST = ("1.3.6.1.2.1.25.3.2.1.5", "1.3.6.1.2.1.25.3.5")


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
def snmp_printer(mib: str) -> Iterator[Server]:
    """Net-SNMP's agent on UDP; ``mib`` are lines of ``identifier type value``, as ``pass_persist`` writes them."""

    def configuration(place: Place) -> str:
        script = f"{sys.executable} {Path(mib_script.__file__)} {_mib(place)}"
        passed = "".join(f"pass_persist .{root} {script}\n" for root in (*_OF_HOST, "1.3.6.1.2.1.43"))
        return f"rocommunity {COMMUNITY} {place.host}\n{passed}"

    def command(place: Place) -> list[str]:
        set_mib(place, mib)
        files = f"--persistentDir={place.store}", "-C", "-c", str(place.configuration)
        return [
            str(programs.SNMPD.require()),
            "-f",
            "-Lo",
            "-I",
            "-hr_device,-hr_print",
            *files,
            f"udp:{place.host}:{place.port}",
        ]

    with Server(Recipe("snmpd", configuration, command, _answers_snmp)) as agent:
        yield agent


def set_mib(place: Place, mib: str) -> None:
    """What the printer says from the next question on."""
    new = _mib(place).with_suffix(".new")
    new.write_text(mib, encoding="utf-8")
    new.replace(_mib(place))


def _mib(place: Place) -> Path:
    return place.store / "mib"


def _answers_snmp(place: Place) -> bool:
    """Whether the agent answers a version 1 question for its system's description."""
    name = COMMUNITY.encode()
    pdu = bytes.fromhex("a019020101020100020100300e300c06082b060102010101000500")
    question = bytes([0x30, 5 + len(name) + len(pdu), 2, 1, 0, 4, len(name)]) + name + pdu
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(_TIMEOUT_S)
        try:
            line.sendto(question, (place.host, place.port))
            return bool(line.recv(1500))
        except OSError:
            return False


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

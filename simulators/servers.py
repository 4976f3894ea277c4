"""Real servers on loopback that a test may start, freeze, kill and start again.

Rules it keeps:
- The port is the operating system's choice and stays reserved while the server is down: nobody else gets it, and a
  client that keeps knocking cannot connect to itself.
- `start` returns only when the server answers; one that ends or stays silent raises with the end of its log.
- Leaving the `with` block leaves no process and, where we made the directory, no file.
- What a server keeps lies in `directory/store`; `restart(wipe=True)` removes exactly that.

It reads no clock: waiting is a counted number of short waits on the process itself.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from simulators.errors import ServerFailed

HOST = "127.0.0.1"
POLL_S = 0.05
START_POLLS = 600
STOP_TIMEOUT_S = 5.0
LOG_TAIL_CHARS = 600


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server lives: the address it listens on, its directory, its storage and its log."""

    host: str
    port: int
    directory: Path

    @property
    def store(self) -> Path:
        """The folder that holds everything the server remembers."""
        return self.directory / "store"

    @property
    def configuration(self) -> Path:
        """The file that the recipe's configuration text is written to."""
        return self.directory / "server.conf"

    @property
    def log(self) -> Path:
        """Standard output and error, appended to over restarts."""
        return self.directory / "server.log"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one kind of server is configured, started and known to answer.

    `configure` gives the configuration file's text, `command` the command line; `ready` says whether it answers now.
    It runs in its own directory unless another `working_directory` is given (a project that is not installed).
    """

    name: str
    configure: Callable[[Place], str]
    command: Callable[[Place], Sequence[str]]
    ready: Callable[[Place], bool]
    working_directory: Path | None = None


class Server:
    """One server process: `with Server(recipe) as server: ... server.port ...`."""

    def __init__(self, recipe: Recipe, directory: Path | None = None) -> None:
        """Nothing starts here. Without a directory a temporary one is made, and removed by `close`."""
        self._recipe = recipe
        self._wanted_directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._place: Place | None = None
        self._on_close = contextlib.ExitStack()

    def __enter__(self) -> "Server":
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def place(self) -> Place:
        """Where it lives. Raises ServerFailed before the first start."""
        if self._place is None:
            raise ServerFailed(f"{self._recipe.name}: has no address before its first start; call start()")
        return self._place

    @property
    def host(self) -> str:
        """The loopback address it listens on."""
        return self.place.host

    @property
    def port(self) -> int:
        """The port it listens on, the same after every restart."""
        return self.place.port

    @property
    def pid(self) -> int:
        """The running process. Raises ServerFailed when there is none."""
        if self._process is None:
            raise ServerFailed(f"{self._recipe.name}: is not running; call start()")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def log_text(self) -> str:
        """Everything that it wrote to its log until now."""
        return self.place.log.read_text(errors="replace") if self.place.log.exists() else ""

    def start(self) -> None:
        """Start and wait until it answers, at most 30 s.

        Raises ServerFailed with the end of its log, ProgramMissing when it is not installed.
        """
        if self.running:
            raise ServerFailed(f"{self._recipe.name}: already runs as process {self.pid}; stop() it first")
        if self._place is None:
            self._place = self._settle()
        place = self._place
        place.store.mkdir(parents=True, exist_ok=True)
        place.configuration.write_text(self._recipe.configure(place))
        with place.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(self._recipe.command(place)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._recipe.working_directory or place.directory,
                start_new_session=True,
            )
        self._wait_until_ready(place, self._process)

    def stop(self) -> None:
        """Ask it to end, wait 5 s, then end it. Harmless when it does not run."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """SIGKILL: what was only in its memory is gone. Harmless when it does not run."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def restart(self, wipe: bool = False) -> None:
        """Stop it if it runs, forget its storage if asked to, and start it on the same port."""
        self.stop()
        if wipe:
            shutil.rmtree(self.place.store, ignore_errors=True)
        self.start()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing is answered, as on a machine that hangs."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT after `freeze`."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop it, give the port back and remove the directory if it was ours."""
        self.stop()
        self._on_close.close()
        self._place = None

    def _settle(self) -> Place:
        directory = self._wanted_directory
        if directory is None:
            made = tempfile.TemporaryDirectory(prefix=f"machikado-{self._recipe.name}-", ignore_cleanup_errors=True)
            directory = Path(self._on_close.enter_context(made))
        directory.mkdir(parents=True, exist_ok=True)
        reservation = self._on_close.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        # Bound with SO_REUSEADDR but never listening: a server with the same option may listen there beside it.
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind((HOST, 0))
        return Place(HOST, int(reservation.getsockname()[1]), directory)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise ServerFailed(f"{self._recipe.name}: is not running and cannot take {number.name}; call start()")
        self._process.send_signal(number)

    def _wait_until_ready(self, place: Place, process: subprocess.Popen[bytes]) -> None:
        for _ in range(START_POLLS):
            if self._recipe.ready(place):
                return
            try:
                process.wait(timeout=POLL_S)
            except subprocess.TimeoutExpired:
                continue
            raise ServerFailed(f"{self._recipe.name}: ended with status {process.returncode}; {self._log_tail(place)}")
        self.kill()
        waited_s = START_POLLS * POLL_S
        raise ServerFailed(
            f"{self._recipe.name}: no answer on port {place.port} in {waited_s:.0f} s; {self._log_tail(place)}"
        )

    def _log_tail(self, place: Place) -> str:
        tail = " | ".join(place.log.read_text(errors="replace")[-LOG_TAIL_CHARS:].split("\n"))
        return f"end of its log: {tail.strip() or '(empty)'}"

"""Real servers are started, killed, frozen and started again, and leave nothing behind."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from simulators import brokers, programs
from simulators.errors import ProgramMissing, ServerFailed
from simulators.servers import HOST, Place, Recipe, Server

SERVERS = [
    pytest.param(brokers.mosquitto, programs.MOSQUITTO, brokers.answers_mqtt, id="mosquitto"),
    pytest.param(brokers.nats, programs.NATS, brokers.answers_mqtt, id="nats"),
    pytest.param(brokers.influxdb_1_8, programs.INFLUXD_1_8, brokers.answers_ping, id="influxdb-1.8"),
    pytest.param(brokers.influxdb_1_6, programs.INFLUXD_DEBIAN, brokers.answers_ping, id="influxdb-1.6"),
]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("launch", "program", "answers"), SERVERS)
def test_a_server_answers_survives_a_kill_on_the_same_port_and_leaves_nothing(
    launch: Callable[[], Server], program: programs.Program, answers: Callable[[Place], bool]
) -> None:
    if program.path() is None:
        pytest.skip(f"{program.name} is not here; {program.install}")

    with launch() as server:
        place, first_pid = server.place, server.pid
        assert answers(place)
        server.kill()
        assert not answers(place)
        assert not alive(first_pid)
        (place.store / "kept").write_text("kept")
        server.restart()
        assert (place.store / "kept").exists()
        server.restart(wipe=True)
        assert not (place.store / "kept").exists()
        assert answers(place)
        assert server.place == place
        last_pid = server.pid

    assert not alive(last_pid)
    assert not place.directory.exists()


def test_a_directory_that_was_given_is_kept(tmp_path: Path) -> None:
    with brokers.mosquitto(directory=tmp_path) as server:
        assert server.place.directory == tmp_path

    assert (tmp_path / "server.conf").exists()


def test_nobody_gets_the_port_of_a_server_that_is_down() -> None:
    with brokers.mosquitto() as server:
        server.kill()

        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind((HOST, server.port))


def test_a_frozen_server_answers_nothing_until_it_is_thawed() -> None:
    with brokers.mosquitto() as server:
        server.freeze()
        silent = not brokers.answers_mqtt(server.place)
        server.thaw()

        assert silent
        assert brokers.answers_mqtt(server.place)


def test_a_frozen_server_can_still_be_stopped() -> None:
    with brokers.mosquitto() as server:
        pid = server.pid
        server.freeze()

    assert not alive(pid)


def test_a_server_that_ends_at_once_says_what_its_log_says() -> None:
    broken = brokers.mosquitto(lambda place: "no_such_option true\n")

    with (
        pytest.raises(ServerFailed, match=r"mosquitto: ended with status \d+; end of its log: .*no_such_option"),
        broken,
    ):
        pass


def test_a_server_that_does_not_know_the_signal_is_ended_all_the_same() -> None:
    script = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
    deaf = Server(
        Recipe("deaf", lambda _: "", lambda _: ["sh", "-c", script], lambda place: "deaf" in place.log.read_text())
    )

    with deaf as server:
        pid = server.pid

    assert not alive(pid)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_server_runs_in_its_own_directory_or_where_it_is_told(elsewhere: bool, tmp_path: Path) -> None:
    command = ["sh", "-c", "pwd; exec sleep 60"]
    where = tmp_path if elsewhere else None
    recipe = Recipe("where", lambda _: "", lambda _: command, lambda place: "/" in place.log.read_text(), where)

    with Server(recipe) as server:
        assert server.log_text().strip() == str(tmp_path if elsewhere else server.place.directory)


def test_a_program_that_is_missing_is_answered_with_the_line_to_type() -> None:
    missing = programs.Program("Nothing", "no-such-program", (), True, "apt-get install nothing")

    with pytest.raises(ProgramMissing, match=r"Nothing: no program 'no-such-program' .*apt-get install nothing"):
        missing.require()


def test_a_server_that_does_not_run_has_no_pid_and_takes_no_signal() -> None:
    server = brokers.mosquitto()

    with pytest.raises(ServerFailed, match=r"is not running; call start\(\)"):
        _ = server.pid
    with pytest.raises(ServerFailed, match=signal.SIGSTOP.name):
        server.freeze()

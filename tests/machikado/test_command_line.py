"""Every command's errors are one line that names the thing and the remedy; exit codes are as documented."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.config import load
from edge.contract.families import FAMILIES
from machikado.main import COMMANDS, main

PROJECT = Path(__file__).parents[2]


def failure(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that a command that fails says."""
    assert main([str(one) for one in arguments]) == 1
    said = capsys.readouterr().err
    assert said.startswith("machikado")
    assert said.count("\n") == 1
    return said


def misuse(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that a wrong command line says."""
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.count("\n") == 1
    return said


def provision(folder: Path, family: str = "truck", *more: str) -> Path:
    out, register = folder / "device", folder / "broker"
    arguments = ["provision", "device", "d-01", "--family", family, "--out", str(out), "--register", str(register)]
    assert main([*arguments, *more]) == 0
    return out / "DEVICE.toml"


# -------------------------------------------------------------------- the whole


def test_help_names_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    said = capsys.readouterr().out
    assert all(f"    {name}" in said for name in COMMANDS)
    assert "3 doctor found something wrong" in " ".join(said.split())


@pytest.mark.parametrize("command", [("replay", "-h"), ("agent", "watch", "-h"), ("provision", "device", "-h")])
def test_every_command_has_a_help_text(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(command))

    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 10


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom machikado.main import parser\nparser()\n"
        "print([name for name in ('numpy', 'paho', 'fastapi', 'sqlite3', 'onnxruntime', 'msgspec') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, timeout=30)

    assert done.stdout == "[]\n", done.stderr


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'repaly'" in misuse(capsys, "repaly")


def test_a_package_that_is_not_installed_is_named_with_what_brings_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("machikado.commands.hub._run", lambda _: importlib.import_module("fastapi_that_is_not_there"))

    said = failure(capsys, "hub", "run", "hub.toml")

    assert said == "machikado hub: needs fastapi_that_is_not_there; pip install 'machikado[hub]'\n"


# -------------------------------------------------------------------- provision


@pytest.mark.parametrize("family", FAMILIES)
def test_a_provisioned_device_is_well_formed_as_it_stands(family: str, tmp_path: Path) -> None:
    loaded = load(provision(tmp_path, family))

    assert loaded.config.device.family == family
    assert loaded.sources


def test_provisioned_agents_of_all_families_start_and_stop_as_they_stand(tmp_path: Path) -> None:
    configs = [provision(tmp_path / family, family) for family in FAMILIES]
    command = [sys.executable, "-m", "machikado", "agent", "run"]
    agents = [subprocess.Popen([*command, str(one)], cwd=PROJECT, stderr=subprocess.PIPE, text=True) for one in configs]

    try:
        for agent, config in zip(agents, configs, strict=True):
            wait_for(config.with_name("outbox.sqlite.watch"))
            agent.terminate()
        ends = [agent.communicate(timeout=10)[1] for agent in agents]
    finally:
        for agent in agents:
            agent.kill()

    assert [agent.returncode for agent in agents] == [0] * len(agents), ends
    assert not any("Traceback" in said for said in ends)


def test_an_agent_whose_source_lacks_a_package_says_so_and_goes_on(tmp_path: Path) -> None:
    program = (
        "import sys\nsys.modules['websockets'] = None\nfrom machikado.main import main\n"
        f"main(['agent', 'run', {str(provision(tmp_path, 'kiosk'))!r}])"
    )
    agent = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(tmp_path / "device" / "outbox.sqlite.watch")
        time.sleep(1)
        agent.terminate()
        said = agent.communicate(timeout=10)[1]
    finally:
        agent.kill()

    assert "failed: needs websockets; pip install 'machikado[kiosk]'" in said
    assert "Traceback" not in said
    assert agent.returncode == 0


def wait_for(path: Path) -> None:
    for _ in range(400):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} does not appear")


def test_provisioning_again_keeps_the_secret_until_it_is_to_be_renewed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = provision(tmp_path).with_name("broker.password")
    first = secret.read_text()
    provision(tmp_path)
    second = secret.read_text()
    provision(tmp_path, "truck", "--renew", "--json")
    third = secret.read_text()

    assert first == second != third
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["port_to_fill_in"] is True
    assert third.strip() not in json.dumps(told)


def test_an_edited_configuration_is_kept_until_it_is_to_be_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = provision(tmp_path)
    written = config.read_text()
    config.write_text(written.replace("CHANGE-ME", "2947"))
    edited = config.read_text()
    capsys.readouterr()

    provision(tmp_path, "truck", "--broker", "other.example:1883")
    said, kept = capsys.readouterr().out, config.read_text()
    refused = failure(
        capsys,
        "provision",
        "device",
        "d-01",
        "--family",
        "gate",
        "--out",
        config.parent,
        "--register",
        tmp_path / "broker",
    )
    provision(tmp_path, "truck", "--replace")

    assert edited != written
    assert "kept     the settings, as they were edited" in said
    assert kept == edited
    assert "is the configuration of 'd-01', family 'truck'; wanted 'd-01', family 'gate'" in refused
    assert config.read_text() == written
    assert config.with_name("DEVICE.toml.before").read_text() == edited


def test_provisioning_with_settings_takes_them_and_sets_the_broker_up(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[[source]]\nkind = "gpsd"\n[pipeline]\nreach_m = 12.0\n')

    config = provision(tmp_path, "truck", "--from", str(settings), "--kind", "nats", "--broker", "hub.example:1884")

    loaded = load(config)
    assert loaded.config.hub.host == "hub.example"
    assert loaded.pipeline.reach_m == 12.0  # type: ignore[attr-defined]
    conf = (tmp_path / "broker" / "nats-server.conf").read_text()
    assert "port: 1884" in conf
    assert 'host: "0.0.0.0"' in conf


def test_what_cannot_be_provisioned_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = ("provision", "device", "--out", tmp_path / "out", "--register", tmp_path / "broker")
    strange = tmp_path / "strange.toml"
    strange.write_text("[outbox]\nquota_mib = 1\n")

    assert "'Bad Name'" in failure(capsys, *device, "Bad Name", "--family", "truck")
    assert "bridge, truck, gate, kiosk, counter" in failure(capsys, *device, "d-01", "--family", "tram")
    assert "'hub:x': wanted HOST:PORT" in failure(capsys, *device, "d-01", "--family", "truck", "--broker", "hub:x")
    assert "check the path" in failure(capsys, *device, "d-01", "--family", "truck", "--from", tmp_path / "none.toml")
    assert "'outbox'" in failure(capsys, *device, "d-01", "--family", "truck", "--from", strange)
    assert "--family" in misuse(capsys, "provision", "device", "d-01")
    assert not (tmp_path / "out").exists()


def test_the_hub_is_provisioned_with_its_own_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provision", "hub", "--out", str(tmp_path / "hub"), "--register", str(tmp_path), "--json"]) == 0

    file = Path(json.loads(capsys.readouterr().out)["password_file"])
    assert len(file.read_text().strip()) >= 32
    assert file.stat().st_mode & 0o077 == 0


# -------------------------------------------------------------------- simulate


def test_what_cannot_be_simulated_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gate = ("simulate", "gate")
    mcu = ("--line", f"mcu=pty:{tmp_path / 'mcu'}")
    settings = tmp_path / "settings.toml"
    settings.write_text("visitors = 3\n")

    assert "--line" in misuse(capsys, *gate)
    assert "'tram'" in misuse(capsys, "simulate", "tram", *mcu)
    assert "wanted NAME=TARGET" in failure(capsys, *gate, "--line", "mcu")
    assert "given twice" in failure(capsys, *gate, *mcu, *mcu)
    assert "this simulator has mcu" in failure(capsys, *gate, "--line", "gps=/tmp/x")
    assert "wanted ws:PORT" in failure(capsys, "simulate", "kiosk", "--line", "xfs=ws:eighty")
    assert "speed 0" in failure(capsys, *gate, *mcu, "--speed", "0")
    assert "seed -1" in failure(capsys, *gate, *mcu, "--seed", "-1")
    assert "File exists" in failure(capsys, *gate, "--line", f"mcu=pty:{settings}")
    assert settings.exists()
    assert "visitors" in failure(capsys, *gate, *mcu, "--settings", settings)
    assert "check the path" in failure(capsys, *gate, *mcu, "--settings", tmp_path / "none.toml")
    assert "can be written" in failure(capsys, *gate, *mcu, "--truth", tmp_path / "no" / "truth")


# -------------------------------------------------------------------- replay


def test_what_cannot_be_replayed_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "truck.nmea"
    log.write_bytes(b"$GPRMC,120000.00,A,3533.0,N,13943.0,E,0.0,0.0,231126,,,A*52\r\n")
    strange, cut = tmp_path / "strange.xyz", tmp_path / "cut.rec"
    strange.write_bytes(b"what?")
    cut.write_bytes(b"machikado-recording-1\n\0\0\0\x05ab")

    assert "check the path" in failure(capsys, "replay", tmp_path / "none.rec")
    assert "no known format" in failure(capsys, "replay", strange)
    assert "damaged header" in failure(capsys, "replay", cut)
    assert "wanted max, or a number from 0.001" in misuse(capsys, "replay", log, "--speed", "fast")
    assert "a gate, but the recording is of a truck" in failure(
        capsys, "replay", log, "--config", provision(tmp_path, "gate")
    )
    assert "can be written" in failure(capsys, "replay", log, "--out", tmp_path / "no" / "out")


# -------------------------------------------------------------------- doctor


def test_the_doctor_finds_an_unfinished_device_and_ends_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = provision(tmp_path)
    capsys.readouterr()

    assert main(["doctor", "--device", str(config), "--json"]) == 3

    findings = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert findings["port /dev/serial/by-id/CHANGE-ME"]["outcome"] == "fail"
    assert findings["configuration"]["outcome"] == "ok"


def test_the_doctor_says_what_fails_and_how_to_mend_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = tmp_path / "hub.toml"
    hub.write_text(f'city = "{tmp_path}/none.toml"\n[store]\npath = "{tmp_path}/hub.sqlite"\n[broker]\nport = 1\n')

    assert main(["doctor", "--hub", str(hub), "--device", str(tmp_path / "none.toml")]) == 3

    said = capsys.readouterr().out
    assert "FAIL  configuration" in said
    assert "FAIL  city" in said
    assert "→ " in said
    assert "failed" in said.splitlines()[-1]


def test_the_doctor_wants_to_know_whom_to_examine(capsys: pytest.CaptureFixture[str]) -> None:
    assert "give --device" in misuse(capsys, "doctor")


# -------------------------------------------------------------------- agent, hub, demo


def test_what_cannot_be_watched_or_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = provision(tmp_path)
    config.write_text(config.read_text().replace("quota_mib", "quota_mb"))

    assert "machikado provision device" in failure(capsys, "agent", "watch", tmp_path / "none.toml")
    assert "did you mean 'quota_mib'" in failure(capsys, "agent", "watch", config, "--once")
    assert "machikado provision device" in failure(capsys, "agent", "run", tmp_path / "none.toml")
    assert "not allowed with" in misuse(capsys, "agent", "watch", config, "--page", "--commission", "x")


@pytest.mark.parametrize(
    "wrong", ["quota_mib = -1", "quota_mib = nan", 'quota_mib = "big"', "commit_interval_s = -1.0"]
)
def test_a_setting_that_cannot_be_is_named_before_the_agent_starts(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = provision(tmp_path)
    kept = [line for line in config.read_text().splitlines() if not line.startswith(wrong.split()[0])]
    config.write_text("\n".join(kept).replace("[outbox]", f"[outbox]\n{wrong}"))

    assert f"outbox.{wrong.split()[0]}" in failure(capsys, "agent", "run", config)


def test_what_a_hub_cannot_do_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = tmp_path / "hub.toml"
    hub.write_text(f'[store]\npath = "{tmp_path}/hub.sqlite"\n[broker]\nport = 1\n')
    influx = tmp_path / "influx.toml"
    influx.write_text(f'[store]\npath = "{tmp_path}/hub.sqlite"\nkind = "influx"\ninflux_url = "http://127.0.0.1:1"\n')
    pipeline = tmp_path / "pipeline.toml"
    pipeline.write_text("reach_m = 20.0\n")
    configure = ("hub", "configure", "--hub", hub, "--pipeline", pipeline)

    assert "see deploy/" in failure(capsys, "hub", "run", tmp_path / "none.toml")
    assert "store.kind is 'sqlite'" in failure(capsys, "hub", "setup-influx", hub)
    assert "127.0.0.1:1" in failure(capsys, "hub", "setup-influx", influx)
    influx.write_text(influx.read_text().replace("http://", ""))
    assert "wanted http://" in failure(capsys, "hub", "setup-influx", influx)
    influx.write_text(influx.read_text().replace('influx_url = "', 'influx_url = "http://'))
    assert "wanted a whole number from 0 to 36500" in misuse(capsys, "hub", "setup-influx", influx, "--keep-days", "-1")
    assert "is it running" in failure(capsys, *configure, "truck-01")
    assert "'Truck 1'" in failure(capsys, *configure, "Truck 1")
    pipeline.write_text("reach_m = \n")
    assert "not TOML" in failure(capsys, *configure, "truck-01")
    pipeline.write_text(f'round = "{"x" * 70_000}"\n')
    assert "at most 65536" in failure(capsys, *configure, "truck-01")


# -------------------------------------------------------------------- numbers and places


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["demo", "--seed", "-1"], "argument --seed: '-1': wanted a whole number from 0 to"),
        (["demo", "--port", "65536"], "argument --port: '65536': wanted a whole number from 0 to 65535"),
        (["replay", "x", "--speed", "0"], "argument --speed: '0': wanted max, or a number from 0.001 to 1e+06"),
        (["replay", "x", "--speed", "nan"], "argument --speed: 'nan'"),
        (["hub", "keep", "d-01", "--from=-1m", "--hub", "x", "--wait", "-1"], "argument --wait: '-1': wanted seconds"),
        (["analyse", "bridge-modes", "x.npy", "--rate", "inf"], "argument --rate: 'inf': wanted hertz from"),
    ],
)
def test_a_number_out_of_range_is_refused_with_the_range(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in misuse(capsys, *arguments)


SERIES = "t,f1,temperature\n" + "".join(
    f"2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z,{4 + 0.001 * (hour % 7)},{10 + hour % 24}\n"
    for hour in range(480)
)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (["analyse", "bridge-campaign", "{in}/series.csv", "--figure", "{in}/none/x.svg"], "none/x.svg"),
        (["analyse", "bridge-convert", "{in}/a.csv", "{in}/none/o.mseed"], "none/o.mseed"),
        (["analyse", "bridge-convert", "{in}/a.csv", "{in}/none/o.nc"], "none/o.nc"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(
    command: list[str], names: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "series.csv").write_text(SERIES)
    (tmp_path / "a.csv").write_text("time_s,a\n" + "".join(f"{n / 100},{n % 5}\n" for n in range(1000)))

    said = failure(capsys, *(each.replace("{in}", str(tmp_path)) for each in command))

    assert names in said
    assert "No such file or directory" in said


def test_spectra_without_a_figure_are_not_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = failure(capsys, "analyse", "bridge-campaign", tmp_path / "series.csv", "--spectra", "x.npz")

    assert "--spectra x.npz: is for the figure only; add --figure FILE" in said


def test_a_city_that_knows_no_such_device_asks_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = tmp_path / "hub.toml"
    hub.write_text(f'city = "{PROJECT / "hub/cities/ota.toml"}"\n[store]\npath = "x"\n[broker]\nport = 9\n')
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "one.toml").write_text("[pipeline]\n")

    wrong = failure(capsys, "hub", "configure", "truck-1", "--pipeline", tmp_path / "one.toml", "--hub", hub)
    keep = failure(capsys, "hub", "keep", "nodevice", "--from=-1m", "--hub", hub)
    empty = failure(capsys, "hub", "configure", "truck-01", "--pipeline", tmp_path / "empty.toml", "--hub", hub)

    assert "device 'truck-1': is none of" in wrong
    assert "did you mean 'truck-01'?" in wrong
    assert "device 'nodevice': is none of" in keep
    assert "empty.toml: has no [pipeline]" in empty

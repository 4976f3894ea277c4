"""A monthly report from the command line, of a hub's files as they lie on the disk."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from edge.contract.records.bridge import BridgeMode
from machikado.main import main
from tests.hub.station import OTA, Station, open_city


@pytest.fixture
def config(tmp_path: Path) -> Path:
    station = Station(tmp_path / "hub.db", open_city())
    now = station.now()
    station.send("bridge-01", [BridgeMode(t=now - 10_800_000_000, mode="m1", frequency_hz=2.6, frequency_std_hz=0.01)])
    station.database.close()
    path = tmp_path / "hub.toml"
    path.write_text(f'city = "{OTA}"\n[store]\npath = "{tmp_path / "hub.db"}"\n', encoding="utf-8")
    return path


def report(config: Path, device: str, month: str, out: Path) -> int:
    return main(["report", "bridge", device, "--month", month, "--hub", str(config), "--out", str(out)])


def test_a_report_is_written_and_the_hubs_file_is_left_as_it_was(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (tmp_path / "hub.db").read_bytes()

    code = report(config, "bridge-01", time.strftime("%Y-%m", time.gmtime(time.time() - 86_400)), tmp_path / "out.html")

    assert code == 0
    assert "bridge-01" in capsys.readouterr().out
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / "hub.db").read_bytes() == before


@pytest.mark.parametrize(
    ("device", "month", "said"),
    [
        ("gate-01", "2026-10", "is a gate"),
        ("bridge-09", "2026-10", "not in the city"),
        ("bridge-01", "2026-1O", "wanted year and month"),
    ],
)
def test_what_cannot_be_reported_is_one_line(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], device: str, month: str, said: str
) -> None:
    code = report(config, device, month, tmp_path / "out.html")

    assert code == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.html").exists()


def test_another_form_is_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        report(config, "bridge-01", "2026-10", tmp_path / "out.docx")

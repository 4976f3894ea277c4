"""`machikado analyse bridge-campaign` and the plan's figure, through the door an engineer uses."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from machikado.main import main
from simulators.bridge import campaign, campaign_files

DAYS = 31


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of a simulated campaign, as files."""
    made = tmp_path_factory.mktemp("campaign")
    generator, settings = np.random.default_rng(4), campaign.Settings()
    campaign_files.write(campaign.simulate(settings, generator), settings, generator, made)
    series = made / "series.csv"
    kept = series.read_text(encoding="utf-8").splitlines()[: 1 + DAYS * campaign.ROWS_A_DAY]
    series.write_text("\n".join(kept), encoding="utf-8")
    return made


def test_the_answer_has_events_effects_classes_the_twins_table_and_the_figure(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(folder / name) for name in ("series.csv", "bridge.toml", "spectra.npz", "plan.svg", "plan.png")]

    code = main(
        ["analyse", "bridge-campaign", files[0], "--bridge", files[1], "--spectra", files[2], "--figure", files[3],
         "--figure", files[4], "--json"]
    )  # fmt: skip

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert {"4 吊足場撤去", "4 橋台背面埋戻し"} <= {name for change in told["changes"] for name in change["events"]}
    assert "1 計測開始" not in told["not_measured"]
    assert "暫定供用" in told["not_measured"]
    for change in told["changes"]:
        assert {"t", "events", "sum", "found", "says", "effects", "causes", "class"} <= set(change)
        assert change["class"] in ("structure", "mass", "undetermined")
        assert all(one["ci95"][0] < one["percent"] < one["ci95"][1] for one in change["effects"].values())
    assert [mode["mode"] for mode in told["modes"]] == ["f1", "f2", "f3", "f4", "f5", "f6"]
    assert any(one["what"].startswith("restraint") for one in told["parameters"])
    drawing = ET.parse(files[3]).getroot()
    words = "".join(drawing.itertext())
    assert drawing.tag.endswith("svg")
    assert all(name in words for name in ("②", "③", "④", "S5", "左橋台コンクリート打設", "センサー温度"))
    assert Path(files[4]).read_bytes().startswith(b"\x89PNG")


def test_without_a_girder_nothing_is_claimed_and_it_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = folder / "log.toml"
    text = (folder / "bridge.toml").read_text(encoding="utf-8")
    log.write_text(text[text.index("[[events]]") :], encoding="utf-8")

    code = main(["analyse", "bridge-campaign", str(folder / "series.csv"), "--bridge", str(log)])

    told = capsys.readouterr().out
    assert code == 0
    assert "class: undetermined" in told
    assert "class: structure" not in told
    assert "cannot tell mass from stiffness" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "SERIES.csv"),
        (["nowhere.csv"], "nowhere.csv"),
        (["{series}", "--bridge", "nowhere.toml"], "nowhere.toml"),
        (["{series}", "--spectra", "{series}", "--figure", "{series}.svg"], "levels_db"),
    ],
)
def test_what_cannot_be_done_is_one_line_on_standard_error(
    folder: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    series = folder / "short.csv"
    series.write_text("t,f1,temperature\n2024-01-01T00:00:00Z,3.0,5\n2024-01-01T01:00:00Z,3.0,5\n", encoding="utf-8")
    whole = folder / "series.csv"
    filled = [one.format(series=whole if "--spectra" in arguments else series) for one in arguments]

    code = main(["analyse", "bridge-campaign", *filled])

    out, err = capsys.readouterr()
    assert code == 1
    assert out == ""
    assert err.count("\n") == 1
    assert says in err


def test_a_drift_gets_its_class_from_the_bridges_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from hub.bridge.twin import Twin
    from hub.bridge.twin_file import read

    girder = read(folder / "bridge.toml").girder
    assert girder is not None
    twin = Twin(girder)
    values = twin.designed()
    values[-1] = 0.3
    before, after = (twin.modes(each, 6).frequency_hz for each in (twin.designed(), values))
    generator, rows, reference = np.random.default_rng(6), 2400, 1900
    degc = 15.0 + 8.0 * np.sin(np.arange(rows) / 24.0 * 2.0 * np.pi) + 4.0 * np.sin(np.arange(rows) / 200.0)
    state = np.where(np.arange(rows)[:, None] < reference + 100, before, after)
    series = state * (1.0 - 5e-4 * degc[:, None] + 2e-3 * generator.normal(size=(rows, 6)))
    lines = [f"{3600 * n},{','.join(f'{f:.5f}' for f in series[n])},{degc[n]:.2f}" for n in range(rows)]
    path = folder / "drift.csv"
    path.write_text("\n".join(["t,f1,f2,f3,f4,f5,f6,temperature", *lines]), encoding="utf-8")

    told = []
    for more in ([], ["--bridge", str(folder / "bridge.toml")]):
        assert main(["analyse", "bridge-drift", str(path), "--reference", f"1:{reference}", "--json", *more]) == 0
        told.append(json.loads(capsys.readouterr().out))

    assert [one["changes"][0]["class"] for one in told] == ["undetermined", "structure"]
    assert any("--bridge" in finding for finding in told[0]["findings"])

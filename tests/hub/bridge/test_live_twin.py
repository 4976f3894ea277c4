"""The digital twin on a bridge's page: predicted against measured frequencies, computed apart."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from math import pi, sqrt
from pathlib import Path

import httpx
import msgspec
import pytest

from edge.contract.records.bridge import BridgeMode
from hub import apart
from hub.apart import run_apart
from hub.bridge import twin_table
from hub.bridge.twin_file import Girder
from hub.errors import ApartFailed
from tests.hub.station import Station, open_city

BRIDGE = "bridge-01"
LENGTH_M, STIFFNESS, MASS = 30.0, 2.0e10, 9000.0
DESIGNED_HZ = [number**2 * pi / 2.0 / LENGTH_M**2 * sqrt(STIFFNESS / MASS) for number in (1, 2, 3)]
"""A simple beam on two supports (Euler and Bernoulli)."""
GIRDER = Girder(spans_m=[LENGTH_M], bending_stiffness_nm2=STIFFNESS, mass_kg_m=MASS)

Ask = Callable[[Girder | None, dict[str, float]], str]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Ask]:
    """The English page of a bridge with a girder whose modes were measured for an hour."""
    stations = []

    def ask(girder: Girder | None, measured_hz: dict[str, float]) -> str:
        city = open_city()
        devices = [msgspec.structs.replace(one, girder=girder) if one.name == BRIDGE else one for one in city.device]
        station = Station(tmp_path / f"{len(stations)}.db", msgspec.structs.replace(city, device=devices))
        stations.append(station)
        now = station.now()
        station.send(
            BRIDGE,
            [
                BridgeMode(t=now - minute * 60_000_000, mode=label, frequency_hz=hertz, frequency_std_hz=0.01)
                for minute in range(60, 0, -10)
                for label, hertz in measured_hz.items()
            ],
        )
        with station.served() as address:
            return httpx.get(f"{address}/device/{BRIDGE}?lang=en", timeout=60).text

    yield ask
    for station in stations:
        station.database.close()


def rows_of(page: str) -> list[list[str]]:
    found = re.search(r'class="chart twin".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert found
    return [
        [unescape(re.sub("<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", found[1])
    ]


def percent(written: str) -> float:
    return float(written.replace("−", "-"))


def test_each_mode_is_measured_predicted_as_designed_and_as_updated(page: Ask) -> None:
    measured = {f"m{number}": 1.01 * hertz for number, hertz in enumerate(DESIGNED_HZ, 1)}

    told = page(GIRDER, measured)

    rows = rows_of(told)
    assert [row[0] for row in rows] == [f"Natural frequency, mode {number}" for number in (1, 2, 3)]
    for row, hertz in zip(rows, DESIGNED_HZ, strict=True):
        assert float(row[1]) == pytest.approx(1.01 * hertz, abs=6e-4)
        assert float(row[2]) == pytest.approx(hertz, rel=1e-3)
        assert percent(row[3]) == pytest.approx(100.0 * (1.0 / 1.01 - 1.0), abs=0.15)
        updated, _, half = row[4].partition(" ± ")
        assert abs(float(updated) - 1.01 * hertz) < float(half) < 0.01 * hertz
    assert "agrees with what was measured" in told


def test_a_mode_that_the_girders_file_does_not_name_has_no_prediction_and_the_others_have_theirs(page: Ask) -> None:
    girder = msgspec.structs.replace(GIRDER, modes=[1, 3])

    rows = rows_of(page(girder, {"m1": DESIGNED_HZ[0], "m2": DESIGNED_HZ[2], "m3": 31.0}))

    assert [percent(row[3]) for row in rows[:2]] == pytest.approx([0.0, 0.0], abs=0.15)
    assert rows[2][1:] == ["31.000", "―", "―", "―", "―"]


def test_a_model_of_another_bridge_is_said_not_to_fit(page: Ask) -> None:
    told = page(GIRDER, {"m1": 0.4 * DESIGNED_HZ[0], "m2": 0.7 * DESIGNED_HZ[1]})

    assert "only far from its design" in told


def test_a_bridge_without_a_girder_has_no_table(page: Ask) -> None:
    assert "chart twin" not in page(None, {"m1": 3.5})


def test_where_it_cannot_be_computed_the_measured_stand_and_it_is_said_why(
    page: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart.sys, "executable", "/no/such/python")

    told = page(msgspec.structs.replace(GIRDER, mass_kg_m=9001.0), {"m1": 3.5})

    assert rows_of(told) == [["Natural frequency, mode 1", "3.500", "―", "―", "―", "―"]]
    assert "The prediction could not be computed (hub.bridge.twin_table:" in told


def test_what_is_done_apart_and_fails_is_told_in_one_line() -> None:
    with pytest.raises(ApartFailed, match=r"^[^\n]*No module named hub\.no_such_module$"):
        run_apart("hub.no_such_module", b"")
    with pytest.raises(ApartFailed, match=r"took longer than 0\.001 s$"):
        run_apart("hub.bridge.twin_table", b"{}", 0.001)


def test_the_twin_leaves_scipy_out_of_the_hub() -> None:
    script = (
        "import sys; from hub.bridge.twin_file import Girder; from hub.bridge.twin_table import compute_apart\n"
        "made = compute_apart(Girder(spans_m=[30.0], bending_stiffness_nm2=2e10, mass_kg_m=9000.0), {1: 2.6})\n"
        "print(sorted(made.rows), 'scipy' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[1] False"


@pytest.mark.parametrize(
    ("labels", "modes", "wanted"),
    [
        (["m1", "m2"], [], {"m1": 1, "m2": 2}),
        (["m2", "m7"], [1, 3], {"m2": 2}),
        (["first", "m0", "m31"], [], {}),
    ],
)
def test_a_label_is_the_mode_of_the_number_in_it(labels: list[str], modes: list[int], wanted: dict[str, int]) -> None:
    assert twin_table.numbers_of(labels, msgspec.structs.replace(GIRDER, modes=modes)) == wanted

"""The hub's books: a step is committed as a whole, and what was committed stands."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.contract.control import ReportedConfig
from hub import books as books_module
from hub.errors import StoreError
from hub.schema import open_writer
from hub.store.port import Row
from tests.hub.devices import DEVICE, EPOCH, Hub, air, airs, batch, birth, gap, hub_at

DATABASES = Path(__file__).parents[1] / "databases"


def test_what_was_committed_stands_after_a_restart(tmp_path: Path) -> None:
    with hub_at(tmp_path / "hub.sqlite") as hub:
        hub.take(birth(), batch(1, airs(1, 3)), batch(9, [gap((4, 6))]))
        before = hub.books.account_of(DEVICE, EPOCH)

    with hub_at(tmp_path / "hub.sqlite") as hub:
        assert hub.books.account_of(DEVICE, EPOCH) == before
        assert list(before.holes()) == [(7, 8)]
        assert hub.numbers() == [1, 2, 3, 9]


def test_a_step_whose_readings_fail_leaves_nothing_and_can_be_committed_again(hub: Hub) -> None:
    step = hub.ingest.step([birth(), batch(1, airs(1, 3))])

    def fails(rows: Sequence[Row]) -> None:
        hub.store.insert(rows)
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(StoreError, match="disk I/O error"):
        hub.books.commit(step, fails)
    hub.store.forget()
    nothing = hub.numbers(), hub.books.account_of(DEVICE, EPOCH).through
    hub.books.commit(step, hub.store.insert)

    assert nothing == ([], 0)
    assert hub.numbers() == [1, 2, 3]
    assert hub.books.account_of(DEVICE, EPOCH).through == 3


def test_the_generation_grows_with_a_restore_and_stands(tmp_path: Path) -> None:
    with hub_at(tmp_path / "hub.sqlite") as hub:
        first = hub.books.generation
        hub.books.raise_generation(2)

    with hub_at(tmp_path / "hub.sqlite") as hub:
        assert (first, hub.books.generation) == (1, 2)


def test_the_quarantine_is_bounded_and_its_oldest_entries_make_room(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books_module, "QUARANTINE_ROWS", 5)
    for number in range(1, 9):
        hub.take(batch(number, [b'{"kind":"counter_air","co2_ppm":"x"}']))

    assert [number for number, _ in hub.quarantined()] == [4, 5, 6, 7, 8]
    assert hub.books.account_of(DEVICE, EPOCH).refused == 8


def test_the_last_state_and_configuration_of_a_device_are_kept(hub: Hub) -> None:
    step = hub.ingest.step([birth(), batch(1, [air(1)])])
    step.reported.append((DEVICE, ReportedConfig(revision=3, outcome="adopted", config_hash="0" * 16), 77))
    hub.books.commit(step, hub.store.insert)

    family, state, config, heard = hub.database.execute(
        "SELECT family, state, config, heard_t FROM devices WHERE name = ?", (DEVICE,)
    ).fetchone()

    assert family == "counter"
    assert '"online"' in state
    assert '"revision":3' in config
    assert heard > 0


def test_a_number_refused_or_lost_is_known_as_such(hub: Hub) -> None:
    hub.take(batch(1, [air(1), b'{"kind":"counter_air","co2_ppm":"x"}']), batch(9, [gap((4, 6))]))

    def known(number: int) -> bool:
        return hub.books.is_accounted_otherwise(Row(DEVICE, EPOCH, number, 0, None, b""))  # type: ignore[arg-type]

    assert [known(number) for number in (1, 2, 3, 4, 6, 7)] == [False, True, False, True, True, False]


def test_a_committed_step_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; sys.path.insert(0, '.'); from pathlib import Path\n"
        "from tests.hub.devices import Hub, airs, batch\n"
        "hub = Hub(Path(sys.argv[1])); hub.take(batch(1, airs(1, 500)))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "hub.sqlite"

    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60)

    with hub_at(path) as hub:
        assert killed.returncode == -9
        assert hub.numbers() == list(range(1, 501))
        assert hub.books.account_of(DEVICE, EPOCH).through == 500


def test_a_file_of_a_newer_hub_is_refused(tmp_path: Path) -> None:
    with hub_at(tmp_path / "hub.sqlite") as hub:
        hub.database.execute("PRAGMA user_version=99")

    with pytest.raises(StoreError, match="update the hub"):
        open_writer(tmp_path / "hub.sqlite")


@pytest.mark.parametrize("dump", sorted(DATABASES.glob("hub-*.sql")), ids=lambda dump: dump.stem)
def test_a_hub_file_of_every_released_schema_is_opened_with_what_it_holds(dump: Path, tmp_path: Path) -> None:
    made = sqlite3.connect(tmp_path / "hub.sqlite")
    made.executescript(dump.read_text(encoding="utf-8"))
    made.close()

    with hub_at(tmp_path / "hub.sqlite") as hub:
        account = hub.books.account_of(DEVICE, EPOCH)
        hub.take(batch(10, [air(10)]))

        assert (account.through, account.stored, account.refused, account.lost) == (9, 5, 1, 3)
        assert hub.numbers() == [1, 2, 4, 5, 9, 10]
        assert hub.books.generation == 2

"""Desired configuration: adopted when the agent works with it, refused or rolled back otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import Loaded, parse, pipeline_hash
from edge.contract.control import DesiredConfig, ReportedConfig
from edge.counter.pipeline import Config
from edge.desired import Desired
from edge.errors import ConfigError

AS_INSTALLED = {"people_window_s": 10.0}
WANTED = {"people_window_s": 20.0}
WRONG = {"people_window_s": 0.0}
UNKNOWN = {"people_windows_s": 20.0}


def installed(folder: Path) -> Loaded:
    """A counter's configuration as its TOML gives it."""
    return parse(
        {
            "device": {"name": "counter-01", "family": "counter"},
            "outbox": {"path": str(folder / "outbox.sqlite")},
            "source": [{"kind": "ticket_line", "path": "/dev/null"}],
            "pipeline": AS_INSTALLED,
        }
    )


def start(folder: Path) -> tuple[Desired, Config]:
    """A start of the agent: its desired configuration, and what it is to run with."""
    desired = Desired(folder / "outbox.sqlite.config", installed(folder))
    config = desired.start()
    assert isinstance(config, Config)
    return desired, config


def wanted(revision: int, pipeline: dict[str, float]) -> DesiredConfig:
    """What the hub wants."""
    return DesiredConfig(revision=revision, pipeline=dict(pipeline))


def test_without_a_desired_configuration_the_devices_toml_is_in_force(tmp_path: Path) -> None:
    _, config = start(tmp_path)

    assert config.people_window_s == 10.0


def test_a_valid_one_asks_for_a_start_and_is_tried_then(tmp_path: Path) -> None:
    desired, _ = start(tmp_path)

    asks = desired.offer(wanted(1, WANTED))
    tried, config = start(tmp_path)

    assert asks
    assert (config.people_window_s, tried.on_trial, tried.reports) == (20.0, True, [])


def test_one_with_which_the_agent_works_is_adopted_reported_and_stays(tmp_path: Path) -> None:
    start(tmp_path)[0].offer(wanted(1, WANTED))
    desired, _ = start(tmp_path)

    desired.confirm()
    _, config = start(tmp_path)

    assert desired.reports == [ReportedConfig(revision=1, outcome="adopted", config_hash=pipeline_hash(WANTED))]
    assert not desired.on_trial
    assert config.people_window_s == 20.0


def test_one_with_which_the_agent_did_not_come_up_is_rolled_back_and_reported(tmp_path: Path) -> None:
    start(tmp_path)[0].offer(wanted(1, WANTED))
    start(tmp_path)

    desired, config = start(tmp_path)

    assert config.people_window_s == 10.0
    assert [(report.outcome, report.config_hash) for report in desired.reports] == [
        ("rolled_back", pipeline_hash(AS_INSTALLED))
    ]


def test_what_is_rolled_back_to_is_the_one_confirmed_before(tmp_path: Path) -> None:
    start(tmp_path)[0].offer(wanted(1, WANTED))
    desired, _ = start(tmp_path)
    desired.confirm()
    desired.offer(wanted(2, {"people_window_s": 30.0}))
    start(tmp_path)

    _, config = start(tmp_path)

    assert config.people_window_s == 20.0


@pytest.mark.parametrize("bad", [WRONG, UNKNOWN])
def test_one_that_is_not_valid_is_refused_with_the_key_and_changes_nothing(
    tmp_path: Path, bad: dict[str, float]
) -> None:
    desired, _ = start(tmp_path)

    asks = desired.offer(wanted(1, bad))
    _, config = start(tmp_path)

    assert not asks
    assert config.people_window_s == 10.0
    ((outcome, reason),) = [(report.outcome, report.reason) for report in desired.reports]
    assert outcome == "refused"
    assert "people_window" in reason


def test_a_revision_that_was_seen_is_not_looked_at_again(tmp_path: Path) -> None:
    start(tmp_path)[0].offer(wanted(3, WANTED))
    desired, _ = start(tmp_path)
    desired.confirm()
    desired.reports.clear()

    asked = [desired.offer(wanted(revision, WRONG)) for revision in (1, 2, 3)]

    assert asked == [False, False, False]
    assert desired.reports == []


def test_one_that_was_rolled_back_is_not_tried_again_when_the_broker_repeats_it(tmp_path: Path) -> None:
    start(tmp_path)[0].offer(wanted(1, WANTED))
    start(tmp_path)

    desired, _ = start(tmp_path)

    assert not desired.offer(wanted(1, WANTED))


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "outbox.sqlite.config").write_bytes(b'{"revision":')

    with pytest.raises(ConfigError, match="remove it to fall back"):
        start(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    desired, _ = start(tmp_path)
    (tmp_path / "outbox.sqlite.config.new").mkdir()

    with pytest.raises(ConfigError, match="must be writable"):
        desired.offer(wanted(1, WANTED))

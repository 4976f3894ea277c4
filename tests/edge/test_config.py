"""A device's TOML: what is wrong in it is said with the key, the value and the nearest right key."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import load, parse, pipeline_hash
from edge.counter.sources import TicketLineSettings
from edge.errors import ConfigError

GOOD = """
[device]
name = "counter-01"
family = "counter"
[outbox]
path = "/var/lib/machikado/outbox.sqlite"
[[source]]
kind = "ticket_line"
path = "/dev/ttyUSB0"
[pipeline]
people_window_s = 20.0
"""


def written(folder: Path, text: str) -> Path:
    """A device's file."""
    path = folder / "DEVICE.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_parsed_into_one_value_with_the_familys_parts(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, GOOD))

    assert loaded.config.device.name == "counter-01"
    assert loaded.config.hub.port == 1883
    assert loaded.sources == [TicketLineSettings(path="/dev/ttyUSB0")]
    assert getattr(loaded.pipeline, "people_window_s", None) == 20.0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[outbox]", "[outbocks]", "unknown key outbocks; did you mean 'outbox'?"),
        ("people_window_s", "people_windows_s", "unknown key pipeline.people_windows_s; did you mean 'people_window_s'?"),
        ("people_window_s = 20.0", 'people_window_s = "long"', "pipeline.people_window_s: expected `float`"),
        ("people_window_s = 20.0", "people_window_s = 0.0", "pipeline.people_window_s"),
        ('family = "counter"', 'family = "counters"', "device.family: wanted one of"),
        ('name = "counter-01"', 'name = "Counter 1"', "device name 'Counter 1'"),
        ('kind = "ticket_line"', 'kind = "ticket"', "source[0].kind: invalid value 'ticket'; wanted one of "),
        ("[pipeline]", '[[source]]\nkind = "ticket_line"\npath = "/dev/x"\n[pipeline]', "source[0] and source[1]: both are"),
        ('path = "/dev/ttyUSB0"', 'path = "/dev/ttyUSB0"\nbaut = 9600', "unknown key source[0].baut; did you mean 'baud'?"),
        ("[[source]]", "[[sources]]", "unknown key sources; did you mean 'source'?"),
        ("[device]", "[device", "not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = written(tmp_path, GOOD.replace(before, after, 1))

    with pytest.raises(ConfigError) as refusal:
        load(path)

    assert str(refusal.value).startswith(f"{path}: ")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="machikado provision device"):
        load(tmp_path / "DEVICE.toml")


def test_a_device_without_a_source_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no \[\[source\]\]"):
        parse({"device": {"name": "counter-01", "family": "counter"}, "outbox": {"path": "x"}})


def test_the_hash_of_a_pipelines_table_does_not_depend_on_the_order_of_its_keys() -> None:
    assert pipeline_hash({"a": 1, "b": 2}) == pipeline_hash({"b": 2, "a": 1}) != pipeline_hash({"a": 1, "b": 3})

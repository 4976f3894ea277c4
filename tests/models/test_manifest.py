"""The manifest gives out a model's file only when it is the very file that was registered."""

from pathlib import Path

import pytest

from models import manifest
from models.manifest import ManifestError, Tensor

ROWS = (Tensor("x", (-1, 4), "float32"),)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "a.onnx").write_bytes(b"weights")
    path = tmp_path / "manifest.json"
    manifest.register("a", "1", "a.onnx", ROWS, ROWS, path)
    return path


def test_a_registered_model_is_found_with_its_shapes(kept: Path) -> None:
    entry = manifest.load("a", kept)

    assert entry.path.read_bytes() == b"weights"
    assert entry.inputs == ROWS


def test_a_changed_file_is_refused(kept: Path) -> None:
    (kept.parent / "a.onnx").write_bytes(b"weightz")

    with pytest.raises(ManifestError, match="SHA-256"):
        manifest.load("a", kept)


def test_an_unknown_name_is_answered_with_the_known_ones(kept: Path) -> None:
    with pytest.raises(ManifestError, match="known: a"):
        manifest.load("b", kept)


def test_a_second_model_leaves_the_first_as_it_was(kept: Path) -> None:
    (kept.parent / "b.onnx").write_bytes(b"other")

    manifest.register("b", "2", "b.onnx", ROWS, ROWS, kept)

    assert manifest.names(kept) == ["a", "b"]
    assert manifest.load("a", kept).version == "1"


def test_a_spoilt_manifest_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("[1, 2", encoding="utf-8")

    with pytest.raises(ManifestError, match="not JSON"):
        manifest.load("a", path)


def test_an_entry_that_lacks_its_shapes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text('{"a": {"version": "1", "file": "a.onnx", "sha256": "0"}}', encoding="utf-8")

    with pytest.raises(ManifestError, match="inputs"):
        manifest.load("a", path)


def test_every_model_in_the_shipped_manifest_is_the_registered_file() -> None:
    entries = [manifest.load(name) for name in manifest.names()]

    assert all(entry.inputs and entry.outputs for entry in entries)

"""Rules of the house that no linter keeps: arrows between rooms, lengths, clocks, topics, promises."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("edge", "hub", "firmware_bridge", "models", "provisioning", "simulators", "machikado", "benchmarks")
LEAVES = ("edge.contract", "edge.spectra", "edge.host")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "edge.contract": ("edge.contract",),
    "edge.spectra": ("edge.spectra",),
    "edge.host": ("edge.host", "edge.contract"),
    "edge": ("edge", "firmware_bridge", "models.manifest"),
    "firmware_bridge": ("firmware_bridge", "edge.contract"),
    "hub": ("hub", *LEAVES, "models.manifest"),
    "models": ("models", "simulators", "edge", "hub"),
    "provisioning": ("provisioning", "edge.contract"),
    "simulators": ("simulators", "edge", "firmware_bridge"),
    "machikado": ROOMS,
    "benchmarks": (*ROOMS, "tests"),
}
"""The first-party arrows that the design allows, by room."""

OWNS_CLOCK = re.compile(
    r"(^|/)main\.py$|^benchmarks/|^machikado/|^edge/clock\.py$|^hub/mqtt\.py$|^models/train_|^simulators/gpsd\.py$"
)
"""Composition roots, and the two adapters that stamp an arrival: the only ones that may read a clock."""

LINES_OF_A_MODULE = 500
LINES_OF_A_FUNCTION = 80


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


def room_of(module: str) -> str:
    return next((leaf for leaf in LEAVES if module == leaf or module.startswith(leaf + ".")), module.split(".")[0])


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({f"{node.module}.{alias.name}" for alias in node.names})
    return found


def test_rooms_import_only_what_the_design_allows() -> None:
    wrong = [
        f"{name_of(path)} imports {name}"
        for path in MODULES
        for name in sorted(imports_of(path))
        if name.split(".")[0] in ROOMS
        and not any(name == each or name.startswith(each + ".") for each in MAY_IMPORT[room_of(name_of(path))])
    ]

    assert wrong == []


def test_the_contract_needs_only_the_standard_library_and_msgspec() -> None:
    import sys

    allowed = {"edge", "msgspec", *sys.stdlib_module_names}
    foreign = {
        f"{name_of(path)}: {name}"
        for path in MODULES
        if room_of(name_of(path)) == "edge.contract"
        for name in imports_of(path)
        if name.split(".")[0] not in allowed
    }

    assert foreign == set()


def test_no_device_imports_scipy_signal() -> None:
    found = [
        name_of(path) for path in MODULES if "edge" in path.parts and "scipy.signal" in path.read_text(encoding="utf-8")
    ]

    assert [
        module for module in found if "scipy.signal" in " ".join(imports_of(ROOT / (module.replace(".", "/") + ".py")))
    ] == []


def test_only_composition_roots_read_a_clock_or_draw_at_random() -> None:
    call = re.compile(
        r"\btime\.(time|time_ns|monotonic|monotonic_ns|clock_gettime\w*)\(|datetime\.now\(|secrets\.|random\.random\("
    )

    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in MODULES
        if not OWNS_CLOCK.search(path.relative_to(ROOT).as_posix())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if call.search(line)
    ]

    assert wrong == []


def test_topics_are_spelled_in_one_file() -> None:
    wrong = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if "machikado/v1" in re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.S)
        and path.name != "topics.py"
    ]

    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_modules_and_functions_stay_short(room: str) -> None:
    wrong = []
    for path in sorted((ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LINES_OF_A_MODULE:
            wrong.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > LINES_OF_A_FUNCTION:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length} lines")

    assert wrong == []


def test_every_module_begins_with_its_idea() -> None:
    wrong = [name_of(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]

    assert wrong == []


def test_nothing_is_promised_for_later() -> None:
    promise = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    wrong = [path.relative_to(ROOT).as_posix() for path in MODULES if promise.search(path.read_text(encoding="utf-8"))]

    assert wrong == []


def test_no_module_is_dead() -> None:
    """Every module is imported somewhere, is a door (``__main__``, ``main``), or is found by its place and name."""
    used = {name for path in [*MODULES, *(ROOT / "tests").rglob("*.py")] for name in imports_of(path)}
    parts = {".".join(name.split(".")[:n]) for name in used for n in range(1, name.count(".") + 2)}
    by_place = re.compile(
        r"\.(__main__|main)$|^(edge|hub|simulators)\.(bridge|truck|gate|kiosk|counter)\.|^machikado\.(commands|analyses|demo)\.|"
        r"^benchmarks\.|^models\.train_|\.documents$"
    )

    dead = [
        name_of(path)
        for path in MODULES
        if path.name != "__init__.py" and name_of(path) not in parts and not by_place.search(name_of(path))
    ]

    assert dead == []


@pytest.mark.xdist_group("tidy")
def test_tests_of_one_group_run_on_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist 3.8 groups by a name that pytest 9.2 no longer reads: shared fixtures were then made on every worker."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("tests are not grouped in this run: see scripts/test")

    assert request.node.nodeid.endswith("@tidy")

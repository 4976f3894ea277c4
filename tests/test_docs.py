"""What the pages for people say is held against the code: commands, settings, paths, tests, samples, metrics, links."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from benchmarks.__main__ import _arguments as benchmark_arguments
from benchmarks.catalogue import benchmarks
from edge.config import parse as parse_device
from edge.contract import limits
from edge.contract.codec import decode_record
from edge.contract.records import ALL, OF_FAMILY, DeviceAlarm, Record, kind_of
from edge.contract.topics import ROOT as TOPIC_ROOT
from edge.contract.topics import Channel
from edge.link import LinkConfig
from hub.api.app import router
from hub.api.figures import router as figures
from hub.api.metrics import metrics_text
from hub.bridge.twin_file import BridgeFile
from hub.config import HubConfig, LimitsTable
from hub.ledger_reader import LedgerReader
from hub.schema import open_reader, open_writer
from hub.writer import Counters
from machikado.main import parser

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md", "benchmarks/results/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "data-dictionary.md"
)
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
ROOMS = (
    "edge", "hub", "firmware_bridge", "models", "provisioning", "simulators", "machikado", "deploy", "benchmarks", "tests",
    "docs", "scripts",
)  # fmt: skip

_FENCE = re.compile(r"^[ ]*```(\w+)\n(.*?)^[ ]*```$", re.M | re.S)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def fenced(kind: str) -> list[tuple[str, str]]:
    return [(page, text) for page, whole in TEXTS.items() for tag, text in _FENCE.findall(whole) if tag == kind]


def spans() -> list[tuple[str, str]]:
    return [(page, span) for page, whole in TEXTS.items() for span in _CODE.findall(_FENCE.sub("", whole))]


def shell_lines() -> list[tuple[str, list[str]]]:
    lines = [(page, line.split("#")[0].strip()) for page, text in fenced("sh") for line in text.splitlines()]
    return [(page, shlex.split(line)) for page, line in lines if line]


def commands() -> list[tuple[str, list[str]]]:
    whole = [words for _, span in spans() if len(words := span.split()) > 2 and words[0] == "machikado"]
    inline = [words for words in whole if not re.search(r"[…|\[]", " ".join(words))]
    return [(page, words) for page, words in shell_lines() if words[0] == "machikado"] + [("inline", w) for w in inline]


@pytest.mark.parametrize(("page", "words"), commands(), ids=lambda value: value if isinstance(value, str) else "-")
def test_a_documented_command_line_is_understood(page: str, words: list[str]) -> None:
    parsed = parser().parse_args(words[1:])

    assert parsed.command == words[1]


def test_documented_scripts_and_benchmarks_are_there() -> None:
    known = {benchmark.name for benchmark in benchmarks()} | {"NAME"}
    missing = [
        f"{page}: {words[0]}" for page, words in shell_lines() if "/" in words[0] and not (ROOT / words[0]).exists()
    ]

    for page, span in [*((page, " ".join(words)) for page, words in shell_lines()), *spans()]:
        if span.startswith("python -m benchmarks "):
            name = benchmark_arguments().parse_args(span.split()[3:]).name
            if name is not None and name not in known:
                missing.append(f"{page}: {span}")

    assert missing == []


@pytest.mark.parametrize(("page", "text"), fenced("toml"))
def test_a_documented_configuration_is_read(page: str, text: str) -> None:
    table = tomllib.loads(text)

    if "device" in table:
        parse_device(table)
    else:
        msgspec.convert(table, BridgeFile if "girder" in table else HubConfig)


def test_the_operations_page_has_every_setting_of_the_hub() -> None:
    [text] = [text for page, text in fenced("toml") if page == "docs/operations.md"]
    table = tomllib.loads(text)

    assert _keys(table) == _fields(msgspec.to_builtins(msgspec.convert(table, HubConfig)))


def _keys(table: dict[str, Any], within: str = "") -> set[str]:
    nested = [_keys(value, f"{within}{key}.") for key, value in table.items() if isinstance(value, dict)]
    return {f"{within}{key}" for key, value in table.items() if not isinstance(value, dict)}.union(*nested)


_fields = _keys


@pytest.mark.parametrize(("page", "text"), fenced("json"))
def test_a_sample_of_a_record_decodes(page: str, text: str) -> None:
    for line in text.splitlines():
        assert isinstance(decode_record(line.encode()), Record), line


def test_every_path_that_is_named_is_there() -> None:
    missing = []
    for page, span in spans():
        path = span.split("::")[0].split(" ")[0].removeprefix("../")
        named = path.split("/")[0] in ROOMS and "/" in path and not re.search(r"[<{…]", path)
        if named and not any(ROOT.glob(path.rstrip("/"))):
            missing.append(f"{page}: {span}")

    assert missing == []


def test_every_test_that_is_named_is_there() -> None:
    defined = {
        path.relative_to(ROOT).as_posix(): set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M))
        for path in (ROOT / "tests").rglob("test_*.py")
    }
    everywhere = set().union(*defined.values())
    missing = []
    for page, span in spans():
        file, _, name = span.rpartition("::")
        if re.fullmatch(r"test_\w+", name) and name not in (defined.get(file, set()) if file else everywhere):
            missing.append(f"{page}: {span}")

    assert missing == []


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page, whole in TEXTS.items():
        for target in _LINK.findall(_FENCE.sub("", whole)):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            file = (ROOT / page).parent / path if path else ROOT / page
            if not file.exists() or (anchor and anchor not in _anchors(file)):
                broken.append(f"{page}: {target}")

    assert broken == []


def _anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_documented_question_to_the_api_is_one() -> None:
    questions = {
        (method, route.path): {one.alias for one in route.dependant.query_params}
        for route in (*router.routes, *figures.routes)
        for method in route.methods  # type: ignore[attr-defined]
    }
    lines = [words[-1].removeprefix("$HUB") for _, words in shell_lines() if words[0] == "curl"]
    spoken = [span for _, span in spans() if re.match(r"/(api/v1|metrics|healthz)", span)]

    for asked in lines + spoken:
        url = urlsplit(asked)
        names = [route for _, route in questions if re.fullmatch(re.sub(r"{\w+}", "[^/]+", route), url.path)]
        assert names, f"{asked}: no such route"
        assert set(parse_qs(url.query)) <= questions["GET", names[0]], asked
    assert len(lines) >= 5


def test_every_metric_that_is_named_is_exported(tmp_path: Path) -> None:
    open_writer(tmp_path / "hub.sqlite").close()
    totals = LedgerReader(open_reader(tmp_path / "hub.sqlite")).totals()
    exported = set(re.findall(r"machikado_\w+", metrics_text(Counters(), totals, [], 0, True)))

    named = {name for _, span in spans() for name in re.findall(r"\bmachikado_(?:hub|ledger|device)_\w+", span)}

    assert named
    assert named - exported == set()


def test_the_devices_page_has_every_record_of_every_family() -> None:
    text = TEXTS["docs/devices.md"]
    for family, records in OF_FAMILY.items():
        section = text.split(f"\n## {family.capitalize()}\n")[1].split("\n## ")[0]
        listed = section.split("\nRecords: ")[1].split("(")[0]

        assert re.findall(r"`(\w+)`", listed) == [kind_of(record) for record in records]


def test_every_kind_and_alarm_that_is_named_exists() -> None:
    kinds = {kind_of(record) for record in ALL}
    codes = set(msgspec.inspect.type_info(DeviceAlarm).fields[-2].type.type.values)  # type: ignore[attr-defined]
    families = tuple(f"{family}_" for family in OF_FAMILY)
    page = TEXTS["docs/failure-modes.md"]

    named = {span.split(".")[0] for span in _CODE.findall(page) if span.startswith(families) and "/" not in span}
    alarms = set(re.findall(r"alarms? `(\w+)`", page)) | set(
        re.findall(r"`(\w+)`", page.split("alarms `")[1].split(". ")[0])
    )

    assert {name for name in named if name not in kinds and not name.startswith("truck_no_fix")} == set()
    assert alarms - codes == set()


def test_topics_in_the_pages_are_those_of_the_contract() -> None:
    for page, whole in TEXTS.items():
        for channel in re.findall(rf"{TOPIC_ROOT}/<shard>/<device>/([a-z/]+)", whole):
            assert channel in set(Channel), f"{page}: {channel}"


def test_the_limits_in_the_architecture_are_those_of_the_code() -> None:
    text = TEXTS["ARCHITECTURE.md"]
    link, hub = LinkConfig(), LimitsTable()

    for row in (
        f"| {limits.RECORD_BYTES >> 10} KiB; {limits.BATCH_BYTES >> 10} KiB and {limits.BATCH_RECORDS:,} records |",
        f"| {limits.ACK_RANGES}; past it holes must be filled first |",
        f"| {link.window_batches} and {link.window_bytes >> 10} KiB; resend after {link.ack_timeout_s:.0f} s, doubled to "
        f"{link.ack_timeout_most_s:.0f} s |",
        f"| {hub.queue_bytes >> 20} MiB, then the broker waits |",
        f"| {hub.step_messages:,} messages, and no more begun after {hub.step_bytes >> 10} KiB |",
        f"| backlog under way | less when the hub answers later than {link.backlog_delay_s} s; one small batch always |",
    ):
        assert row in text, row

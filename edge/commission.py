"""The commissioning record: that a device was right when it was installed, check by check, to be kept with the papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from edge.contract.families import Family
from edge.errors import WatchError
from edge.host.findings import Check
from edge.watch import Snapshot


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One check: what was looked at, what was found, and what to do where that is not as it should be."""

    name: str
    verdict: Literal["ok", "warn", "fail"]
    found: str
    mend: str = ""


class CommissioningRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record.

    Attributes:
        time: UTC, ISO 8601, as the device's clock had it.
        clock_quality: how far that time is to be believed.
        firmware: what the other end of each source runs, by the source's name; None where it does not say.
        verdict: ``ready`` where nothing fails.
        snapshot: everything that was shown.
    """

    device: str
    family: Family
    time: str
    clock_quality: str
    agent_version: str
    firmware: dict[str, str | None]
    verdict: Literal["ready", "not ready"]
    findings: list[Finding]
    snapshot: Snapshot


def commissioned(snapshot: Snapshot, checks: Sequence[Check], time: str) -> CommissioningRecord:
    """The record of what is seen and of the doctor's checks at ``time`` (ISO 8601)."""
    findings = [*_seen(snapshot), *_checked(checks)]
    return CommissioningRecord(
        device=snapshot.device,
        family=snapshot.family,
        time=time,
        clock_quality=snapshot.standing.clock_quality,
        agent_version=snapshot.agent_version,
        firmware={source.name: source.firmware for source in snapshot.sources},
        verdict="not ready" if any(finding.verdict == "fail" for finding in findings) else "ready",
        findings=findings,
        snapshot=snapshot,
    )


def _seen(snapshot: Snapshot) -> Iterator[Finding]:
    if not snapshot.agent_runs:
        yield Finding(name="agent", verdict="warn", found="does not run", mend="start its service, then look again")
    elif snapshot.standing.last_ack_s is None:
        mend = "look at the checks of the broker below, and whether the hub runs"
        yield Finding(name="last ack", verdict="warn", found="the hub has not acked anything yet", mend=mend)
    else:
        yield Finding(name="last ack", verdict="ok", found=f"{snapshot.standing.last_ack_s:.0f} s ago")
    for source in snapshot.sources:
        well = source.state == "delivering"
        found = f"{source.state}, {source.items} items, firmware {source.firmware or 'not told'}"
        mend = "" if well else "check port, cable and power"
        yield Finding(name=f"source {source.name}", verdict="ok" if well else "fail", found=found, mend=mend)
    for line in snapshot.lines:
        if line.verdict is not None or line.name == "gravity axis":
            value = "nothing" if line.value is None else f"{line.value} {line.unit}".strip()
            found = f"{value} ({line.note})" if line.note else value
            verdict = line.verdict or ("warn" if line.value is None else "ok")
            yield Finding(name=line.name, verdict=verdict, found=found)


def _checked(checks: Sequence[Check]) -> Iterator[Finding]:
    for check in checks:
        yield Finding(name=check.name, verdict=check.outcome, found=check.says, mend=check.mend)


def write_record(path: Path, record: CommissioningRecord) -> None:
    """Write it as Markdown where the file ends in ``.md``, else as JSON.

    Raises:
        WatchError: the file cannot be written.
    """
    if path.suffix == ".md":
        text = as_markdown(record)
    else:
        text = msgspec.json.format(msgspec.json.encode(record), indent=1).decode() + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise WatchError(f"commissioning record {path}: {problem.strerror}; choose another file") from problem


def as_markdown(record: CommissioningRecord) -> str:
    """The record as a page to print and sign."""
    standing = record.snapshot.standing
    rows = [
        f"| {finding.name} | {finding.verdict} | {_cell(finding.found)} | {_cell(finding.mend)} |"
        for finding in record.findings
    ]
    readings = [
        f"| {line.name} | {'–' if line.value is None else line.value} {line.unit} | {_cell(line.note)} |"
        for line in record.snapshot.lines
    ]
    firmware = ", ".join(f"{name}: {version or 'not told'}" for name, version in record.firmware.items())
    return "\n".join(
        [
            f"# Commissioning record of {record.device}",
            "",
            f"**{record.verdict}** — {record.time} (clock {record.clock_quality}), family {record.family}, "
            f"agent {record.agent_version}, firmware {firmware}",
            "",
            f"Outbox: {standing.outbox_records} records wait. Broker: {standing.broker}.",
            "",
            "| check | verdict | found | to do |",
            "|---|---|---|---|",
            *rows,
            "",
            "| reading | value | note |",
            "|---|---|---|",
            *readings,
            "",
            "Installed by: ______________________  Date: ______________",
            "",
        ]
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

"""Desired configuration: adopted only when it is valid and the agent comes up with it, rolled back otherwise.

Rules it keeps:
- A desired configuration is written to disk before it is tried, marked as untried; trying marks it; working for
  ``[agent] probation_s`` confirms it.
- At a start, one that was tried and never confirmed is rolled back: the configuration before it is in force again.
- Each outcome (adopted, refused, rolled back) is reported once it is known; revisions never go backward.

The file lies beside the outbox. It reads no clock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from edge.config import Loaded, convert, pipeline_hash
from edge.contract import limits
from edge.contract.control import DesiredConfig, ReportedConfig
from edge.errors import ConfigError
from edge.host.durable import replace_file


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds: the confirmed settings that replace those of the TOML, and a candidate under trial."""

    revision: int = 0
    confirmed: dict[str, Any] | None = None
    candidate: dict[str, Any] | None = None
    candidate_revision: int = 0
    stage: Literal["none", "untried", "tried"] = "none"


class Desired:
    """The desired configuration of one device, in a file.

    Attributes:
        table_in_force: the ``[pipeline]`` table that the agent was started with.
        reports: outcomes that the hub has not been told yet.
    """

    def __init__(self, path: Path, loaded: Loaded) -> None:
        self._path = path
        self._loaded = loaded
        self._kept = Kept()
        self.table_in_force = loaded.config.pipeline
        self._rolled_back = False
        self.reports: list[ReportedConfig] = []

    def start(self) -> object:
        """The pipeline's configuration to start with.

        Raises:
            ConfigError: the file cannot be read or written.
        """
        try:
            if self._path.exists():
                self._kept = msgspec.json.decode(self._path.read_bytes(), type=Kept)
        except (OSError, msgspec.DecodeError) as problem:
            raise ConfigError(f"{self._path}: {problem}; remove it to fall back to the device's TOML") from problem
        if self._kept.stage == "tried":
            self.roll_back("the agent did not come up with it")
        if self._kept.stage == "untried" and self._kept.candidate is not None:
            self._keep(msgspec.structs.replace(self._kept, stage="tried"))
            self.table_in_force = self._kept.candidate
            return self._parsed(self._kept.candidate)
        if self._kept.confirmed is not None:
            self.table_in_force = self._kept.confirmed
            return self._parsed(self._kept.confirmed)
        return self._loaded.pipeline

    def offer(self, desired: DesiredConfig) -> bool:
        """Take a desired configuration; True when the agent should start anew with it."""
        if desired.revision <= max(self._kept.revision, self._kept.candidate_revision):
            return False
        try:
            self._parsed(desired.pipeline)
        except ConfigError as problem:
            self._keep(msgspec.structs.replace(self._kept, revision=desired.revision))
            self._report(desired.revision, "refused", str(problem))
            return False
        self._keep(
            msgspec.structs.replace(
                self._kept, candidate=desired.pipeline, candidate_revision=desired.revision, stage="untried"
            )
        )
        return True

    @property
    def on_trial(self) -> bool:
        """Whether the configuration in force still has to prove itself."""
        return self._kept.stage == "tried"

    @property
    def was_rolled_back(self) -> bool:
        """Whether the newest desired configuration was given up since the start."""
        return self._rolled_back

    def confirm(self) -> None:
        """The agent has worked with the candidate for long enough."""
        self._keep(Kept(revision=self._kept.candidate_revision, confirmed=self._kept.candidate))
        self._report(self._kept.revision, "adopted", "")

    def roll_back(self, reason: str) -> None:
        """Give the candidate up; the configuration before it is in force again."""
        self._keep(Kept(revision=self._kept.candidate_revision, confirmed=self._kept.confirmed))
        self._rolled_back = True
        self._report(self._kept.revision, "rolled_back", reason)

    def _parsed(self, pipeline: dict[str, Any]) -> object:
        return convert(pipeline, self._loaded.parts.config, "pipeline.")

    def _report(self, revision: int, outcome: Literal["adopted", "refused", "rolled_back"], reason: str) -> None:
        in_force = self._loaded.config.pipeline if self._kept.confirmed is None else self._kept.confirmed
        self.reports.append(
            ReportedConfig(
                revision=revision,
                outcome=outcome,
                config_hash=pipeline_hash(in_force),
                reason=reason[: limits.REASON_CHARS],
            )
        )

    def _keep(self, kept: Kept) -> None:
        """Replace the file atomically and durably."""
        try:
            replace_file(self._path, msgspec.json.encode(kept))
        except OSError as problem:
            raise ConfigError(f"{self._path}: {problem.strerror}; the outbox's folder must be writable") from problem
        self._kept = kept

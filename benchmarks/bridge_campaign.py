"""The plan's 137 days with eight events on simulated girders: what is found, when, how large, of what class.

Campaigns (`simulators/bridge/campaign.py`): ten-minute features with the errors that `bridge-modes` measures in the same
call, temperature with frost and lag, slow wander, level of vibration, 3 % dropouts, a failing sensor, gaps; sizes and
places of loads and restraints are drawn. In every fifth the logger stands still over both parts of event 4. The
judged twin (`hub/bridge/twin.py`) is not the simulator's girder: other elements, other supports, even sections.

An event's class is *identifiable* when the best imitation by the other class, in the simulator's own girder, is at least
four sigma away given the effect's uncertainty and what a model may be off; *unidentifiable* below two; between, either
answer is right. Quick: 2 campaigns. Long: 10; 4 more, reported without aim, whose wander is of hours and of weeks where the
law takes it to be of days; and two raw days about one event through the device's pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from benchmarks import bridge_modes, campaign_raw, campaign_truth, modal_bound
from benchmarks.figures import Figure
from hub.bridge import event_log
from hub.bridge.campaign import Judged, Sized, Windows, judge
from hub.bridge.twin import Twin
from hub.bridge.twin_file import Event as Logged
from hub.bridge.twin_file import Girder
from simulators.bridge.building_site import DESIGN_MASS, DESIGN_SPANS_M, DESIGN_STIFFNESS
from simulators.bridge.campaign import DAY_S, START_S, Campaign, Settings, Truth, simulate

SEED = 137
QUICK, LONG, OTHER = 2, 10, 4
OTHER_WANDER_H = (8.0, 240.0)
QUICK_WINDOWS, LONG_WINDOWS = 4, 40
STANDSTILL = (25.0, 28.2)
HOUR_S = 3600.0
SAME_H, WITHIN_H = 36.0, 24.0
STRUCTURE_PERCENT = 0.5
IDENTIFIABLE, UNIDENTIFIABLE = 16.0, 4.0
GIRDER = Girder(
    spans_m=list(DESIGN_SPANS_M), bending_stiffness_nm2=DESIGN_STIFFNESS, mass_kg_m=DESIGN_MASS, shear_stiffness_n=6e10
)


@dataclass
class Tally:
    """Counts over campaigns."""

    structure: int = 0
    structure_found: int = 0
    dates_off_h: list[float] = field(default_factory=list)
    false_steps: int = 0
    inside: list[bool] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    sums: int = 0
    identifiable: list[bool] = field(default_factory=list)
    unidentifiable: list[bool] = field(default_factory=list)
    wrong: list[bool] = field(default_factory=list)
    quiet: list[bool] = field(default_factory=list)

    def add(self, campaign: Campaign, judged: Judged) -> None:
        """One campaign's answer against its truth."""
        real = [one for one in campaign.truth if one.event.kind != "nothing"]
        found_s = [one.at_s for one in judged.changes if one.found]
        self.false_steps += sum(min(abs(at - one.at_s) for one in real) > SAME_H * HOUR_S for at in found_s)
        for one in real:
            if one.event.kind == "structure" and 100.0 * np.abs(one.effect).max() >= STRUCTURE_PERCENT:
                off = min((abs(at - one.at_s) / HOUR_S for at in found_s), default=np.inf)
                if not _lost(campaign, one):
                    self.structure += 1
                    self.structure_found += off <= WITHIN_H
                    self.dates_off_h += [off] if off <= SAME_H else []
        for change in judged.changes:
            self._change(campaign, change)

    def _change(self, campaign: Campaign, change: Sized) -> None:
        truths = [campaign_truth.of_entry(campaign.truth, entry) for entry in change.entries]
        if not truths:
            return
        true = np.prod([1.0 + one.effect for one in truths], axis=0) - 1.0
        self.inside += (np.abs(change.effect - true) <= bridge_modes.CI95 * change.std).tolist()
        self.errors += (100.0 * (change.effect - true)).tolist()
        self.sums += len(truths) > 1
        kinds = {one.event.kind for one in truths}
        if kinds == {"nothing"}:
            self.quiet.append(not change.detectable)
            return
        kind = kinds.pop() if len(kinds) == 1 else "undetermined"
        away = campaign_truth.imitation(campaign, truths, change.covariance) if kind != "undetermined" else 0.0
        if away >= IDENTIFIABLE:
            self.identifiable.append(change.verdict.kind == kind)
        elif away <= UNIDENTIFIABLE:
            self.unidentifiable.append(change.verdict.kind == "undetermined")
        self.wrong.append(change.verdict.kind not in ("undetermined", kind))


def _lost(campaign: Campaign, truth: Truth) -> bool:
    """Whether the logger stood still for so long about an event that nobody can date it within a day."""
    after = int(np.searchsorted(campaign.times_s, truth.at_s))
    return bool(campaign.times_s[after] - campaign.times_s[after - 1] > WITHIN_H * HOUR_S)


def run(quick: bool) -> Iterator[Figure]:
    """The figures over all campaigns."""
    windows = QUICK_WINDOWS if quick else LONG_WINDOWS
    excess = _measured_excess(windows)
    yield Figure(
        "bridge-campaign-error-excess", excess, "bounds rms", f"{windows} windows of bridge-modes, here and now"
    )
    count = QUICK if quick else LONG
    tally = _campaigns(count, msgspec.structs.replace(Settings(), error_excess=excess), 0)
    yield from _figures(tally, f"{count} campaigns of 137 days, 9 dated events each")
    if not quick:
        other = msgspec.structs.replace(Settings(), error_excess=excess, wander_h=OTHER_WANDER_H)
        yield from _other_noise(
            _campaigns(OTHER, other, LONG), f"{OTHER} campaigns whose wander is not what the law takes it for"
        )
    if not quick:
        yield from campaign_raw.figures(excess)


def _campaigns(count: int, settings: Settings, first: int) -> Tally:
    """So many campaigns judged."""
    tally, twin = Tally(), Twin(GIRDER)
    for number in range(first, first + count):
        stopped = STANDSTILL if number % 5 == 4 else None
        campaign = simulate(
            msgspec.structs.replace(settings, stopped_days=stopped), np.random.default_rng([SEED, number])
        )
        tally.add(campaign, judge(windows_of(campaign), log_of(campaign), twin))
    return tally


def _other_noise(tally: Tally, said: str) -> Iterator[Figure]:
    """The figures that hang on the law's idea of noise, without aims."""
    name = "bridge-campaign-other-noise"
    found = _percent(tally.structure_found, tally.structure)
    yield Figure(f"{name}-structure-found", found, "%", f"{said}; {tally.structure} structure events")
    yield Figure(f"{name}-false-episodes", tally.false_steps, "episodes", said)
    yield Figure(f"{name}-classes-wrong", _percent(sum(tally.wrong), len(tally.wrong)), "%", said)
    yield Figure(f"{name}-intervals-hold", _percent(sum(tally.inside), len(tally.inside)), "%", said)


def _measured_excess(windows: int) -> float:
    """Error of identification over its bound, pooled over modes, as bridge-modes measures it."""
    tally = bridge_modes.Tally()
    for number in range(windows):
        system = bridge_modes.SYSTEMS[number % len(bridge_modes.SYSTEMS)]
        least = modal_bound.bounds(system, bridge_modes.SECONDS, (0.3, 0.5 * bridge_modes.RATE_HZ))
        seed = number // len(bridge_modes.SYSTEMS)
        tally.take(system, least, bridge_modes.identified(bridge_modes.window(system, seed)))
    return bridge_modes.rms(tally.frequency)


def windows_of(campaign: Campaign) -> Windows:
    """What the hub gets of a campaign."""
    return Windows(
        campaign.times_s, campaign.frequencies_hz, campaign.std_hz, campaign.temperatures_degc, campaign.level_m_s2
    )


def log_of(campaign: Campaign) -> list[event_log.Entry]:
    """The owner's log: days and names."""
    days = [np.datetime64(int(START_S + 9 * 3600 + DAY_S * one.event.day), "s") for one in campaign.truth]
    logged = [
        Logged(date=str(day)[:10], number=one.event.number, name=one.event.name)
        for day, one in zip(days, campaign.truth, strict=True)
    ]
    return event_log.entries(logged, "Asia/Tokyo")


def _figures(tally: Tally, said: str) -> Iterator[Figure]:
    yield Figure(
        "bridge-campaign-structure-found", _percent(tally.structure_found, tally.structure), "%",
        f"{said}; {tally.structure} structure events of 0.5 % and more, dated within 24 h", aim=">= 100",
    )  # fmt: skip
    if tally.dates_off_h:
        yield Figure("bridge-campaign-date-off", float(np.median(tally.dates_off_h)), "h", said)
        yield Figure("bridge-campaign-date-off-worst", max(tally.dates_off_h), "h", said, aim="<= 24")
    yield Figure("bridge-campaign-false-episodes", tally.false_steps, "episodes", said, aim="<= 3")
    yield from _share("identifiable-right", tally.identifiable, ">= 90", said)
    yield from _share("classes-wrong", tally.wrong, "<= 5", said)
    yield from _share("unidentifiable-undetermined", tally.unidentifiable, ">= 90", said)
    yield from _share("no-effect-said", tally.quiet, ">= 90", f"{said}; the opening changes nothing but the level")
    yield from _share("intervals-hold", tally.inside, ">= 92 and <= 98", f"{said}; effects of all events a mode")
    rms = float(np.sqrt(np.mean(np.square(tally.errors))))
    yield Figure("bridge-campaign-effect-error", rms, "% of frequency, rms", said)
    yield Figure("bridge-campaign-sums", tally.sums, "events", f"{said}; too near to be told apart, told as one sum")


def _share(name: str, outcomes: Sequence[bool], aim: str, said: str) -> Iterator[Figure]:
    if outcomes:
        yield Figure(
            f"bridge-campaign-{name}", _percent(sum(outcomes), len(outcomes)), "%", f"{said}; {len(outcomes)} counted",
            aim=aim,
        )  # fmt: skip


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0

"""Waits-simulated: what those who take a ticket are told, beside the two usual methods, against the truth of simulated days.

200 days of an office with four services: ordinary ones, and ones with a system that fails for 20 to 60 minutes, a closed
window at every service that has two, or twice as many people from 12:00 to 12:45. How many come and how long a ticket
takes differ by about 15 % from day to day, on half of the days windows close at lunch, and each day begins without any
knowledge. The usual methods are the wait of whoever was called last, and the tickets before one times the mean time of
a ticket over the windows open. They give one number; for the pinball loss (mean over 10, 50 and 90 %) each is given the
quantiles of its own relative errors on other days, which also takes its bias away. Intervals of ours are resampled by
whole days.

How often the board changes its level is counted beside a board without hysteresis, and how late it follows a rise.

Quick form: 15 days, and 5 for the peers to learn from.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from benchmarks.office_days import Kind, OfficeDay, office_days

KINDS: tuple[Kind, ...] = ("ordinary", "ordinary", "system_failure", "closed_window", "burst")
DAYS, DAYS_QUICK = 200, 15
LEARNT_DAYS, LEARNT_DAYS_QUICK = 40, 5
SEED, LEARNT_SEED = 31, 32
QUANTILES = (0.1, 0.5, 0.9)
BOOTSTRAPS = 1000
LAST, QUEUE = "last customer's wait", "queue x mean service time"

Column = NDArray[np.float64]


class Told(NamedTuple):
    """Columns over tickets: the truth, our quantiles, and the peers' points."""

    true: Column
    ours: tuple[Column, Column, Column]
    peers: dict[str, Column]


def run(quick: bool) -> Iterator[Figure]:
    """The figures of all days, then of each kind, then of the board."""
    learnt = list(office_days(_kinds(LEARNT_DAYS_QUICK if quick else LEARNT_DAYS), LEARNT_SEED))
    days = list(office_days(_kinds(DAYS_QUICK if quick else DAYS), SEED))
    ratios = {name: _ratios(_told(learnt), name) for name in (LAST, QUEUE)}
    yield from _errors(days, ratios, "all", "<= 0.85 x peer")
    for kind in dict.fromkeys(KINDS):
        of_kind = [day for day in days if day.kind == kind]
        yield from _errors(of_kind, ratios, kind, None)
        yield from _coverage(of_kind, kind)
    yield from _board(days)


def _kinds(days: int) -> list[Kind]:
    return list(KINDS) * (days // len(KINDS))


def _told(days: list[OfficeDay]) -> Told:
    rows = np.array([(said.true, *said.told) for day in days for said in day.said], dtype=float).T
    return Told(rows[0], (rows[1], rows[2], rows[3]), {LAST: rows[4], QUEUE: rows[5]})


def _ratios(told: Told, name: str) -> Column:
    """The quantiles of truth over a peer's number, a minute added to both."""
    return np.quantile((told.true + 1) / (told.peers[name] + 1), QUANTILES)


def _errors(days: list[OfficeDay], ratios: dict[str, Column], name: str, aim: str | None) -> Iterator[Figure]:
    told = _told(days)
    unknown = sum(day.unknown for day in days)
    said = f"{len(days)} simulated office-days, {len(told.true)} tickets, {unknown} more before anything was known"
    losses = {}
    for peer, point in told.peers.items():
        quantiles = tuple(np.maximum(0.0, (point + 1) * ratio - 1) for ratio in ratios[peer])
        losses[peer] = pinball(told.true, quantiles)
        error = float(np.mean(np.abs(told.ours[1] - told.true)))
        yield Figure(
            f"wait_error_{name}", error, "min", said, peer, float(np.mean(np.abs(point - told.true))),
            "< peer" if aim else None,
        )  # fmt: skip
    best = min(losses, key=lambda peer: losses[peer])
    yield Figure(f"wait_pinball_{name}", pinball(told.true, told.ours), "min", said, best, losses[best], aim)
    yield Figure(f"wait_bias_{name}", float(np.mean(told.ours[1] - told.true)), "min", said)


def pinball(true: Column, quantiles: tuple[Column, ...]) -> float:
    """Mean pinball loss over ``QUANTILES`` [min]."""
    losses = [
        np.mean(np.maximum(share * (true - told), (share - 1) * (true - told)))
        for share, told in zip(QUANTILES, quantiles, strict=True)
    ]
    return float(np.mean(losses))


def _coverage(days: list[OfficeDay], kind: str) -> Iterator[Figure]:
    """How often the interval holds, with 95 % limits by resampling whole days."""
    held = np.array([sum(each.told.low <= each.true <= each.told.high for each in day.said) for day in days], float)
    tickets = np.array([len(day.said) for day in days], float)
    drawn = np.random.default_rng(SEED).integers(0, len(days), (BOOTSTRAPS, len(days)))
    low, high = np.quantile(held[drawn].sum(axis=1) / tickets[drawn].sum(axis=1), (0.025, 0.975))
    said = f"{len(days)} office-days, {int(tickets.sum())} tickets; by resampled days {low:.3f} to {high:.3f}"
    yield Figure(
        f"wait_coverage_80_{kind}", float(held.sum() / tickets.sum()), "share", said, aim=">= 0.75 and <= 0.85"
    )
    tickets_of = [each for day in days for each in day.said]
    parts = {
        "where_a_wait_was_told": [each for each in tickets_of if each.told.median > 0],
        "while_it_lasts": [each for each in tickets_of if each.disturbed],
    }
    for name, part in parts.items():
        if part:
            holds = float(np.mean([each.told.low <= each.true <= each.told.high for each in part]))
            yield Figure(f"wait_coverage_80_{kind}_{name}", holds, "share", f"{len(part)} tickets of {said}")


def _board(days: list[OfficeDay]) -> Iterator[Figure]:
    said = f"{len(days)} simulated office-days of {8.5} h, the worst service's level"
    changes, raw = [day.changes for day in days], [day.raw_changes for day in days]
    peer = "without hysteresis"
    for name, of, aim in (("mean", np.mean, "<= 12"), ("p95", lambda each: np.quantile(each, 0.95), None)):
        yield Figure(f"board_changes_a_day_{name}", float(of(changes)), "changes", said, peer, float(of(raw)), aim)
    delays = [delay for day in days for delay in day.delays_min()]
    yield Figure("board_rises_after_max", max(delays, default=0.0), "min", f"{said}, {len(delays)} rises", aim="<= 2")

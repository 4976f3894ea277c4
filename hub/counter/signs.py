"""Signs of how long one will wait: a counter's own recent figures, its office's, and what is usual now and later.

Rules it keeps:
- A sign at a slot is made of rows up to that slot and of the usual values, of nothing later.
- Waits and people go in as square roots, so that one long wait does not outweigh a morning of short ones.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from hub.counter.displays import Displays, Grid
from hub.counter.usual import Usual

BUSY_MIN: Final = 10.0
CARRIED_SLOTS: Final = 3
"""A row that is missing is filled by the one before for so long, as a sign only."""
QUANTITIES: Final = ("wait", "busy", "any_wait", "people")


class Norms(NamedTuple):
    """What is usual of each quantity, each of the shape (slots, offices, services)."""

    wait: Grid
    busy: Grid
    any_wait: Grid
    people: Grid

    def later(self, slots: int) -> Norms:
        """The same so many slots later; past the end of the day its last slot."""
        return Norms(
            *(np.concatenate([grid[slots:], np.repeat(grid[-1:], slots, axis=0)])[: len(grid)] for grid in self)
        )


class Usuals:
    """The usual values of all quantities by some days; a slot later than any that these days tell is as their last one."""

    def __init__(self, displays: Displays, days: list[int]) -> None:
        wait, people = displays.wait_min[days], displays.waiting[days]
        last = 1 + int(np.flatnonzero(~np.isnan(wait).all(axis=(0, 2, 3)))[-1])
        self._beyond = wait.shape[1] - last
        wait, people = wait[:, :last], people[:, :last]
        told = ~np.isnan(wait)
        self._of = (
            Usual(np.sqrt(wait)),
            Usual(np.where(told, wait >= BUSY_MIN, np.nan).astype(np.float32)),
            Usual(np.where(told, wait > 0, np.nan).astype(np.float32)),
            Usual(np.sqrt(people)),
        )

    def without(self, day: int | None) -> Norms:
        """By all days but the one at that place among them; by all for None."""
        beyond = ((0, self._beyond), (0, 0), (0, 0))
        return Norms(*(np.pad(usual.without(day), beyond, mode="edge") for usual in self._of))


def signs(wait_min: Grid, waiting: Grid, norms: Norms, ahead_slots: int) -> Grid:
    """The signs of one day, shape (slots, offices, services, signs); the grids have the first three.

    Places that no row tells within ``CARRIED_SLOTS`` hold noughts and are of no use.
    """
    wait, people = _carried(wait_min), np.sqrt(_carried(waiting))
    root = np.sqrt(wait)
    own = _own(root, people, wait)
    office = _office(root, people)
    later = norms.later(ahead_slots)
    usual = _against_usual(root, own, office, norms, later)
    slots = np.arange(len(wait), dtype=np.float32)[:, None, None] / 96
    time = {"slot": slots, "slot_squared": slots**2, "last_fifth": np.maximum(0, slots - 0.8) * 5}
    time |= {
        "closing × own": time["last_fifth"] * own["hour"],
        "opening × later": np.maximum(0, 0.15 - slots) * later.wait,
    }
    found = [np.broadcast_to(sign, wait.shape) for group in (own, office, usual, time) for sign in group.values()]
    made: Grid = np.nan_to_num(np.stack([*found, np.ones(wait.shape)], axis=-1)).astype(np.float32)
    return made


def _own(root: Grid, people: Grid, wait: Grid) -> dict[str, Grid]:
    """The counter's own figures: now, lately, and how they move."""
    one, three, six = (_before(root, slots) for slots in (1, 3, 6))
    told = ~np.isnan(root)
    any_wait = np.where(told, wait > 0, np.nan).astype(np.float32)
    busy = np.where(told, wait >= BUSY_MIN, np.nan).astype(np.float32)
    return {
        "now": root, "minutes": wait, "one_before": one, "three_before": three, "six_before": six,
        "twenty_minutes": _recent(root, 4), "hour": _recent(root, 12), "three_hours": _recent(root, 36),
        "people": people, "people_squared": people**2, "people_before": _before(people, 3),
        "people_hour": _recent(people, 12),
        "any_wait": any_wait, "any_wait_hour": _recent(any_wait, 12),
        "busy": busy, "busy_hour": _recent(busy, 12), "very_busy": (wait >= 2 * BUSY_MIN).astype(np.float32),
        "of_who_waits": np.nan_to_num(_recent(np.where(wait > 0, root, np.nan), 4)), "today": _so_far(root),
    }  # fmt: skip


def _office(root: Grid, people: Grid) -> dict[str, Grid]:
    """The other services of the same office share its windows; all offices share the day."""
    told = ~np.isnan(root)
    mean = _mean(root, (2,))
    everybody = np.sqrt(np.nansum(people**2, axis=2, keepdims=True))
    who_waits = _mean(np.where(root > 0, root, np.nan), (2,), empty=np.nan)
    return {
        "office": mean, "office_half_hour": _recent(mean, 6), "everybody": everybody,
        "everybody_hour": _recent(everybody, 12), "everybody_moves": everybody - _before(everybody, 6),
        "of_who_waits_here": np.nan_to_num(_recent(who_waits, 3)), "longest": np.nan_to_num(root).max(2, keepdims=True),
        "services_with_wait": _mean(np.where(told, root > 0, np.nan), (2,)), "all_offices": _mean(root, (1, 2)),
    }  # fmt: skip


def _against_usual(
    root: Grid, own: dict[str, Grid], office: dict[str, Grid], norms: Norms, later: Norms
) -> dict[str, Grid]:
    """What is usual now and later, how today differs from it, and both together."""
    hour, today = own["hour"] - norms.wait, own["today"] - _so_far(np.where(np.isnan(root), np.nan, norms.wait))
    office_hour, office_today = _mean(hour, (2,)), _mean(today, (2,))
    here, mean = office["of_who_waits_here"], office["office_half_hour"]
    return {
        **{f"usual_{name}": grid for name, grid in zip(QUANTITIES, norms, strict=True)},
        **{f"later_{name}": grid for name, grid in zip(QUANTITIES, later, strict=True)},
        "hour_differs": hour, "office_hour_differs": office_hour,
        "today_differs": today, "office_today_differs": office_today,
        "hour_differs × later": hour * later.any_wait, "office_hour_differs × later": office_hour * later.wait,
        "office_today_differs × later": office_today * later.wait,
        "here × later": here * later.any_wait, "office × later any": mean * later.any_wait,
        "office × later busy": mean * later.busy, "own × later": own["twenty_minutes"] * later.busy,
        "own_who_waits × later": own["of_who_waits"] * later.any_wait, "everybody × later": office["everybody"] * later.wait,
        "everybody_moves × later": office["everybody_moves"] * later.wait,
        "everybody × own": office["everybody"] * own["twenty_minutes"], "larger": np.maximum(own["hour"], later.wait),
    }  # fmt: skip


def _carried(grid: Grid) -> Grid:
    """Missing rows filled by the one before, for at most ``CARRIED_SLOTS``."""
    carried = grid.copy()
    age = np.zeros(grid.shape[1:], dtype=np.intp)
    for slot in range(1, len(grid)):
        gone = np.isnan(grid[slot])
        age = np.where(gone, age + 1, 0)
        carried[slot] = np.where(gone & (age <= CARRIED_SLOTS), carried[slot - 1], grid[slot])
    return carried


def _before(grid: Grid, slots: int) -> Grid:
    """The value so many slots before; where there is none, the present one."""
    earlier = np.full_like(grid, np.nan)
    earlier[slots:] = grid[:-slots]
    return np.where(np.isnan(earlier), grid, earlier)


def _recent(grid: Grid, halflife_slots: float) -> Grid:
    """The mean of the rows so far, each weighing half as much as one ``halflife_slots`` later."""
    share = 1 - 0.5 ** (1 / halflife_slots)
    recent = np.full_like(grid, np.nan)
    mean = np.full(grid.shape[1:], np.nan, dtype=grid.dtype)
    for slot, now in enumerate(grid):
        followed = np.where(np.isnan(now), mean, mean + share * (now - mean))
        mean = recent[slot] = np.where(np.isnan(mean), now, followed)
    return recent


def _so_far(grid: Grid) -> Grid:
    """The mean of the day's rows up to each slot."""
    mean: Grid = np.nancumsum(grid, axis=0) / np.maximum(1, np.cumsum(~np.isnan(grid), axis=0))
    return mean


def _mean(grid: Grid, axes: tuple[int, ...], empty: float = 0.0) -> Grid:
    """The mean of what is told along ``axes``, which stay with length 1; ``empty`` where nothing is."""
    count = np.sum(~np.isnan(grid), axis=axes, keepdims=True)
    mean: Grid = np.where(count > 0, np.nansum(grid, axis=axes, keepdims=True) / np.maximum(count, 1), empty)
    return mean

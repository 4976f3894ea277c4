"""A keeper: what a family keeps of its raw observations, and what of it is worth a blob.

A family that keeps something has ``edge/<family>/keeper.py`` with ``keeper(config, folder)``. It sees every delivery with
the records that came of it, and gives contents when something worth sending has ended, or when the hub asks.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, cast

from edge.blobs import Content
from edge.contract.families import Family
from edge.contract.records import Record
from edge.delivery import Delivery


class Keeper(Protocol):
    """Keeps raw observations on disk within its own limits; used from the agent's thread.

    Raises of every method: KeeperError, when the disk does not obey; the agent goes on without.
    """

    def saw(self, delivery: Delivery, records: Sequence[Record]) -> None:
        """A delivery came, and these records of it."""
        ...

    def due(self, utc_us: int) -> list[Content | Record]:
        """What has become worth sending by ``utc_us``, and what is to be reported (still without a time)."""
        ...

    def cut(self, t_from: int, t_to: int) -> Content:
        """What was observed from ``t_from`` to ``t_to`` [µs UTC].

        Raises:
            KeeperError: nothing of it is held, or it is too long.
        """
        ...

    def close(self) -> None:
        """Put on disk what waits."""
        ...


def keeper_of(family: Family, config: object, folder: Path) -> Keeper | None:
    """The family's keeper, None where it keeps nothing or is told to keep nothing."""
    name = f"edge.{family}.keeper"
    if importlib.util.find_spec(name) is None:
        return None
    make = cast(Callable[[object, Path], Keeper | None], importlib.import_module(name).keeper)
    return make(config, folder)

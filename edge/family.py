"""A family's parts on the device, found by its name.

``edge/<family>/`` has, and the runtime needs of it only these:

- ``items.py``: ``Item``, the tagged union of what its sources deliver (``Tick`` aside);
- ``sources.py``: ``Settings``, the tagged union (tag ``kind``) of its ``[[source]]`` tables, and ``open_source(settings)``;
- ``pipeline.py``: ``Config``, its ``[pipeline]`` table, and ``pipeline(config)``;
- ``watch.py``: ``summary(items, config)``, what a technician is shown; loaded when one looks;
- ``keeper.py``, only where raw observations are kept: ``keeper(config, folder)`` (``edge/keeper.py``).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from edge.contract.families import Family
from edge.pipeline import Pipeline
from edge.source import Source
from edge.watch import Summary


class Parts(NamedTuple):
    """What the runtime needs of a family."""

    item: Any
    settings: Any
    config: Any
    open_source: Callable[[object], Source]
    pipeline: Callable[[object], Pipeline]


def parts_of(family: Family) -> Parts:
    """Import a family's parts; only its own dependencies are loaded."""
    items = importlib.import_module(f"edge.{family}.items")
    sources = importlib.import_module(f"edge.{family}.sources")
    pipeline = importlib.import_module(f"edge.{family}.pipeline")
    return Parts(
        item=items.Item,
        settings=sources.Settings,
        config=pipeline.Config,
        open_source=cast(Callable[[object], Source], sources.open_source),
        pipeline=cast(Callable[[object], Pipeline], pipeline.pipeline),
    )


def summary_of(family: Family) -> Summary:
    """What a technician is shown of a family."""
    return cast(Summary, importlib.import_module(f"edge.{family}.watch").summary)

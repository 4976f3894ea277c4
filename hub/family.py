"""A family's judgement in the hub, found by its name: ``hub/<family>/judgement.py``, class ``Judgement``."""

from __future__ import annotations

import importlib
from typing import cast

from hub.city import DeviceContext
from hub.judgement import Judgement


def judgement_of(context: DeviceContext) -> Judgement:
    """A fresh judgement of a device, in the light of what the city file says of it."""
    module = importlib.import_module(f"hub.{context.family}.judgement")
    return cast(Judgement, module.Judgement(context))

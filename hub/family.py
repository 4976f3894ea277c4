"""What stands in the hub under a family's name: ``hub/<family>/judgement.py`` and ``hub/<family>/page.py``."""

from __future__ import annotations

import importlib
from typing import cast

from edge.contract.families import Family
from hub.city import DeviceContext
from hub.display.family_page import FamilyPage
from hub.judgement import Judgement


def judgement_of(context: DeviceContext) -> Judgement:
    """A fresh judgement of a device, in the light of what the city file says of it."""
    module = importlib.import_module(f"hub.{context.family}.judgement")
    return cast(Judgement, module.Judgement(context))


def page_of(family: Family) -> FamilyPage:
    """What the family adds to the pages."""
    module = importlib.import_module(f"hub.{family}.page")
    return cast(FamilyPage, module.PAGE)


def device_page_of(context: DeviceContext) -> FamilyPage:
    """The same for one device: by its own name, where a family's devices are not all the same machine."""
    page = page_of(context.family)
    return page if page.variant is None else page.variant(context)

"""The device families: the only list of them there is.

A family is a name. Everything else of it stands at the same few places under that name:
``edge/<family>/``, ``hub/<family>/``, ``simulators/<family>/``, ``edge/contract/records/<family>.py``.
"""

from typing import Final, Literal, get_args

Family = Literal["bridge", "truck", "gate", "kiosk", "counter"]

FAMILIES: Final[tuple[Family, ...]] = get_args(Family)

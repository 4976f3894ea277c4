"""The kinds that the runtime itself reports beside what a pipeline makes of its deliveries: a replay does not give them."""

from edge.contract.records import COMMON, ModelState, kind_of

OF_THE_RUNTIME = frozenset(kind_of(record) for record in COMMON if record is not ModelState)

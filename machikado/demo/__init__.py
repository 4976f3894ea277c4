"""The demonstration: the whole system on one machine, with simulators in the place of the city."""

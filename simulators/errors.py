"""What can go wrong in a simulation, in one line."""


class SimulatorError(Exception):
    """A simulator cannot be built or run as asked."""

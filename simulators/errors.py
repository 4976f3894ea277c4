"""What can go wrong in the simulators, each with one line that a person can act on."""


class SimulatorError(Exception):
    """A simulator cannot be built or run as asked."""


class ProgramMissing(SimulatorError):
    """A real partner (a broker, a database) is not installed here."""


class ServerFailed(SimulatorError):
    """A server that we started ended, or did not become ready in time."""

"""Why a benchmark could not give a figure, each with one line that a person can act on."""


class BenchmarkError(Exception):
    """The root of every error that this package raises on purpose."""


class UnknownBenchmark(BenchmarkError):
    """A name was asked for that no benchmark has."""


class BadAim(BenchmarkError):
    """An aim is written in a way that cannot be computed."""


class MeasurementFailed(BenchmarkError):
    """What was measured did not answer, lost data or took longer than it may."""


class PreparationFailed(BenchmarkError):
    """A peer could not be fetched or built."""


class ResultsDamaged(BenchmarkError):
    """A file of kept results is not what a long form wrote."""

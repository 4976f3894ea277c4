"""One module an analysis: arguments in, one answer out; each has ``HELP`` and ``add(parser)``, which sets ``run``."""

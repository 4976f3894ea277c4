"""The command line: parse, dispatch, print; no logic."""

"""``machikado``: the command line. Parses, dispatches, prints; every error is one line.

Exit codes: 0 done; 1 it did not work, the line says why; 2 the command line is wrong; 3 ``doctor`` found something wrong.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence

from edge.contract.errors import ContractError
from edge.errors import EdgeError
from hub.errors import HubError
from provisioning.errors import ProvisioningError
from simulators.errors import SimulatorError

EXTRAS = {"demo": "demo", "hub": "hub", "doctor": "hub", "agent": "FAMILY"}
"""What has to be installed for a command; for the others everything."""

COMMANDS = ("demo", "agent", "hub", "provision", "replay", "simulate", "analyse", "report", "doctor")
"""Each is a module of ``machikado/commands`` with ``add(parser)``, which sets ``run``."""

OURS = (EdgeError, HubError, ProvisioningError, SimulatorError, ContractError)


class _Parser(argparse.ArgumentParser):
    """argparse whose error is one line, with the way to the help."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The whole command line, or for a quick start that of one command."""
    made = _Parser(
        prog="machikado",
        description="The field-device half of a city's digital plan: agents on devices, one hub, honest pages.",
        epilog="Exit codes: 0 done, 1 it did not work, 2 wrong command line, 3 doctor found something wrong.",
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name in COMMANDS if only is None else (only,):
        module = importlib.import_module(f"machikado.commands.{name}")
        module.add(commands.add_parser(name, help=module.HELP, description=module.HELP))
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parser(given[0] if given and given[0] in COMMANDS else None).parse_args(given)
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except OURS as problem:
        print(f"machikado: {problem}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as problem:
        if problem.name is None or importlib.util.find_spec(problem.name.split(".")[0]) is not None:
            raise  # a module of an installed package is missing: no extra would bring it
        extra = EXTRAS.get(parsed.command, "engineer")
        print(
            f"machikado {parsed.command}: needs {problem.name.partition('.')[0]}; pip install 'machikado[{extra}]'",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 1
    except BrokenPipeError:
        return 0
    except OSError as problem:  # a place that the command line named: everything else is translated where it happens
        if problem.filename is None:
            raise
        print(f"machikado: {os.fsdecode(problem.filename)}: {problem.strerror}; check the path", file=sys.stderr)
        return 1

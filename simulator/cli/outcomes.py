"""Outcomes: exit codes, and how what can go wrong becomes a message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import click

FAILED, INVALID, UNREACHABLE, NOTHING, AT_FAULT, TOO_LONG, INTERRUPTED = 1, 3, 4, 5, 6, 124, 130
EXIT_CODES = """\b
Exit codes:
  0  everything passed
  1  an expectation or a contract failed, or Klaviyo refused an event
  2  the command line is wrong
  3  a scenario file is invalid
  4  the server, or a service under test, cannot be reached
  5  no scenario is selected
  6  this program is at fault itself
  124  a scenario took longer than its limits.real_time
  130  it was interrupted"""


class InvalidScenario(click.ClickException):
    """Ends the program because of a scenario file."""

    exit_code = INVALID


class NothingToRun(click.ClickException):
    """Ends the program because no scenario is left."""

    exit_code = NOTHING


class NoServer(click.ClickException):
    """Ends the program because nobody answers."""

    exit_code = UNREACHABLE


class Program(click.Group):
    """Commands that end with 130 when they are interrupted, and with 6 when the fault is ours."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        sys.excepthook = own_fault
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\ninterrupted", err=True)
            sys.exit(INTERRUPTED)


def own_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show an error that nobody has foreseen, and end the program with a code of its own."""
    sys.__excepthook__(kind, error, trace)
    click.echo("This is a fault of vendor-sim itself: please tell us, with the lines above.", err=True)
    raise SystemExit(AT_FAULT)


@contextmanager
def understandable() -> Iterator[None]:
    """Turns what can go wrong into messages and exit codes."""
    from simulator.cli.pointing import pointed
    from simulator.delivery import Unreachable
    from simulator.document import DocumentError
    from simulator.scenario.scenario import ScenarioErrors
    from simulator.scenario.words import Mistake, NothingSelected
    from simulator.targets.surroundings import TargetError
    from simulator.targets.target import TargetFault

    try:
        yield
    except ScenarioErrors as error:
        raise InvalidScenario("\n".join(map(pointed, error.problems))) from error
    except DocumentError as error:
        raise InvalidScenario(pointed(error)) from error
    except Unreachable as error:
        raise NoServer(str(error)) from error
    except NothingSelected as error:
        raise NothingToRun(str(error)) from error
    except TargetFault as error:
        raise click.ClickException(f"the mapping fails at an event: {error}") from error
    except (Mistake, TargetError) as error:
        raise click.UsageError(str(error)) from error

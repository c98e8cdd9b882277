"""Outcomes: exit codes, and how what can go wrong becomes a message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

FAILED, INVALID, UNREACHABLE, NOTHING, TOO_LONG = 1, 3, 4, 5, 124
EXIT_CODES = """\b
Exit codes:
  0  everything passed
  1  an expectation or a contract failed, or Klaviyo refused an event
  2  the command line is wrong
  3  a scenario file is invalid
  4  the server cannot be reached
  5  no scenario is selected
  124  a scenario took longer than its limits.real_time"""


class InvalidScenario(click.ClickException):
    """Ends the program because of a scenario file."""

    exit_code = INVALID


class NothingToRun(click.ClickException):
    """Ends the program because no scenario is left."""

    exit_code = NOTHING


class NoServer(click.ClickException):
    """Ends the program because nobody answers."""

    exit_code = UNREACHABLE


@contextmanager
def understandable() -> Iterator[None]:
    """Turns what can go wrong into messages and exit codes."""
    from simulator.cli.pointing import pointed
    from simulator.delivery import Unreachable
    from simulator.document import DocumentError
    from simulator.scenario.scenario import ScenarioErrors
    from simulator.scenario.words import Mistake, NothingSelected
    from simulator.targets.surroundings import TargetError

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
    except (Mistake, TargetError) as error:
        raise click.UsageError(str(error)) from error

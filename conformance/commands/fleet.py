"""`conformance fleet`."""

import sys
from pathlib import Path
from typing import Any

import click

from conformance.commands import options
from conformance.commands.usage import usage_errors

__all__ = ["fleet"]


@click.command()
@options.contracts(required=True)
@click.option(
    "--target", "targets", multiple=True, required=True, metavar="URL|NAME", help="A server under test (repeatable)."
)
@options.workers("Targets side by side.")
@options.run_options
def fleet(targets: tuple[str, ...], workers: int, report: str | None, **given: Any) -> None:
    r"""Check several targets in one command, and hold them against each other.

    State URLs and keys come from the config, where each target has its name. Every target is run with the same
    seed. Results go to DIR/TARGET/VENDOR/results.jsonl, the matrix of them all to DIR/matrix.md and DIR/matrix.html.
    The exit code is the worst of the runs, in the order 1, 3, 11, 10, 0.
    """
    from conformance.commands.fleet_run import run_fleet
    from conformance.targets.config import DEFAULT_REPORT

    with usage_errors():
        sys.exit(run_fleet(targets, given, Path(report or DEFAULT_REPORT), workers, click.echo))

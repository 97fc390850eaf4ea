"""`conformance run`."""

import sys
from typing import Any

import click

from conformance.commands import options

__all__ = ["run"]


@click.command()
@options.contracts()
@click.option(
    "--target",
    metavar="URL|NAME",
    help="The server under test, or its name in the config. Default: the embedded reference.",
)
@click.option("--state-url", metavar="URL", help="Where the target is put into states (Pact's provider-state form).")
@options.run_options
@click.option("-x", "stop", is_flag=True, help="Stop at the first failed requirement.")
@options.workers("Processes side by side, with a state URL or nothing to delete.")
def run(stop: bool, workers: int, **given: Any) -> None:  # noqa: FBT001 - click hands the options over by name
    r"""Check a target against a contract, requirement by requirement.

    \b
    Exit codes
      0   conformant (perhaps with warnings; --strict makes those 1), or all that is broken is waived
      1   non-conformant: a MUST is broken; or a waiver is stale
      4   usage, an expired or unknown waiver     5   nothing selected     2, 3   interrupted, internal error
      10  not fully verified: a MUST could not be tested
      11  the target or its state URL could not be reached, or broke off
    """
    from conformance.commands.pytest_run import run_pytest

    sys.exit(run_pytest(given, stop=stop, workers=workers))

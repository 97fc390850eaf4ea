"""`conformance replay`."""

import sys
from pathlib import Path
from typing import Any

import click

from conformance.commands import options
from conformance.commands.usage import usage_errors

__all__ = ["replay"]


@click.command()
@click.argument("results", type=click.Path(path_type=Path), metavar="RESULTS")
@click.argument("fingerprint", default="", metavar="[FINGERPRINT]")
@click.option(
    "--target", metavar="URL|NAME", help="Where to try it. Default: the config's target that the results are of."
)
@options.state_url
@options.config
@click.option("--contract", multiple=True, metavar="PATH", help="The folder of your own contract (repeatable).")
@click.option("--prune", is_flag=True, help="Take what is FIXED out of the waiver file that RESULTS is.")
def replay(results: Path, fingerprint: str, **given: Any) -> None:
    r"""Set the smallest example of each finding up anew, and say what it comes to today.

    RESULTS are results of a run, or a waiver file. FINGERPRINT, or its beginning, chooses one finding.

    \b
    FIXED          the example was done again and holds           exit code 0, if all are
    STILL FAILING  it breaks the same promise                     1, if one does
    CANNOT TELL    the situation could not be brought about       10, if no other fails

    \b
    11 the target or its state URL can't be reached     5 there is nothing to replay
    """
    from conformance.gate import again
    from conformance.targets.config import Options

    with usage_errors():
        named = Options(
            contracts=list(given["contract"]),
            target=given["target"],
            state_url=given["state_url"],
            config=given["config"],
        )
        sys.exit(again.carry_out(results, fingerprint, named, click.echo, prune=given["prune"]))

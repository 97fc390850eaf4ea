"""`conformance doctor`."""

import sys

import click

from conformance.commands import options
from conformance.commands.usage import told

__all__ = ["doctor"]


@click.command()
@click.option("--contract", required=True, metavar="NAME|PATH", help="The contract that the target claims to speak.")
@click.option("--target", metavar="URL|NAME", help="The server to look at. Default: the embedded reference.")
@options.state_url
@options.config
def doctor(contract: str, target: str | None, state_url: str | None, config: str | None) -> None:
    """Look at what of a target can be tested, and say what stands in the way.

    Sends a few requests and, with a state URL, sets a few calls up and deletes one of them.
    """
    from conformance.commands import examination
    from conformance.targets.config import Options

    good = True
    try:
        given = Options(contracts=[contract], target=target, state_url=state_url, config=config)
        for line in examination.look(given):
            good = good and line.good is not False
            click.echo(told(str(line)))
    except LookupError as problem:
        # The look-ups that Python itself refuses are errors of our own.
        if type(problem) is not LookupError:
            raise
        raise click.UsageError(f"{told(str(problem))}: name a --target") from None
    sys.exit(0 if good else 1)

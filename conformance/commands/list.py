"""`conformance list`."""

import click

from conformance.commands import options

__all__ = ["list_command"]


@click.command(name="list")
@options.contracts()
@click.option("--faults", is_flag=True, help="The faults of the embedded references instead.")
@click.option("--variants", is_flag=True, help="The variants of the embedded references instead.")
def list_command(contract: tuple[str, ...], faults: bool, variants: bool) -> None:  # noqa: FBT001 - click hands flags over so
    """List requirements, or the faults or variants of the embedded references."""
    from conformance.commands import listings
    from conformance.commands.last_runs import last_runs

    listings.show(contract, faults=faults, variants=variants, report=last_runs(None))

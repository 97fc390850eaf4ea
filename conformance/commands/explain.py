"""`conformance explain`."""

import click

from conformance.commands import options

__all__ = ["explain"]


@click.command()
@click.argument("name", metavar="REQUIREMENT|RULE|FINGERPRINT")
@options.contracts()
@click.option("--report", metavar="DIR", help="Where the last run's results lie. Default: as in the config.")
def explain(name: str, contract: tuple[str, ...], report: str | None) -> None:
    """Say what a requirement promises, where it stands, how it is tested, and what the last run saw.

    It is named by its id, by the rule that tests it, or by the fingerprint of a finding, as reports print them.
    """
    from conformance.commands import explanations
    from conformance.commands.last_runs import last_runs

    explanations.explain(name, contract, last_runs(report))

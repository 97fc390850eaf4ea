"""`conformance check`."""

import sys
from pathlib import Path

import click

from conformance.commands.usage import told

__all__ = ["check"]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path), metavar="[FILE]...")
def check(files: tuple[Path, ...]) -> None:
    """Check config, waiver and contract files, offline; without FILE those that a run here would read.

    Ends with 4 if one can't be used: a wrong key, an unknown rule, an expired waiver.
    """
    from conformance.gate import files as checking

    problems = 0
    for file, problem in checking.problems(files):
        problems += bool(problem)
        click.echo(told(problem) or f"{file}: good", err=bool(problem))
    sys.exit(4 if problems else 0)

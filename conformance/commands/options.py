"""Options that several commands have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["config", "contracts", "output_file", "run_options", "state_url", "workers"]

Option = Callable[[Any], Any]
"""A decorator that gives a command an option; click leaves the types of commands open."""

config: Option = click.option(
    "--config", metavar="FILE", help="Config file. Default: conformance.toml, or [tool.conformance]."
)
state_url: Option = click.option("--state-url", metavar="URL", help="Where the target is put into states.")


def contracts(*, required: bool = False) -> Option:
    """The contracts to go by."""
    return click.option(
        "--contract",
        multiple=True,
        required=required,
        metavar="NAME|PATH",
        help="A bundled contract, or the folder of your own (repeatable).",
    )


def workers(what: str) -> Option:
    """How many of something go side by side."""
    return click.option(
        "-n", "workers", type=click.IntRange(1), default=1, metavar="WORKERS", help=f"{what} Default: 1."
    )


def output_file(flag: str, words: str) -> Option:
    """A file to be written, or `-` for standard output."""
    path = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
    return click.option(flag, type=path, metavar="FILE", help=words)


def run_options(command: Any) -> Any:
    """Give a command the options that are the same for a run of one target and of several."""
    options = (
        config,
        click.option("--profile", metavar="NAME", help=_PROFILE),
        click.option("--report", metavar="DIR", help="Folder of the results. Default: reports/runs."),
        click.option("--seed", type=int, metavar="N", help="Seed of every choice. Default: random; 0 in CI."),
        click.option("--nonce", metavar="TEXT", help="Makes the run's names its own. Default: a new one each run."),
        click.option("--examples", type=click.IntRange(1), metavar="N", help="Examples a requirement. Default: 30."),
        click.option("--select", multiple=True, metavar="RULE|REQUIREMENT", help="Check only these (repeatable)."),
        click.option("--strict", is_flag=True, help="Failed SHOULDs end with exit code 1 too."),
        click.option("--waivers", metavar="FILE", help="Known findings that don't count; see `conformance waive`."),
    )
    for option in reversed(options):
        command = option(command)
    return command


_PROFILE = "What to test: full, read-only (changes nothing) or stateless (needs no set-up)."

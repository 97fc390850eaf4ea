"""The command line. Everything heavy is imported inside the command that needs it."""

import sys
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance import __version__
from conformance.commands import gate
from conformance.commands import report as commands
from conformance.commands.usage import told, usage_errors

__all__ = ["cli", "main"]

EXIT_INTERRUPTED, EXIT_INTERNAL, EXIT_USAGE = 2, 3, 4
"""Exit codes, as pytest's."""

_Command = TypeVar("_Command", bound=click.Command)

_CONFIG = "Config file. Default: conformance.toml, or [tool.conformance]."
_PROFILE = "What to test: full, read-only (changes nothing) or stateless (needs no set-up)."
_CONTRACT = {
    "multiple": True,
    "metavar": "NAME|PATH",
    "help": "A bundled contract, or the folder of your own (repeatable).",
}


def _lines_kept(command: _Command) -> _Command:
    """Give click its mark of lines to keep as the character itself; a raw docstring holds a backslash and a b."""
    command.help = (command.help or "").replace(r"\b", "\b")
    return command


@_lines_kept
@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    r"""Was the call really deleted? Check a server against a published deletion contract.

    \b
    conformance run                                      every bundled contract against its embedded reference
    conformance run --contract NAME --target URL         your server; its key in CONFORMANCE_API_KEY
    conformance fleet --contract NAME --target A --target B      several servers, and one matrix
    conformance serve NAME                               a reference server to test clients with
    conformance report reports/runs --html report.html   a page to read, from any finished run
    conformance waive reports/runs --reason "..."        let known findings through from now on
    conformance replay reports/runs                      is what was found mended?
    conformance explain REQUIREMENT                      what a requirement says and how it is tested
    """


def _same_for_all(command: Any) -> Any:
    """Give a command the options that are the same for a run of one target and of several."""
    options = (
        click.option("--config", metavar="FILE", help=_CONFIG),
        click.option("--profile", metavar="NAME", help=_PROFILE),
        click.option("--report", metavar="DIR", help="Folder of the results. Default: reports/runs."),
        click.option("--seed", type=int, metavar="N", help="Seed of every choice. Default: random; 0 in CI."),
        click.option("--nonce", metavar="TEXT", help="Makes the run's names its own. Default: a new one each run."),
        click.option("--examples", type=click.IntRange(1), metavar="N", help="Examples a requirement. Default: 30."),
        click.option("--select", multiple=True, metavar="RULE|REQUIREMENT", help="Check only these (repeatable)."),
        click.option("--strict", is_flag=True, help="Broken SHOULDs end with exit code 1 too."),
        click.option("--waivers", metavar="FILE", help="Known findings that don't count; see `conformance waive`."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@_lines_kept
@cli.command()
@click.option("--contract", **_CONTRACT)  # type: ignore[arg-type] # click's own loose keywords
@click.option(
    "--target",
    metavar="URL|NAME",
    help="The server under test, or its name in the config. Default: the embedded reference.",
)
@click.option("--state-url", metavar="URL", help="Where the target is put into states (Pact's provider-state form).")
@_same_for_all
@click.option("-x", "stop", is_flag=True, help="Stop at the first broken promise.")
@click.option(
    "-n",
    "workers",
    type=click.IntRange(1),
    default=1,
    metavar="WORKERS",
    help="Processes side by side, with a state URL or nothing to delete. Default: 1.",
)
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
    from conformance.commands.run import run_pytest

    sys.exit(run_pytest(given, stop=stop, workers=workers))


@_lines_kept
@cli.command()
@click.option("--contract", required=True, **_CONTRACT)  # type: ignore[arg-type] # click's own loose keywords
@click.option(
    "--target", "targets", multiple=True, required=True, metavar="URL|NAME", help="A server under test (repeatable)."
)
@click.option(
    "-n", "workers", type=click.IntRange(1), default=1, metavar="WORKERS", help="Targets side by side. Default: 1."
)
@_same_for_all
def fleet(targets: tuple[str, ...], workers: int, report: str | None, **given: Any) -> None:
    r"""Check several targets in one command, and hold them against each other.

    State URLs and keys come from the config, where each target has its name. Every target is run with the same
    seed. Results go to DIR/TARGET/VENDOR/results.jsonl, the matrix of them all to DIR/matrix.md and DIR/matrix.html.
    The exit code is the worst of the runs, in the order 1, 3, 11, 10, 0.
    """
    from conformance.commands.fleet import run_fleet
    from conformance.engine.plan import DEFAULT_REPORT

    with usage_errors():
        sys.exit(run_fleet(targets, given, Path(report or DEFAULT_REPORT), workers, click.echo))


@cli.command()
@click.argument("contract")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="P", help="Port on 127.0.0.1. Default: a free one."
)
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep the SQLite database in this file.",
)
@click.option(
    "--fault", multiple=True, metavar="NAME", help="Do this wrong (repeatable); see `conformance list --faults`."
)
@click.option(
    "--variant", multiple=True, metavar="NAME", help="Differ lawfully (repeatable); see `conformance list --variants`."
)
def serve(contract: str, port: int, db: Path | None, fault: tuple[str, ...], variant: tuple[str, ...]) -> None:
    """Serve CONTRACT's embedded reference on 127.0.0.1 until interrupted.

    Prints the target's URL, its state URL and an API key, a line each.
    """
    import sqlite3

    from conformance.reference import server
    from conformance.reference.switches import UnknownSwitchError

    try:
        server.serve(contract, port=port, database=db, faults=fault, variants=variant)
    except (LookupError, UnknownSwitchError, OSError) as problem:
        raise click.UsageError(str(problem)) from None
    except sqlite3.Error as problem:
        raise click.UsageError(f"{db}: {problem}") from None


@cli.command()
@click.option("--contract", required=True, metavar="NAME|PATH", help="The contract that the target claims to speak.")
@click.option("--target", metavar="URL|NAME", help="The server to look at. Default: the embedded reference.")
@click.option("--state-url", metavar="URL", help="Where the target is put into states.")
@click.option("--config", metavar="FILE", help=_CONFIG)
def doctor(contract: str, target: str | None, state_url: str | None, config: str | None) -> None:
    """Look at what of a target can be tested, and say what stands in the way.

    Sends a few requests and, with a state URL, sets a few calls up and deletes one of them.
    """
    from conformance.commands import doctor as examination
    from conformance.targets.config import Options

    good = True
    try:
        options = Options(contracts=[contract], target=target, state_url=state_url, config=config)
        for line in examination.look(options):
            good = good and line.good is not False
            click.echo(told(str(line)))
    except LookupError as problem:
        # The look-ups that Python itself refuses are errors of our own.
        if type(problem) is not LookupError:
            raise
        raise click.UsageError(f"{told(str(problem))}: name a --target") from None
    sys.exit(0 if good else 1)


@cli.command()
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(force: bool) -> None:  # noqa: FBT001 - click hands flags over so
    """Write a commented conformance.toml into this folder."""
    from importlib import resources

    file = Path("conformance.toml")
    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already (--force overwrites it)")
    with usage_errors():
        file.write_text(resources.files("conformance").joinpath("template.toml").read_text("utf-8"), encoding="utf-8")
    click.echo(f"{file} written: set the target's url, then `conformance doctor --contract NAME --target staging`")


@cli.command(name="list")
@click.option("--contract", **_CONTRACT)  # type: ignore[arg-type] # click's own loose keywords
@click.option("--faults", is_flag=True, help="The faults of the embedded references instead.")
@click.option("--variants", is_flag=True, help="The variants of the embedded references instead.")
def list_command(contract: tuple[str, ...], faults: bool, variants: bool) -> None:  # noqa: FBT001 - click hands flags over so
    """List requirements, or the faults or variants of the embedded references."""
    from conformance.commands import listings

    listings.show(contract, faults=faults, variants=variants, report=listings.last_runs(None))


@cli.command()
@click.argument("name", metavar="REQUIREMENT|RULE|FINGERPRINT")
@click.option("--contract", **_CONTRACT)  # type: ignore[arg-type] # click's own loose keywords
@click.option("--report", metavar="DIR", help="Where the last run's results lie. Default: as in the config.")
def explain(name: str, contract: tuple[str, ...], report: str | None) -> None:
    """Say what a requirement promises, where it stands, how it is tested, and what the last run saw.

    It is named by its id, by the rule that tests it, or by the fingerprint of a finding, as reports print them.
    """
    from conformance.commands import listings

    listings.explain(name, contract, listings.last_runs(report))


@cli.command()
@click.option("--contract", multiple=True, metavar="NAME", help="A bundled contract (repeatable). Default: all.")
@click.option(
    "-n", "workers", type=click.IntRange(1), default=1, metavar="WORKERS", help="Processes side by side. Default: 1."
)
@click.option(
    "--seed", type=int, multiple=True, default=(1,), metavar="N", help="Seed of every choice (repeatable). Default: 1."
)
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    default="reports",
    metavar="DIR",
    help="Folder of kill-matrix.md and kill-matrix.json. Default: reports.",
)
def selftest(contract: tuple[str, ...], workers: int, seed: tuple[int, ...], report: Path) -> None:
    """Try every fault and every variant of the embedded references, and write the kill matrix.

    Ends with 0 if each fault is caught by the rule meant for it and no variant is flagged, else with 1.
    """
    from conformance.selftest import command

    sys.exit(command.selftest(contract, seeds=seed, workers=workers, folder=report))


for _command in (commands.report, commands.compat, commands.diff, gate.gate, gate.waive, gate.replay, gate.check):
    cli.add_command(_lines_kept(_command))


def main() -> None:
    """Run the command line; a usage error exits with 4, as pytest's does, and an error of our own with 3."""
    from conformance.commands.streams import guard, lost

    guard()
    code = _ended()
    if (why := lost()) is not None:
        click.echo(f"Error: standard output can't be written: {why}", err=True)
        code = EXIT_INTERNAL
    sys.exit(code)


def _ended() -> Any:
    """Run the command to its end, whatever that is; the exit code."""
    from conformance.contracts.contract import ContractError
    from conformance.results.files import ResultsError
    from conformance.targets.config import UsageError
    from conformance.targets.target import TargetError

    try:
        return cli(standalone_mode=False) or 0
    except SystemExit as leaving:
        return leaving.code
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as problem:
        if type(problem) is click.UsageError:
            # A file's own words may stand in it.
            problem = click.UsageError(told(problem.message), problem.ctx)
        problem.show()
        return EXIT_USAGE
    except (UsageError, ContractError, ResultsError, TargetError) as problem:
        click.echo(f"Error: {told(str(problem))}", err=True)
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except OSError as problem:
        if problem.filename is None:
            return _broken(problem)
        click.echo(f"Error: {told(f'{problem.filename}: {problem.strerror}')}", err=True)
        return EXIT_USAGE
    except Exception as problem:  # noqa: BLE001 - whatever it is, its words must not be printed
        return _broken(problem)


def _broken(problem: Exception) -> int:
    from conformance.results.internal import TRACEBACK_VARIABLE, describe, keep

    keep(problem)
    click.echo(f"{describe(problem)} (in full in the file that {TRACEBACK_VARIABLE} names)", err=True)
    return EXIT_INTERNAL

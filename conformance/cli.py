"""The command line: the group of commands, and the exit codes that all of them share."""

import sys
from typing import Any, TypeVar

import click

from conformance import __version__
from conformance.commands.check import check
from conformance.commands.compat import compat
from conformance.commands.diff import diff
from conformance.commands.doctor import doctor
from conformance.commands.explain import explain
from conformance.commands.fleet import fleet
from conformance.commands.gate import gate
from conformance.commands.init import init
from conformance.commands.list import list_command
from conformance.commands.replay import replay
from conformance.commands.report import report
from conformance.commands.run import run
from conformance.commands.selftest import selftest
from conformance.commands.serve import serve
from conformance.commands.usage import told
from conformance.commands.waive import waive

__all__ = ["cli", "main"]

EXIT_INTERRUPTED, EXIT_INTERNAL, EXIT_USAGE = 2, 3, 4
"""Exit codes, as pytest's."""

_Command = TypeVar("_Command", bound=click.Command)


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


for _command in (
    *(run, fleet, serve, doctor, init, list_command, explain, selftest),
    *(report, compat, diff, gate, waive, replay, check),
):
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

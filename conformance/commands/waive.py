"""`conformance waive`."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.commands.usage import told, usage_errors

if TYPE_CHECKING:
    from conformance.report.view import View

__all__ = ["waive"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("results", type=click.Path(path_type=Path), metavar="RESULTS")
@click.argument("fingerprints", nargs=-1, metavar="[FINGERPRINT]...")
@click.option("--reason", required=True, metavar="TEXT", help="Why it may pass; it stands in every report.")
@click.option("--ticket", metavar="T", help="Where it is followed up.")
@click.option("--owner", metavar="O", help="Who will see to it.")
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day on which it holds, UTC."
)
@click.option("--out", type=_FILE, default=Path("waivers.toml"), metavar="FILE", help="Default: waivers.toml.")
def waive(results: Path, fingerprints: tuple[str, ...], reason: str, expires: datetime | None, **given: Any) -> None:
    """Let what RESULTS found broken through from now on: all of it, or what is named by fingerprint.

    Adds to the waiver file, or renews what stands there about the same findings. Each waiver is for one
    finding of one target. A run of a selection can't be waived: it does not show the whole. Ends with 5
    where there is nothing to waive.
    """
    from conformance.report.view import View
    from conformance.results import waivers
    from conformance.results.ending import NOTHING_SELECTED
    from conformance.results.files import read_all

    day = expires.date() if expires else None
    if not reason.strip():
        raise click.UsageError("--reason is empty: say why it may pass")
    if day is not None and day < waivers.today():
        raise click.UsageError(f"--expires {day} is past")
    out: Path = given["out"]
    with usage_errors():
        runs = read_all([results])
        for run in runs:
            _whole(View(run), results)
        stated = {"reason": reason.strip(), "ticket": given["ticket"], "owner": given["owner"], "expires": day}
        made = [waiver for run in runs for waiver in waivers.of_run(run, **stated)]
        chosen = [w for w in made if not fingerprints or w.fingerprint.startswith(fingerprints)]
        _all_meant(fingerprints, [w.fingerprint for w in made])
        if not chosen:
            click.echo(f"{results}: holds no finding, so there is nothing to waive")
            sys.exit(NOTHING_SELECTED)
        waivers.write(out, chosen)
    for waiver in chosen:
        click.echo(told(f"waived {f'until {day}' if day else 'without end'}: {waiver.name} on {waiver.target}"))
    click.echo(f"waivers: {out}")


def _whole(view: "View", results: Path) -> None:
    run, end = view.results.run, view.results.end
    if run.selected:
        raise click.UsageError(f"{results}: a run of a selection ({', '.join(run.selected)}) can't be waived")
    if not view.ended:
        raise click.UsageError(f"{results}: the run did not end: exit code {end.exit_code}")


def _all_meant(fingerprints: tuple[str, ...], there: list[str]) -> None:
    for one in fingerprints:
        if sum(mark.startswith(one) for mark in there) != 1:
            raise click.UsageError(f"{one!r} is the beginning of no fingerprint, or of several: {', '.join(there)}")

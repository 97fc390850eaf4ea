"""The commands of the gate; each imports what it needs when it runs."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.commands.usage import told, usage_errors

if TYPE_CHECKING:
    from conformance.results.files import RunResults

__all__ = ["check", "gate", "replay", "waive"]

_PATH = click.Path(path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("results", nargs=-1, required=True, type=_PATH, metavar="RESULTS...")
@click.option("--waivers", type=_FILE, metavar="FILE", help="Known findings that are let through.")
@click.option("--baseline", type=_PATH, metavar="OLD", help="Earlier results: only what is newly broken counts.")
@click.option("--strict", is_flag=True, help="A release: every MUST verified, no SHOULD broken, nothing let through.")
def gate(results: tuple[Path, ...], waivers: Path | None, baseline: Path | None, strict: bool) -> None:  # noqa: FBT001 - click hands flags over so
    r"""Decide from finished runs alone whether they may pass.

    RESULTS is a results.jsonl, its folder, or a folder of several.

    \b
    Exit codes, the worst of all runs
      0   open: nothing is broken but what is waived, or was broken in the baseline
      1   closed: something else is broken, or a waiver is stale
      4   usage, an expired or unknown waiver     2, 3, 5   the run itself did not end
      10  closed: a MUST, or something waived, could not be tested
      11  closed: a requirement ended in an error
    """
    from conformance.engine.plan import requirements_known
    from conformance.gate import judging
    from conformance.report.text import printable, read_all
    from conformance.results.verdicts import worst
    from conformance.results.waivers import load

    with usage_errors():
        runs = read_all(results)
        known = requirements_known([]) | {r["requirement"] for run in runs for r in run.results}
        let_through = load(waivers, known) if waivers else []
        olds = {old.run["contract"]["vendor"]: old for old in read_all([baseline])} if baseline else {}
        codes = []
        for run in runs:
            old = _baseline_of(run, olds, baseline) if baseline else None
            decided = judging.judge(run, let_through, judging.baseline(old, run) if old else None, strict=strict)
            click.echo(printable("\n".join(judging.lines(run, decided))))
            codes.append(decided.exit_code)
    sys.exit(worst(codes))


def _baseline_of(run: "RunResults", olds: dict[str, Any], baseline: Path) -> "RunResults":
    vendor = run.run["contract"]["vendor"]
    if vendor not in olds:
        raise click.UsageError(f"--baseline {baseline} holds no run of {vendor}")
    old: RunResults = olds[vendor]
    return old


@click.command()
@click.argument("results", type=_PATH, metavar="RESULTS")
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
    from conformance.report.text import read_all
    from conformance.results import waivers
    from conformance.results.ending import NOTHING_SELECTED

    day = expires.date() if expires else None
    if not reason.strip():
        raise click.UsageError("--reason is empty: say why it may pass")
    if day is not None and day < waivers.today():
        raise click.UsageError(f"--expires {day} is past")
    out: Path = given["out"]
    with usage_errors():
        runs = read_all([results])
        for run in runs:
            _whole(run, results)
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


def _whole(run: "RunResults", results: Path) -> None:
    if run.run["selected"]:
        raise click.UsageError(f"{results}: a run of a selection ({', '.join(run.run['selected'])}) can't be waived")
    if run.end["exit_code"] in {2, 3, 5}:
        raise click.UsageError(f"{results}: the run did not end: exit code {run.end['exit_code']}")


def _all_meant(fingerprints: tuple[str, ...], there: list[str]) -> None:
    for one in fingerprints:
        if sum(mark.startswith(one) for mark in there) != 1:
            raise click.UsageError(f"{one!r} is the beginning of no fingerprint, or of several: {', '.join(there)}")


@click.command()
@click.argument("results", type=_PATH, metavar="RESULTS")
@click.argument("fingerprint", default="", metavar="[FINGERPRINT]")
@click.option(
    "--target", metavar="URL|NAME", help="Where to try it. Default: the config's target that the results are of."
)
@click.option("--state-url", metavar="URL", help="Where the target is put into states.")
@click.option("--config", metavar="FILE", help="Config file. Default: conformance.toml, or [tool.conformance].")
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
        options = Options(
            contracts=list(given["contract"]),
            target=given["target"],
            state_url=given["state_url"],
            config=given["config"],
        )
        sys.exit(again.carry_out(results, fingerprint, options, click.echo, prune=given["prune"]))


@click.command()
@click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]...")
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

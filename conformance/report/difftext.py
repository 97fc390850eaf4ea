"""A diff in words: for a terminal, and as Markdown."""

from collections.abc import Iterator, Sequence

from conformance.report.diff import Change, Compared, Diff
from conformance.report.markdown import LARGEST, code, fitted, inline, table
from conformance.report.text import cut
from conformance.results.printable import one_line, printable

__all__ = ["markdown", "terminal"]

_HEADINGS = (
    ("newly_failed", "Newly failed"),
    ("newly_untestable", "Newly untestable"),
    ("newly_fixed", "Newly fixed"),
    ("newly_tested", "Newly tested"),
    ("observed_differently", "Observed differently"),
    ("failed_otherwise", "Failed in other ways, perhaps all along"),
    ("still_failing", "Still failing"),
)


_MOST = 5
"""Findings of a requirement that are told one by one."""


def _kinds(diff: Diff) -> Iterator[tuple[str, list[Change]]]:
    for name, heading in _HEADINGS:
        changes: list[Change] = getattr(diff, name)
        if changes:
            yield heading, changes


def terminal(diff: Diff) -> str:
    """The diff for people at a terminal, what is still failing by its count and names only."""
    lines = [diff.sentence]
    lines += [f"{which}: {one_line(run.target)}, {run.started}, {run.overall}" for which, run in _runs(diff)]
    lines += [f"note: {note}" for note in diff.notes]
    for heading, changes in _kinds(diff):
        lines += ["", f"{heading} ({len(changes)})"]
        if heading == "Still failing":
            lines += [f"  {name}" for name in dict.fromkeys(f"{c.level} {c.requirement}" for c in changes)]
            continue
        for change in changes:
            lines += _told(change)
    return printable("\n".join(lines))


def _told(change: Change) -> Iterator[str]:
    yield f"  {change.level} {change.requirement}: was {one_line(change.before)}, is {one_line(change.after)}"
    if change.about:
        yield f"    {one_line(change.about)}"
    for finding in change.findings[:1]:
        yield f"    {one_line(finding.message)}  [{finding.fingerprint}]"
        yield f"    required:  {one_line(change.says)}  ({change.at})"
        yield f"    expected:  {one_line(finding.expected)}"
        yield f"    actual:    {one_line(finding.observed)}"
    for finding in change.findings[1:_MOST]:
        yield f"    also: {one_line(finding.message)}  [{finding.fingerprint}]"
    if len(change.findings) > _MOST:
        yield f"    and {len(change.findings) - _MOST} more"


def _runs(diff: Diff) -> list[tuple[str, Compared]]:
    return [("old", diff.old), ("new", diff.new)]


def markdown(diffs: Sequence[Diff], largest: int = LARGEST) -> str:
    """The diffs as Markdown of at most `largest` bytes, what broke first."""
    blocks: list[str] = []
    for diff in diffs:
        blocks.append(f"## {inline(diff.sentence)}")
        rows = [[which, code(run.target), run.started, run.overall] for which, run in _runs(diff)]
        blocks.append(table(["", "Target", "Started", "Verdict"], rows))
        blocks += [f"> {inline(note)}" for note in diff.notes]
        for heading, changes in _kinds(diff):
            blocks.append(
                f"### {heading} ({len(changes)})\n\n" + table(["Requirement", "What", "Was", "Is"], map(_row, changes))
            )
    return fitted(blocks, largest)


def _row(change: Change) -> list[str]:
    told = [f"{inline(f.message)}: {code(cut(f.observed, 200))}" for f in change.findings[:_MOST]]
    if len(change.findings) > _MOST:
        told.append(f"and {len(change.findings) - _MOST} more")
    what = "<br>".join(told) or inline(change.about or change.says)
    return [f"{change.level} {code(change.requirement)}", what, code(change.before), code(change.after)]

"""Markdown for a CI step summary: the worst first, every text escaped, cut where the platform would refuse it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from conformance.report.evidence import Limits
from conformance.report.page import Observed, Page, page
from conformance.report.text import LIMITS_OF_ANY_CHECK, cut, number, plural
from conformance.report.view import WORDS, Judged
from conformance.results.files import RunResults
from conformance.results.lines import FindingLine
from conformance.results.printable import one_line, printable

__all__ = ["LARGEST", "cell", "code", "fence", "fitted", "inline", "render", "table"]

LARGEST = 1024 * 1024
"""Bytes that a step summary may have on the largest CI platform: 1 MiB."""

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_LIMITS = Limits(body=2000, exchanges=0, examples=2, findings=12, witnesses=False)
_OBSERVED = 40


def render(runs: Sequence[RunResults], largest: int = LARGEST) -> str:
    """The runs as Markdown of at most `largest` bytes; what does not fit is left out from the end, and said so."""
    pages = [page(run, _LIMITS) for run in runs]
    # Every run's verdict and every broken promise stand before the first thing that may be missed.
    blocks = [block for one in pages for block in _head(one)]
    blocks += [block for one in pages for block in _broken(one)]
    blocks += [block for one in pages for block in _waived(one)]
    blocks += [block for one in pages for block in _rest(one)]
    return fitted(blocks, largest)


def fitted(blocks: Iterable[str], largest: int = LARGEST) -> str:
    """As many whole blocks as fit, then a line that says how many don't."""
    waiting = list(blocks)
    room = largest - 200
    kept: list[str] = []
    for block in waiting:
        size = len(block.encode()) + 2
        if size > room:
            break
        room -= size
        kept.append(block)
    left = len(waiting) - len(kept)
    if left:
        kept.append(f"*Cut to fit: {plural(left, 'part')} left out here. The HTML report and results.jsonl have them.*")
    return "\n\n".join(kept) + "\n"


def _head(one: Page) -> Iterator[str]:
    yield f"## {inline(one.sentence)}"
    if one.view.gate:
        decided, *reasons = one.view.gate
        yield "\n".join([f"**{inline(decided)}**", "", *(f"- {inline(reason)}" for reason in reasons)]).rstrip()
    yield table(["", ""], [[inline(name), code(value)] for name, value in one.facts])


def _broken(one: Page) -> Iterator[str]:
    if one.cards:
        yield f"### What failed: {inline(one.view.title)}"
        yield "\n".join(f"- {line.level}: {inline(line.words)} ({_names(line.links)})" for line in one.glance)
    for card in one.cards:
        line = card.judged.line
        yield f"#### {card.judged.mark} {line.level} {code(line.requirement)}: {inline(card.headline)}"
        yield f"> {inline(line.says)}\n>\n> {code(card.judged.place)}"
        for example in card.examples:
            rows = [_finding(f) for f in example.findings]
            yield table(["Finding", "Expected", "Actual"], rows)
            script = fence(example.curl, "sh")
            yield f"<details><summary>See it for yourself</summary>\n\n{script}\n\n</details>"


def _waived(one: Page) -> Iterator[str]:
    if one.waived:
        yield f"### Waived: {inline(one.view.title)}"
        rows = [_waiver(card.judged, finding) for card in one.waived for finding in card.findings]
        yield table(["Requirement", "Finding", "Finding", "Waived because", "Ticket", "Owner", "Until"], rows)


def _waiver(judged: Judged, finding: FindingLine) -> list[str]:
    waiver = finding.waived
    terms = [waiver.reason, waiver.ticket, waiver.owner, waiver.expires] if waiver else []
    said = [finding.message, *(term or "" for term in terms)]
    name = f"{judged.line.level} {code(judged.line.requirement)}"
    return [name, code(finding.fingerprint), *(inline(cut(words, 600)) for words in said)]


def _names(links: Sequence[tuple[str, str]]) -> str:
    return ", ".join(code(name) for name, _ in links)


def _finding(finding: FindingLine) -> list[str]:
    once = "" if finding.reproduced else " *(seen once, not again)*"
    said = inline(cut(finding.message, 600)) + once
    return [said, code(cut(finding.expected, 600)), code(cut(finding.observed, 600))]


def _rest(one: Page) -> Iterator[str]:
    title = inline(one.view.title)
    if one.reasons:
        yield f"### What was not tested: {title}"
    for reason in one.reasons:
        names = ", ".join(code(judged.line.requirement) for judged in reason.judged)
        yield f"- **{WORDS[reason.verdict]}**, {reason.levels}: {inline(reason.why)}: {names}"
    yield f"### Requirements: {title}"
    for operation, judged in one.by_operation:
        head = ["Verdict", "Level", "Requirement", "The document's words"]
        yield f"{code(operation)}\n\n" + table(head, map(_row, judged))
    seen = [observed for observed in one.observed if observed.facts]
    if seen:
        yield f"### Observed, where the document is silent: {title}"
    yield from map(_facts, seen)
    yield LIMITS_OF_ANY_CHECK


def _row(judged: Judged) -> list[str]:
    line = judged.line
    return [f"{judged.mark} {judged.word}", line.level, code(line.requirement), inline(cut(line.says, 160))]


def _facts(observed: Observed) -> str:
    rows = [[inline(what), code(cut(str(value), 200))] for what, value in observed.facts[:_OBSERVED]]
    more = len(observed.facts) + observed.more - len(rows)
    told = f"{code(observed.judged.line.requirement)}\n\n{table(['What', 'Seen'], rows)}"
    return told + (f"\n\nand {number(more)} more" if more else "")


def inline(text: str) -> str:
    """The text as plain words: nothing in it is markup, a link, an image or a mention."""
    plain = one_line(str(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _SPECIAL.sub(r"\\\1", plain).replace("@", "&#64;")
    # A bare address becomes a link by itself.
    return plain.replace("://", "&#58;//").replace("www.", "www&#46;")


def code(text: str) -> str:
    """The text as a code span that it can't end, fit for a table."""
    plain = one_line(str(text)).replace("|", "\\|")
    if not plain:
        return ""
    ticks = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{ticks}{pad}{plain}{pad}{ticks}"


def cell(text: str) -> str:
    """A cell of a table, already marked up: it has one line."""
    return text.replace("\n", " ")


def fence(text: str, language: str = "") -> str:
    """The text as a code block that it can't end."""
    ticks = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{ticks}{language}\n{printable(text)}\n{ticks}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are marked up already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell(c) for c in line)} |" for line in lines)

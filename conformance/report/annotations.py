"""Annotations: workflow commands that put the worst of a run beside the change that is being reviewed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.report.summary import sentence
from conformance.report.text import cut, one_line, plural, printable
from conformance.report.unverified import Gap, gaps, verified
from conformance.report.waived import gate_lines, open_part, terms, waived_part
from conformance.results.files import RunResults

__all__ = ["MOST", "render"]

MOST = 10
"""Annotations that are written out; the platform drops what a step has beyond ten of a kind."""

_LONGEST, _LONGEST_TITLE = 600, 120
"""Characters of a message and of a title."""

_Kind = Literal["error", "warning", "notice"]
_BY_LEVEL: dict[str, _Kind] = {"MUST": "error", "SHOULD": "warning", "MAY": "notice"}


@dataclass(frozen=True)
class _Note:
    """One annotation; `rank` orders them, the worst having the smallest."""

    rank: int
    kind: _Kind
    title: str
    words: str
    run: RunResults
    result: dict[str, Any] | None = None

    def command(self) -> str:
        """The annotation as one line that the platform reads."""
        place = {}
        file = self.run.run["contract"].get("file")
        if file and self.result is not None:
            place = {"file": file, "line": str(self.result.get("line", 1))}
        return _command(self.kind, self.title, self.words, **place)


def render(runs: Sequence[RunResults]) -> str:
    """At most ten annotations of all runs, the worst first, then one line that counts the rest.

    Whatever a target's words are, each line is the one command that it seems to be, and bounded in length.
    """
    notes = sorted((note for run in runs for note in _notes(run)), key=lambda note: note.rank)
    room = MOST
    if len(notes) > MOST and notes[0].kind == "notice":
        # The last line is a notice too, and the platform takes ten.
        room -= 1
    lines = [note.command() for note in notes[:room]]
    if notes[room:]:
        counts = Counter(note.kind for note in notes[room:])
        told = ", ".join(plural(counts[kind], kind) for kind in ("error", "warning", "notice") if counts[kind])
        where = "The step summary and the report in the run's artifacts have them all."
        lines.append(_command("notice", f"{len(notes) - room} more", f"Not shown here: {told}. {where}"))
    return "".join(line + "\n" for line in lines)


def _notes(run: RunResults) -> Iterator[_Note]:
    gate = run.end.get("gate")
    if gate is not None and not gate["passed"]:
        decided, *reasons = gate_lines(run)
        yield _Note(0, "error", decided, "\n".join(reasons), run)
    for result in map(open_part, run.results):
        if result["findings"]:
            yield _broken(run, result)
    yield from _unproved(run, let_through=bool(gate and gate["passed"]))
    for result in map(waived_part, run.results):
        if result["findings"]:
            yield _known(run, result)


def _broken(run: RunResults, result: dict[str, Any]) -> _Note:
    first = result["findings"][0]
    kind = _BY_LEVEL[result["level"]]
    seen = f"Expected: {cut(first['expected'], 150)}\nSeen: {cut(first['observed'], 150)}"
    words = f"{cut(first['message'], 200)}\n{seen}{_more(result)}"
    rank = {"error": 1, "warning": 4, "notice": 5}[kind]
    return _Note(rank, kind, f"{result['level']} {result['requirement']}", words, run, result)


def _known(run: RunResults, result: dict[str, Any]) -> _Note:
    first = result["findings"][0]
    words = f"{cut(first['message'], 200)}\nWaived: {cut(terms(first), 250)}{_more(result)}"
    return _Note(6, "notice", f"Waived: {result['level']} {result['requirement']}", words, run, result)


def _more(result: dict[str, Any]) -> str:
    others = len(result["findings"]) - 1
    return f"\nand {plural(others, 'more finding')} of it" if others else ""


def _unproved(run: RunResults, *, let_through: bool) -> Iterator[_Note]:
    """What there is no verdict on, one note a reason."""
    by_reason: dict[tuple[str, str], list[Gap]] = {}
    for gap in gaps(run):
        by_reason.setdefault((gap[0], gap[2]), []).append(gap)
    for (kind, reason), alike in by_reason.items():
        names = ", ".join(result["requirement"] for _, result, _ in alike)
        words = f"{cut(reason, 250)}\n{cut(names, 250)}"
        if kind == "error":
            yield _Note(2, "error", f"No verdict: {plural(len(alike), 'requirement')}", words, run, alike[0][1])
        else:
            level: _Kind = "warning" if let_through else "error"
            yield _Note(3, level, f"Not tested: {len(alike)} MUST", words, run, alike[0][1])
    if not by_reason and not verified(run):
        yield _Note(2, "error", "Not verified", sentence(run), run)


def _command(kind: _Kind, title: str, words: str, **place: str) -> str:
    properties = {**place, "title": cut(one_line(title), _LONGEST_TITLE)}
    stated = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {stated}::{_data(cut(printable(words), _LONGEST))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Annotations: workflow commands that put the worst of a run beside the change that is being reviewed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.report.summary import sentence
from conformance.report.text import cut, plural
from conformance.report.view import Gap, Judged, View
from conformance.results.files import RunResults
from conformance.results.lines import FindingLine
from conformance.results.printable import one_line, printable

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
    view: View
    about: Judged | None = None

    def command(self) -> str:
        """The annotation as one line that the platform reads."""
        place = {}
        file = self.view.results.run.contract.file
        if file and self.about is not None:
            place = {"file": file, "line": str(self.about.line.line or 1)}
        return _command(self.kind, self.title, self.words, **place)


def render(runs: Sequence[RunResults]) -> str:
    """At most ten annotations of all runs, the worst first, then one line that counts the rest.

    Whatever a target's words are, each line is the one command that it seems to be, and bounded in length.
    """
    notes = sorted((note for run in runs for note in _notes(View(run))), key=lambda note: note.rank)
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


def _notes(view: View) -> Iterator[_Note]:
    gate = view.results.end.gate
    if gate is not None and not gate.passed:
        decided, *reasons = view.gate
        yield _Note(0, "error", decided, "\n".join(reasons), view)
    yield from (_broken(view, one) for one in view.judged if one.open)
    yield from _unproved(view, let_through=gate is not None and gate.passed)
    yield from (_known(view, one) for one in view.waived)


def _broken(view: View, one: Judged) -> _Note:
    first, kind = one.open[0], _BY_LEVEL[one.line.level]
    seen = f"Expected: {cut(first.expected, 150)}\nActual: {cut(first.observed, 150)}"
    words = f"{cut(first.message, 200)}\n{seen}{_more(one.open)}"
    rank = {"error": 1, "warning": 4, "notice": 5}[kind]
    return _Note(rank, kind, f"{one.line.level} {one.line.requirement}", words, view, one)


def _known(view: View, one: Judged) -> _Note:
    first = one.waived[0]
    terms = first.waived.words if first.waived else ""
    words = f"{cut(first.message, 200)}\nWaived: {cut(terms, 250)}{_more(one.waived)}"
    return _Note(6, "notice", f"Waived: {one.line.level} {one.line.requirement}", words, view, one)


def _more(findings: Sequence[FindingLine]) -> str:
    others = len(findings) - 1
    return f"\nand {plural(others, 'more finding')} of it" if others else ""


def _unproved(view: View, *, let_through: bool) -> Iterator[_Note]:
    """What there is no verdict on, one note a reason."""
    by_reason: dict[tuple[str, str], list[Gap]] = {}
    for gap in view.gaps:
        by_reason.setdefault((gap.kind, gap.reason), []).append(gap)
    for (kind, reason), alike in by_reason.items():
        names = ", ".join(gap.judged.line.requirement for gap in alike)
        words = f"{cut(reason, 250)}\n{cut(names, 250)}"
        if kind == "error":
            yield _Note(2, "error", f"No verdict: {plural(len(alike), 'requirement')}", words, view, alike[0].judged)
        else:
            level: _Kind = "warning" if let_through else "error"
            yield _Note(3, level, f"Not tested: {len(alike)} MUST", words, view, alike[0].judged)
    if not by_reason and not view.verified:
        yield _Note(2, "error", "Not verified", sentence(view), view)


def _command(kind: _Kind, title: str, words: str, **place: str) -> str:
    properties = {**place, "title": cut(one_line(title), _LONGEST_TITLE)}
    stated = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {stated}::{_data(cut(printable(words), _LONGEST))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

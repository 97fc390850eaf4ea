"""What a page shows of a finding: its example, its script and what went over the wire, cut to a size."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from conformance.report.text import cut, pretty
from conformance.report.view import Judged
from conformance.results import lines
from conformance.results.lines import FindingLine, Headers, RecordedExchange

__all__ = ["Card", "Example", "Limits", "Shown", "Step", "card", "shown"]


@dataclass(frozen=True)
class Limits:
    """How much a page holds: characters of a body or a script; exchanges, examples and findings by the piece."""

    body: int
    exchanges: int
    examples: int
    findings: int
    witnesses: bool = True


@dataclass(frozen=True)
class Step:
    """One thing that was done: `kind` is `set up`, `wait` or the method; `what` its object, `more` its data.

    `intent` says how a request is out of the ordinary.
    """

    kind: str
    what: str
    more: str = ""
    intent: str = ""


@dataclass(frozen=True)
class Shown:
    """An exchange as a page shows it, bodies cut; `after` is seconds since the first of its row, None for one alone."""

    method: str
    path: str
    status: int
    after: float | None
    seconds: float
    request: str
    response: str


@dataclass(frozen=True)
class Example:
    """A smallest example and the findings that it shows."""

    findings: list[FindingLine]
    steps: list[Step]
    curl: str
    exchanges: list[Shown | int]
    """A number stands for so many exchanges left out."""


@dataclass(frozen=True)
class Card:
    """A broken requirement: the findings that are told, their examples, how many findings and examples did not fit."""

    judged: Judged
    findings: tuple[FindingLine, ...]
    examples: list[Example]
    findings_left_out: int
    examples_left_out: int

    @property
    def headline(self) -> str:
        """What was seen, in a sentence."""
        return self.findings[0].message


def card(judged: Judged, findings: tuple[FindingLine, ...], base: str, limits: Limits) -> Card:
    """The card of a broken requirement, for some of its findings; those of one and the same example stand together.

    `base` is the target's URL.
    """
    groups: dict[tuple[str, ...], list[FindingLine]] = {}
    kept = findings[: limits.findings]
    for finding in kept:
        groups.setdefault(finding.curl, []).append(finding)
    # The evidence that is shortest to read comes first.
    ordered = sorted(groups.values(), key=lambda g: len(g[0].exchanges))
    examples = [_example(group, base, limits) for group in ordered[: limits.examples]]
    return Card(judged, findings, examples, len(findings) - len(kept), len(ordered) - len(examples))


def _example(findings: list[FindingLine], base: str, limits: Limits) -> Example:
    first = findings[0]
    exchanges = first.exchanges
    keep = exchanges if len(exchanges) <= limits.exchanges else _ends(exchanges, limits.exchanges)
    start = exchanges[0].started if exchanges else ""
    return Example(
        findings=findings,
        steps=list(_steps(first.example, limits)),
        curl=cut("\n".join(first.curl), limits.body * 4),
        exchanges=[e if isinstance(e, int) else shown(e, base, limits, start) for e in keep],
    )


def _ends(exchanges: tuple[RecordedExchange, ...], most: int) -> tuple[RecordedExchange | int, ...]:
    head, tail = most // 3, most - most // 3
    return (*exchanges[:head], len(exchanges) - most, *exchanges[len(exchanges) - tail :])


def _steps(example: lines.Example, limits: Limits) -> Iterable[Step]:
    for state in example.states:
        params = json.dumps(state.params, indent=2, ensure_ascii=False) if state.params else ""
        yield Step("set up", state.state, cut(params, limits.body))
    for step in example.steps:
        if step.wait is not None:
            yield Step("wait", f"{step.wait} s")
            continue
        intent = (step.intent or "").replace("regular", "")
        yield Step(step.method or "", step.path or "", cut(step.body or "", limits.body), intent)


def shown(exchange: RecordedExchange, base: str, limits: Limits, start: str = "") -> Shown:
    """An exchange for a page; `base` is the target's URL, which needs no repeating."""
    return Shown(
        method=exchange.method,
        path=(exchange.url.removeprefix(base.rstrip("/")) or "/") if base else exchange.url,
        status=exchange.status,
        after=_between(start, exchange.started) if start else None,
        seconds=exchange.seconds,
        request=_message(exchange.request_headers, exchange.request_body, limits),
        response=_message(exchange.response_headers, exchange.response_body, limits),
    )


def _message(headers: Headers, body: str | None, limits: Limits) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in headers)
    text = cut(pretty(body), limits.body)
    return f"{cut(head, limits.body)}\n\n{text}" if text else cut(head, limits.body)


def _between(start: str, end: str) -> float:
    try:
        return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    except ValueError:
        return 0.0

"""What the page of a run says, part by part; html.py gives it its looks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from conformance.report import charts, summary
from conformance.report.evidence import Card, Limits, Shown, card, shown
from conformance.report.text import clock, number, plural
from conformance.report.view import Judged, Reason, View, worst_first
from conformance.results.files import RunResults
from conformance.results.lines import EndLine, Traffic
from conformance.results.verdicts import Verdict

__all__ = ["Glance", "Observed", "Page", "Surface", "page"]

_MOST_OBSERVED = 300
_GLANCE = 12
_UNTESTED: Final[tuple[Verdict, ...]] = ("error", "untestable", "not-applicable")
_MEANS = {"states", "accounts", "failures", "create", "remove", "cancel"}
"""Capabilities that bring something about, and show nothing."""


@dataclass(frozen=True)
class Glance:
    """A line of the list at the top: what is wrong, and where the page tells more (rule and anchor)."""

    verdict: Verdict
    level: str
    words: str
    links: list[tuple[str, str]]


@dataclass(frozen=True)
class Surface:
    """A place where data could survive, and whether the run looked there."""

    name: str
    looked: bool
    how: str


@dataclass(frozen=True)
class Observed:
    """What was seen of a requirement where the document is silent: facts, how many more there are, and findings."""

    judged: Judged
    facts: list[tuple[str, Any]]
    more: int
    card: Card | None


@dataclass(frozen=True)
class Page:
    """One run, ready to be shown; `prefix` keeps the anchors of several runs on a page apart."""

    view: View
    prefix: str
    cards: list[Card]
    waived: list[Card]
    observed: list[Observed]
    reasons: list[Reason]
    witnesses: dict[str, Shown]
    surfaces: list[Surface]

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return summary.sentence(self.view)

    @property
    def glance(self) -> list[Glance]:
        """The worst: what is broken, told once whatever number of rules saw it; else why there is no verdict."""
        if not self.cards:
            named = [r for r in self.reasons if r.verdict != "not-applicable"]
            return [Glance(r.verdict, r.levels, r.why, [("why", f"{self.prefix}not-tested")]) for r in named[:_GLANCE]]
        lines: dict[tuple[str, str], Glance] = {}
        for card_ in self.cards:
            line = card_.judged.line
            glance = lines.setdefault(
                (line.level, card_.headline), Glance(line.verdict, line.level, card_.headline, [])
            )
            glance.links.append((line.rule, self.anchor(card_.judged)))
        return list(lines.values())[:_GLANCE]

    @property
    def beyond_glance(self) -> int:
        """Broken requirements that the list of the worst has no room for."""
        return len(self.cards) - sum(len(line.links) for line in self.glance) if self.cards else 0

    @property
    def by_operation(self) -> list[tuple[str, list[Judged]]]:
        """Every requirement under its operation, the worst first."""
        rows: dict[str, list[Judged]] = {}
        for one in worst_first(self.view.judged):
            rows.setdefault(one.line.operation or "whole document", []).append(one)
        return list(rows.items())

    @property
    def answers(self) -> list[charts.Row]:
        """The chart of answers by status."""
        return charts.answers(self.view.results.end.traffic)

    @property
    def latency(self) -> list[charts.Row]:
        """The chart of times."""
        return charts.latency(self.view.results.end.traffic)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Where the results come from."""
        run, end = self.view.results.run, self.view.results.end
        able = run.target.capabilities.items()
        return [
            ("Target", _named(self.view)),
            ("Document", f"{run.contract.title}, version {run.contract.version}"),
            ("Document hash", f"sha256 {run.contract.sha256}"),
            ("When", f"{run.started}, for {clock(end.seconds)}"),
            ("Profile", f"{run.profile}{', strict' if run.strict else ''}"),
            ("Asked for", ", ".join(run.selected) if run.selected else "every requirement"),
            ("Depth", f"{plural(run.examples, 'example')} a requirement at most, seed {run.seed}"),
            ("Sent", plural(end.requests, "request")),
            ("Calls", _calls(end)),
            ("Target can", ", ".join(f"{name} ({how})" for name, how in able) or "nothing beyond the operation"),
            ("Suite", f"version {run.suite.version}, exit code {end.exit_code}"),
        ]

    def anchor(self, judged: Judged) -> str:
        """The id of the place where the page tells about a requirement."""
        return self.prefix + re.sub(r"[^A-Za-z0-9._-]", "-", judged.line.requirement)

    def waived_anchor(self, judged: Judged) -> str:
        """The id of the place that tells what of a requirement is waived: its only one where all of it is."""
        elsewhere = judged.line.verdict == "observed" or any(card_.judged == judged for card_ in self.cards)
        return self.anchor(judged) + ("-waived" if elsewhere else "")


def _named(view: View) -> str:
    name, url = view.target_name, view.results.run.target.url
    return url if name in url else f"{name}, {url}"


def _calls(end: EndLine) -> str:
    left = f", {plural(end.leftovers, 'account')} left over" if end.leftovers else ""
    return f"{number(end.calls_created)} created, {number(end.calls_deleted)} deleted{left}"


def page(results: RunResults, limits: Limits, prefix: str = "") -> Page:
    """Everything that the page of a run shows, within limits."""
    view, base = View(results), results.run.target.url
    return Page(
        view=view,
        prefix=prefix,
        cards=[card(one, one.open, base, limits) for one in worst_first(view.broken)],
        waived=[card(one, one.waived, base, limits) for one in worst_first(view.waived)],
        observed=list(_observed(view, base, limits)),
        reasons=sorted(view.reasons, key=lambda r: (_UNTESTED.index(r.verdict), -r.musts)),
        witnesses=_witnesses(view, base, limits),
        surfaces=list(_surfaces(results)),
    )


def _witnesses(view: View, base: str, limits: Limits) -> dict[str, Shown]:
    """The exchange by which each pass can be seen."""
    lines = [one.line for one in view.of("pass", "observed")] if limits.witnesses else []
    return {line.requirement: shown(line.witness, base, limits) for line in lines if line.witness}


def _observed(view: View, base: str, limits: Limits) -> Iterable[Observed]:
    for one in view.judged:
        facts = sorted(one.line.observed.items())
        silent = one.line.verdict == "observed"
        # What failed has a card: here stands only what the document leaves open.
        findings = card(one, one.open, base, limits) if silent and one.open else None
        if facts or silent:
            yield Observed(one, facts[:_MOST_OBSERVED], max(0, len(facts) - _MOST_OBSERVED), findings)


def _surfaces(results: RunResults) -> Iterable[Surface]:
    seen: dict[str, list[Traffic]] = {}
    for row in results.end.traffic:
        seen.setdefault(row.operation, []).append(row)
    for operation, rows in seen.items():
        total, ok = sum(row.count for row in rows), sum(row.count for row in rows if 200 <= row.status < 300)
        name = f"answers of {operation}" if operation else "answers to other requests"
        # Many refusals are no look at what a call's data came to.
        yield Surface(name, ok > 0, f"{plural(total, 'answer')}, {number(ok)} of them 2xx")
    for name, how in results.run.target.capabilities.items():
        if how == "absent" and name not in _MEANS:
            yield Surface(f"a call's {name}", False, "the target does not have it, or was declared to be without it")
    yield Surface("storage, replicas, caches and search indexes", False, "no API shows them")
    yield Surface("backups", False, "no API shows them")
    yield Surface("the provider's own logs, traces and analytics", False, "no API shows them")
    yield Surface("telephony carriers, model and webhook providers", False, "they have systems of their own")

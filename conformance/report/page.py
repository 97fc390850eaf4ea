"""What the page of a run says, part by part; html.py gives it its looks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.report import charts, summary
from conformance.report.evidence import Card, Limits, Shown, card, shown
from conformance.report.text import clock, number, plural, target_name, untested, worst_first
from conformance.report.waived import gate_lines, open_part, waived_part
from conformance.results.files import RunResults

__all__ = ["Glance", "Page", "Reason", "Surface", "page"]

_MOST_OBSERVED = 300
_GLANCE = 12
_MEANS = {"states", "accounts", "failures", "create", "remove", "cancel"}
"""Capabilities that bring something about, and show nothing."""


@dataclass(frozen=True)
class Reason:
    """Requirements that have no verdict on the target, for one and the same reason."""

    why: str
    verdict: str
    results: list[dict[str, Any]]

    @property
    def musts(self) -> int:
        """How many of them are MUSTs."""
        return sum(r["level"] == "MUST" for r in self.results)

    @property
    def levels(self) -> str:
        """How many there are of each level."""
        counts = {level: sum(r["level"] == level for r in self.results) for level in ("MUST", "SHOULD", "MAY")}
        return ", ".join(f"{count} {level}" for level, count in counts.items() if count)


@dataclass(frozen=True)
class Glance:
    """A line of the list at the top: what is wrong, and where the page tells more (rule and anchor)."""

    verdict: str
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
class Page:
    """One run, ready to be shown; `prefix` keeps the anchors of several runs on a page apart."""

    results: RunResults
    prefix: str
    cards: list[Card]
    waived: list[Card]
    observed: list[dict[str, Any]]
    reasons: list[Reason]
    witnesses: dict[str, Shown]
    surfaces: list[Surface]

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return summary.sentence(self.results)

    @property
    def gate(self) -> list[str]:
        """What a CI gate decided, then why; empty where none was applied."""
        return gate_lines(self.results)

    @property
    def overall(self) -> str:
        """The verdict on the target."""
        return str(self.results.end["overall"])

    @property
    def glance(self) -> list[Glance]:
        """The worst: what is broken, told once whatever number of rules saw it; else why there is no verdict."""
        if not self.cards:
            named = [r for r in self.reasons if r.verdict != "not-applicable"]
            return [Glance(r.verdict, r.levels, r.why, [("why", f"{self.prefix}not-tested")]) for r in named[:_GLANCE]]
        lines: dict[tuple[str, str], Glance] = {}
        for card_ in self.cards:
            result = card_.result
            line = lines.setdefault(
                (result["level"], card_.headline), Glance(result["verdict"], result["level"], card_.headline, [])
            )
            line.links.append((result["rule"], self.anchor(result)))
        return list(lines.values())[:_GLANCE]

    @property
    def beyond_glance(self) -> int:
        """Broken requirements that the list of the worst has no room for."""
        return len(self.cards) - sum(len(line.links) for line in self.glance) if self.cards else 0

    @property
    def passes(self) -> list[dict[str, Any]]:
        """What passed, in the contract's order."""
        return self.results.of("pass")

    @property
    def by_operation(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Every requirement under its operation, the worst first."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for result in worst_first(self.results.results):
            rows.setdefault(result["operation"] or "whole document", []).append(result)
        return list(rows.items())

    @property
    def answers(self) -> list[charts.Row]:
        """The chart of answers by status."""
        return charts.answers(self.results.end["traffic"])

    @property
    def latency(self) -> list[charts.Row]:
        """The chart of times."""
        return charts.latency(self.results.end["traffic"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Where the results come from."""
        run, end = self.results.run, self.results.end
        contract = run["contract"]
        able = run["target"]["capabilities"].items()
        return [
            ("Target", _named(run)),
            ("Document", f"{contract['title']}, version {contract['version']}"),
            ("Document hash", f"sha256 {contract['sha256']}"),
            ("When", f"{run['started']}, for {clock(end['seconds'])}"),
            ("Profile", f"{run['profile']}{', strict' if run.get('strict') else ''}"),
            ("Asked for", ", ".join(run["selected"]) if run["selected"] else "every requirement"),
            ("Depth", f"{plural(run['examples'], 'example')} a requirement at most, seed {run['seed']}"),
            ("Sent", plural(end["requests"], "request")),
            ("Calls", _calls(end)),
            ("Target can", ", ".join(f"{name} ({how})" for name, how in able) or "nothing beyond the operation"),
            ("Suite", f"version {run['suite']['version']}, exit code {end['exit_code']}"),
        ]

    def anchor(self, result: dict[str, Any]) -> str:
        """The id of the place where the page tells about a requirement."""
        return self.prefix + re.sub(r"[^A-Za-z0-9._-]", "-", str(result["requirement"]))

    def waived_anchor(self, result: dict[str, Any]) -> str:
        """The id of the place that tells what of a requirement is waived: its only one where all of it is."""
        elsewhere = result["verdict"] == "observed" or result["requirement"] in {
            c.result["requirement"] for c in self.cards
        }
        return self.anchor(result) + ("-waived" if elsewhere else "")


def _named(run: dict[str, Any]) -> str:
    name, url = target_name(run), str(run["target"]["url"])
    return url if name in url else f"{name}, {url}"


def _calls(end: dict[str, Any]) -> str:
    left = f", {plural(end['leftovers'], 'account')} left over" if end.get("leftovers") else ""
    return f"{number(end['calls_created'])} created, {number(end['calls_deleted'])} deleted{left}"


def page(results: RunResults, limits: Limits, prefix: str = "") -> Page:
    """Everything that the page of a run shows, within limits."""
    base = str(results.run["target"]["url"])
    broken = [part for part in map(open_part, worst_first(results.of("fail", "warn"))) if part["findings"]]
    waived = [part for part in map(waived_part, worst_first(results.results)) if part["findings"]]
    return Page(
        results=results,
        prefix=prefix,
        cards=[card(r, base, limits) for r in broken],
        waived=[card(r, base, limits) for r in waived],
        observed=list(_observed(results, base, limits)),
        reasons=_reasons(results),
        witnesses={
            r["requirement"]: shown(r["witness"], base, limits)
            for r in results.of("pass", "observed")
            if limits.witnesses and r.get("witness")
        },
        surfaces=list(_surfaces(results)),
    )


def _observed(results: RunResults, base: str, limits: Limits) -> Iterable[dict[str, Any]]:
    for result in map(open_part, results.results):
        facts = sorted(result.get("observed", {}).items())
        # What is broken has a card: here stands only what the document leaves open.
        findings = card(result, base, limits) if result["verdict"] == "observed" and result["findings"] else None
        if facts or findings or result["verdict"] == "observed":
            yield {
                "result": result,
                "facts": facts[:_MOST_OBSERVED],
                "more": max(0, len(facts) - _MOST_OBSERVED),
                "card": findings,
            }


def _reasons(results: RunResults) -> list[Reason]:
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for result in results.of("error", "untestable", "not-applicable"):
        rows.setdefault((untested(result), result["verdict"]), []).append(result)
    found = [Reason(why, verdict, each) for (why, verdict), each in rows.items()]
    order = ("error", "untestable", "not-applicable")
    return sorted(found, key=lambda r: (order.index(r.verdict), -r.musts))


def _surfaces(results: RunResults) -> Iterable[Surface]:
    seen: dict[str, list[dict[str, Any]]] = {}
    for row in results.end["traffic"]:
        seen.setdefault(str(row["operation"]), []).append(row)
    for operation, rows in seen.items():
        total, ok = sum(r["count"] for r in rows), sum(r["count"] for r in rows if 200 <= r["status"] < 300)
        name = f"answers of {operation}" if operation else "answers to other requests"
        # Many refusals are no look at what a call's data came to.
        yield Surface(name, ok > 0, f"{plural(total, 'answer')}, {number(ok)} of them 2xx")
    for name, how in results.run["target"]["capabilities"].items():
        if how == "absent" and name not in _MEANS:
            yield Surface(f"a call's {name}", False, "the target does not have it, or was declared to be without it")
    yield Surface("storage, replicas, caches and search indexes", False, "no API shows them")
    yield Surface("backups", False, "no API shows them")
    yield Surface("the provider's own logs, traces and analytics", False, "no API shows them")
    yield Surface("telephony carriers, model and webhook providers", False, "they have systems of their own")

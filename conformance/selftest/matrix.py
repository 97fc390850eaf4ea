"""The kill matrix: what the self-test showed, as JSON Lines and for people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from conformance import __version__
from conformance.contracts.loading import load
from conformance.contracts.pointer import JsonObject
from conformance.selftest.trial import Outcome

__all__ = ["FORMAT", "LEAST_REACH", "as_lines", "as_markdown"]

FORMAT = "conformance-kill-matrix/2"

LEAST_REACH = 0.2
"""Share of a rule's examples that must reach its situation; a rule below it is to be redesigned."""


def as_lines(outcomes: Sequence[Outcome], depth: int) -> Iterator[JsonObject]:
    """What was tried as plain data: a head, then every fault, every variant, and how often cases were reached."""
    good = all(outcome.good for outcome in outcomes)
    yield {"kind": "selftest", "format": FORMAT, "suite": {"version": __version__}, "examples": depth, "good": good}
    yield from ({"kind": "fault", **_fault(one)} for one in _of(outcomes, "fault"))
    yield from ({"kind": "variant", **_variant(one)} for one in _of(outcomes, "variant", "correct"))
    for contract, requirement, rule, examples, reached in _reach(outcomes):
        yield {
            "kind": "reach",
            "contract": contract,
            "requirement": requirement,
            "rule": rule,
            "examples": examples,
            "reached": reached,
        }


def _of(outcomes: Iterable[Outcome], *kinds: str) -> list[Outcome]:
    return sorted((o for o in outcomes if o.kind in kinds), key=lambda o: (o.contract, o.rule, o.name, o.seed))


def _fault(outcome: Outcome) -> JsonObject:
    return {k: v for k, v in asdict(outcome).items() if k not in {"reach", "kind", "findings"}}


def _variant(outcome: Outcome) -> JsonObject:
    kept = ("contract", "name", "seed", "findings", "errors", "examples", "requests", "seconds")
    return {k: v for k, v in asdict(outcome).items() if k in kept} | {"flagged": not outcome.good}


def _reach(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str, str, int, int]]:
    """For each requirement its examples against the correct server, and those that reached the situation."""
    for contract in sorted({o.contract for o in outcomes}):
        runs = [o for o in outcomes if o.kind == "correct" and o.contract == contract]
        for requirement in load(contract).requirements:
            seen = [o.reach[requirement.id] for o in runs if requirement.id in o.reach]
            if seen:
                yield contract, requirement.id, requirement.rule, sum(n for n, _ in seen), sum(k for _, k in seen)


def as_markdown(outcomes: Sequence[Outcome], depth: int) -> str:
    """The matrix for people: figures, what went wrong, then every trial."""
    contracts = sorted({o.contract for o in outcomes})
    lines = [*_head(outcomes, contracts, depth), *_wrong(outcomes)]
    for contract in contracts:
        own = [o for o in outcomes if o.contract == contract]
        lines += [f"## {contract}", "", *_variants(own), *_reached(own), *_faults(own)]
    return "\n".join(lines) + "\n"


def _head(outcomes: Sequence[Outcome], contracts: Sequence[str], depth: int) -> Iterator[str]:
    seeds = sorted({o.seed for o in outcomes if o.kind != "variant"})
    yield from (
        "# Kill matrix",
        "",
        "What `conformance selftest` showed: the suite against its own reference servers, each with one deliberate",
        "defect (a fault) or with lawful differences (variants). A fault is caught if the rule meant for it raises a",
        "finding; it is tried alone, that rule first, the others after it. A variant must raise none.",
        "",
        f"Suite {__version__}, {depth} examples a requirement, seed {', '.join(map(str, seeds))}.",
        "",
        "| contract | faults | caught by their own rule, with every seed | variants, alone and in threes | flagged |",
        "|---|---|---|---|---|",
    )
    for contract in contracts:
        faults = _tried(o for o in outcomes if o.contract == contract)
        caught = sum(all(o.good for o in tried) for tried in faults.values())
        others = [o for o in outcomes if o.contract == contract and o.kind != "fault"]
        flagged = sum(not o.good for o in others)
        yield f"| {contract} | {len(faults)} | {caught} | {len(others)} | {flagged} |"
    yield ""


def _wrong(outcomes: Sequence[Outcome]) -> Iterator[str]:
    bad = [o for o in _of(outcomes, "fault", "variant", "correct") if not o.good]
    if not bad:
        yield from ("Every fault was caught by its own rule; no variant was flagged.", "")
        return
    yield from ("## What went wrong", "")
    for one in bad:
        if one.kind == "fault":
            seen = ", ".join(one.rules) or "by no rule"
            yield f"- missed by {one.rule}: {one.contract} `{one.name}` ({one.condition}), seed {one.seed}; seen {seen}"
        else:
            yield f"- flagged: {one.contract} `{one.name}`, seed {one.seed}: {'; '.join([*one.findings, *one.errors])}"
    yield ""


def _faults(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield from (
        "### Faults",
        "",
        "Where several seeds were tried, their figures stand side by side. For rules over every answer of the run,",
        "an example is one answer. Other rules: those that saw the fault too until its own did.",
        "",
        "| rule | fault | when it bites | caught | other rules | examples | requests | seconds |",
        "|---|---|---|---|---|---|---|---|",
    )
    for name, tried in _tried(outcomes).items():
        caught = sum(o.caught for o in tried)
        others = sorted({rule for o in tried for rule in o.rules} - {tried[0].rule})
        cells = [
            tried[0].rule,
            f"`{name}`",
            tried[0].condition,
            "yes" if caught == len(tried) else f"**{caught} of {len(tried)}**",
            ", ".join(others),
            *(_side_by_side(getattr(o, what) for o in tried) for what in ("examples", "requests", "seconds")),
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""


def _tried(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """The trials of each fault, one for each seed."""
    by_name: dict[str, list[Outcome]] = {}
    for one in _of(outcomes, "fault"):
        by_name.setdefault(one.name, []).append(one)
    return by_name


def _side_by_side(figures: Iterable[float]) -> str:
    return ", ".join(f"{figure:g}" for figure in figures)


def _variants(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield from (
        "### Variants",
        "",
        "| variant | seed | flagged | examples | requests | seconds |",
        "|---|---|---|---|---|---|",
    )
    for one in _of(outcomes, "correct", "variant"):
        flagged = "no" if one.good else "**yes**"
        yield f"| {one.name} | {one.seed} | {flagged} | {one.examples} | {one.requests} | {one.seconds:g} |"
    yield ""


def _reached(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield from (
        "### Reach",
        "",
        "How often an example against the correct server reached the situation that its rule is about.",
        f"Below {LEAST_REACH:.0%} a rule is to be redesigned: it is marked.",
        "",
        "| requirement | rule | examples | reached | share |",
        "|---|---|---|---|---|",
    )
    for _, requirement, rule, examples, reached in _reach(outcomes):
        share = reached / examples if examples else 0.0
        shown = f"{share:.0%}" if share >= LEAST_REACH else f"**{share:.0%}**"
        yield f"| {requirement} | {rule} | {examples} | {reached} | {shown} |"
    yield ""

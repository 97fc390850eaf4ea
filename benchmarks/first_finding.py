"""The first finding: requests and seconds until it, for this suite and for expert Schemathesis.

The suite's figures are those of its trials in `detection`, which end at the first finding, its smallest example made
(`conformance run -x --strict`). Expert Schemathesis is started anew on each fault that it caught there, told to end at
its first failure (`--max-failures 1`). Both are whole processes, start-up and all; requests are the server's count,
those to its state URL included. Where the expert set-up reports something on the correct server, it would end at that:
such a trial does not count.
"""

from collections.abc import Iterator, Sequence

from benchmarks.detection import EXPERT, SUITE, alarms, carry_out, caught, of
from benchmarks.measures import SCRATCH, Bound, Options, Raw, Say, load, median, prose, table
from benchmarks.trial import Trial

TITLE = "The first finding"

_TOOL = "Schemathesis, expert, first failure"
_LIMIT = 3.0


def measure(options: Options, say: Say) -> Raw:
    """Let expert Schemathesis end at its first failure, on every fault that it caught.

    Raises:
        LookupError: detection did not run.
    """
    seen = load("detection")
    if seen is None or "error" in seen:
        raise LookupError("there are no trials of detection: that part comes first")
    plan = [Trial(_TOOL, c, "fault", name) for c in options.contracts for name in sorted(caught(seen, EXPERT, c))]
    outcomes = carry_out(plan, say, file=SCRATCH / "trials-first-finding.jsonl", resume=options.resume)
    return {"pairs": {contract: _pairs(seen, contract, outcomes) for contract in options.contracts}}


def _pairs(seen: Raw, contract: str, outcomes: Sequence[Raw]) -> list[Raw]:
    """For each fault that this suite caught: what it took, and what the other took (None: it did not find it)."""
    false, mine = alarms(seen, EXPERT, contract), caught(seen, SUITE, contract)
    theirs = {o["name"]: o for o in outcomes if o["contract"] == contract and set(o["failures"]) - false}
    trials = [trial for trial in of(seen, SUITE, contract, "fault") if trial["name"] in mine]
    return [{"fault": t["name"], "suite": _took(t), "expert": _took(theirs.get(t["name"]))} for t in trials]


def _took(trial: Raw | None) -> Raw | None:
    return trial and {"requests": trial["requests"] + trial["set_ups"], "seconds": trial["seconds"]}


def bounds(raw: Raw) -> Iterator[Bound]:
    """On the faults that both find, the suite is to take no more than some times the other's time."""
    for contract, pairs in raw["pairs"].items():
        ratio = _ratio(pairs, "seconds")
        yield Bound(f"{contract}: seconds to the first finding / expert's", _LIMIT, ratio, why="none found by both")


def _ratio(pairs: Sequence[Raw], what: str) -> float | None:
    """The median, over the faults that both found, of the suite's figure over the other's."""
    ratios = [pair["suite"][what] / pair["expert"][what] for pair in pairs if pair["expert"]]
    return median(ratios) if ratios else None


def page(raw: Raw) -> Iterator[str]:
    """Medians over all faults found, and over those that both found."""
    yield prose(
        "On each fault, the whole process until the first finding: this suite with `-x --strict`, its smallest",
        "example made; expert Schemathesis with `--max-failures 1`, on the faults that it finds at all. Requests",
        "include set-ups. The ratio is the median of the ratios over the faults that both find; a suite that comes",
        "late to what is easy to see makes it bad.",
    )
    yield ""
    head = ["contract", "found by", "faults", "requests", "seconds", "requests, ratio", "seconds, ratio"]
    yield from table(head, [cells for contract, pairs in raw["pairs"].items() for cells in _rows(contract, pairs)])


def _rows(contract: str, pairs: Sequence[Raw]) -> Iterator[list[str]]:
    both = [pair for pair in pairs if pair["expert"]]
    yield [contract, "this suite", *_medians([pair["suite"] for pair in pairs]), "", ""]
    if both:
        yield [contract, "both: this suite", *_medians([pair["suite"] for pair in both]), *_ratios(both)]
        yield [contract, "both: expert Schemathesis", *_medians([pair["expert"] for pair in both]), "1", "1"]


def _medians(took: Sequence[Raw]) -> list[str]:
    if not took:
        return ["0", "", ""]
    requests, seconds = (median(one[what] for one in took) for what in ("requests", "seconds"))
    return [str(len(took)), f"{requests:.0f}", f"{seconds:.1f}"]


def _ratios(both: Sequence[Raw]) -> list[str]:
    return [f"{_ratio(both, what):.2f}" for what in ("requests", "seconds")]

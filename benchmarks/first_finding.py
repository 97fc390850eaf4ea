"""The first finding: requests and seconds until it, for this suite and for expert Schemathesis.

The figures are those of the trials in `detection` that ended at the first finding: this suite's with its smallest
example made (`conformance run -x --strict`), expert Schemathesis' at its first failure (`--max-failures 1`). Both are
whole processes, start-up and all; requests are the server's count, those to its state URL included. Where a tool
reports something on the correct server, it would end at that: then none of its trials counts.
"""

from collections.abc import Iterator, Sequence

from benchmarks.detection import EXPERT, FIRST, SUITE, caught, of
from benchmarks.measures import Bound, Options, Raw, Say, load, median, prose, table

TITLE = "The first finding"

_LIMIT = 3.0


def measure(options: Options, say: Say) -> Raw:
    """Take the trials from detection.

    Raises:
        LookupError: detection did not run.
    """
    seen = load("detection")
    if seen is None or "error" in seen:
        raise LookupError("there are no trials of detection: that part comes first")
    pairs = {contract: _pairs(seen, contract) for contract in options.contracts}
    say(f"{sum(map(len, pairs.values()))} faults, from the trials of detection")
    return {"pairs": pairs}


def _pairs(seen: Raw, contract: str) -> list[Raw]:
    """For each fault that this suite caught: what it took, and what the other took (None: it did not find it)."""
    mine, theirs = _first(seen, SUITE, contract), _first(seen, EXPERT, contract)
    return [{"fault": name, "suite": _took(trial), "expert": _took(theirs.get(name))} for name, trial in mine.items()]


def _first(seen: Raw, tool: str, contract: str) -> dict[str, Raw]:
    """The trials, by fault, in which a tool ended at its first finding."""
    found = caught(seen, tool, contract)
    trials = of(seen, tool, contract, "fault")
    return {trial["name"]: trial for trial in trials if trial["tool"] == FIRST[tool] and trial["name"] in found}


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

"""What a requirement, and a run, came to, and the exit code that says so (DESIGN, 7)."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from conformance.contracts.terms import Requirement

__all__ = ["EXIT_CODES", "VERDICTS", "WORST_FIRST", "Overall", "Verdict", "exit_code", "overall", "worst"]

Verdict: TypeAlias = Literal["pass", "fail", "warn", "observed", "untestable", "not-applicable", "error"]


VERDICTS: tuple[Verdict, ...] = ("fail", "error", "warn", "untestable", "observed", "not-applicable", "pass")
"""Every verdict, worst first."""


Overall: TypeAlias = Literal["non-conformant", "error", "not-fully-verified", "conformant-with-warnings", "conformant"]


EXIT_CODES: dict[Overall, int] = {
    "conformant": 0,
    "conformant-with-warnings": 0,
    "non-conformant": 1,
    "not-fully-verified": 10,
    "error": 11,
}


WORST_FIRST = (1, 3, 11, 10, 0)
"""Exit codes of several runs, in the order in which they count."""


def overall(verdicts: Iterable[tuple[Requirement, Verdict]]) -> Overall:
    """The verdict on the target."""
    seen = list(verdicts)
    kinds = {verdict for _, verdict in seen}
    if "fail" in kinds:
        return "non-conformant"
    if "error" in kinds:
        return "error"
    if any(v == "untestable" and r.level == "MUST" for r, v in seen):
        return "not-fully-verified"
    if not kinds & {"pass", "warn", "observed"}:
        # Nothing was tested: no test is no proof.
        return "not-fully-verified"
    return "conformant-with-warnings" if "warn" in kinds else "conformant"


def worst(codes: Iterable[int]) -> int:
    """The exit code of several runs: that of one that did not end, else the first in `WORST_FIRST`."""
    return min(codes, key=lambda code: WORST_FIRST.index(code) if code in WORST_FIRST else -1)


def exit_code(verdict: Overall, *, strict: bool) -> int:
    """The process exit code for a verdict; with `strict`, warnings are failures."""
    return 1 if strict and verdict == "conformant-with-warnings" else EXIT_CODES[verdict]

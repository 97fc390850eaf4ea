"""Why a run is no proof: what ended in an error, and which MUSTs could not be tested."""

from typing import Any

from conformance.report.text import untested
from conformance.report.waived import all_waived
from conformance.results.files import RunResults

__all__ = ["Gap", "gaps", "verified"]

Gap = tuple[str, dict[str, Any], str]
"""`error` or `untestable`, the result line, and the reason in words."""

_CUT_SHORT = {2, 3, 5}
"""Exit codes of a run that was interrupted, failed inside, or had nothing to test."""


def gaps(run: RunResults) -> list[Gap]:
    """Every requirement that ended in an error, then every MUST that could not be tested, in the contract's order.

    Where all that was seen broken is waived, what else came of the requirement counts.
    """
    kinds = [(r.get("verdict_without_findings") if all_waived(r) else r["verdict"], r) for r in run.results]
    errors = [("error", r) for kind, r in kinds if kind == "error"]
    untestable = [("untestable", r) for kind, r in kinds if kind == "untestable" and r["level"] == "MUST"]
    return [(kind, r, _reason(r)) for kind, r in errors + untestable]


def _reason(result: dict[str, Any]) -> str:
    waived = "nothing was seen of it but what is waived" if result["findings"] else ""
    return str(result.get("reason") or waived or untested(result))


def verified(run: RunResults) -> bool:
    """Whether the run came to its end and judged every MUST that applies."""
    ended = run.end["exit_code"] not in _CUT_SHORT
    return ended and run.end["overall"] not in {"error", "not-fully-verified"} and not gaps(run)

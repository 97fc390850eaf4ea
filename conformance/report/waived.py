"""What of a run is waived, and what a gate made of the run, as every report tells it."""

from typing import Any

from conformance.report.text import cut, number, one_line
from conformance.results.files import RunResults

__all__ = ["all_waived", "gate_lines", "open_part", "stale", "terms", "waived_part"]

_TERMS = (("ticket", "ticket"), ("owner", "owner"), ("expires", "until"))
_MOST, _LONGEST = 12, 300
"""Reasons of a gate that are told one by one, and characters of each."""


def open_part(result: dict[str, Any]) -> dict[str, Any]:
    """The result line with the findings that nobody waived."""
    return {**result, "findings": [f for f in result["findings"] if "waived" not in f]}


def waived_part(result: dict[str, Any]) -> dict[str, Any]:
    """The result line with the findings that are waived."""
    return {**result, "findings": [f for f in result["findings"] if "waived" in f]}


def all_waived(result: dict[str, Any]) -> bool:
    """Whether there are findings, and each of them is waived."""
    return bool(result["findings"]) and all("waived" in f for f in result["findings"])


def stale(result: dict[str, Any]) -> list[str]:
    """The fingerprints of waivers whose defect a replay found mended: they close the gate until they are removed."""
    return [replay["fingerprint"] for replay in result.get("replays", []) if replay["word"] == "FIXED"]


def terms(finding: dict[str, Any]) -> str:
    """Why a finding is waived, for which ticket, by whom and until when, in one line."""
    waiver = finding["waived"]
    more = ", ".join(f"{word} {waiver[key]}" for key, word in _TERMS if waiver.get(key))
    return f"{waiver['reason']} ({more})" if more else str(waiver["reason"])


def gate_lines(run: RunResults) -> list[str]:
    """What the gate decided, why, and what it passed in spite of, a line each; empty where no gate was applied."""
    gate = run.end.get("gate")
    if gate is None:
        return []
    decided = "open" if gate["passed"] else f"closed, exit code {gate['exit_code']}"
    return [f"Gate: {decided}", *_told("closed by", gate["closed_by"]), *_told("note", gate["notes"])]


def _told(word: str, reasons: list[str]) -> list[str]:
    lines = [f"{word}: {cut(one_line(reason), _LONGEST)}" for reason in reasons[:_MOST]]
    more = len(reasons) - _MOST
    return [*lines, f"{word}: {number(more)} more, in results.jsonl"] if more > 0 else lines

"""Results made up for the reports' tests: every verdict, and texts that a report must survive."""

from typing import Any

from conformance.results import RunResults

NASTY = "bell\x07 null\x00 escape\x1b[31m half\ud800 end\ufffe <&>\"'"


def finding(**given: Any) -> dict[str, Any]:
    return {
        "code": "kept",
        "message": "the transcript is still there",
        "expected": "absent",
        "observed": "1 turn",
        "fingerprint": "0123456789abcdef",
        "reproduced": True,
        "example": {"states": [], "steps": []},
        "curl": ["curl -sS one"],
        "exchanges": [],
        **given,
    }


def result(name: str, verdict: str, level: str = "MUST", **given: Any) -> dict[str, Any]:
    return {
        "kind": "result",
        "requirement": f"v.{name}",
        "rule": name,
        "level": level,
        "says": "words of the document",
        "at": "source.md:7",
        "operation": "op",
        "verdict": verdict,
        "examples": 2,
        "requests": 4,
        "seconds": 0.5,
        "findings": [finding()] if verdict in {"fail", "warn"} else [],
        **given,
    }


def run(overall: str, *results: dict[str, Any], **header: Any) -> RunResults:
    first = {
        "kind": "run",
        "format": "conformance-results/1",
        "suite": {"version": "0"},
        "contract": {"vendor": "v", "title": "Vendor Delete", "version": "1", "sha256": "0" * 64},
        "target": {"url": "http://h", "name": "h", "capabilities": {}},
        "profile": "full",
        "strict": False,
        "seed": 0,
        "examples": 2,
        "selected": None,
        "started": "2026-03-01T12:30:00Z",
    }
    end = {
        "kind": "end",
        "overall": overall,
        "exit_code": 0,
        "counts": {},
        "requests": 12,
        "calls_created": 3,
        "calls_deleted": 2,
        "leftovers": 1,
        "traffic": [],
        "seconds": 1.25,
    }
    return RunResults({**first, **header}, list(results), end)

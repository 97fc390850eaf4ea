"""Results made up for the reports' tests: every verdict, and texts that a report must survive."""

from dataclasses import replace
from typing import Any

from conformance.results.files import RunResults
from conformance.results.lines import (
    EndLine,
    FindingLine,
    RecordedExchange,
    ResultLine,
    RunLine,
    Traffic,
    WaiverTerms,
)

NASTY = "bell\x07 null\x00 escape\x1b[31m half\ud800 end\ufffe <&>\"'"


def finding(**given: Any) -> FindingLine:
    stated = {
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
    return FindingLine.of(stated)


def waived(**given: Any) -> WaiverTerms:
    """The terms of a waiver."""
    return WaiverTerms(**{"reason": "being mended", "ticket": "T-1", "owner": "Ada", "expires": "2030-01-31", **given})


def accepted() -> RunResults:
    """A run of which a part is waived and the gate still closed."""
    seen = [finding(), finding(fingerprint="e" * 16, message="its summary too", waived=waived())]
    whole = run(
        "non-conformant",
        result("b.part", "fail", findings=seen),
        result("w.must", "fail", findings=[finding(fingerprint="d" * 16, message="a known one", waived=waived())]),
        result("w.should", "warn", "SHOULD", findings=[finding(message="a soft one", waived={"reason": "later"})]),
        result("o.may", "observed", "MAY", findings=[finding(message="an odd one", waived={"reason": "so be it"})]),
    )
    gate = {"passed": False, "exit_code": 1, "closed_by": ["failed: v.b.part"], "notes": ["waived: 3"]}
    return ended(whole, gate=gate)


def exchange(text: str = "seen", **given: Any) -> RecordedExchange:
    stated = {
        "method": "GET",
        "url": f"http://h/calls/{text}",
        "operation": "get-call",
        "request_headers": [["Authorization", "[scrubbed]"]],
        "request_body": None,
        "status": 200,
        "response_headers": [["content-type", "application/json"], ["x-text", text]],
        "response_body": f'{{"transcript": [{text!r}]}}',
        "started": "2026-03-01T12:30:01.250Z",
        "seconds": 0.0125,
        **given,
    }
    return RecordedExchange.of(stated)


def traffic(operation: str, status: int, count: int, seconds: float) -> Traffic:
    return Traffic(operation=operation, status=status, count=count, seconds=seconds)


def telling() -> RunResults:
    """A run with every verdict, evidence for what is broken, and traffic."""
    states = [{"state": "a call exists", "params": {"call": {"status": "completed"}}}]
    steps = [{"method": "DELETE", "path": "/calls/{call_1}", "intent": "malformed"}, {"wait": 0.5}]
    seen = finding(example={"states": states, "steps": steps}, exchanges=[exchange("one"), exchange("two", status=500)])
    whole = run(
        "non-conformant",
        result("a.pass", "pass", witness=exchange("witness")),
        result("b.fail", "fail", findings=[seen, finding(fingerprint="f" * 16, reproduced=False, exchanges=[])]),
        result("c.warn", "warn", "SHOULD", operation="other"),
        result("d.not", "untestable", reason="needs a state URL"),
        result("e.left", "not-applicable", reason="left out by the profile"),
        result("f.err", "error", "SHOULD", reason="target unreachable"),
        result("g.seen", "observed", "MAY", observed={"status": 200, "again": "kept"}),
        target={"url": "http://h", "name": "h", "capabilities": {"get": "detected", "logs": "absent"}},
    )
    rows = [
        traffic("delete-call", 200, 900, 1.8),
        traffic("delete-call", 500, 1, 0.5),
        traffic("get-call", 404, 30, 0.03),
    ]
    return ended(whole, traffic=rows)


def result(name: str, verdict: str, level: str = "MUST", **given: Any) -> ResultLine:
    stated = {
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
    return ResultLine.of(stated)


def headed(run: RunResults, **changes: Any) -> RunResults:
    """The run with other fields in its header."""
    return replace(run, run=RunLine.of({**run.run.as_json(), **changes}))


def of_contract(run: RunResults, **changes: Any) -> RunResults:
    """The run with another contract."""
    return headed(run, contract={**run.run.contract.as_json(), **changes})


def ended(run: RunResults, **changes: Any) -> RunResults:
    """The run with other fields in its end line."""
    return replace(run, end=EndLine.of({**run.end.as_json(), **changes}))


def run(overall: str, *results: ResultLine, **header: Any) -> RunResults:
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
    return RunResults(RunLine.of({**first, **header}), results, EndLine.of(end))

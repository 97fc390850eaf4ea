"""SARIF 2.1.0: one result a finding, one rule a requirement, each at its line of the published document."""

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from conformance.report.text import cut, one_line, place, printable, target_name
from conformance.report.unverified import Gap, gaps, verified
from conformance.report.waived import terms
from conformance.results.files import RunResults

__all__ = ["render"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
_LONGEST = 900
"""Characters of one text: the largest reader takes 1024 of a description."""


def render(runs: Iterable[RunResults]) -> str:
    """The runs as one SARIF log, in ASCII.

    A run that is no proof says so in its invocation: without findings it would look as good as a conformant one.
    """
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(run) for run in runs]}
    return json.dumps(log, indent=2) + "\n"


def _run(run: RunResults) -> dict[str, Any]:
    contract = run.run["contract"]
    numbers = {result["requirement"]: number for number, result in enumerate(run.results)}
    driver = {
        "name": "call-deletion-conformance",
        "version": run.run["suite"]["version"],
        "rules": [_rule(result) for result in run.results],
    }
    file = contract.get("file", "openapi.yaml")
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"conformance/{_segment(contract['vendor'])}/{_segment(target_name(run.run))}/"},
        "invocations": [_invocation(run, numbers)],
        "results": [_result(r, f, numbers[r["requirement"]], file) for r in run.results for f in r["findings"]],
        "properties": {
            "overall": run.end["overall"],
            "profile": run.run["profile"],
            "document": {key: contract[key] for key in ("title", "version", "sha256")},
        },
    }


def _segment(name: str) -> str:
    """A part of an id whose parts are told apart by slashes."""
    return one_line(name).replace("/", "_")


def _text(text: str) -> dict[str, str]:
    """A message; a target's words in it are no link."""
    return {"text": printable(text).replace("](", "] (")}


def _rule(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": result["requirement"],
        "shortDescription": _text(cut(f"{result['level']} {result['rule']}: {one_line(result['says'])}", 200)),
        "fullDescription": _text(cut(result["says"], _LONGEST)),
        "help": _text(f"{cut(result['says'], _LONGEST)}\n\n{place(result['at'])}"),
        "defaultConfiguration": {"level": _LEVELS[result["level"]]},
        "properties": {"tags": [result["level"], result["rule"]]},
    }


def _result(result: dict[str, Any], finding: dict[str, Any], number: int, file: str) -> dict[str, Any]:
    done, expected, seen = (cut(finding[key], _LONGEST) for key in ("message", "expected", "observed"))
    once = "" if finding["reproduced"] else "\nSeen once, not again."
    made: dict[str, Any] = {
        "ruleId": result["requirement"],
        "ruleIndex": number,
        "level": _LEVELS[result["level"]],
        "message": _text(f"{done}\nExpected: {expected}\nSeen: {seen}{once}"),
        "locations": [_location(result, file)],
        "partialFingerprints": {"conformance/v1": finding["fingerprint"]},
        # A reader may take a result without the list for one whose suppression is unknown.
        "suppressions": [_suppression(finding)] if "waived" in finding else [],
    }
    source, _, line = result["at"].partition("source.md:")
    if not source and line.isdecimal():
        words = {"message": _text("The document's words.")}
        made["relatedLocations"] = [_physical(str(PurePosixPath(file).with_name("source.md")), int(line)) | words]
    return made


def _location(result: dict[str, Any], file: str) -> dict[str, Any]:
    logical = {"fullyQualifiedName": result["at"], "kind": "resource"} | (
        {"name": result["operation"]} if result["operation"] else {}
    )
    return _physical(file, result.get("line", 1)) | {"logicalLocations": [logical]}


def _physical(file: str, line: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": line}}}


def _suppression(finding: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": printable(terms(finding)),
        "properties": dict(finding["waived"]),
    }


def _invocation(run: RunResults, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "executionSuccessful": verified(run),
        "exitCode": run.end["exit_code"],
        "startTimeUtc": run.run["started"],
        "toolExecutionNotifications": [_notification(gap, numbers) for gap in gaps(run)],
    }


def _notification(gap: Gap, numbers: dict[str, int]) -> dict[str, Any]:
    kind, result, reason = gap
    name, level = result["requirement"], result["level"]
    said = f"No verdict on {level} {name}" if kind == "error" else f"{level} {name} was not tested"
    return {
        "level": "error" if kind == "error" else "warning",
        "message": _text(f"{said}: {cut(reason, _LONGEST)}"),
        "associatedRule": {"id": name, "index": numbers[name]},
    }

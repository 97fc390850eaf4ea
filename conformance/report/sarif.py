"""SARIF 2.1.0: one result a finding, one rule a requirement, each at its line of the published document."""

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import quote

from conformance.contracts.pointer import JsonObject
from conformance.report.text import cut
from conformance.report.view import Gap, Judged, View
from conformance.results.files import RunResults
from conformance.results.lines import FindingLine, ResultLine, WaiverTerms
from conformance.results.printable import one_line, printable

__all__ = ["render"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
_LONGEST = 900
"""Characters of one text: the largest reader takes 1024 of a description."""


def render(runs: Iterable[RunResults]) -> str:
    """The runs as one SARIF log, in ASCII.

    A run that is no proof says so in its invocation: without findings it would look as good as a conformant one.
    """
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(View(run)) for run in runs]}
    return json.dumps(log, indent=2) + "\n"


def _run(view: View) -> JsonObject:
    run, contract = view.results.run, view.results.run.contract
    numbers = {one.line.requirement: number for number, one in enumerate(view.judged)}
    driver = {
        "name": "call-deletion-conformance",
        "version": run.suite.version,
        "rules": [_rule(one) for one in view.judged],
    }
    file = contract.file or "openapi.yaml"
    lines = view.results.results
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"conformance/{_segment(contract.vendor)}/{_segment(view.target_name)}/"},
        "invocations": [_invocation(view, numbers)],
        "results": [_result(line, f, numbers[line.requirement], file) for line in lines for f in line.findings],
        "properties": {
            "overall": view.results.end.overall,
            "profile": run.profile,
            "document": {"title": contract.title, "version": contract.version, "sha256": contract.sha256},
        },
    }


def _segment(name: str) -> str:
    """A part of an id whose parts are told apart by slashes."""
    return one_line(name).replace("/", "_")


def _text(text: str) -> dict[str, str]:
    """A message; a target's words in it are no link."""
    return {"text": printable(text).replace("](", "] (")}


def _rule(one: Judged) -> JsonObject:
    line = one.line
    return {
        "id": line.requirement,
        "shortDescription": _text(cut(f"{line.level} {line.rule}: {one_line(line.says)}", 200)),
        "fullDescription": _text(cut(line.says, _LONGEST)),
        "help": _text(f"{cut(line.says, _LONGEST)}\n\n{one.place}"),
        "defaultConfiguration": {"level": _LEVELS[line.level]},
        "properties": {"tags": [line.level, line.rule]},
    }


def _result(result: ResultLine, finding: FindingLine, number: int, file: str) -> JsonObject:
    done, expected, seen = (cut(words, _LONGEST) for words in (finding.message, finding.expected, finding.observed))
    once = "" if finding.reproduced else "\nSeen once, not again."
    made: JsonObject = {
        "ruleId": result.requirement,
        "ruleIndex": number,
        "level": _LEVELS[result.level],
        "message": _text(f"{done}\nExpected: {expected}\nActual: {seen}{once}"),
        "locations": [_location(result, file)],
        "partialFingerprints": {"conformance/v1": finding.fingerprint},
        # A reader may take a result without the list for one whose suppression is unknown.
        "suppressions": [_suppression(finding.waived)] if finding.waived else [],
    }
    source, _, line = result.at.partition("source.md:")
    if not source and line.isdecimal():
        words = {"message": _text("The document's words.")}
        made["relatedLocations"] = [_physical(str(PurePosixPath(file).with_name("source.md")), int(line)) | words]
    return made


def _location(result: ResultLine, file: str) -> JsonObject:
    logical = {"fullyQualifiedName": result.at, "kind": "resource"} | (
        {"name": result.operation} if result.operation else {}
    )
    return _physical(file, result.line or 1) | {"logicalLocations": [logical]}


def _physical(file: str, line: int) -> JsonObject:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": line}}}


def _suppression(terms: WaiverTerms) -> JsonObject:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": printable(terms.words),
        "properties": terms.as_json(),
    }


def _invocation(view: View, numbers: dict[str, int]) -> JsonObject:
    return {
        "executionSuccessful": view.verified,
        "exitCode": view.results.end.exit_code,
        "startTimeUtc": view.results.run.started,
        "toolExecutionNotifications": [_notification(gap, numbers) for gap in view.gaps],
    }


def _notification(gap: Gap, numbers: dict[str, int]) -> JsonObject:
    name, level = gap.judged.line.requirement, gap.judged.line.level
    said = f"No verdict on {level} {name}" if gap.kind == "error" else f"{level} {name} was not tested"
    return {
        "level": "error" if gap.kind == "error" else "warning",
        "message": _text(f"{said}: {cut(gap.reason, _LONGEST)}"),
        "associatedRule": {"id": name, "index": numbers[name]},
    }

"""JUnit XML: one testsuite a run, one testcase a requirement."""

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

from conformance.report.text import printable
from conformance.report.waived import all_waived, open_part, stale, terms
from conformance.results.files import RunResults

__all__ = ["render"]


def render(runs: Iterable[RunResults]) -> str:
    """The runs as one XML document; a broken SHOULD is no `<failure>` unless the run was strict.

    A requirement whose findings are all waived is `<skipped>`.
    """
    root = ET.Element("testsuites")
    for run in runs:
        root.append(_suite(run))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(run: RunResults) -> ET.Element:
    strict = bool(run.run.get("strict"))
    failing = {"fail", "warn"} if strict else {"fail"}
    count = dict.fromkeys(("failure", "error", "skipped"), 0)
    title, began = _xml(run.run["contract"]["title"]), _xml(run.run["started"].rstrip("Z"))
    suite = ET.Element("testsuite", name=title, timestamp=began)
    for result in run.results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_xml(result["rule"]),
            name=_xml(result["requirement"]),
            time=f"{result['seconds']:.3f}",
        )
        kind = _kind(result, failing)
        if kind is not None:
            count[kind] += 1
            ET.SubElement(case, kind, message=_xml(_headline(result)), type=result["verdict"]).text = _xml(
                _details(result)
            )
        elif result["findings"]:
            ET.SubElement(case, "system-out").text = _xml(_details(result))
    suite.set("tests", str(len(run.results)))
    suite.set("failures", str(count["failure"]))
    suite.set("errors", str(count["error"]))
    suite.set("skipped", str(count["skipped"]))
    suite.set("time", f"{run.end['seconds']:.3f}")
    return suite


def _kind(result: dict[str, Any], failing: set[str]) -> str | None:
    verdict = result["verdict"]
    if stale(result):
        return "failure"
    if verdict in {"fail", "warn"} and all_waived(result):
        return "skipped"
    if verdict in failing:
        return "failure"
    return {"error": "error", "untestable": "skipped", "not-applicable": "skipped"}.get(verdict)


def _headline(result: dict[str, Any]) -> str:
    if stale(result) and not open_part(result)["findings"]:
        return f"stale waiver, to be removed: the defect is mended ({', '.join(stale(result))})"
    if all_waived(result):
        return "waived: " + "; ".join(dict.fromkeys(map(terms, result["findings"])))
    unwaived = open_part(result)["findings"]
    return str(unwaived[0]["message"] if unwaived else result.get("reason", result["verdict"]))


def _details(result: dict[str, Any]) -> str:
    lines = [f"{result['level']} {result['requirement']}: {result['says']} ({result['at']})"]
    for finding in result["findings"]:
        lines += [
            f"done: {finding['message']}",
            f"expected: {finding['expected']}",
            f"seen: {finding['observed']}",
            *([f"waived: {terms(finding)}"] if "waived" in finding else []),
            *finding["curl"],
        ]
    return "\n".join(lines)


def _xml(text: str) -> str:
    """The text without the control characters that XML 1.0 has no way to write, others that steer a terminal spelt."""
    return printable(
        "".join(
            c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
        )
    )

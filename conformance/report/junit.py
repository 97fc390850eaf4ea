"""JUnit XML: one testsuite a run, one testcase a requirement."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from conformance.report.view import Judged, View
from conformance.results.files import RunResults
from conformance.results.printable import printable
from conformance.results.verdicts import Verdict

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
    failing: set[Verdict] = {"fail", "warn"} if run.run.strict else {"fail"}
    count = dict.fromkeys(("failure", "error", "skipped"), 0)
    title, began = _xml(run.run.contract.title), _xml(run.run.started.rstrip("Z"))
    suite = ET.Element("testsuite", name=title, timestamp=began)
    for one in View(run).judged:
        line, kind = one.line, _kind(one, failing)
        named = {"classname": _xml(line.rule), "name": _xml(line.requirement), "time": f"{line.seconds:.3f}"}
        case = ET.SubElement(suite, "testcase", named)
        if kind is not None:
            count[kind] += 1
            told = ET.SubElement(case, kind, message=_xml(_headline(one)), type=line.verdict)
            told.text = _xml(_details(one))
        elif line.findings:
            ET.SubElement(case, "system-out").text = _xml(_details(one))
    suite.set("tests", str(len(run.results)))
    suite.set("failures", str(count["failure"]))
    suite.set("errors", str(count["error"]))
    suite.set("skipped", str(count["skipped"]))
    suite.set("time", f"{run.end.seconds:.3f}")
    return suite


def _kind(one: Judged, failing: set[Verdict]) -> str | None:
    verdict = one.line.verdict
    if one.stale:
        return "failure"
    if verdict in {"fail", "warn"} and one.all_waived:
        return "skipped"
    if verdict in failing:
        return "failure"
    return {"error": "error", "untestable": "skipped", "not-applicable": "skipped"}.get(verdict)


def _headline(one: Judged) -> str:
    if one.open:
        return one.open[0].message
    if one.stale:
        return f"stale waiver, to be removed: the defect is fixed ({', '.join(one.stale)})"
    if one.all_waived:
        return "waived: " + "; ".join(dict.fromkeys(f.waived.words for f in one.waived if f.waived))
    return one.why


def _details(one: Judged) -> str:
    line = one.line
    lines = [f"{line.level} {line.requirement}: {line.says} ({line.at})"]
    for finding in line.findings:
        lines += [
            f"failed: {finding.message}",
            f"expected: {finding.expected}",
            f"actual: {finding.observed}",
            *([f"waived: {finding.waived.words}"] if finding.waived else []),
            *finding.curl,
        ]
    return "\n".join(lines)


def _xml(text: str) -> str:
    """The text without the control characters that XML 1.0 has no way to write, others that steer a terminal spelt."""
    return printable(
        "".join(
            c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
        )
    )

"""A badge in the endpoint form of shields.io: it names the document and the levels, never a percentage."""

import json
from collections import Counter
from typing import Any

from conformance.report.text import one_line
from conformance.results.files import RunResults

__all__ = ["render"]

_COLOURS = {
    "conformant": "brightgreen",
    "conformant-with-warnings": "green",
    "not-fully-verified": "yellow",
    "error": "lightgrey",
    "non-conformant": "red",
}


def render(run: RunResults) -> str:
    """The badge of one run as JSON; the document is named with its version and the first 8 digits of its hash."""
    contract = run.run["contract"]
    badge: dict[str, Any] = {
        "schemaVersion": 1,
        "label": one_line(f"{contract['title']} {contract['version']} ({contract['sha256'][:8]})"),
        "message": _message(run),
        "color": _COLOURS[run.end["overall"]],
        "isError": run.end["overall"] in {"error", "non-conformant"},
    }
    return json.dumps(badge, indent=2) + "\n"


def _message(run: RunResults) -> str:
    counts = Counter((r["level"], r["verdict"]) for r in run.results)
    musts, passed = (
        sum(n for (level, v), n in counts.items() if level == "MUST" and v != "not-applicable"),
        counts["MUST", "pass"],
    )
    parts = {
        "conformant": f"{passed} of {musts} MUST verified",
        "conformant-with-warnings": f"{passed} of {musts} MUST verified",
        "not-fully-verified": f"not fully verified: {counts['MUST', 'untestable']} MUST not tested",
        "error": "no verdict: the run ended in an error",
        "non-conformant": f"not conformant: {counts['MUST', 'fail']} MUST broken",
    }
    said = parts[run.end["overall"]]
    warned = counts["SHOULD", "warn"]
    profile = run.run["profile"]
    said += f", {warned} SHOULD broken" if warned else ""
    said += "" if profile == "full" else f" (profile {profile})"
    return said + (" (a selection)" if run.run["selected"] else "")

"""A badge in the endpoint form of shields.io: it names the document and the levels, never a percentage."""

import json

from conformance.contracts.pointer import JsonObject
from conformance.report.view import View
from conformance.results.files import RunResults
from conformance.results.printable import one_line

__all__ = ["render"]

_COLOURS = {
    "conformant": "brightgreen",
    "conformant-with-warnings": "green",
    "conformant-quick": "yellow",
    "not-fully-verified": "yellow",
    "error": "lightgrey",
    "non-conformant": "red",
}


def render(results: RunResults) -> str:
    """The badge of one run as JSON; the document is named with its version and the first 8 digits of its hash."""
    view, contract, overall = View(results), results.run.contract, results.end.overall
    badge: JsonObject = {
        "schemaVersion": 1,
        "label": one_line(f"{contract.title} {contract.version} ({contract.sha256[:8]})"),
        "message": _message(view),
        "color": _COLOURS[overall],
        "isError": overall in {"error", "non-conformant"},
    }
    return json.dumps(badge, indent=2) + "\n"


def _message(view: View) -> str:
    said = {
        "conformant-quick": f"{view.verified_musts} (quick)",
        "not-fully-verified": f"not fully verified: {view.count('untestable', 'MUST')} MUST not tested",
        "error": "no verdict: the run ended in an error",
        "non-conformant": f"not conformant: {view.count('fail', 'MUST')} MUST failed",
    }.get(view.results.end.overall, view.verified_musts)
    warned, profile = view.count("warn", "SHOULD"), view.results.run.profile
    said += f", {warned} SHOULD failed" if warned else ""
    said += "" if profile == "full" else f" (profile {profile})"
    return said + (" (a selection)" if view.results.run.selected else "")

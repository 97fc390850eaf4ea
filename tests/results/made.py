"""Requirements, findings and outcomes made by hand."""

from typing import Any

from conformance.contracts.terms import Level, Requirement
from conformance.results.findings import Finding
from conformance.results.outcomes import Outcome


def requirement(level: Level = "MUST", name: str = "v.a.b") -> Requirement:
    """A requirement of some level, of which nothing else matters."""
    return Requirement(id=name, rule="a.b", level=level, says="words", at="source.md:1")


def finding(mark: str = "0123456789abcdef", **stated: Any) -> Finding:
    """A finding with a fingerprint."""
    exchanges = stated.pop("exchanges", [])
    example: dict[str, Any] = {"states": [], "steps": []}
    return Finding("code", "message", "this", "that", mark, True, example, ["curl"], exchanges, **stated)


def outcome(**stated: Any) -> Outcome:
    """An outcome of five examples."""
    whole: dict[str, Any] = {"ran": True, "examples": 5} | stated
    return Outcome("v.a.b", **whole)

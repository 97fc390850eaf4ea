"""What failed in earlier runs, kept in Hypothesis' example database so that the next run tries it first."""

import json
from pathlib import Path

from hypothesis.database import DirectoryBasedExampleDatabase

from conformance.results.findings import Finding, StoredFinding
from conformance.targets.target import Target

__all__ = ["FINDINGS_FOLDER", "FindingDatabase"]

FINDINGS_FOLDER = Path(".hypothesis/examples")
"""Where Hypothesis itself keeps its examples, and where tools expect them."""


class FindingDatabase:
    """Known findings by target and requirement, in a folder of Hypothesis' format."""

    def __init__(self, folder: Path) -> None:
        self._database = DirectoryBasedExampleDatabase(folder)

    def of(self, target: Target, requirement: str) -> list[StoredFinding]:
        """What was found broken of a requirement on this target; what can't be read is no find."""
        found = []
        for value in self._database.fetch(_key(target, requirement)):
            try:
                found.append(StoredFinding(**json.loads(value)))
            except (ValueError, TypeError):
                continue
        return sorted(found, key=lambda known: known.fingerprint)

    def save(self, target: Target, requirement: str, finding: Finding) -> None:
        """Keep a finding, in place of what was known of its kind."""
        known = StoredFinding(requirement, finding.fingerprint, finding.example, finding.reproduced)
        for old in self.of(target, requirement):
            if old.fingerprint == known.fingerprint:
                self.forget(target, old)
        self._database.save(_key(target, requirement), _value(known))

    def forget(self, target: Target, known: StoredFinding) -> None:
        """Let go of what is mended."""
        self._database.delete(_key(target, known.requirement), _value(known))


def _key(target: Target, requirement: str) -> bytes:
    return f"conformance/{target.known_as}/{requirement}".encode()


def _value(known: StoredFinding) -> bytes:
    return json.dumps(vars(known), sort_keys=True).encode()

"""How a run, and the session that holds it, ended: the one place that makes an exit code of it (DESIGN, 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from conformance.results.verdicts import Overall, exit_code, worst

__all__ = ["INTERNAL_ERROR", "INTERRUPTED", "NOTHING_SELECTED", "UNWRITTEN", "Ending", "session_code"]

INTERRUPTED, INTERNAL_ERROR, NOTHING_SELECTED = 2, 3, 5
"""Exit codes, as pytest's."""

UNWRITTEN: Final = 4
"""Exit code of a run whose report folder can't be written."""

_BROKEN: Final = 1


@dataclass(frozen=True)
class Ending:
    """How one run ended, in this process and in its workers.

    `pytest_status` is pytest's own exit status, `crashed` says that a worker was lost and with it what it saw,
    `internal_errors` counts the suite's own, those of its workers included.
    """

    pytest_status: int
    crashed: bool = False
    internal_errors: int = 0

    def code(self, overall: Overall, *, strict: bool, gate: int | None = None, written: bool = True) -> int:
        """The run's exit code.

        A `gate` decides in the place of the verdict; results that are not `written` prove nothing.
        """
        whole = self._code(overall, strict=strict) if gate is None else gate
        if written:
            return whole
        return _BROKEN if overall == "non-conformant" else UNWRITTEN

    def _code(self, overall: Overall, *, strict: bool) -> int:
        if self.pytest_status in {INTERRUPTED, INTERNAL_ERROR, NOTHING_SELECTED}:
            return self.pytest_status
        if (self.crashed or self.internal_errors) and overall != "non-conformant":
            return INTERNAL_ERROR
        return exit_code(overall, strict=strict)


def session_code(pytest_status: int, codes: Iterable[int], *, others_failed: bool, broke: bool) -> int:
    """The exit code of a pytest session: the worst of its runs, of other tests in it, and of what `broke` in hooks."""
    ours = list(codes)
    if pytest_status not in {0, 1} or not (ours or broke):
        return pytest_status
    return worst([*ours, *[_BROKEN] * others_failed, *[INTERNAL_ERROR] * broke])

"""What rules need of a target: by what each need is met, when it is, and how many cases are then of use."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from conformance.contracts.contract import Contract
from conformance.engine.capabilities import Capabilities
from conformance.engine.given import DELETED, GivenCalls
from conformance.engine.set_ups import SetUps
from conformance.results.verdicts import Verdict

__all__ = ["Needs"]

_NATIVE_CASES: Final = 4
"""Cases of a rule that makes real calls with the vendor's own operations."""
_FOUND_CASES: Final = 12
"""Cases of a rule that looks at a list as it is found: it is the same one each time."""


class Needs:
    """Which needs this run can meet. `profile` is what the user chose to test."""

    def __init__(
        self, contract: Contract, profile: str, set_ups: SetUps, given: GivenCalls, capabilities: Capabilities
    ) -> None:
        self.contract = contract
        self.profile = profile
        self.given = given
        self._set_ups = set_ups
        self._capabilities = capabilities

    @property
    def makes_calls(self) -> bool:
        """Whether calls can be made, and deleted, with the vendor's own operations."""
        return self.profile == "full" and {"create", "remove"} <= set(self.contract.roles)

    @property
    def may_delete_given(self) -> bool:
        """Whether the user gave calls away that may be deleted."""
        return self.profile == "full" and self.given.any_to_delete

    def met(self, need: str) -> bool:
        """Whether the target can be given a situation; by its state URL it can be given every one."""
        return self._set_ups.possible or (need in _SITUATIONS and _SITUATIONS[need].otherwise(self))

    @property
    def indivisible(self) -> bool:
        """Whether processes side by side would use the same calls, or see each other's."""
        return not self._set_ups.possible and (self.met("calls") or self.met("tombstones"))

    def cases(self, needs: Iterable[str], depth: int) -> int:
        """The most cases that are of use to a rule: `depth`, or fewer where there are no more different ones."""
        if self._set_ups.possible:
            return depth
        counts = [count(self) for need in needs if need in _SITUATIONS and (count := _SITUATIONS[need].cases)]
        if self.contract.lists and "tombstones" not in needs:
            return _FOUND_CASES
        return counts[0] if counts else depth

    def left_out(self, needs: Iterable[str], *, read_only: bool) -> tuple[Verdict, str] | None:
        """Verdict and reason of a requirement that this run can't or shall not test; None where it can.

        `read_only` says that its rule sends nothing that could change the target.
        """
        known = [(need, _SITUATIONS[need]) for need in needs if need in _SITUATIONS]
        if self.profile == "stateless" and any(one.sets_up or not self.met(need) for need, one in known):
            return "not-applicable", "left out by the profile stateless"
        if self.profile == "read-only" and not read_only:
            return "not-applicable", "left out by the profile read-only"
        for need in needs:
            if self._capabilities.is_absent(need):
                return "not-applicable", f"the target was declared to be without {need}"
            if need in _SITUATIONS and not self.met(need):
                return "untestable", f"needs {_SITUATIONS[need].words}"
        return None


@dataclass(frozen=True)
class _Situation:
    """One need: `words` say what it is met by, `otherwise` whether it is met without a state URL.

    `cases` are then the most that are of use, None for the run's depth. `sets_up` says that meeting it changes the
    target, which the profile stateless leaves out.
    """

    words: str
    otherwise: Callable[[Needs], bool]
    cases: Callable[[Needs], int] | None = None
    sets_up: bool = True


_SITUATIONS: Final[dict[str, _Situation]] = {
    "states": _Situation("a state URL (--state-url)", lambda _: False),
    "calls": _Situation(
        "a state URL (--state-url) or preloaded ids (config)",
        lambda needs: needs.may_delete_given,
        lambda needs: max(needs.given.count, 1),
    ),
    "tombstones": _Situation(
        "a state URL (--state-url), or the vendor's own creation and deletion of calls",
        lambda needs: needs.makes_calls,
        lambda _: _NATIVE_CASES,
    ),
    "deleted": _Situation(
        "ids that are known to be deleted (config, preloaded.deleted)",
        lambda needs: DELETED in needs.given.kinds or needs.may_delete_given,
        sets_up=False,
    ),
}

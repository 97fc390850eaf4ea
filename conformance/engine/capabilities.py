"""What the target lets the suite do, beyond the operation that its contract is about."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from conformance.targets.target import Target

__all__ = ["Capabilities", "How"]

How: TypeAlias = Literal["declared", "detected", "absent", "missing"]
"""How a capability came to be known: the user said that it is there or `absent`, or it was looked for."""


class Capabilities:
    """Each capability by name, as the user declared it or as it was found at the first question."""

    def __init__(self, target: Target) -> None:
        self._known: dict[str, How] = {
            name: "declared" if has else "absent" for name, has in target.capabilities.items()
        }
        if target.accounts == "shared":
            self._known["accounts"] = "absent"

    def has(self, name: str, detect: Callable[[], bool]) -> bool:
        """Whether the target has it; `detect` is asked once a run, where the user did not say."""
        if name not in self._known:
            self._known[name] = "detected" if detect() else "missing"
        return self._known[name] in {"declared", "detected"}

    def is_absent(self, name: str) -> bool:
        """Whether the user declared that the target is without it."""
        return self._known.get(name) == "absent"

    def how(self, name: str) -> How:
        """How it is known; `missing` where it is not there or nobody asked."""
        return self._known.get(name, "missing")

    def as_json(self) -> dict[str, How]:
        """Those that are known, by name."""
        return dict(sorted(self._known.items()))

    def take_in(self, seen: Mapping[str, How]) -> None:
        """Add what another process found."""
        self._known |= seen

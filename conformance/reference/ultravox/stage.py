"""A stage of an answer's making, at which the faults of one table can bite."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from conformance.reference.switches import Switches
from conformance.reference.ultravox.situation import Situation

__all__ = ["Stage"]

T = TypeVar("T")


class Stage(Generic[T]):
    """Effects on one kind of value; those that no chosen fault has are sorted out once, to keep requests fast."""

    def __init__(self, effects: Mapping[str, Callable[[T], T]], switches: Switches[Situation]) -> None:
        self._switches = switches
        self._effects = [(name, change) for name, change in effects.items() if name in switches.effects]

    def __call__(self, value: T, situation: Situation) -> T:
        """Pass a value through every effect that bites in this situation."""
        for name, change in self._effects:
            if self._switches.fires(name, situation):
                value = change(value)
        return value

    @property
    def idle(self) -> bool:
        """Nothing can bite here, whatever the situation."""
        return not self._effects

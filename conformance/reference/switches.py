"""Faults and variants: what a reference server can be told to do wrong, or differently.

A fault is an *effect* under a *condition*: the app asks at each place where an effect can bite
whether it fires in the situation at hand, so that dozens of defects are rows of a table.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Condition", "Fault", "Switches", "UnknownSwitchError", "Variant"]

S = TypeVar("S")


class UnknownSwitchError(ValueError):
    """A fault or variant was asked for that the reference server does not have."""


@dataclass(frozen=True, slots=True)
class Condition(Generic[S]):
    """When a fault bites: a name for people and a predicate over the situation."""

    name: str
    holds: Callable[[S], bool]


@dataclass(frozen=True, slots=True)
class Fault(Generic[S]):
    """One deliberate defect.

    `rule` is the rule meant to catch it (as `redact.omits`), `effect` the name the app asks for,
    `story` one sentence on how such a bug comes about in real code.
    """

    name: str
    rule: str
    effect: str
    condition: Condition[S]
    story: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A legal difference that no rule may flag; `story` says why it is legal."""

    name: str
    story: str


class Switches(Generic[S]):
    """The faults and variants one running server has.

    `faulty` is whether it has any fault, for a quick way past; `conditions` names those its faults
    depend on, for an app that must do something to make one of them observable.
    """

    def __init__(self, faults: Iterable[Fault[S]] = (), variants: Iterable[Variant] = ()) -> None:
        self._faults = tuple(faults)
        self._variants = frozenset(variant.name for variant in variants)
        self.faulty = bool(self._faults)
        self.conditions = frozenset(f.condition.name for f in self._faults)

    def fires(self, effect: str, situation: S) -> bool:
        """Tell whether a fault with this effect bites in this situation."""
        return any(f.effect == effect and f.condition.holds(situation) for f in self._faults)

    @property
    def effects(self) -> frozenset[str]:
        """Names of all effects that can bite in some situation."""
        return frozenset(f.effect for f in self._faults)

    def varies(self, name: str) -> bool:
        """Tell whether the variant of this name is on."""
        return name in self._variants

    @classmethod
    def named(
        cls,
        faults: Iterable[str],
        variants: Iterable[str],
        known_faults: Mapping[str, Fault[S]],
        known_variants: Mapping[str, Variant],
    ) -> "Switches[S]":
        """Choose by name.

        Raises:
            UnknownSwitchError: a name is in neither table.
        """
        try:
            return cls([known_faults[f] for f in faults], [known_variants[v] for v in variants])
        except KeyError as missing:
            raise UnknownSwitchError(f"no fault or variant is called {missing}") from None

"""Drawing a case: every choice of a rule goes through one `pick`, so that it is labelled, can be made
on purpose, replayed, and made smaller.

Options are ordered from the simplest to the oddest: shrinking moves toward the first.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol, TypeVar

from hypothesis import strategies as st

__all__ = ["Choices", "Draw", "OnPurpose", "Random", "Replay", "Resumed", "pick"]

T = TypeVar("T")

_MOST_OPTIONS: Final = 24
"""Options of the largest choice of which each is tried on purpose."""

Choices = dict[str, int]
"""What was picked: the option's index by the pick's label."""


class Draw(Protocol):
    """A source of choices."""

    def index(self, label: str, size: int) -> int:
        """Choose one of `size` options."""


class OnPurpose:
    """The number-th of a series of cases in which each option of each pick comes up by plan.

    `largest` is the size of the largest choice it met. Case 0 takes the simplest of everything.
    After it, every pick goes through a shuffled deck of its
    options, so that none of them waits for luck and each meets the others in ever new company.
    """

    def __init__(self, seed: int, number: int) -> None:
        self._seed = seed
        self._number = number
        self.largest = 0

    def index(self, label: str, size: int) -> int:
        # Indices of what was set up or generated are no options that must each come up.
        self.largest = max(self.largest, size if size <= _MOST_OPTIONS else 0)
        if self._number == 0:
            return 0
        deck, card = divmod(self._number - 1, size)
        return _shuffled(self._seed, deck, label, size)[card]


@lru_cache(1 << 16)
def _shuffled(seed: int, deck: int, label: str, size: int) -> tuple[int, ...]:
    """The number-th deck of a label: dealt from by every example and every requirement, shuffled once."""
    return tuple(random.Random(f"{seed}:{deck}:{label}").sample(range(size), size))  # noqa: S311 - no secret


_BEGINNINGS: Final = st.integers(0, 2**64 - 1)


class Random:
    """Choices by chance: Hypothesis draws where each example's chance begins, since a draw for each choice of hundreds
    costs more than all else that an example does on loopback.
    """

    def __init__(self, data: st.DataObject) -> None:
        self._chance = random.Random(data.draw(_BEGINNINGS))  # noqa: S311 - no secret

    def index(self, label: str, size: int) -> int:  # noqa: ARG002 - a draw's own form
        return self._chance.randrange(size)


class Replay:
    """The choices of a known case, once more."""

    def __init__(self, known: Choices) -> None:
        self._known = known

    def index(self, label: str, size: int) -> int:
        return min(self._known.get(label, 0), size - 1)


class Resumed:
    """The choices of a case that was disturbed, and from where it broke off those that it would have made."""

    def __init__(self, known: Choices, further: Draw) -> None:
        self._known = known
        self._further = further

    def index(self, label: str, size: int) -> int:
        if label in self._known:
            return min(self._known[label], size - 1)
        return self._further.index(label, size)


def pick(draw: Draw, log: Choices, label: str, options: Sequence[T]) -> T:
    """Choose one of the options and note the choice; a label used before gets a number."""
    name, again = label, 1
    while name in log:
        again += 1
        name = f"{label} ({again})"
    log[name] = draw.index(name, len(options)) if len(options) > 1 else 0
    return options[log[name]]

"""Make a failing case small: the fewest odd choices, each as simple as may be, with which it still fails."""

from collections.abc import Callable

from conformance.engine.drawing import Choices

__all__ = ["simplest"]

Attempt = Callable[[Choices], Choices | None]
"""Runs a case: the choices it really made where it still fails in the same way, else None."""


def simplest(known: Choices, fails: Attempt) -> Choices:
    """The simplest failing case found: groups of choices are made simple, ever smaller ones, then each is lowered.

    A case is a handful of requests, so few are tried: about three for each odd choice that matters.
    """
    return _lowered(_without_groups(known, fails), fails)


def _odd(choices: Choices) -> list[str]:
    return [label for label, choice in choices.items() if choice]


def _without_groups(best: Choices, fails: Attempt) -> Choices:
    size = len(_odd(best))
    while size:
        start = 0
        while start < len(odd := _odd(best)):
            made = fails({**best, **dict.fromkeys(odd[start : start + size], 0)})
            if made is not None and _size(made) < _size(best):
                best = made
            else:
                start += size
        size //= 2
    return best


def _lowered(best: Choices, fails: Attempt) -> Choices:
    for label in _odd(best):
        # Options stand from the simplest to the oddest.
        for lower in range(1, best.get(label, 0)):
            made = fails({**best, label: lower})
            if made is not None and _size(made) < _size(best):
                best = made
                break
    return best


def _size(choices: Choices) -> tuple[int, int]:
    """Of two failing cases the one with fewer odd choices is the smaller."""
    return len(_odd(choices)), sum(choices.values())

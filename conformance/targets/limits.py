"""The bounds that a run keeps on a server that is not its own (DESIGN, 12), shared out among its requirements."""

import threading
import time
from collections import Counter, deque
from typing import Final, Literal, TypeAlias

from conformance.targets.target import Target

__all__ = ["BOUNDS", "MAKES", "Bounded", "LimitReached", "Limits"]

Bounded: TypeAlias = Literal["calls", "tombstones", "accounts", "native calls", "wrong credentials"]
"""What a run makes, or tries, no more than so often."""

BOUNDS: Final[dict[Bounded, str]] = {
    "calls": "max_calls",
    "tombstones": "max_tombstones",
    "accounts": "max_accounts",
    "native calls": "max_native_calls",
    "wrong credentials": "max_wrong_credentials",
}
"""The config key of each bound."""

MAKES: Final[dict[str, Bounded]] = {
    "a fresh account exists": "accounts",
    "a call exists": "calls",
    "live calls exist": "calls",
    "deleted calls exist": "tombstones",
}
"""What each provider state makes on the target."""

_SHARED_OUT: Final[tuple[Bounded, ...]] = ("calls", "tombstones")
"""What every case costs: a requirement stops when its share is used up. Of the others a case can do without."""
_MINUTE: Final = 60.0


class LimitReached(Exception):
    """No more of this may be made; the words name the bound's key."""


class Limits:
    """Counts what a run makes on the target, and keeps it within the target's bounds.

    The embedded reference has none: it is the suite's own, and goes with the run. `workers` processes share the bounds;
    this is the `number`-th of them, from 0.
    """

    def __init__(self, target: Target, workers: int = 1, number: int = 0) -> None:
        self.used: Counter[str] = Counter()
        self._bounded = not target.embedded
        self._most = {kind: _part(getattr(target, key), workers, number) for kind, key in BOUNDS.items()}
        self._a_minute = _part(target.wrong_credentials_per_minute, workers, number)
        self._share = dict(self._most)
        self._tried: deque[float] = deque()
        self._lock = threading.Lock()
        self._requirements_left = 1

    def expect(self, requirements: int) -> None:
        """So many requirements will share what there is."""
        self._requirements_left = requirements

    def begin(self) -> None:
        """Lay out an equal share of what is left for the next requirement."""
        requirements_left, self._requirements_left = self._requirements_left, self._requirements_left - 1
        for kind, most in self._most.items():
            left = max(0, most - self.used[kind])
            self._share[kind] = self.used[kind] + -(-left // max(1, requirements_left))

    @property
    def spent(self) -> bool:
        """Whether the requirement at hand has used up its share."""
        return self._bounded and any(self.used[kind] >= self._share[kind] for kind in _SHARED_OUT)

    def take(self, kind: Bounded, count: int = 1) -> None:
        """Count what is about to be made.

        Raises:
            LimitReached: it would go beyond the run's bound; of accounts, beyond the requirement's share.
        """
        most = self._share[kind] if kind == "accounts" else self._most[kind]
        with self._lock:
            if self._bounded and self.used[kind] + count > most:
                raise LimitReached(f"the run may make no more {kind} ({BOUNDS[kind]} = {self._most[kind]})")
            self.used[kind] += count

    def give_back(self, kind: Bounded | None, count: int) -> None:
        """What was counted was refused, and not made."""
        if kind is not None:
            self.used[kind] -= count

    def try_credential(self) -> bool:
        """Whether one more wrong credential may be tried now; counted if so."""
        with self._lock:
            now = time.monotonic()
            while self._tried and now - self._tried[0] > _MINUTE:
                self._tried.popleft()
            full = self.used["wrong credentials"] >= self._most["wrong credentials"]
            if self._bounded and (full or len(self._tried) >= self._a_minute):
                return False
            self._tried.append(now)
            self.used["wrong credentials"] += 1
            return True


def _part(most: int, workers: int, number: int) -> int:
    """A worker's part of a bound: all parts together are the bound."""
    return most // workers + (number < most % workers)

"""What is judged on every exchange of a run, whichever rule sent it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from conformance.contracts.terms import Requirement
from conformance.http.exchange import Exchange
from conformance.results.findings import Evidence, Violation
from conformance.results.run_outcomes import Outcomes

__all__ = ["Gather", "Monitor", "Monitors", "Sighting"]

Gather: TypeAlias = Callable[[Sequence[Exchange]], Evidence]
"""Puts together the evidence of a case for what these exchanges of it show."""


class Monitor(Protocol):
    """Sees every exchange of the run's cases and yields what it breaks, by requirement."""

    def see(self, exchange: Exchange) -> Iterator[tuple[Requirement, Violation | None]]:
        """Judge one exchange: a pair for every requirement that it bears on."""


@dataclass(frozen=True)
class Sighting:
    """What a monitor saw broken in an exchange of a case, and how to put that case's evidence together."""

    requirement: Requirement
    violation: Violation
    exchange: Exchange
    gather: Gather


class Monitors:
    """Lets each monitor judge each exchange; what they see waits until the case has ended."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._watching: list[Monitor] = []
        self._seen: list[Sighting] = []
        self._proven_by_odd: set[str] = set()
        self._lock = threading.Lock()

    def add(self, monitor: Monitor) -> None:
        """Let one more judge every exchange from now on."""
        self._watching.append(monitor)

    def see(self, exchange: Exchange, gather: Gather) -> None:
        """Let every monitor judge an exchange of a case."""
        with self._lock:
            for monitor in self._watching:
                for requirement, violation in monitor.see(exchange):
                    self._outcomes.of(requirement).examples += 1
                    if violation is not None:
                        self._seen.append(Sighting(requirement, violation, exchange, gather))
                    else:
                        self._prove(requirement, exchange)

    def _prove(self, requirement: Requirement, exchange: Exchange) -> None:
        """Keep one exchange as the proof; a malformed request that was answered well proves more than a plain one."""
        better = bool(exchange.request.odd) and requirement.id not in self._proven_by_odd
        if better:
            self._proven_by_odd.add(requirement.id)
        if better or not self._outcomes.of(requirement).proof:
            self._outcomes.prove(requirement, [("act", exchange)])

    def taken(self) -> list[Sighting]:
        """What was seen since this was last asked."""
        with self._lock:
            seen, self._seen = self._seen, []
        return seen

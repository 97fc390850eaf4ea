"""What a run did to its target, counted."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

from conformance.contracts.pointer import JsonObject
from conformance.http.exchange import Exchange
from conformance.results.lines import Traffic

__all__ = ["Tally"]


@dataclass
class Tally:
    """Requests and what they left behind.

    `unanswered` requests got no whole answer, or were hung up on; `leftovers` are accounts that could not be torn
    down, for the first reason that was given; `disturbances` voided a case, `internal_errors` are the suite's own. Of
    `cut_short` requirements the run's bounds let fewer cases be driven than were asked for.
    """

    requests: int = 0
    unanswered: int = 0
    disturbances: int = 0
    calls_created: int = 0
    calls_deleted: int = 0
    leftovers: int = 0
    internal_errors: int = 0
    cut_short: int = 0
    leftover_reason: str = ""
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: defaultdict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, exchange: Exchange) -> None:
        """Count an exchange."""
        key = (exchange.request.operation, exchange.status)
        self.requests += 1
        self.answers[key] += 1
        self.seconds[key] += exchange.seconds

    def lost(self) -> None:
        """Count a request without an answer."""
        self.requests += 1
        self.unanswered += 1

    @property
    def traffic(self) -> tuple[Traffic, ...]:
        """How often each operation answered with which status."""
        return tuple(
            Traffic(operation=operation, status=status, count=count, seconds=round(self.seconds[operation, status], 6))
            for (operation, status), count in sorted(self.answers.items())
        )

    def as_json(self) -> JsonObject:
        """The tally as plain data, to be sent from a worker to the controller."""
        reason = {"leftover_reason": self.leftover_reason} if self.leftover_reason else {}
        return {**{k: getattr(self, k) for k in _COUNTS}, **reason, "traffic": [row.as_json() for row in self.traffic]}

    def take_in(self, seen: JsonObject) -> None:
        """Add another process' tally."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + seen[name])
        self.leftover_reason = self.leftover_reason or seen.get("leftover_reason", "")
        for row in seen["traffic"]:
            self.answers[row["operation"], row["status"]] += row["count"]
            self.seconds[row["operation"], row["status"]] += row["seconds"]


_COUNTS: Final = (
    *("requests", "unanswered", "disturbances", "calls_created", "calls_deleted", "leftovers"),
    *("internal_errors", "cut_short"),
)

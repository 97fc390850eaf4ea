"""One run: one contract against one target, in one process."""

import itertools
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from conformance.contracts.contract import Contract
from conformance.contracts.pointer import JsonObject
from conformance.engine.capabilities import Capabilities
from conformance.engine.connection import Connection
from conformance.engine.given import GivenCalls
from conformance.engine.ledger import Ledger
from conformance.engine.monitors import Monitors
from conformance.engine.needs import Needs
from conformance.engine.set_ups import SetUps
from conformance.http.exchange import Exchange, Request
from conformance.http.session import Session
from conformance.results.finding_database import FindingDatabase
from conformance.results.run_outcomes import Outcomes
from conformance.results.scrub import Scrubber
from conformance.results.tally import Tally
from conformance.results.waivers import Waiver
from conformance.targets.limits import Limits
from conformance.targets.states import States
from conformance.targets.target import Target

__all__ = ["Run", "new_nonce"]

T = TypeVar("T")


def new_nonce() -> str:
    """What makes the names of a run its own; nothing that is drawn, ordered or fingerprinted depends on it."""
    return secrets.token_hex(8)


class Run:
    """What a run works with, each part with its own job; the run itself only holds them together.

    `nonce` makes the run's names its own (DESIGN, 6), `worker` those of one of its `workers` processes. A run with a
    `parent` begins anew on the same target, and what it sends, makes and learns counts as its parent's.
    """

    def __init__(
        self,
        contract: Contract,
        target: Target,
        *,
        seed: int,
        depth: int,
        shrink: bool = True,
        stop: bool = False,
        profile: str = "full",
        nonce: str = "",
        worker: str = "",
        workers: int = 1,
        waived: Mapping[str, Mapping[str, Waiver]] | None = None,
        parent: "Run | None" = None,
    ) -> None:
        self.contract = contract
        self.target = target
        self.seed = seed
        self.depth = depth
        # What was given is not there again for a smaller try: a deletion can't be undone.
        self.shrink = shrink and not target.preloaded
        self.stop = stop
        self.profile = profile
        self.nonce = nonce or new_nonce()
        self.worker = worker
        self.workers = workers
        self.broken: str | None = None
        self.stopped: str | None = None
        self.stored_findings: FindingDatabase | None = None
        self._began = time.monotonic()
        self._of_wings: dict[type, Any] = {}
        self._lock = threading.Lock()
        if parent is None:
            self._begin()
        else:
            self._continue(parent)
        self.given = GivenCalls(target.preloaded)
        self.set_ups = SetUps(self._states(), self.limits, self.tally, self.ledger, self.scrub)
        self.needs = Needs(contract, profile, self.set_ups, self.given, self.capabilities)
        self.outcomes = Outcomes(contract.requirements, self.scrub, waived)
        self.monitors = Monitors(self.outcomes)

    def _begin(self) -> None:
        target = self.target
        self.attempts = itertools.count(1)
        self.tally = Tally()
        self.limits = Limits(target, self.workers, int(self.worker.removeprefix("gw") or 0))
        self.capabilities = Capabilities(target)
        self.ledger = Ledger(target.preloaded.values())
        self.scrub = Scrubber.of(self.contract, everything_own=target.embedded)
        for stated in (*target.headers.values(), *target.state_headers.values()):
            self.scrub.header_secret(stated)
        if target.weak_api_key:
            self.scrub.secret(target.weak_api_key)
        session = Session(target.client, self._observe, self._lost)
        self.connection = Connection(self.contract, target, session, self.scrub.secret)

    def _continue(self, parent: "Run") -> None:
        self.attempts = parent.attempts
        self.tally = parent.tally
        self.limits = parent.limits
        self.capabilities = parent.capabilities
        self.ledger = parent.ledger
        self.scrub = parent.scrub
        self.connection = parent.connection

    def _states(self) -> States | None:
        if self.target.state_url is None or self.profile != "full":
            return None
        return States(self.target.state_url, Session(self.target.client, lost=self._lost), self.target.state_headers)

    def _observe(self, exchange: Exchange) -> None:
        with self._lock:
            self.tally.add(exchange)

    def _lost(self, _: Request) -> None:
        with self._lock:
            self.tally.lost()

    @property
    def out_of_time(self) -> bool:
        """Whether the deadline that the user set for the run has passed."""
        return self.target.deadline is not None and time.monotonic() - self._began > self.target.deadline

    @property
    def read_only(self) -> bool:
        """Whether nothing may be sent that could change the target."""
        return self.profile == "read-only"

    def of(self, kind: type[T]) -> T:
        """What a wing keeps of this run: a value of its own class, made at the first question."""
        if kind not in self._of_wings:
            self._of_wings[kind] = kind()
        found: T = self._of_wings[kind]
        return found

    @contextmanager
    def fork(self, seed: int) -> Iterator["Run"]:
        """A run on the same target that begins anew with another seed; what it does counts as this run's."""
        fork = Run(
            self.contract,
            self.target,
            seed=seed,
            depth=self.depth,
            shrink=False,
            profile=self.profile,
            nonce=self.nonce,
            worker=self.worker,
            parent=self,
        )
        try:
            yield fork
        finally:
            fork.set_ups.tear_down()

    # Several processes

    def as_json(self) -> JsonObject:
        """What this process saw, as plain data for the controller."""
        return {
            "outcomes": self.outcomes.as_json(),
            "tally": self.tally.as_json(),
            "capabilities": self.capabilities.as_json(),
            "accounts": self.set_ups.accounts,
        }

    def take_in(self, seen: Mapping[str, Any]) -> None:
        """Add what a worker saw."""
        self.outcomes.take_in(seen.get("outcomes", ()))
        self.tally.take_in(seen["tally"])
        self.capabilities.take_in(seen["capabilities"])

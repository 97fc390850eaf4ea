"""One run: one contract against one target, in one process."""

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from conformance.contracts.contract import Contract
from conformance.contracts.terms import Requirement
from conformance.engine.context import Context
from conformance.engine.ledger import Ledger
from conformance.http.exchange import Exchange, Request
from conformance.http.session import Disturbance, Session
from conformance.results.finding_database import FindingDatabase
from conformance.results.findings import Finding, Shown, Violation, fingerprint
from conformance.results.lines import Proof
from conformance.results.outcomes import Outcome
from conformance.results.scrub import Scrubber
from conformance.results.tally import Tally
from conformance.results.waivers import Waiver
from conformance.targets.credential import Credential, CredentialError
from conformance.targets.limits import MAKES, LimitReached, Limits
from conformance.targets.states import StateBroken, StateRefused, States
from conformance.targets.target import Target

__all__ = ["Broken", "Monitor", "Run", "new_nonce"]


class Broken(Exception):
    """The run can't go on, or this requirement can't be judged: the suite or the connection failed."""


class Monitor(Protocol):
    """Sees every exchange of the run's cases and yields what it breaks, by requirement."""

    def see(self, exchange: Exchange) -> Iterator[tuple[Requirement, Violation | None]]:
        """Judge one exchange: a pair for every requirement that it bears on."""


_NATIVE_EXAMPLES = 4
"""Examples of a rule that makes real calls with the vendor's own operations."""
_FOUND_EXAMPLES = 12
"""Examples of a rule that looks at a list as it is found: it is the same one each time."""
_LONGEST: Final = 300
"""Characters of a finding's words."""
_PROBES: Final = (0.0, 0.3, 1.0)
"""Seconds waited before each try to reach the target at all."""


def new_nonce() -> str:
    """What makes the names of a run its own; nothing that is drawn, ordered or fingerprinted depends on it."""
    return secrets.token_hex(8)


class Run:
    """Everything that the rules share: the target's session and states, findings, and what is known so far.

    `nonce` makes the run's names its own (DESIGN, 6), `worker` those of one of its `workers` processes.
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
        self.attempts = itertools.count(1)
        self.tally = Tally()
        self.limits = Limits(target, workers, int(worker.removeprefix("gw") or 0))
        self.outcomes: dict[str, Outcome] = {}
        self.capabilities: dict[str, str] = {k: "declared" if v else "absent" for k, v in target.capabilities.items()}
        if target.accounts == "shared":
            self.capabilities["accounts"] = "absent"
        self.broken: str | None = None
        self.left = 1
        self.monitors: list[Monitor] = []
        self.shared: dict[str, Any] = {}
        self.ledger = Ledger(ids for ids in target.preloaded.values())
        self.waived: Mapping[str, Mapping[str, Waiver]] = {}
        self.stored_findings: FindingDatabase | None = None
        self._began = time.monotonic()
        self._by_odd: set[str] = set()
        self._pending: list[tuple[Requirement, Violation, Exchange, Context]] = []
        self._lock = threading.Lock()
        self._accounts: list[str] = []
        self.scrub = Scrubber.of(contract, everything_own=target.embedded)
        for stated in (*target.headers.values(), *target.state_headers.values()):
            self.scrub.header_secret(stated)
        if target.weak_api_key:
            self.scrub.secret(target.weak_api_key)
        self.credential = Credential(target, self.scrub.secret)
        self.session = Session(target, self._observe, self._lost)
        self._states: States | None = None
        if target.state_url and profile == "full":
            self._states = States(target.state_url, Session(target, lost=self._lost), target.state_headers)

    def has(self, need: str) -> bool:
        """Whether the target can be given a situation: `states` by its state URL alone.

        For `calls` preloaded ids do too, for `deleted` ids that were deleted already, for `tombstones` the
        vendor's own creation and deletion.
        """
        if self._states is not None:
            return True
        if need == "tombstones":
            return self.profile == "full" and {"create", "remove"} <= set(self.contract.roles)
        if need == "deleted" and self.target.preloaded.get("deleted"):
            return True
        to_delete = any(ids for kind, ids in self.target.preloaded.items() if kind != "deleted")
        return need in {"calls", "deleted"} and self.profile == "full" and to_delete

    @property
    def indivisible(self) -> bool:
        """Whether processes side by side would use the same calls, or see each other's."""
        return self._states is None and (self.has("calls") or self.has("tombstones"))

    def given(self, needs: tuple[str, ...]) -> int:
        """The most examples that are of use: no more than there are ids, where calls are given and not set up."""
        ids = sum(len(ids) for ids in self.target.preloaded.values())
        few = "calls" in needs and self._states is None
        native = "tombstones" in needs and self._states is None
        if self.contract.lists and self._states is None and not native:
            return _FOUND_EXAMPLES
        return max(ids, 1) if few else _NATIVE_EXAMPLES if native else self.depth

    @property
    def out_of_time(self) -> bool:
        """Whether the deadline that the user set for the run has passed."""
        return self.target.deadline is not None and time.monotonic() - self._began > self.target.deadline

    @property
    def read_only(self) -> bool:
        """Whether nothing may be sent that could change the target."""
        return self.profile == "read-only"

    # Exchanges

    @property
    def key(self) -> str:
        """The credential under test.

        Raises:
            Broken: the command that prints it failed.
        """
        try:
            return self.credential.key
        except CredentialError as problem:
            self.broken = str(problem)
            raise Broken(self.broken) from None

    def _observe(self, exchange: Exchange) -> None:
        with self._lock:
            self.tally.add(exchange)

    def _lost(self, _: Request) -> None:
        with self._lock:
            self.tally.lost()

    def see(self, exchange: Exchange, context: Context) -> None:
        """Let the monitors judge an exchange of a context."""
        with self._lock:
            for monitor in self.monitors:
                for requirement, violation in monitor.see(exchange):
                    outcome = self.outcome(requirement)
                    outcome.examples += 1
                    if violation is not None:
                        self._pending.append((requirement, violation, exchange, context))
                    elif not outcome.proof or (exchange.request.odd and requirement.id not in self._by_odd):
                        if exchange.request.odd:
                            self._by_odd.add(requirement.id)
                        outcome.proof = [Proof(part="act", exchange=self.scrub.exchange(exchange))]

    def pending(self) -> list[tuple[Requirement, Violation, Exchange, Context]]:
        """What the monitors saw since they were last asked, each with the context that it was seen in."""
        with self._lock:
            seen, self._pending = self._pending, []
        return seen

    def credential_holds(self, exchange: Exchange) -> bool:
        """Whether the credential is still accepted after this answer to a request that was sent with it.

        Raises:
            Broken: it has expired and can't be renewed.
        """
        try:
            return self.credential.holds(exchange, self.session.send)
        except CredentialError as problem:
            self.broken = str(problem)
            raise Broken(self.broken) from None

    def probe(self) -> None:
        """Ask the target for anything at all.

        Raises:
            Broken: it does not answer with a whole HTTP message, whatever its status.
        """
        operation = next((o for o in self.contract.roles.values() if o.method == "GET"), None)
        path = dict.fromkeys(operation.path_parameters, "conformance-probe") if operation else {}
        url = operation.url(self.target.url, **path) if operation else self.target.url
        headers = {**self.contract.terms.headers, **self.contract.credential_headers(self.key)}
        why = ""
        for pause in _PROBES:
            time.sleep(pause)
            try:
                self.session.send(Request("GET", url, headers, operation=operation.id if operation else ""))
            except Disturbance as problem:
                why = problem.why
                if why.startswith("answered"):
                    return
            else:
                return
        self.broken = f"target unreachable: {why}"
        raise Broken(self.broken)

    # States and capabilities

    def set_up(self, state: str, params: dict[str, Any]) -> dict[str, Any]:
        """Bring a provider state about and count what it made.

        Raises:
            StateRefused: the target has no state URL, or can't do this state, or a bound of the run is reached.
            Broken: the state URL failed.
            Disturbance: the way to the state URL did.
        """
        if self._states is None:
            raise StateRefused("the target has no state URL, or the profile leaves it out")
        kind = MAKES.get(state)
        count = len(params.get("calls", [None]))
        try:
            if kind is not None:
                self.limits.take(kind, count)
            values = self._states.setup(state, params)
        except LimitReached as reached:
            raise StateRefused(str(reached)) from None
        except StateRefused:
            self.limits.give_back(kind, count)
            raise
        except StateBroken as problem:
            raise Broken(f"state URL: {problem}") from None
        if kind is not None and kind != "accounts":
            self.tally.calls_created += count
        for call_id in self.ledger.made(state, params, values):
            self.scrub.own_id(call_id)
        return values

    def remember_account(self, key: str) -> None:
        """Keep a fresh account's key out of every report, and tear the account down at the end."""
        self.scrub.secret(key)
        self._accounts.append(key)

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
        )
        # What must not be written is the same for both, and what the target can do is known.
        fork.scrub, fork.tally, fork.capabilities = self.scrub, self.tally, dict(self.capabilities)
        fork.limits, fork.ledger, fork.credential, fork.attempts = (
            self.limits,
            self.ledger,
            self.credential,
            self.attempts,
        )
        try:
            yield fork
        finally:
            fork.tear_down()

    def tear_down(self) -> None:
        """Tear down every fresh account; what can't be torn down is counted as left over."""
        while self._accounts and self._states is not None:
            key = self._accounts.pop()
            try:
                self._states.teardown("a fresh account exists", {"api_key": key})
            except (StateBroken, Disturbance) as problem:
                self.tally.leftovers += 1
                self.tally.leftover_reason = self.tally.leftover_reason or str(problem)

    def capability(self, name: str, detect: Callable[[], bool]) -> str:
        """`declared`, `detected` or `absent`; detected at the first question."""
        if name not in self.capabilities:
            self.capabilities[name] = "detected" if detect() else "missing"
        return self.capabilities[name]

    # Findings

    def outcome(self, requirement: Requirement) -> Outcome:
        """The outcome of a requirement so far."""
        return self.outcomes.setdefault(requirement.id, Outcome(requirement.id))

    def keep(
        self,
        requirement: Requirement,
        violation: Violation,
        context: Context,
        *,
        reproduced: bool,
        smallest: bool = False,
    ) -> None:
        """Keep a violation as a finding, with the example that shows it.

        The first of a kind stays, until the requirement's own test has the `smallest` example of it.
        """
        mark = fingerprint(requirement.id, violation)
        findings = self.outcome(requirement).findings
        if mark in findings and not smallest:
            return
        findings[mark] = Finding(
            code=violation.code,
            message=self.told(violation.message),
            expected=self.told(violation.expected),
            observed=self.told(violation.observed),
            fingerprint=mark,
            reproduced=reproduced,
            example=context.example(),
            curl=context.curl(),
            exchanges=[
                self.scrub.exchange(e, offending=bool(violation.about) and e is violation.about[-1])
                for e in context.evidence(violation.about)
            ],
            unless=violation.unless.id if violation.unless else None,
        )

    def told(self, words: str | Shown) -> str:
        """A finding's words as they may be written: scrubbed first, then cut."""
        if isinstance(words, Shown):
            return self.scrub.value(words.value) + words.note
        return self.scrub.text(words, _LONGEST)

    def open_findings(self, *, strict: bool) -> set[str]:
        """Requirements of which something was found that is not waived: MUSTs, and SHOULDs too if `strict`."""
        counts = {"MUST", "SHOULD"} if strict else {"MUST"}
        levels = {r.id: r.level for r in self.contract.requirements}
        return {
            name
            for name, outcome in self.outcomes.items()
            if levels.get(name) in counts and outcome.findings.keys() - self.waived.get(name, {}).keys()
        }

    def give_back(self) -> None:
        """Drop every finding that belongs to another requirement now that this one, too, is known to be broken.

        While rules run side by side, the one that a breach belongs to may not have seen it yet. What is waived stays:
        a waiver whose finding is not met would be called stale.
        """
        broken = {outcome.requirement for outcome in self.outcomes.values() if outcome.findings}
        for outcome in self.outcomes.values():
            elsewhere, waived = broken - {outcome.requirement}, self.waived.get(outcome.requirement, {})
            outcome.findings = {
                mark: one for mark, one in outcome.findings.items() if mark in waived or one.unless not in elsewhere
            }

    # Workers

    def as_json(self) -> dict[str, Any]:
        """What this process saw, as plain data for the controller."""
        outcomes = [outcome.as_json() for outcome in self.outcomes.values()]
        return {
            "outcomes": outcomes,
            "tally": self.tally.as_json(),
            "capabilities": self.capabilities,
            "accounts": list(self._accounts),
        }

    def adopt_accounts(self, keys: list[str]) -> None:
        """Take over the fresh accounts of a worker that is gone, to be torn down."""
        for key in keys:
            self.remember_account(key)

    def take_in(self, seen: dict[str, Any]) -> None:
        """Add what a worker saw."""
        for data in seen.get("outcomes", ()):
            outcome = Outcome.from_json(data)
            self.outcomes.setdefault(outcome.requirement, Outcome(outcome.requirement)).add(outcome)
        self.tally.take_in(seen["tally"])
        self.capabilities |= seen["capabilities"]

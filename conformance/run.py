"""One run: one contract against one target, in one process."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.contract import Contract, Requirement
from conformance.exchange import Exchange, Request
from conformance.finds import Finds
from conformance.gate.waivers import Waiver
from conformance.results import Finding, Outcome, Violation, fingerprint
from conformance.scene import Scene, credential_headers
from conformance.scrub import Scrubber
from conformance.session import Session, Unreachable
from conformance.states import StateBroken, StateRefused, States
from conformance.target import Target

__all__ = ["Broken", "Monitor", "Run", "Tally"]


class Broken(Exception):
    """The run can't go on, or this requirement can't be judged: the suite or the connection failed."""


class Monitor(Protocol):
    """Sees every exchange of the run and yields what it breaks, by requirement."""

    def see(self, exchange: Exchange) -> Iterator[tuple[Requirement, Violation | None]]:
        """Judge one exchange: a pair for every requirement that it bears on."""


@dataclass
class Tally:
    """What the run did to the target."""

    requests: int = 0
    calls_created: int = 0
    calls_deleted: int = 0
    leftovers: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: defaultdict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, exchange: Exchange) -> None:
        """Count an exchange."""
        key = (exchange.request.operation, exchange.status)
        self.requests += 1
        self.answers[key] += 1
        self.seconds[key] += exchange.seconds

    def as_json(self) -> dict[str, Any]:
        """The tally as plain data, as the end line of the results has it."""
        traffic = [
            {
                "operation": operation,
                "status": status,
                "count": count,
                "seconds": round(self.seconds[operation, status], 6),
            }
            for (operation, status), count in sorted(self.answers.items())
        ]
        counts = {k: getattr(self, k) for k in _COUNTS}
        return {**counts, "traffic": traffic}

    def take_in(self, seen: dict[str, Any]) -> None:
        """Add another process' tally."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + seen[name])
        for row in seen["traffic"]:
            self.answers[row["operation"], row["status"]] += row["count"]
            self.seconds[row["operation"], row["status"]] += row["seconds"]


_COUNTS = ("requests", "calls_created", "calls_deleted", "leftovers")


_NATIVE_EXAMPLES = 4
"""Examples of a rule that makes real calls with the vendor's own operations."""
_FOUND_EXAMPLES = 12
"""Examples of a rule that looks at a list as it is found: it is the same one each time."""


class Run:
    """Everything that the rules share: the target's session and states, findings, and what is known so far."""

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
    ) -> None:
        self.contract = contract
        self.target = target
        self.seed = seed
        self.depth = depth
        # What was given is not there again for a smaller try: a deletion can't be undone.
        self.shrink = shrink and not target.preloaded
        self.stop = stop
        self.profile = profile
        self.tally = Tally()
        self.outcomes: dict[str, Outcome] = {}
        self.capabilities: dict[str, str] = {k: "declared" if v else "absent" for k, v in target.capabilities.items()}
        self.broken: str | None = None
        self.monitors: list[Monitor] = []
        self.shared: dict[str, Any] = {}
        self.waived: Mapping[str, Mapping[str, Waiver]] = {}
        self.finds: Finds | None = None
        self._began = time.monotonic()
        self._pending: list[tuple[Requirement, Violation, Exchange]] = []
        self._lock = threading.Lock()
        self._accounts: list[str] = []
        self.scrub = Scrubber(
            self._sensitive_names(),
            credential_headers(contract, ""),
            contract.document.property_names,
            foreign=bool(target.preloaded),
        )
        for secret in (target.api_key, *target.headers.values(), *target.state_headers.values()):
            self.scrub.secret(secret)
        self.session = Session(target, self._observe)
        self._states: States | None = None
        if target.state_url and profile == "full":
            self._states = States(target.state_url, Session(target), target.state_headers)

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
        if self.contract.listing and self._states is None and not native:
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

    def _sensitive_names(self) -> set[str]:
        fields = [
            f for r in self.contract.requirements for f in r.data.get("fields", []) if r.rule.startswith("redact.omits")
        ]
        return {pointer.rsplit("/", 1)[-1] for pointer in fields} | {"logs"}

    # Exchanges

    def _observe(self, exchange: Exchange) -> None:
        with self._lock:
            self.tally.add(exchange)
            for monitor in self.monitors:
                for requirement, violation in monitor.see(exchange):
                    outcome = self.outcome(requirement)
                    outcome.examples += 1
                    if violation is not None:
                        self._pending.append((requirement, violation, exchange))
                    elif outcome.witness is None:
                        outcome.witness = self.scrub.exchange(exchange)

    def pending(self) -> list[tuple[Requirement, Violation, Exchange]]:
        """What the monitors saw since they were last asked."""
        with self._lock:
            seen, self._pending = self._pending, []
        return seen

    def probe(self) -> None:
        """Ask the target for anything at all.

        Raises:
            Broken: it does not answer with a whole HTTP message.
        """
        operation = next((o for o in self.contract.roles.values() if o.method == "GET"), None)
        path = dict.fromkeys(operation.path_parameters, "conformance-probe") if operation else {}
        url = operation.url(self.target.url, **path) if operation else self.target.url
        headers = {**self.contract.data.get("headers", {}), **credential_headers(self.contract, self.target.api_key)}
        try:
            Session(self.target).send(Request("GET", url, headers))
        except Unreachable as problem:
            self.broken = f"target unreachable: {self.scrub.text(str(problem))}"
            raise Broken(self.broken) from None

    # States and capabilities

    def set_up(self, state: str, params: dict[str, Any]) -> dict[str, Any]:
        """Bring a provider state about and count what it made.

        Raises:
            StateRefused: the target has no state URL, or can't do this state.
            Broken: the state URL failed.
        """
        if self._states is None:
            raise StateRefused("the target has no state URL, or the profile leaves it out")
        most = self.target.max_calls
        if most is not None and self.tally.calls_created >= most:
            raise StateRefused(f"the most calls that may be set up, {most}, is reached (max_calls)")
        try:
            values = self._states.setup(state, params)
        except (StateBroken, Unreachable) as problem:
            raise Broken(f"state URL: {self.scrub.text(str(problem))}") from None
        made = len(values.get("call_ids") or []) or int("call_id" in values)
        self.tally.calls_created += made
        return values

    def remember_account(self, key: str) -> None:
        """Keep a fresh account's key out of every report, and tear the account down at the end."""
        self.scrub.secret(key)
        self._accounts.append(key)

    @contextmanager
    def twin(self, seed: int) -> Iterator["Run"]:
        """A run on the same target that begins anew with another seed; what it does counts as this run's."""
        twin = Run(self.contract, self.target, seed=seed, depth=self.depth, shrink=False, profile=self.profile)
        # What must not be written is the same for both, and what the target can do is known.
        twin.scrub, twin.tally, twin.capabilities = self.scrub, self.tally, dict(self.capabilities)
        try:
            yield twin
        finally:
            twin.tear_down()

    def tear_down(self) -> None:
        """Tear down every fresh account; what can't be torn down is counted as left over."""
        while self._accounts and self._states is not None:
            key = self._accounts.pop()
            try:
                self._states.teardown("a fresh account exists", {"api_key": key})
            except (StateBroken, Unreachable):
                self.tally.leftovers += 1

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
        self, requirement: Requirement, violation: Violation, scene: Scene, *, reproduced: bool, smallest: bool = False
    ) -> None:
        """Keep a violation as a finding, with the example that shows it.

        The first of a kind stays, until the requirement's own test has the `smallest` example of it.
        """
        mark = fingerprint(requirement.id, violation)
        findings = self.outcome(requirement).findings
        if mark in findings and not smallest:
            return
        text = self.scrub.text
        findings[mark] = Finding(
            code=violation.code,
            message=text(violation.message),
            expected=text(violation.expected),
            observed=text(violation.observed),
            fingerprint=mark,
            reproduced=reproduced,
            example=scene.example(),
            curl=scene.curl(),
            exchanges=[self.scrub.exchange(e) for e in scene.exchanges],
            unless=violation.unless.id if violation.unless else None,
        )

    @property
    def found(self) -> bool:
        """Whether anything was found in this process."""
        return any(outcome.findings for outcome in self.outcomes.values())

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
        return {"outcomes": outcomes, "tally": self.tally.as_json(), "capabilities": self.capabilities}

    def take_in(self, seen: dict[str, Any]) -> None:
        """Add what a worker saw."""
        for data in seen["outcomes"]:
            outcome = Outcome.from_json(data)
            self.outcomes.setdefault(outcome.requirement, Outcome(outcome.requirement)).add(outcome)
        self.tally.take_in(seen["tally"])
        self.capabilities |= seen["capabilities"]

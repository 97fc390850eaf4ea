"""Provider states of a run: brought about within its bounds, counted, and torn down."""

from conformance.contracts.pointer import JsonObject
from conformance.engine.ledger import Ledger
from conformance.engine.stops import Broken
from conformance.http.session import Disturbance
from conformance.results.scrub import Scrubber
from conformance.results.tally import Tally
from conformance.targets.limits import MAKES, LimitReached, Limits
from conformance.targets.states import StateBroken, StateRefused, States

__all__ = ["SetUps"]

_ACCOUNT = "a fresh account exists"


class SetUps:
    """Brings provider states about; without `states` every one is refused."""

    def __init__(self, states: States | None, limits: Limits, tally: Tally, ledger: Ledger, scrub: Scrubber) -> None:
        self._states = states
        self._limits = limits
        self._tally = tally
        self._ledger = ledger
        self._scrub = scrub
        self._accounts: list[str] = []

    @property
    def possible(self) -> bool:
        """Whether the target can be put into states at all."""
        return self._states is not None

    @property
    def accounts(self) -> list[str]:
        """The keys of the fresh accounts that are still to be torn down."""
        return list(self._accounts)

    def bring_about(self, state: str, params: JsonObject) -> JsonObject:
        """Bring a provider state about and count what it made; the values of its answer.

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
                self._limits.take(kind, count)
            values = self._states.setup(state, params)
        except LimitReached as reached:
            raise StateRefused(str(reached)) from None
        except StateRefused:
            self._limits.give_back(kind, count)
            raise
        except StateBroken as problem:
            raise Broken(f"state URL: {problem}") from None
        if kind is not None and kind != "accounts":
            self._tally.calls_created += count
        for call_id in self._ledger.made(state, params, values):
            self._scrub.own_id(call_id)
        return values

    def adopt(self, key: str) -> None:
        """Keep a fresh account's key out of every report, and tear the account down at the end."""
        self._scrub.secret(key)
        self._accounts.append(key)

    def tear_down(self) -> None:
        """Tear down every fresh account; what can't be torn down is counted as left over."""
        while self._accounts and self._states is not None:
            key = self._accounts.pop()
            try:
                self._states.teardown(_ACCOUNT, {"api_key": key})
            except (StateBroken, Disturbance) as problem:
                self._tally.leftovers += 1
                self._tally.leftover_reason = self._tally.leftover_reason or str(problem)

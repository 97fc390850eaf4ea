"""Whose calls a list shows, in every answer of the run: the asker's own, and of those the deleted ones alone."""

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.terms import Requirement
from conformance.engine.context import Context
from conformance.engine.run import Run
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = ["Belonging", "foreign", "keeps_accounts_apart", "of_others"]

_FEW = 2


def of_others(run: Run) -> Requirement | None:
    """The MUST that nothing of another account shows; None where the contract has none."""
    bound = run.contract.bound("auth.other-account")
    return next((r for r in bound if r.level == "MUST" and r.data.part in {"", "shows"}), None)


def keeps_accounts_apart(run: Run) -> bool:
    """Whether the target's accounts are not to see each other's calls: it says so, or fresh ones were made on it."""
    if run.target.accounts == "shared":
        return False
    return run.target.accounts == "separate" or run.limits.used["accounts"] > 0


def foreign(exchange: Exchange, ids: Iterable[Any]) -> Violation:
    """An answer shows calls of another account."""
    return _shown("foreign", "the list shows calls of another account", "the asker's own calls alone", exchange, ids)


def _shown(code: str, message: str, expected: str, exchange: Exchange, ids: Iterable[Any]) -> Violation:
    told = list(ids)
    return Violation(
        code, message, expected, Shown(told[:_FEW], f", {len(told)} that do not belong there"), about=(exchange,)
    )


class Belonging:
    """Holds the ids that every page shows against the run's ledger."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._header = next(iter(run.contract.credential_headers("")), None)
        self._main: set[str] = set()
        self._others = of_others(run)
        bound = run.contract.bound("tombstone.exactly-deleted")
        self._exactly = next((r for r in bound if r.level == "MUST"), None)

    def see(self, exchange: Exchange) -> Iterator[tuple[Requirement, Violation | None]]:
        """Judge one answer; a pass is nobody's example, since the rules of these requirements have their own."""
        contract = self._run.contract
        if exchange.status != 200 or exchange.request.operation != contract.roles["tombstones"].id:
            return
        items = pointer.get(exchange.json, contract.listing.items)
        asker = self._asker(exchange)
        if asker is None or not isinstance(items, list):
            return
        ids = [pointer.get(item, contract.listing.id) for item in items]
        ledger = self._run.ledger
        if self._others is not None and keeps_accounts_apart(self._run):
            strange = [i for i in ids if ledger.owner(i) not in {None, asker}]
            if strange:
                yield self._others, foreign(exchange, strange)
        live = [i for i in ids if ledger.is_live(i)]
        if live and self._exactly is not None:
            yield (
                self._exactly,
                _shown("live", "the list of deleted calls shows live ones", "deleted calls alone", exchange, live),
            )

    def _asker(self, exchange: Exchange) -> str | None:
        """The account that asked, as the ledger names it; None where a request was not to be let in at all."""
        if self._header is None or exchange.request.intent == "bad-credential":
            return None
        given = exchange.request.headers.get(self._header)
        # A credential that was renewed was the main account's, too.
        self._main.add(self._run.contract.credential_headers(self._run.connection.key)[self._header])
        if given is None or given in self._main:
            return None if given is None else ""
        return given.removeprefix(self._run.contract.credential_headers("")[self._header])


def not_the_askers(context: Context, exchange: Exchange, ids: Iterable[Any]) -> Iterator[Violation]:
    """The violation that an answer shows calls of another account, given to the MUST about that where there is one."""
    found = [foreign(exchange, ids)]
    requirement = of_others(context.run)
    yield from found if requirement is None else context.about(requirement, found)

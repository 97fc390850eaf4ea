"""The way to the target: its session, the credential under test, and whether it answers at all."""

import time
from collections.abc import Callable
from typing import Final

from conformance.contracts.contract import Contract
from conformance.engine.stops import Broken
from conformance.http.exchange import Exchange, Request
from conformance.http.session import Disturbance, Session
from conformance.targets.credential import Credential, CredentialError
from conformance.targets.target import Target

__all__ = ["Connection"]

_PROBES: Final = (0.0, 0.3, 1.0)
"""Seconds waited before each try to reach the target at all."""


class Connection:
    """Sends requests to the target with the credential under test; `secret` is told of each key before it is used."""

    def __init__(self, contract: Contract, target: Target, session: Session, secret: Callable[[str], None]) -> None:
        self.session = session
        self._contract = contract
        self._target = target
        self._credential = Credential(target, secret)

    @property
    def key(self) -> str:
        """The credential under test.

        Raises:
            Broken: the command that prints it failed.
        """
        try:
            return self._credential.key
        except CredentialError as problem:
            raise Broken(str(problem), final=True) from None

    def credential_holds(self, exchange: Exchange) -> bool:
        """Whether the credential is still accepted after this answer to a request that was sent with it.

        Raises:
            Broken: it has expired and can't be renewed.
        """
        try:
            return self._credential.holds(exchange, self.session.send)
        except CredentialError as problem:
            raise Broken(str(problem), final=True) from None

    def probe(self) -> None:
        """Ask the target for anything at all.

        Raises:
            Broken: it does not answer with a whole HTTP message, whatever its status.
        """
        operation = next((o for o in self._contract.roles.values() if o.method == "GET"), None)
        path = dict.fromkeys(operation.path_parameters, "conformance-probe") if operation else {}
        url = operation.url(self._target.url, **path) if operation else self._target.url
        headers = {**self._contract.terms.headers, **self._contract.credential_headers(self.key)}
        request = Request("GET", url, headers, operation=operation.id if operation else "")
        why = ""
        for pause in _PROBES:
            time.sleep(pause)
            try:
                self.session.send(request)
            except Disturbance as problem:
                why = problem.why
                if why.startswith("answered"):
                    return
            else:
                return
        raise Broken(f"target unreachable: {why}", final=True)

"""The credential under test: given, or the output of a command that is run again when it has expired."""

import subprocess
import threading
from collections.abc import Callable
from typing import Final

from conformance.http.exchange import Exchange, Request
from conformance.http.session import SAFE
from conformance.targets.target import Target

__all__ = ["Credential", "CredentialError"]

_COMMAND_SECONDS: Final = 60.0


class CredentialError(Exception):
    """There is no credential (any more), or the command that prints it failed; its output is never told."""


class Credential:
    """The key that requests are sent with; `secret` is told of each key before it is used."""

    def __init__(self, target: Target, secret: Callable[[str], None]) -> None:
        self._command = target.credential_command
        self._secret = secret
        self._key: str | None = target.api_key or None
        self._fresh = False
        self._good: Request | None = None
        self._allowed: set[str] = set()
        self._lock = threading.Lock()
        if self._key:
            secret(self._key)

    @property
    def key(self) -> str:
        """The key; empty where none is given.

        Raises:
            CredentialError: the command failed.
        """
        with self._lock:
            if self._key is None:
                self._key = self._printed() if self._command else ""
            return self._key

    def holds(self, exchange: Exchange, ask: Callable[[Request], Exchange]) -> bool:
        """Whether the credential is still accepted, after this answer to a request that was sent with it.

        A 401 to an operation that was allowed before is held against a safe request that was allowed, asked once more:
        where that is refused too, the credential has expired. False says that it was renewed.

        Raises:
            CredentialError: it has expired, and there is no command that prints another, or it failed.
        """
        request = exchange.request
        if exchange.ok:
            self._fresh = False
            self._allowed.add(request.operation)
            if request.method in SAFE:
                self._good = request
        if exchange.status != 401 or request.operation not in self._allowed:
            return True
        if self._good is None or ask(self._good).status != 401:
            return True
        with self._lock:
            if self._command is None or self._fresh:
                raise CredentialError(
                    "the credential is no longer accepted: 401 to what was allowed before; credential_command renews it"
                )
            self._key, self._fresh, self._good = self._printed(), True, None
            return False

    def _printed(self) -> str:
        assert self._command is not None  # noqa: S101 - asked for by both callers; tells the type checker
        try:
            done = subprocess.run(  # noqa: S602 - the user's own command, from the user's own config
                self._command,
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                timeout=_COMMAND_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired, ValueError):
            raise CredentialError("credential_command did not run, or not to its end") from None
        key = done.stdout.strip()
        if done.returncode != 0 or not key or not key.isprintable():
            raise CredentialError(f"credential_command ended with {done.returncode} and printed no usable credential")
        self._secret(key)
        return key

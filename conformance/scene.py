"""One example of one rule: what was picked, set up, sent and answered."""

import random
import string
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from conformance import __version__
from conformance.contract import Requirement
from conformance.draw import Choices, Draw, pick
from conformance.example import AT_ONCE, Example
from conformance.exchange import Exchange, Intent, Request
from conformance.results import Violation
from conformance.rule import Vacuous
from conformance.states import StateRefused

if TYPE_CHECKING:
    from conformance.run import Run

__all__ = ["Scene", "credential_headers"]

T = TypeVar("T")

_TELLING = 8
"""Digits that are in no other text by chance."""
_EVIDENCE = 60
"""Exchanges of an example that are kept."""


class Scene:
    """What a rule's body works with. Every pick, set-up and request goes through it."""

    def __init__(self, run: "Run", requirement: Requirement, draw: Draw, number: int) -> None:
        self.run = run
        self.requirement = requirement
        self.number = number
        self.in_use: set[str] = set()
        self.contract = run.contract
        self.choices: Choices = {}
        self.exchanges: list[Exchange] = []
        self.observed: dict[str, Any] = {}
        self.witness: Exchange | None = None
        self.reached = False
        self._draw = draw
        self._lock = threading.Lock()
        self._example = Example(run.contract, run.target, run.scrub)
        self._random = random.Random(f"{run.seed}:{requirement.id}:{number}")  # noqa: S311 - no secret

    # Drawing

    def pick(self, label: str, options: Sequence[T]) -> T:
        """Choose one of the options; the first must be the simplest."""
        return pick(self._draw, self.choices, label, options)

    def token(self, length: int = 8) -> str:
        """A fresh marker: lower-case letters and digits, derived from the run's seed."""
        return "".join(self._random.choices(string.ascii_lowercase + "234567", k=length))

    def digits(self, length: int) -> str:
        """Fresh digits, derived from the run's seed; long ones are known by any report as the suite's own."""
        drawn = "".join(self._random.choices(string.digits, k=length))
        if length >= _TELLING:
            self.run.scrub.own(drawn)
        return drawn

    def alike(self, text: str) -> str:
        """Another text of the same form: what stands before the last `_` stays, then digits for digits and so on."""
        head, mark, tail = text.rpartition("_")
        letters = "abcdef" if set(tail.lower()) <= set("0123456789abcdef-") else string.ascii_lowercase
        kinds = ((str.isdigit, string.digits), (str.islower, letters), (str.isupper, letters.upper()))
        drawn = (next((self._random.choice(pool) for fits, pool in kinds if fits(c)), c) for c in tail)
        return head + mark + "".join(drawn)

    # Setting up

    def state(self, name: str, **params: Any) -> dict[str, Any]:
        """Bring a provider state about; parameters that are None are left out.

        Raises:
            Vacuous: the target can't do this state.
            StateBroken, Unreachable: the state URL is broken.
        """
        given = {key: value for key, value in params.items() if value is not None}
        try:
            values = self.run.set_up(name, given)
        except StateRefused as refused:
            raise Vacuous(str(refused)) from None
        self._example.set_up(name, given, values)
        return values

    def account(self) -> str:
        """A fresh, empty account's API key.

        Raises:
            Vacuous: the target can't make one.
        """
        key = self.state("a fresh account exists").get("api_key")
        if not isinstance(key, str):
            raise Vacuous("state handler: 'a fresh account exists' answered without api_key")
        self.run.remember_account(key)
        return key

    # Sending

    def request(
        self,
        role: str,
        call_id: str | None = None,
        *,
        query: Iterable[tuple[str, str]] = (),
        api_key: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: bytes | None = None,
        intent: Intent = "regular",
    ) -> Request:
        """A request of the operation with this role; a header given as None is left out."""
        operation = self.contract.roles[role]
        names = operation.path_parameters
        path = {names[0]: quote(call_id, safe="")} if names and call_id is not None else {}
        url = operation.url(self.run.target.url, **path)
        pairs = list(query)
        if pairs:
            url += "?" + urlencode(pairs, quote_via=quote)
        key = self.run.target.api_key if api_key is None else api_key
        sent: dict[str, str | None] = {
            **self.run.target.headers,
            **self.contract.data.get("headers", {}),
            **credential_headers(self.contract, key),
        }
        if body is not None:
            sent["content-type"] = "application/json"
        sent |= headers or {}
        kept = {name: value for name, value in sent.items() if value is not None}
        return Request(operation.method, url, kept, body, operation.id, intent)

    def at(self, request: Request, url: str) -> Request:
        """The same request to another URL of the target."""
        return replace(request, url=url)

    def send(self, request: Request, note: str = "") -> Exchange:
        """Send a request, record it as a step of the example.

        Raises:
            Unreachable: no whole answer came.
        """
        with self._lock:
            step = self._example.sent(request, note)
        answer = self.run.session.send(request)
        with self._lock:
            self._example.answered(step, answer)
            if len(self.exchanges) < _EVIDENCE:
                self.exchanges.append(answer)
        return answer

    def at_once(self, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests at the same moment, each from a thread of its own.

        Raises:
            Unreachable: no whole answer came to one of them.
        """
        barrier = threading.Barrier(len(requests))
        answers: dict[int, Exchange | BaseException] = {}

        def go(number: int, request: Request) -> None:
            barrier.wait()
            try:
                answers[number] = self.send(request, AT_ONCE)
            except BaseException as problem:  # noqa: BLE001 - carried over to the caller's thread
                answers[number] = problem

        threads = [threading.Thread(target=go, args=(n, r), daemon=True) for n, r in enumerate(requests)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for problem in answers.values():
            if isinstance(problem, BaseException):
                raise problem
        return [answer for _, answer in sorted(answers.items()) if isinstance(answer, Exchange)]

    def hang_up(self, request: Request, after: float) -> None:
        """Send a request and close the connection unread.

        Raises:
            Unreachable: it could not be sent.
        """
        self._example.sent(request, "hang up before the answer", hung_up=after)
        self.run.session.hang_up(request, after)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._example.waited(seconds)
        time.sleep(seconds)

    # Judging

    def about(self, requirement: Requirement, violations: Iterable[Violation]) -> Iterator[Violation]:
        """Give violations to the requirement that they break."""
        for violation in violations:
            yield replace(violation, requirement=requirement)

    # Evidence

    def example(self) -> dict[str, Any]:
        """The set-ups and steps, ids replaced by names, credentials left out: enough to do it again.

        `case` says how the suite itself makes the example anew: the rule that was tested, and what was picked.
        """
        case = {
            "suite": __version__,
            "requirement": self.requirement.id,
            "seed": self.run.seed,
            "number": self.number,
            "choices": self.choices,
        }
        return {"case": case, **self._example.as_json()}

    def curl(self) -> list[str]:
        """The example as lines of a shell script that takes fresh ids and links from the answers."""
        return self._example.as_curl()


def credential_headers(contract: Any, key: str) -> dict[str, str]:
    """The header that carries a credential, as the document's security scheme says."""
    name = contract.data.get("security_scheme")
    if name is None:
        return {}
    scheme = contract.document.root["components"]["securitySchemes"][name]
    if scheme["type"] == "http":
        return {"Authorization": f"{scheme['scheme'].capitalize()} {key}"}
    return {scheme["name"]: key}

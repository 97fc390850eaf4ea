"""One example of one rule: what was picked, set up, sent and answered."""

import math
import random
import string
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

from conformance import __version__
from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Requirement, Role
from conformance.engine.drawing import Choices, Draw, pick
from conformance.engine.example import AT_ONCE, Example
from conformance.engine.interrupts import whole
from conformance.engine.run import Run
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange, Intent, Request
from conformance.http.safety import is_plain
from conformance.http.session import SAFE, Disturbance
from conformance.results.findings import Evidence, Violation
from conformance.results.lines import Part
from conformance.targets.states import StateRefused

__all__ = ["Context"]

T = TypeVar("T")

_TELLING: Final = 8
"""Characters of a name that are in no other text by chance."""
_EVIDENCE: Final = 60
"""Exchanges of an example that are kept."""
_UNGUESSABLE_BITS: Final = 64.0
"""Chance, in bits, that an id which nobody has must have in it."""
_LETTERS: Final = string.ascii_lowercase + "234567"


class Context:
    """What a rule's body works with. Every pick, set-up and request goes through it.

    Its names (markers, owners, made-up ids) are made from the run's nonce and the number of the attempt: no other
    context of this run, or of any other, has them.
    """

    def __init__(self, run: Run, requirement: Requirement, draw: Draw, number: int) -> None:
        self.run = run
        self.requirement = requirement
        self.number = number
        self.in_use: set[str] = set()
        self.contract = run.contract
        self.choices: Choices = {}
        self.exchanges: list[Exchange] = []
        self.observed: JsonObject = {}
        self.proof: list[tuple[Part, Exchange]] = []
        self._draw = draw
        self._lock = threading.Lock()
        self._example = Example(run.contract, run.target, run.scrub)
        self._names = random.Random(f"{run.nonce}:{run.worker}:{next(run.attempts)}")  # noqa: S311 - no secret

    # Drawing

    def pick(self, label: str, options: Sequence[T]) -> T:
        """Choose one of the options; the first must be the simplest."""
        return pick(self._draw, self.choices, label, options)

    def token(self, length: int = 8) -> str:
        """A fresh marker: lower-case letters and digits."""
        return self._named("".join(self._names.choices(_LETTERS, k=length)), "token")

    def digits(self, length: int) -> str:
        """Fresh digits."""
        return self._named("".join(self._names.choices(string.digits, k=length)), "digits")

    def uuid(self) -> str:
        """A fresh uuid, which nothing has unless it is given it."""
        return self._named(str(uuid.UUID(int=self._names.getrandbits(128), version=4)), "uuid")

    def nobody(self) -> str:
        """An id that nobody can have: unguessable, of no target's own shape."""
        return self._nobodys(f"id_{self.token(26)}")

    def alike(self, text: str) -> str:
        """An id of the same form that nobody can have.

        Where so few characters can be another that a record might have them, it is of no target's form.
        """
        made = self.lookalike(text, _UNGUESSABLE_BITS)
        return self._nobodys(made) if made else self.nobody()

    def lookalike(self, text: str, bits: float = 0.0) -> str:
        """A text of the same form: what stands before the last `_` stays, the rest is digits for digits and so on.

        Empty where fewer `bits` of chance than that are in the form.
        """
        head, mark, tail = text.rpartition("_")
        letters = "abcdef" if set(tail.lower()) <= set("0123456789abcdef-") else string.ascii_lowercase
        kinds = ((str.isdigit, string.digits), (str.islower, letters), (str.isupper, letters.upper()))
        pools = [next((pool for fits, pool in kinds if fits(c)), c) for c in tail]
        if sum(math.log2(len(pool)) for pool in pools) < bits:
            return ""
        return head + mark + "".join(self._names.choice(pool) for pool in pools)

    def _nobodys(self, call_id: str) -> str:
        self.run.ledger.ours(call_id)
        return self._named(call_id, "id")

    def _named(self, text: str, kind: str) -> str:
        if len(text) >= _TELLING:
            self.run.scrub.own(text)
        self._example.named(text, kind)
        return text

    # Setting up

    def state(self, name: str, **params: Any) -> JsonObject:
        """Bring a provider state about; parameters that are None are left out.

        Raises:
            NotReached: the target can't do this state.
            Broken: the state URL is broken.
            Disturbance: the way to it failed.
        """
        given = {key: value for key, value in params.items() if value is not None}
        try:
            values = self.run.set_ups.bring_about(name, given)
        except StateRefused as refused:
            raise NotReached(str(refused)) from None
        self._example.set_up(name, given, values)
        return values

    def account(self) -> str:
        """A fresh, empty account's API key.

        Raises:
            NotReached: the target can't make one, or makes no more of them in this run.
        """
        if self.run.capabilities.is_absent("accounts"):
            raise NotReached("accounts are declared to be shared, or to be none")
        with whole():
            key = self.state("a fresh account exists").get("api_key")
            if not isinstance(key, str):
                raise NotReached("state handler: 'a fresh account exists' answered without api_key")
            self.run.set_ups.adopt(key)
        return key

    # Sending

    def request(
        self,
        role: Role,
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
        path = {names[0]: _segment(call_id)} if names and call_id is not None else {}
        url = operation.url(self.run.target.url, **path)
        pairs = list(query)
        if pairs:
            url += "?" + urlencode(pairs, quote_via=quote)
        key = self.run.connection.key if api_key is None else api_key
        sent: dict[str, str | None] = {
            **self.run.target.headers,
            **self.contract.terms.headers,
            **self.contract.credential_headers(key),
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
            Disturbance: no whole answer came, or the credential had expired and was renewed.
            NotReached: it is unsafe, and names what the suite did not set up.
        """
        self._refuse_strangers(request)
        with self._lock:
            step = self._example.sent(request, note)
        answer = self.run.connection.session.send(request)
        with self._lock:
            self._example.answered(step, answer)
            self.exchanges.append(answer)
        mine = self.run.connection.key and any(self.run.connection.key in value for value in request.headers.values())
        if mine and request.intent != "bad-credential" and not self.run.connection.credential_holds(answer):
            raise Disturbance(request, "the credential had expired and was renewed")
        self.run.monitors.see(answer, self.evidence)
        return answer

    def _refuse_strangers(self, request: Request) -> None:
        """Nobody's call: what can't be undone is done to the suite's own calls alone (DESIGN, 12)."""
        operation = self.contract.document.operations.get(request.operation)
        anything = self.run.target.anything_goes or self.run.ledger.odd_ids_allowed
        if request.method in SAFE or operation is None or anything:
            return
        named = operation.path_values(self.run.target.url, request.url)
        creates = self.contract.roles.get("create")
        if not named and creates is not None and operation.id == creates.id and request.method == creates.method:
            return
        if not named or not all(map(self.run.ledger.may_name, named)):
            raise NotReached(f"{request.method} is not sent to ids that could be somebody's")

    def at_once(self, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests at the same moment, each from a thread of its own.

        Raises:
            Disturbance: no whole answer came to one of them.
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
            Disturbance: it could not be sent.
            NotReached: it is unsafe, and names what the suite did not set up.
        """
        self._refuse_strangers(request)
        self._example.sent(request, "hang up before the answer", hung_up=after)
        self.run.connection.session.hang_up(request, after)

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

    def prove(self, part: Part, *exchanges: Exchange | None) -> None:
        """Keep exchanges by which it can be seen that the requirement holds in this case."""
        self.proof += [(part, exchange) for exchange in exchanges if exchange is not None]

    def evidence(self, about: Sequence[Exchange] = ()) -> Evidence:
        """What shows what these exchanges are about: the example as data, as a script, and its exchanges in order.

        Of very many exchanges, the first and last are kept, and those that it is about.
        """
        kept = self.exchanges
        if len(kept) > _EVIDENCE:
            half = _EVIDENCE // 2
            kept = [*kept[:half], *kept[-half:]]
        missing = [one for one in about if not any(one is other for other in kept)]
        in_order = sorted([*kept, *missing], key=lambda one: one.began)
        return Evidence(self.example(), self._example.as_curl(), in_order)

    def example(self) -> JsonObject:
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


def _segment(call_id: str) -> str:
    """An id as a segment of a path.

    Raises:
        NotReached: it could not be sent as it is, or could be read as another path.
    """
    if not is_plain(call_id):
        raise NotReached(
            "an id can't be sent in a path as it is (it is empty, or has dots, slashes or half characters)"
        )
    return quote(call_id, safe="")

"""Rules over every exchange of the run. They come last, and add documented requests of their own."""

from collections.abc import Callable, Iterator

from conformance.contracts.terms import Requirement
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.run import Run
from conformance.http.exchange import Exchange
from conformance.protocol import oracles
from conformance.protocol.generated import malformed, pool, request_of
from conformance.protocol.subjects import exercise
from conformance.results.findings import Violation

__all__ = ["attach"]


class _EveryAnswer:
    """Judges each exchange for the requirements that bind one of these rules."""

    def __init__(self, run: Run) -> None:
        self._contract = run.contract
        self._bound = run.contract.bound("schema.response", "schema.well-formed", "status.documented", "input.no-5xx")

    def see(self, exchange: Exchange) -> Iterator[tuple[Requirement, Violation | None]]:
        """Judge one exchange; None stands for an answer that is as it must be."""
        operation = self._contract.document.operations.get(exchange.request.operation)
        if operation is None:
            return
        contract = self._contract
        judges: dict[str, Callable[[], Iterator[Violation]]] = {
            "schema.response": lambda: oracles.fits_schema(contract, operation, exchange),
            "schema.well-formed": lambda: oracles.well_formed(operation, exchange),
            "status.documented": lambda: oracles.documented(contract, operation, exchange),
            "input.no-5xx": lambda: oracles.no_5xx(operation, exchange),
        }
        for requirement in self._bound:
            if operation.id not in (requirement.data.operations or (operation.id,)):
                continue
            if self._bears_on(requirement, exchange):
                found: list[Violation | None] = [*judges[requirement.rule]()]
                yield from ((requirement, violation) for violation in found or [None])

    def _bears_on(self, requirement: Requirement, exchange: Exchange) -> bool:
        """An exchange counts as an example only where the rule has something to say about it."""
        match requirement.rule:
            case "schema.response" | "schema.well-formed":
                operation = self._contract.document.operations[exchange.request.operation]
                return self._contract.document.response_schema(operation, exchange.status) is not None
            case "input.no-5xx":
                return exchange.request.intent not in {"regular", "at-once"}
            case _:
                return True


def attach(run: Run) -> None:
    """Let the run's every exchange be judged."""
    run.monitors.add(_EveryAnswer(run))


def _documented_requests(context: Context) -> Iterator[Violation]:
    """What the document allows, on nobody's call and on one of the suite's own; the monitor judges the answers."""
    methods = {role: operation.method for role, operation in context.contract.roles.items()}
    shapes = [s for s in pool(context, "positive") if not context.run.read_only or methods[s.role] == "GET"]
    shape = shapes[context.pick("documented request", range(len(shapes)))]
    context.send(request_of(context, shape, "unknown-id" if shape.path else "malformed"))
    exercise(context)
    yield from ()


@rule("schema.response", last=True, read_only=True)
def test_answers_fit_their_schema(context: Context) -> Iterator[Violation]:
    """Every answer is JSON that fits the schema of its status and media type, formats included."""
    yield from _documented_requests(context)


@rule("schema.well-formed", last=True, read_only=True)
def test_answers_are_well_formed(context: Context) -> Iterator[Violation]:
    """Every JSON answer reads alike in every parser: no repeated names, no lone surrogates."""
    yield from _documented_requests(context)


@rule("status.documented", last=True, read_only=True)
def test_statuses_are_documented(context: Context) -> Iterator[Violation]:
    """Only documented statuses are answered, and those that HTTP itself gives a bad request."""
    yield from _documented_requests(context)


@rule("input.no-5xx", last=True, long=True)
def test_malformed_input_is_no_server_error(context: Context) -> Iterator[Violation]:
    """Malformed requests, unknown ids and bad credentials never cause a 5xx."""
    batches = malformed(context)
    for shape in batches[context.pick("batch of malformed requests", range(len(batches)))]:
        context.send(request_of(context, shape, "malformed"))
    role = next(role for role in ("delete", "tombstones") if role in context.contract.roles)
    strange = {"random": context.token(24), "empty": "", "0": "0", "a space": "a b", "a quote": "'"}
    kind = context.pick("strange credential", list(strange))
    if kind == "empty" or context.run.limits.try_credential():
        context.send(context.request(role, context.nobody(), api_key=strange[kind], intent="bad-credential"))
    yield from ()

"""Rules over every exchange of the run. They come last, and add documented requests of their own."""

from collections.abc import Callable, Iterator

from conformance.contract import Requirement
from conformance.exchange import Exchange
from conformance.protocol import oracles
from conformance.protocol.generated import malformed, pool, request_of
from conformance.protocol.subjects import exercise
from conformance.results import Violation
from conformance.rule import rule
from conformance.run import Run
from conformance.scene import Scene

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
            if operation.id not in requirement.data.get("operations", [operation.id]):
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
    run.monitors.append(_EveryAnswer(run))


def _documented_requests(scene: Scene) -> Iterator[Violation]:
    """What the document allows, on nobody's call and on one of the suite's own; the monitor judges the answers."""
    methods = {role: operation.method for role, operation in scene.contract.roles.items()}
    shapes = [s for s in pool(scene, "positive") if not scene.run.read_only or methods[s.role] == "GET"]
    shape = shapes[scene.pick("documented request", range(len(shapes)))]
    scene.send(request_of(scene, shape, "unknown-id" if shape.path else "malformed"))
    exercise(scene)
    yield from ()


@rule("schema.response", read_only=True)
def test_answers_fit_their_schema(scene: Scene) -> Iterator[Violation]:
    """Every answer is JSON that fits the schema of its status and media type, formats included."""
    yield from _documented_requests(scene)


@rule("schema.well-formed", read_only=True)
def test_answers_are_well_formed(scene: Scene) -> Iterator[Violation]:
    """Every JSON answer reads alike in every parser: no repeated names, no lone surrogates."""
    yield from _documented_requests(scene)


@rule("status.documented", read_only=True)
def test_statuses_are_documented(scene: Scene) -> Iterator[Violation]:
    """Only documented statuses are answered, and those that HTTP itself gives a bad request."""
    yield from _documented_requests(scene)


@rule("input.no-5xx", long=True)
def test_malformed_input_is_no_server_error(scene: Scene) -> Iterator[Violation]:
    """Malformed requests, unknown ids and bad credentials never cause a 5xx."""
    batches = malformed(scene)
    for shape in batches[scene.pick("batch of malformed requests", range(len(batches)))]:
        scene.send(request_of(scene, shape, "malformed"))
    role = next(role for role in ("delete", "tombstones") if role in scene.contract.roles)
    strange = {"random": scene.token(24), "empty": "", "0": "0", "a space": "a b", "a quote": "'"}
    kind = scene.pick("strange credential", list(strange))
    if kind == "empty" or scene.run.limits.try_credential():
        scene.send(scene.request(role, scene.nobody(), api_key=strange[kind], intent="bad-credential"))
    yield from ()

"""Requests that Schemathesis generates from the corrected document, as pools to pick from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

from conformance.contracts.document import Operation
from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Role
from conformance.engine.context import Context
from conformance.http.exchange import Intent, Request
from conformance.http.safety import is_plain
from conformance.http.session import SAFE

__all__ = ["Shape", "malformed", "pool", "request_of"]

_POOL = 30
"""Requests that are generated for each operation and mode."""

_HANDS_OFF = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "expect",
        "te",
        "trailer",
        "authorization",
        "user-agent",
        "x-schemathesis-testcaseid",
        "accept-encoding",
        "cookie",
    }
)
"""Headers that belong to the connection or the credential, not to the input under test."""


@dataclass(frozen=True)
class Shape:
    """A request without its origin and credential: path values already encoded; `odd` says what is odd about it."""

    role: Role
    path: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    method: str | None = None
    body: bytes | None = None
    odd: str = ""

    @property
    def size(self) -> tuple[int, str]:
        """Simpler shapes sort first."""
        text = repr(self)
        return len(text), text


@dataclass
class _Generated:
    """What was generated once a run: requests by mode, and those that break the document, in batches."""

    by_mode: dict[str, list[Shape]] = field(default_factory=dict)
    malformed: list[list[Shape]] | None = None


def pool(context: Context, mode: Literal["positive", "negative"]) -> list[Shape]:
    """Generated requests of every operation, simplest first; generated once a run.

    Unsafe ones name nobody's id, unless nothing on the target matters.
    """
    known = context.run.of(_Generated).by_mode
    if mode not in known:
        known[mode] = sorted(_generate(context, mode), key=lambda shape: shape.size)
    shapes = known[mode]
    return [safe for shape in shapes if (safe := _harmless(context, shape)) is not None]


def _harmless(context: Context, shape: Shape) -> Shape | None:
    """The shape as it may be sent: an unsafe one names an id that nobody has; None where it can name none."""
    operation = context.contract.roles[shape.role]
    unsafe = (shape.method or operation.method) not in SAFE
    # No probe can say what everything that a generator comes up with might be taken for.
    if not unsafe or context.run.target.anything_goes or _names_nobody(context, shape):
        return shape
    return replace(shape, path=tuple((name, context.nobody()) for name, _ in shape.path)) if shape.path else None


def _names_nobody(context: Context, shape: Shape) -> bool:
    return bool(shape.path) and all(context.run.ledger.may_name(value) for _, value in shape.path)


def _generate(context: Context, mode: str) -> Iterator[Shape]:
    import schemathesis
    from schemathesis import GenerationMode

    schema = schemathesis.openapi.from_dict(context.contract.document.root)
    secret = {p.lower() for p in context.run.scrub.credential_headers} | _HANDS_OFF
    for role, operation in _tried(context):
        strategy = schema[operation.path][operation.method].as_strategy(generation_mode=GenerationMode(mode))
        cases = _drawn(strategy, f"{context.run.seed}:{operation.id}:{mode}")
        shapes = (_shape(role, case, secret, mode) for case in cases)
        yield from dict.fromkeys(shape for shape in shapes if _may_be_sent(shape))


def _tried(context: Context) -> list[tuple[Role, Operation]]:
    """Every operation but the one that makes a call of whatever it is sent: nobody would clean up after it."""
    return [(role, operation) for role, operation in context.contract.roles.items() if role != "create"]


def _drawn(strategy: SearchStrategy[Any], seed: str) -> list[Any]:
    cases: list[Any] = []

    @seeded(seed)
    @settings(
        max_examples=_POOL,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(case: Any) -> None:
        cases.append(case)

    try:
        collect()
    except Unsatisfiable:
        # An operation may have no request of this kind: one without parameters has none that is wrong.
        return []
    return cases


def _shape(role: Role, case: Any, secret: set[str], mode: str) -> Shape:
    headers = tuple((k, v) for k, v in (case.headers or {}).items() if k.lower() not in secret and isinstance(v, str))
    query = _pairs(case.query or {})
    parts = [*(f"path {name}" for name in case.path_parameters or {}), *(f"query {name}" for name, _ in query)]
    odd = f"generated, {', '.join(dict.fromkeys(parts)) or 'headers'}" if mode == "negative" else ""
    return Shape(role, tuple((case.path_parameters or {}).items()), query, headers, odd=odd)


def _pairs(query: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    spread = ((name, v) for name, value in query.items() for v in (value if isinstance(value, list) else [value]))
    return tuple((str(name), str(value)) for name, value in spread)


def _may_be_sent(shape: Shape) -> bool:
    """No path that a client or proxy would turn into another, and only headers that HTTP can carry."""
    paths = all(is_plain(str(value)) for _, value in shape.path)
    return paths and all(_is_header(n, v) for n, v in shape.headers)


def _is_header(name: str, value: str) -> bool:
    token = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return token and value.isascii() and value.isprintable()


_BY_HAND: tuple[JsonObject, ...] = (
    {"body": b"{", "odd": "a body that is half a JSON object"},
    {"body": b"\xff\xfe", "odd": "a body that is no UTF-8"},
    {"body": b"[" * 5000, "odd": "a body nested 5,000 deep"},
    {"headers": (("Content-Type", ";;;"),), "odd": "header Content-Type"},
    {"headers": (("Accept", "nonsense/;q=x"),), "odd": "header Accept"},
    {"headers": (("X-Long", "x" * 6000),), "odd": "a header of 6,000 characters"},
    {"query": (("unknown", "\x00"),), "odd": "an unknown query parameter with a NUL"},
    {"query": tuple((f"p{n}", "v" * 20) for n in range(60)), "odd": "sixty unknown query parameters"},
    {"method": "PATCH", "odd": "method PATCH"},
    {"method": "PUT", "body": b"{}", "odd": "method PUT"},
)
"""Input that no schema describes, and that servers fail on."""


_BAD_VALUES = (
    "",
    "abc",
    "-1",
    "0",
    "1.5",
    "99999999999999999999",
    "true",
    "[]",
    "{}",
    "null",
    "\x00",
    "%",
    "'",
    "\\",
    "a,b",
    "ünïcödé",
    "x" * 4000,
)
"""Values that some parser or database trips over, whatever the parameter is meant to be."""

_BAD_IDS = ("'", '"', "%", "\0", "ünïcödé", "x" * 300, "a b", "-1", "null", ";", "<b>", "{}", "$where", "\U0001f3a7")

_BATCHES = 15
"""As many as a run plans on purpose, so that every malformed request is sent."""


def malformed(context: Context) -> list[list[Shape]]:
    """Requests that break the document or good sense, none of which names an id that exists, in batches."""
    known = context.run.of(_Generated)
    if known.malformed is None:
        by_hand = (_harmless(context, shape) for shape in _by_hand(context))
        shapes = [*dict.fromkeys(shape for shape in by_hand if shape is not None), *pool(context, "negative")]
        known.malformed = [shapes[number::_BATCHES] for number in range(_BATCHES)]
    return known.malformed


def _by_hand(context: Context) -> Iterator[Shape]:
    for role, operation in _tried(context):
        names = operation.path_parameters
        plain = Shape(role, tuple((name, context.nobody()) for name in names))
        yield from (replace(plain, **extra) for extra in _BY_HAND)
        yield from (
            replace(plain, path=((names[0], quote(bad, safe="")),), odd=f"path {names[0]}") for bad in _BAD_IDS if names
        )
        # What the operation can't do without; anything else beside a bad value might be refused before it is read.
        stated = context.contract.of_role(role).query
        usual = {name: value.format(owner=context.nobody()) for name, value in stated.items()}
        for name in (p["name"] for p in operation.parameters if p["in"] == "query"):
            yield from (
                replace(plain, query=tuple((usual | {name: bad}).items()), odd=f"query {name}") for bad in _BAD_VALUES
            )


def request_of(context: Context, shape: Shape, intent: Intent) -> Request:
    """The shape as a request to the target, with the run's credential."""
    operation = context.contract.roles[shape.role]
    plain = context.request(shape.role, intent=intent, headers=dict(shape.headers), body=shape.body)
    url = operation.url(context.run.target.url, **dict(shape.path))
    query = "?" + urlencode(shape.query, quote_via=quote) if shape.query else ""
    return replace(plain, url=url + query, method=shape.method or plain.method, odd=shape.odd)

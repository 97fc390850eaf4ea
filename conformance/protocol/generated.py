"""Requests that Schemathesis generates from the corrected document, as pools to pick from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

from conformance.document import Operation
from conformance.exchange import Intent, Request
from conformance.manners import is_plain
from conformance.scene import Scene

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
    """A request without its origin and credential: path values already encoded."""

    role: str
    path: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    method: str | None = None
    body: bytes | None = None

    @property
    def size(self) -> tuple[int, str]:
        """Simpler shapes sort first."""
        text = repr(self)
        return len(text), text


def pool(scene: Scene, mode: Literal["positive", "negative"]) -> list[Shape]:
    """Generated requests of every operation, simplest first; generated once a run."""
    key = f"generated {mode}"
    if key not in scene.run.shared:
        scene.run.shared[key] = sorted(_generate(scene, mode), key=lambda shape: shape.size)
    shapes: list[Shape] = scene.run.shared[key]
    return shapes


def _generate(scene: Scene, mode: str) -> Iterator[Shape]:
    import schemathesis
    from schemathesis import GenerationMode

    schema = schemathesis.openapi.from_dict(scene.contract.document.root)
    secret = {p.lower() for p in scene.run.scrub.credential_headers} | _HANDS_OFF
    for role, operation in _tried(scene):
        strategy = schema[operation.path][operation.method].as_strategy(generation_mode=GenerationMode(mode))
        cases = _drawn(strategy, f"{scene.run.seed}:{operation.id}:{mode}")
        shapes = (_shape(role, case, secret) for case in cases)
        yield from dict.fromkeys(shape for shape in shapes if _may_be_sent(shape))


def _tried(scene: Scene) -> list[tuple[str, Operation]]:
    """Every operation but the one that makes a call of whatever it is sent: nobody would clean up after it."""
    return [(role, operation) for role, operation in scene.contract.roles.items() if role != "create"]


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

    collect()
    return cases


def _shape(role: str, case: Any, secret: set[str]) -> Shape:
    headers = tuple((k, v) for k, v in (case.headers or {}).items() if k.lower() not in secret and isinstance(v, str))
    return Shape(role, tuple((case.path_parameters or {}).items()), _pairs(case.query or {}), headers)


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


_BY_HAND: tuple[dict[str, Any], ...] = (
    {"body": b"{"},
    {"body": b"\xff\xfe"},
    {"body": b"[" * 5000},
    {"headers": (("Content-Type", ";;;"),)},
    {"headers": (("Accept", "nonsense/;q=x"),)},
    {"headers": (("X-Long", "x" * 6000),)},
    {"query": (("unknown", "\x00"),)},
    {"query": tuple((f"p{n}", "v" * 20) for n in range(60))},
    {"method": "PATCH"},
    {"method": "PUT", "body": b"{}"},
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


def malformed(scene: Scene) -> list[list[Shape]]:
    """Requests that break the document or good sense, none of which names an id that exists, in batches."""
    key = "malformed"
    if key not in scene.run.shared:
        shapes = [*_by_hand(scene), *pool(scene, "negative")]
        scene.run.shared[key] = [shapes[number::_BATCHES] for number in range(_BATCHES)]
    batches: list[list[Shape]] = scene.run.shared[key]
    return batches


def _by_hand(scene: Scene) -> Iterator[Shape]:
    for role, operation in _tried(scene):
        names = operation.path_parameters
        plain = Shape(role, tuple((name, _nobody(scene)) for name in names))
        yield from (replace(plain, **extra) for extra in _BY_HAND)
        yield from (replace(plain, path=((names[0], quote(bad, safe="")),)) for bad in _BAD_IDS if names)
        # What the operation can't do without; anything else beside a bad value might be refused before it is read.
        stated = scene.contract.of_role(role).get("query", {})
        usual = {name: value.format(owner=_nobody(scene)) for name, value in stated.items()}
        for name in (p["name"] for p in operation.parameters if p["in"] == "query"):
            yield from (replace(plain, query=tuple((usual | {name: bad}).items())) for bad in _BAD_VALUES)


def _nobody(scene: Scene) -> str:
    return f"id_{scene.token(16)}"


def request_of(scene: Scene, shape: Shape, intent: Intent) -> Request:
    """The shape as a request to the target, with the run's credential."""
    operation = scene.contract.roles[shape.role]
    plain = scene.request(shape.role, intent=intent, headers=dict(shape.headers), body=shape.body)
    url = operation.url(scene.run.target.url, **dict(shape.path))
    query = "?" + urlencode(shape.query, quote_via=quote) if shape.query else ""
    return replace(plain, url=url + query, method=shape.method or plain.method)

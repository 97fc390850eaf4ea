"""The lines of a results file, in types: what a run tested, what each requirement came to, how the run ended."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, Self, TypeAlias, get_args, get_origin

from msgspec import NODEFAULT, Struct, convert, structs

from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Level
from conformance.results.verdicts import Overall, Verdict

__all__ = [
    "FORMAT",
    "Capability",
    "Case",
    "ContractUnderTest",
    "EndLine",
    "Example",
    "FindingLine",
    "GateLine",
    "Headers",
    "Part",
    "Proof",
    "RecordedExchange",
    "ReplayLine",
    "ResultLine",
    "RunLine",
    "State",
    "Step",
    "SuiteVersion",
    "TargetUnderTest",
    "Traffic",
    "WaiverTerms",
]

FORMAT: Final = "conformance-results/1"

Capability: TypeAlias = Literal["declared", "detected", "absent"]
Part: TypeAlias = Literal["before", "act", "after"]
"""Which part of a proof an exchange is: what there was, what was done, the look that showed the promise kept."""
Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values, in order."""


class Stated(Struct, frozen=True, kw_only=True):
    """An object of a results file; `more` keeps what a later version adds to it, so that it is written back."""

    more: JsonObject = {}

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Self:
        """The object that fits the published schema, typed.

        Raises:
            msgspec.ValidationError: a field that the schema does not speak of is of another type.
        """
        return convert(_apart(stated, cls), cls)

    def as_json(self) -> JsonObject:
        """The inverse of `of`: a field that need not be there, and says nothing, is left out."""
        told = {field.name: getattr(self, field.name) for field in structs.fields(self) if field.name != "more"}
        silent = _silences(type(self))
        known = {name: _plain(value) for name, value in told.items() if name not in silent or value != silent[name]}
        return {**known, **self.more}


def _plain(value: Any) -> Any:
    if isinstance(value, Stated):
        return value.as_json()
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


def _apart(stated: Mapping[str, Any], kind: type[Stated]) -> JsonObject:
    """The object with what its type does not name under `more`, in all of its parts."""
    parts = _parts(kind)
    known = {name: _within(value, parts[name]) for name, value in stated.items() if name in parts}
    return {**known, "more": {name: value for name, value in stated.items() if name not in parts}}


def _within(value: Any, part: type[Stated] | None) -> Any:
    if part is not None and isinstance(value, dict):
        return _apart(value, part)
    if part is not None and isinstance(value, list | tuple):
        return [_within(inner, part) for inner in value]
    return value


@cache
def _parts(kind: type[Stated]) -> dict[str, type[Stated] | None]:
    """The fields of a type, each with the type of the objects that it holds, if it holds any."""
    return {field.name: _part_in(field.type) for field in structs.fields(kind) if field.name != "more"}


def _part_in(annotation: Any) -> type[Stated] | None:
    if get_origin(annotation) is None:
        return annotation if isinstance(annotation, type) and issubclass(annotation, Stated) else None
    return next((found for inner in get_args(annotation) if (found := _part_in(inner))), None)


@cache
def _silences(kind: type[Stated]) -> JsonObject:
    """The fields that say nothing while they are None or empty, each with that value."""
    stated = structs.fields(kind)
    defaults = {f.name: f.default_factory() if f.default is NODEFAULT else f.default for f in stated if not f.required}
    return {name: default for name, default in defaults.items() if default is None or default in ((), {})}


# The run


class SuiteVersion(Stated, frozen=True, kw_only=True):
    """The suite that ran."""

    version: str


class ContractUnderTest(Stated, frozen=True, kw_only=True):
    """The contract that was held against the target; `sha256` is that of the published openapi.yaml at `file`."""

    vendor: str
    title: str
    version: str
    sha256: str
    file: str | None = None


class TargetUnderTest(Stated, frozen=True, kw_only=True):
    """The server under test, what its user calls it, and what it lets the suite do."""

    url: str
    name: str = ""
    capabilities: dict[str, Capability]


class RunLine(Stated, frozen=True, kw_only=True):
    """What was tested, how, and when.

    `selected` are the rules and requirements that were asked for, None for all; `stopped` says why nothing was tested,
    `notes` what was seen before the first requirement. `started` is an RFC 3339 instant.
    """

    kind: Literal["run"] = "run"
    format: str = FORMAT
    suite: SuiteVersion
    contract: ContractUnderTest
    target: TargetUnderTest
    profile: str
    strict: bool = False
    seed: int
    nonce: str = ""
    examples: int
    selected: tuple[str, ...] | None
    started: str
    stopped: str | None = None
    notes: tuple[str, ...] = ()


# What a requirement came to


class RecordedExchange(Stated, frozen=True, kw_only=True):
    """A request and its answer, scrubbed, bodies cut at `scrub.LONGEST_BODY` characters; `seconds` is how long it took.

    `offending` marks the one that shows a finding.
    """

    method: str
    url: str
    operation: str = ""
    request_headers: Headers
    request_body: str | None
    status: int
    response_headers: Headers
    response_body: str | None
    started: str
    seconds: float
    offending: bool | None = None


class Proof(Stated, frozen=True, kw_only=True):
    """An exchange by which a pass can be seen, and which part of the proof it is."""

    part: Part
    exchange: RecordedExchange


class State(Stated, frozen=True, kw_only=True):
    """A provider state of an example, ids as names in braces; it came after so many steps."""

    state: str
    params: JsonObject
    after_step: int | None = None


class Step(Stated, frozen=True, kw_only=True):
    """A request of an example, `account` naming the one whose credential it bears; or a `wait` of so many seconds."""

    method: str | None = None
    path: str | None = None
    body: str | None = None
    headers: dict[str, str] | None = None
    intent: str | None = None
    account: str | None = None
    note: str | None = None
    wait: float | None = None


class Case(Stated, frozen=True, kw_only=True):
    """How the suite makes an example anew: the requirement under test, and what was picked."""

    suite: str
    requirement: str
    seed: int
    number: int
    choices: JsonObject


class Example(Stated, frozen=True, kw_only=True):
    """Enough to set a situation up anew and send it again."""

    case: Case | None = None
    states: tuple[State, ...]
    steps: tuple[Step, ...]


class WaiverTerms(Stated, frozen=True, kw_only=True):
    """Why a finding is known and accepted, for which ticket, by whom, and until which day (`expires`, ISO 8601)."""

    reason: str
    ticket: str | None = None
    owner: str | None = None
    expires: str | None = None

    @property
    def words(self) -> str:
        """The terms in one line."""
        stated = {"ticket": self.ticket, "owner": self.owner, "until": self.expires}
        more = ", ".join(f"{word} {value}" for word, value in stated.items() if value)
        return f"{self.reason} ({more})" if more else self.reason


class FindingLine(Stated, frozen=True, kw_only=True):
    """One broken promise with the smallest example that shows it; `curl` is that example as lines of a shell script.

    `reproduced` is false where it was seen once and not again.
    """

    code: str
    message: str
    expected: str
    observed: str
    fingerprint: str
    reproduced: bool
    example: Example
    curl: tuple[str, ...]
    exchanges: tuple[RecordedExchange, ...]
    waived: WaiverTerms | None = None


class ReplayLine(Stated, frozen=True, kw_only=True):
    """A waived finding that was not met, and what doing its example again came to."""

    fingerprint: str
    word: Literal["FIXED", "STILL FAILING", "CANNOT TELL"]
    why: str


class ResultLine(Stated, frozen=True, kw_only=True):
    """What one requirement came to; `line` is where in openapi.yaml it rests.

    Of `examples`, `vacuous` ones never reached the situation, `disturbed` ones among them for the way to the target.
    `witness` is the last exchange of the `proof`, for older readers.
    """

    kind: Literal["result"] = "result"
    requirement: str
    rule: str
    level: Level
    says: str
    at: str
    operation: str
    verdict: Verdict
    line: int | None = None
    verdict_without_findings: Literal["error", "untestable"] | None = None
    reason: str | None = None
    observed: JsonObject = {}
    examples: int
    vacuous: int = 0
    disturbed: int = 0
    requests: int
    seconds: float
    proof: tuple[Proof, ...] = ()
    witness: RecordedExchange | None = None
    replays: tuple[ReplayLine, ...] = ()
    findings: tuple[FindingLine, ...]


# How the run ended


class Traffic(Stated, frozen=True, kw_only=True):
    """How often an operation answered with a status, and how many seconds that took in all."""

    operation: str
    status: int
    count: int
    seconds: float


class GateLine(Stated, frozen=True, kw_only=True):
    """Whether a run may pass: `closed_by` says what is in the way, `notes` what it passed in spite of."""

    passed: bool
    exit_code: int
    closed_by: tuple[str, ...]
    notes: tuple[str, ...]


class EndLine(Stated, frozen=True, kw_only=True):
    """What the run came to, and what it did to the target; the counts are those of `Tally`."""

    kind: Literal["end"] = "end"
    overall: Overall | Literal["conformant-quick"]
    exit_code: int
    counts: dict[Verdict, int]
    requests: int
    unanswered: int = 0
    disturbances: int = 0
    calls_created: int
    calls_deleted: int
    leftovers: int
    internal_errors: int = 0
    cut_short: int = 0
    leftover_reason: str | None = None
    traffic: tuple[Traffic, ...]
    seconds: float
    crashed: bool | None = None
    gate: GateLine | None = None

"""What a contract.yaml states, in types: each key that a rule can ask for is an attribute here."""

import json
from typing import Any, Literal, TypeAlias

from msgspec import Struct

__all__ = [
    "After",
    "Artifact",
    "Data",
    "Interval",
    "Level",
    "ListTime",
    "Listing",
    "OnlyWhen",
    "OperationUse",
    "PageSize",
    "Parameter",
    "Reason",
    "Record",
    "Requirement",
    "Role",
    "Seed",
    "SeedAttribute",
    "Terms",
    "Untested",
]

Level: TypeAlias = Literal["MUST", "SHOULD", "MAY"]
Artifact: TypeAlias = Literal["recording", "logs"]
Role: TypeAlias = Literal[
    "delete", "get", "list", "cancel", "recording", "logs", "tombstones", "tombstone", "live", "create", "remove"
]
"""What an operation is for."""
Parameter: TypeAlias = Literal[
    "cursor",
    "size",
    "from",
    "to",
    "day-start",
    "day-end",
    "shortest",
    "longest",
    "agents",
    "voice",
    "metadata",
    "search",
]
"""What a parameter of a list is for."""
ListTime: TypeAlias = Literal["created", "joined", "ended", "deleted"]
SeedAttribute: TypeAlias = Literal[
    "created", "joined", "ended", "deleted", "reason", "agent", "voice", "metadata", "text"
]
"""What an attribute of a set-up of deleted calls is for."""


class _Stated(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of contract.yaml; a key that is not there has its default."""


class PageSize(_Stated, frozen=True, kw_only=True):
    """The parameter that asks for pages of a size, and the largest that there is."""

    query: str
    most: int


class After(_Stated, frozen=True, kw_only=True):
    """The parameter that asks for what comes after an item, and where an item says what that parameter takes."""

    query: str
    item: str


class OperationUse(_Stated, frozen=True, kw_only=True):
    """What an operation is for, and how it is asked.

    `query` and `expand` are parameters: those it always has, and those with which a list shows what it leaves out by
    default. `items` is where a list stands in the answer, `content` where an artifact does. `state` are the parameters
    with which a call is set up that this operation has something to show of, `body` is what it is sent.
    """

    role: Role
    query: dict[str, str] = {}
    expand: dict[str, str] = {}
    size: PageSize | None = None
    items: str | None = None
    after: After | None = None
    content: str = ""
    state: dict[str, Any] = {}
    body: dict[str, Any] = {}


class OnlyWhen(_Stated, frozen=True, kw_only=True, rename={"values": "is"}):
    """These fields stand in a record only when a field of it has one of these values."""

    fields: tuple[str, ...]
    when: str
    values: tuple[str, ...]


class Interval(_Stated, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """Two numbers of a list's items between which time passes."""

    start: str
    end: str


class Seed(_Stated, frozen=True, kw_only=True):
    """How records are set up: fields that never are, instants in their order, phone numbers, and what depends on what.

    `values` are those that a field takes in turn, `lengths` the sizes of a list, both by the field's pointer.
    """

    never: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    only: tuple[OnlyWhen, ...] = ()
    intervals: tuple[Interval, ...] = ()
    values: dict[str, tuple[Any, ...]] = {}
    lengths: dict[str, tuple[int, ...]] = {}


class Record(_Stated, frozen=True, kw_only=True):
    """The record that is deleted: its schema's name, pointers to its fields, and its statuses."""

    schema: str
    id: str
    owner: str
    status: str
    marker: str
    terminal: tuple[str, ...]
    active: tuple[str, ...]
    seed: Seed
    cancellable: tuple[str, ...] = ()
    zero_retention: str = ""


class Reason(_Stated, frozen=True, kw_only=True):
    """Where an item of a list says why its call ended, and the word for one that was never joined."""

    at: str
    unjoined: str


class Listing(_Stated, frozen=True, kw_only=True):
    """A cursor-paginated list: pointers to its parts, what its parameters are called, and how it is seeded.

    `duration` is how a number of seconds is written, `values` are those that further attributes of a set-up take.
    """

    items: str
    next: str
    id: str
    times: dict[ListTime, str]
    parameters: dict[Parameter, str]
    previous: str = ""
    total: str = ""
    account: str = ""
    reason: Reason | None = None
    duration: str = ""
    seed: dict[SeedAttribute, str] = {}
    values: dict[str, tuple[Any, ...]] = {}

    @property
    def links(self) -> dict[Literal["next", "previous"], str]:
        """Where the links to other pages stand, of those that the list has."""
        found: dict[Literal["next", "previous"], str] = {"next": self.next}
        if self.previous:
            found["previous"] = self.previous
        return found


class Data(_Stated, frozen=True, kw_only=True):
    """What a requirement tells its rule; each rule says in `bindings` which of these it can't do without."""

    fields: tuple[str, ...] = ()
    status: int = 0
    artifact: Artifact | None = None
    artifacts: tuple[Artifact, ...] = ()
    part: str = ""
    roles: tuple[Role, ...] = ()
    operations: tuple[str, ...] = ()
    when: str = ""
    present: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    content: tuple[str, ...] = ()

    @property
    def the_artifact(self) -> Artifact:
        """The artifact that the requirement is about.

        Raises:
            LookupError: it names none; a contract whose rule needs one is refused when it is loaded.
        """
        if self.artifact is None:
            raise LookupError("the requirement names no artifact")
        return self.artifact


class Requirement(_Stated, frozen=True, kw_only=True):
    """One promise of one contract.

    `says` are the document's words (or a fragment of it), `at` the place where they stand: a JSON pointer into
    openapi.yaml or a line of source.md. `data` is what the bound rule needs to know.
    """

    id: str
    rule: str
    level: Level
    says: Any
    at: str
    basis: str | None = None
    reason: str | None = None
    source: str | None = None
    data: Data = Data()
    claims: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the document says, in one line."""
        return self.says if isinstance(self.says, str) else json.dumps(self.says, ensure_ascii=False)


class Untested(_Stated, frozen=True, kw_only=True):
    """A sentence that no requirement tests, and why."""

    at: str
    reason: str


class Terms(_Stated, frozen=True, kw_only=True):
    """All that contract.yaml states; `tolerated` are statuses that are lawful though undocumented, by intent."""

    format: str
    vendor: str
    title: str
    operations: dict[str, OperationUse]
    requirements: tuple[Requirement, ...]
    security_scheme: str | None = None
    headers: dict[str, str] = {}
    version_header: str | None = None
    tolerated: dict[str, tuple[int, ...]] = {}
    record: Record | None = None
    listing: Listing | None = None
    untested: tuple[Untested, ...] = ()

    def tolerates(self, intent: str) -> frozenset[int]:
        """Statuses that are lawful though undocumented for requests of this intent."""
        return frozenset(self.tolerated.get(intent, ()))

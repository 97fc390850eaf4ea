"""A call under test, and a record as an answer shows it: what every oracle of a deletion judges."""

from dataclasses import dataclass, field

from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Artifact
from conformance.deletion.canaries import Canaries
from conformance.http.exchange import Exchange

__all__ = ["Call", "View", "record_in"]


@dataclass(frozen=True)
class View:
    """A record as one answer shows it; `where` is the role of the operation that answered."""

    where: str
    record: JsonObject
    exchange: Exchange


@dataclass
class Call:
    """A call that was set up or given: what it held, and what has been done to it since.

    `kind` is the config's name of the list that a given one came from, `settled` when (seconds since the epoch) a
    target that takes its time had shown the deletion everywhere. `shown` is the answer that showed it before its
    deletion, `listed` what the list showed of it then. `lost` is when (as above) the first DELETE was hung up on: when
    that one ends, nobody knows.
    """

    id: str
    stored: JsonObject
    owner: str
    canaries: Canaries
    api_key: str | None = None
    kind: str = ""
    before: JsonObject | None = None
    shown: Exchange | None = None
    listed: JsonObject | None = None
    lost: float | None = None
    artifacts: dict[Artifact, Exchange] = field(default_factory=dict)
    deletes: list[Exchange] = field(default_factory=list)
    settled: float | None = None
    views: list[View] = field(default_factory=list)

    @property
    def held(self) -> JsonObject:
        """What the record is known to have held before its deletion: as read, else as stored."""
        return self.before if self.before is not None else self.stored

    @property
    def begun(self) -> float:
        """When the first DELETE began, in seconds since the epoch."""
        return min([one.began for one in self.deletes] + ([self.lost] if self.lost is not None else []))

    @property
    def deleted(self) -> Exchange | None:
        """The first DELETE that was answered 200."""
        return next((d for d in self.deletes if d.status == 200), None)

    def after_deletion(self, exchanges: list[Exchange]) -> list[Exchange]:
        """The answers to DELETE from the first good one on, and all others from when the target had settled."""
        first = self.deleted
        if first is None:
            return []
        if self.kind:
            # Another call of the user's may hold the same words or number: only answers about this one count.
            exchanges = [e for e in exchanges if self.id in e.request.url]
        since = self.settled or first.ended
        return [
            e for e in exchanges if e is first or e.began >= since or (e in self.deletes and e.began >= first.ended)
        ]


def record_in(answer: Exchange) -> JsonObject | None:
    """The record that an answer holds; None unless it is a 200 with an object."""
    return answer.json if answer.status == 200 and isinstance(answer.json, dict) else None

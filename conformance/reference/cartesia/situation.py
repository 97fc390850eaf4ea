"""What the server knows at the place where a fault may bite: the request, the call, and what went before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Self

from conformance.reference.cartesia import records
from conformance.reference.cartesia.records import Record

__all__ = ["Asked", "History", "Past", "Run", "Situation", "Traits"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The request. `operation` is get, list, audio, logs, cancel, delete or state.

    `credential` and `version` are missing, empty, unknown or known.
    """

    operation: str
    call_id: str = ""
    credential: str = "known"
    version: str = "known"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traits:
    """What kind of call it is (was, once it is erased)."""

    status: str = ""
    end_reason: str | None = None
    phone: bool = False
    telephony: bool = False
    zero_retention: bool = False
    turns: int = 0
    tool_calls: bool = False
    log_events: bool = False
    log_metrics: bool = False
    metadata: bool = False
    summary: bool = False
    error: bool = False
    started: bool = False

    @classmethod
    def of(cls, record: Record) -> Self:
        """Look at a record."""
        turns = record.get("transcript") or []
        return cls(
            status=record["status"],
            end_reason=record.get("end_reason"),
            phone=records.is_phone(record),
            telephony=bool(record.get("telephony_params")),
            zero_retention=bool(record.get("zdr_enabled")),
            turns=len(turns),
            tool_calls=any(turn.get("tool_calls") for turn in turns),
            log_events=any(turn.get("log_event") for turn in turns),
            log_metrics=any(turn.get("log_metric") for turn in turns),
            metadata=bool(record.get("metadata")),
            summary=bool(record.get("summary")),
            error=bool(record.get("error_message")),
            started=record.get("start_time") is not None,
        )


@dataclass(frozen=True, slots=True)
class Past:
    """What a call held before its erasure. Kept only by a server with faults: they need something to leak."""

    record: Record
    wav: bytes | None = None
    lines: list[str] | None = None
    traits: Traits = field(default_factory=Traits)


@dataclass(slots=True)
class Run:
    """Counts over all calls since the server started."""

    created: int = 0
    deleted: int = 0
    first_deletes: int = 0


@dataclass(slots=True)
class History:
    """What happened to one call. It lives in memory: a restart forgets it."""

    past: Past | None = None
    failures_to_come: int = 0
    failure_stage: str = "before"
    deletes: int = 0  # DELETEs of the ended call, this one included
    refusals: int = 0  # DELETEs refused because it was active
    failures: int = 0  # DELETEs that answered an injected 500
    erasures: int = 0  # DELETEs that succeeded, this one included
    reads: int = 0
    reads_since: int = 0  # reads since the first successful DELETE
    read_while_failing: bool = False
    cancelled: bool = False
    ended_again: bool = False  # `a call ends` came after the deletion
    hung_up: bool = False  # a client did not wait for the answer to its DELETE
    in_flight: int = 0
    overlaps: bool = False  # DELETEs of this call are in flight together, now
    overlapped: bool = False  # or once were
    erased_at: float = 0.0  # time.monotonic(), seconds
    created_before: int = 0  # calls created before the deletion
    deleted_before: int = 0  # calls deleted before this one

    def note_read(self) -> None:
        """Count a read."""
        self.reads += 1
        self.reads_since += self.erasures > 0
        self.read_while_failing |= self.failures > 0 and not self.erasures

    def note_erasure(self, run: Run) -> None:
        """Count a successful DELETE."""
        self.erasures += 1
        if self.erasures == 1:
            self.erased_at, self.created_before, self.deleted_before = monotonic(), run.created, run.deleted
            run.deleted += 1


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a condition may look at.

    `erased` is the stored truth at this point; `status` what the correct server would answer, 0 as
    long as that is open; `foreign` says that the call is another account's.
    """

    asked: Asked
    call: Traits = field(default_factory=Traits)
    history: History = field(default_factory=History)
    run: Run = field(default_factory=Run)
    erased: bool = False
    status: int = 0
    foreign: bool = False

    @property
    def seconds_since(self) -> float:
        """Seconds since the deletion."""
        return monotonic() - self.history.erased_at if self.history.erasures else 0.0

    @property
    def created_since(self) -> int:
        """Calls created since the deletion."""
        return self.run.created - self.history.created_before if self.history.erasures else 0

    @property
    def deleted_since(self) -> int:
        """Other calls deleted since this one."""
        return self.run.deleted - self.history.deleted_before - 1 if self.history.erasures else 0

    def query(self, name: str) -> str | None:
        """Return a query parameter, or None."""
        return self.asked.query.get(name)

"""Faults of the deletion itself: which calls it takes, what it answers."""

from conformance.reference.cartesia.conditions import (
    ACTIVE,
    ALWAYS,
    CANCELLED,
    CREATED,
    DELETE,
    DELETED,
    ENDED,
    FAILED,
    FIFTH_CALL,
    LONG,
    LONG_ID,
    NO_METADATA,
    NOT_STARTED,
    NUL_ID,
    PERCENT_ID,
    QUOTED_ID,
    READ_SINCE,
    REFUSED,
    SECOND_DELETE,
    STARTED,
    THIRD_DELETE,
    UNICODE_ID,
    UNKNOWN_DELETE,
    WITH_ERROR,
    answering,
    both,
)
from conformance.reference.cartesia.fault_rows import Row, breaking

__all__ = ["DELETE_FAULTS"]

succeeds = breaking("delete.succeeds")
refused = breaking("delete.active-refused")
untouched = breaking("delete.active-untouched")
unknown = breaking("delete.unknown")
cancelled = breaking("delete.after-cancel")
idempotent = breaking("delete.idempotent")
siblings = breaking("delete.only-this-call")

REFUSAL = both(DELETE, ACTIVE, answering(400))
REFUSED_ONCE = both(ACTIVE, REFUSED)
REPEATED = both(DELETED, SECOND_DELETE)

DELETE_FAULTS: list[Row] = [
    succeeds("delete-202", "answers-202-record", DELETED, "Erasing was moved to a queue, and the status with it."),
    succeeds("delete-204", "answers-204", DELETED, "The framework's default for a DELETE was left in place."),
    succeeds("delete-empty", "answers-200-empty", DELETED, "The handler returns nothing, which is sent as 200."),
    succeeds("delete-html-failed", "answers-200-html", both(DELETED, FAILED), "A page for people is sent by mistake."),
    succeeds("delete-wrapped", "wraps-record", DELETED, "A serializer wraps every answer in `data`."),
    succeeds("failed-refused", "refuses-400", FAILED, "The check for a terminal status forgets `failed`."),
    succeeds("errored-crash", "refuses-500", WITH_ERROR, "The redactor can't handle an error message."),
    succeeds("long-crash", "refuses-500", both(ENDED, LONG), "Erasing turn by turn runs into a time-out."),
    succeeds("no-metadata-crash", "refuses-500", both(ENDED, NO_METADATA), "Null metadata is dereferenced."),
    succeeds("not-started-crash", "refuses-500", both(ENDED, NOT_STARTED), "A null start time is formatted."),
    refused("created-deleted", "deletes-active", CREATED, "Only `started` is held to be active."),
    refused("started-deleted", "deletes-active", STARTED, "The check asks whether the call has begun, not ended."),
    refused("active-deleted-on-retry", "deletes-active", REFUSED_ONCE, "The first refusal leaves a flag set."),
    refused("active-refused-409", "answers-409", REFUSAL, "Another team's convention: conflict for a wrong state."),
    refused("created-refused-404", "answers-404", both(REFUSAL, CREATED), "Calls not begun are not indexed yet."),
    refused("active-ignored-200", "answers-200-made-up", REFUSAL, "The refusal is swallowed: DELETE always succeeds."),
    refused("started-accepted-202", "answers-202-record", both(REFUSAL, STARTED), "Deletion is put off to the end."),
    untouched("refusal-drops-transcript", "transcript-lost", REFUSED_ONCE, "Erasing begins before the status check."),
    untouched(
        "refusal-drops-metadata", "metadata-lost", both(CREATED, REFUSED), "Metadata goes first, unconditionally."
    ),
    untouched("refusal-marks", "marked-early", REFUSED_ONCE, "The marker is set before the status check."),
    untouched("refusal-ends-call", "ends-call", both(STARTED, REFUSED), "The handler tries to end the call first."),
    untouched("refusal-loses-recording", "recording-lost", REFUSED_ONCE, "Object storage is emptied before the check."),
    unknown("unknown-200", "answers-200-made-up", UNKNOWN_DELETE, "Deleting what is not there counts as done."),
    unknown("unknown-204", "answers-204", UNKNOWN_DELETE, "Deleting what is not there counts as done."),
    unknown("unknown-400", "answers-400", UNKNOWN_DELETE, "Not found and not terminal share one error."),
    unknown("unknown-500", "answers-500", UNKNOWN_DELETE, "The look-up's null is dereferenced."),
    unknown("quoted-id-500", "answers-500", both(UNKNOWN_DELETE, QUOTED_ID), "The id is pasted into the SQL text."),
    unknown("nul-id-500", "answers-500", both(UNKNOWN_DELETE, NUL_ID), "PostgreSQL refuses a NUL in text."),
    unknown("percent-id-500", "answers-500", both(UNKNOWN_DELETE, PERCENT_ID), "The id is decoded a second time."),
    unknown("unicode-id-500", "answers-500", both(UNKNOWN_DELETE, UNICODE_ID), "The id is encoded as ASCII."),
    unknown("long-id-500", "answers-500", both(UNKNOWN_DELETE, LONG_ID), "The id exceeds the key column's 255 bytes."),
    unknown("id-like-pattern", "finds-by-like", both(DELETE, PERCENT_ID), "The look-up uses LIKE: % deletes any call."),
    unknown("id-by-prefix", "finds-by-prefix", DELETE, "Short ids are accepted for convenience, as in git."),
    unknown("id-with-suffix", "finds-with-suffix", DELETE, "Ids are cut to their known length before the look-up."),
    cancelled("cancelled-refused", "refuses-400", both(CANCELLED, ENDED), "Cancelled is a third kind of ended inside."),
    cancelled("cancelled-404", "refuses-404", both(CANCELLED, ENDED), "Cancelled calls move to another table."),
    cancelled("cancelled-409", "refuses-409", both(CANCELLED, ENDED), "The cancellation's lock is never released."),
    cancelled("cancelled-500", "refuses-500", both(CANCELLED, ENDED), "A cancelled call has no recording to delete."),
    cancelled("cancel-does-nothing", "cancels-nothing", ALWAYS, "Cancelling only sends a signal that nobody reads."),
    idempotent("repeat-404", "answers-404", REPEATED, "The look-up skips redacted calls."),
    idempotent("repeat-409", "answers-409", REPEATED, "Deleting again is held to be a conflict."),
    idempotent("repeat-400", "answers-400", REPEATED, "`Already deleted` is reported as an error."),
    idempotent("repeat-204", "answers-204", REPEATED, "Nothing was changed, so nothing is said."),
    idempotent("third-delete-404", "answers-404", both(DELETED, THIRD_DELETE), "A tombstone lives for one repetition."),
    idempotent(
        "repeat-after-read-404", "answers-404", both(REPEATED, READ_SINCE), "A read drops the row from a cache."
    ),
    idempotent("repeat-drops-region", "region-dropped", both(DELETE, SECOND_DELETE), "A second pass redacts more."),
    idempotent("repeat-changes-reason", "reason-changed", both(DELETE, SECOND_DELETE), "The end is worked out anew."),
    idempotent("third-drops-name", "agent-name-dropped", both(DELETE, THIRD_DELETE), "The join misses on an old row."),
    siblings("takes-agent", "takes-same-agent", ALWAYS, "The UPDATE filters by the wrong column."),
    siblings("takes-agent-failed", "takes-same-agent", FAILED, "Failed calls are cleaned up agent by agent."),
    siblings("takes-caller", "takes-same-caller", ALWAYS, "Deletion was built for erasure requests: all of a person."),
    siblings("takes-number", "takes-same-number", ALWAYS, "Recordings are filed under the agent's number."),
    siblings("takes-sid", "takes-same-sid", ALWAYS, "The provider's call id, not ours, is the storage key."),
    siblings("takes-metadata", "takes-same-metadata", ALWAYS, "Content is stored once per hash and shared."),
    siblings("takes-start", "takes-same-start", ALWAYS, "The storage path is made of the start time."),
    siblings("takes-all-on-fifth", "takes-all", FIFTH_CALL, "From a fifth deletion on a bulk job without WHERE runs."),
]

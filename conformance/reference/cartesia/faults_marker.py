"""Faults of the marker `redacted_at`."""

from conformance.reference.cartesia.conditions import (
    ALWAYS,
    DELETE,
    FAILED,
    GET,
    LIST,
    LONG,
    PHONE,
    READ_SINCE,
    READ_THRICE,
    THIRD_DELETE,
    both,
)
from conformance.reference.cartesia.fault_rows import Row, breaking

__all__ = ["MARKER_FAULTS"]

marked = breaking("redact.marked")
already = breaking("redact.already")

MARKER_FAULTS: list[Row] = [
    marked("marker-absent", "marker-absent", ALWAYS, "The field was added to the docs, not to the code."),
    marked("marker-null", "marker-null", ALWAYS, "The column is never written."),
    marked("marker-absent-in-answer", "marker-absent", DELETE, "DELETE answers before the marker is set."),
    marked("marker-null-in-get", "marker-null", GET, "The read replica lacks the column."),
    marked("marker-absent-failed", "marker-absent", FAILED, "Failed calls are redacted by another job."),
    marked("marker-null-long", "marker-null", LONG, "Long calls are marked by a job that never runs."),
    marked("marker-date-only", "marker-date-only", ALWAYS, "The column's type is date."),
    marked("marker-no-offset", "marker-no-offset", ALWAYS, "A naive datetime is serialized."),
    marked("marker-start-of-day", "marker-start-of-day", ALWAYS, "A date is padded with zeros."),
    marked("marker-epoch", "marker-epoch", ALWAYS, "Seconds since 1970 are sent as a number."),
    marked("marker-hour-ahead", "marker-hour-ahead", ALWAYS, "Local summer time is labelled Z."),
    marked("marker-hour-ahead-phone", "marker-hour-ahead", PHONE, "The carrier's clock is an hour off."),
    marked("marker-wrong-zone", "marker-wrong-zone", ALWAYS, "UTC is labelled with the server's zone."),
    marked("marker-differs-in-get", "marker-ten-seconds-on", GET, "DELETE and the row each take the time."),
    marked("marker-differs-in-list", "marker-ten-seconds-on", LIST, "The index has a time of its own."),
    marked("marker-is-end", "marker-is-end", ALWAYS, "The end of the call is copied."),
    marked("marker-is-end-failed", "marker-is-end", FAILED, "The end of a failed call is copied."),
    already("marker-lost-on-reread", "marker-null", both(GET, READ_SINCE), "The marker is kept in a session only."),
    already("marker-lost-later", "marker-absent", both(GET, READ_THRICE), "A cache entry without the marker wins."),
    already("turn-back-on-reread", "transcript-last-turn", both(GET, READ_SINCE), "The last turn is still buffered."),
    breaking("redact.omits")(
        "summary-back-on-reread", "summary-survives", both(GET, READ_SINCE), "The summary is made on demand."
    ),
    already("marker-lost-third", "marker-null", both(GET, THIRD_DELETE), "The third DELETE clears the marker."),
]

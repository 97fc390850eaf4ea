"""Faults that leave a trace of erased content, in the resources beside the call or where nobody looks."""

from conformance.reference.cartesia.conditions import (
    AFTER_500,
    ALWAYS,
    AUDIO,
    CANCEL,
    DELETE,
    DELETED_ONCE,
    FAILED,
    GET,
    LOGS,
    PHONE,
    RANGED,
    READ_BEFORE,
    THIRD_DELETE,
    answering,
    both,
)
from conformance.reference.cartesia.fault_rows import Row, breaking

__all__ = ["TRACE_FAULTS"]

trace = breaking("redact.no-trace")
audio = breaking("redact.audio-gone")
logs = breaking("redact.logs-gone")

GONE_AUDIO = both(AUDIO, DELETED_ONCE, answering(404))
GONE_LOGS = both(LOGS, DELETED_ONCE, answering(404))

TRACE_FAULTS: list[Row] = [
    trace("trace-in-etag", "leaks-in-etag", both(GET, DELETED_ONCE), "The entity tag is made of the content."),
    trace(
        "trace-in-link", "leaks-in-link", both(DELETE, DELETED_ONCE), "A link to similar calls quotes the first turn."
    ),
    trace("trace-in-base64", "leaks-in-header", both(GET, DELETED_ONCE), "A debugging header outlives its purpose."),
    trace("trace-in-audio-404", "leaks-in-message", GONE_AUDIO, "The error names what it was looking for."),
    trace("trace-in-logs-404", "leaks-log-line", GONE_LOGS, "The error quotes the last line it knows."),
    trace("trace-in-cancel-400", "leaks-in-message", both(CANCEL, DELETED_ONCE), "The error prints the call."),
    trace("trace-in-previous", "leaks-into-previous", ALWAYS, "The audit trail is served with the record."),
    trace("trace-in-previous-third", "leaks-into-previous", THIRD_DELETE, "Versions are kept of repeated deletions."),
    trace("trace-in-error-message", "leaks-into-error", FAILED, "The failure's message quotes the first turn."),
    trace("trace-of-summary", "leaks-summary", ALWAYS, "The summary is also the title."),
    trace("trace-of-summary-failed", "leaks-summary", FAILED, "Failed calls get a title of their summary."),
    trace("trace-of-metadata", "leaks-metadata", ALWAYS, "Metadata is copied to labels."),
    trace("trace-of-number", "leaks-number", ALWAYS, "The display name is made of the caller's number."),
    audio("audio-kept", "serves-recording", GONE_AUDIO, "Object storage is not told."),
    audio("audio-kept-phone", "serves-recording", both(GONE_AUDIO, PHONE), "The carrier keeps its own recording."),
    audio("audio-kept-range", "serves-recording", both(GONE_AUDIO, RANGED), "Ranges are served from a cache."),
    audio("audio-kept-if-read", "serves-recording", both(GONE_AUDIO, READ_BEFORE), "The CDN is not purged."),
    audio("audio-kept-failed", "serves-recording", both(GONE_AUDIO, FAILED), "Failed calls' recordings are kept."),
    audio("audio-silence", "answers-200-silence", GONE_AUDIO, "The recording is overwritten with an empty one."),
    audio("audio-204", "answers-204", GONE_AUDIO, "No recording is held to be no content."),
    audio("audio-410", "answers-410", GONE_AUDIO, "Deleted resources answer Gone, by habit."),
    logs("logs-kept", "serves-logs", GONE_LOGS, "The log store is not told."),
    logs("logs-kept-failed", "serves-logs", both(GONE_LOGS, FAILED), "Failed calls' logs are kept for support."),
    breaking("delete.retry-after-500")(
        "logs-kept-after-500", "serves-logs", both(GONE_LOGS, AFTER_500), "The retry skips the log store."
    ),
    logs("logs-kept-if-read", "serves-logs", both(GONE_LOGS, READ_BEFORE), "The log viewer caches."),
    logs("logs-last-line", "serves-last-log", GONE_LOGS, "The newest segment is not sealed yet, and so not erased."),
    logs("logs-empty-list", "serves-no-logs", GONE_LOGS, "No logs is held to be an empty list."),
    logs("logs-410", "answers-410", GONE_LOGS, "Deleted resources answer Gone, by habit."),
]

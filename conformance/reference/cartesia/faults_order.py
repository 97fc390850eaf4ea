"""Faults that show only in the order of things: retries, overlaps, lost replies, what comes back later."""

from conformance.reference.cartesia.conditions import (
    A_SECOND_LATER,
    AFTER_500,
    AFTER_PARTIAL,
    AFTER_TWO_500S,
    ALWAYS,
    AUDIO,
    CANCELLED,
    CREATED_SINCE,
    DELETE,
    DELETED_ONCE,
    DELETED_SINCE,
    ENDED,
    ENDED_AGAIN,
    FAILED,
    GET,
    HUNG_UP,
    LIVE,
    LOGS,
    OVERLAPPED,
    OVERLAPPED_LATE,
    READ_BEFORE,
    READ_SINCE,
    READ_THRICE,
    READ_WHILE_FAILING,
    REFUSED,
    SECOND_DELETE,
    THIRD_DELETE,
    answering,
    both,
)
from conformance.reference.cartesia.fault_rows import Row, breaking

__all__ = ["ORDER_FAULTS"]

stable = breaking("delete.marker-stable")
retry = breaking("delete.retry-after-500")
half = breaking("delete.no-half-marked")
lost = breaking("delete.lost-reply")
concurrent = breaking("delete.concurrent")
permanent = breaking("delete.permanent")
lifecycle = breaking("delete.lifecycle")

GONE_AUDIO = both(AUDIO, DELETED_ONCE, answering(404))
GONE_LOGS = both(LOGS, DELETED_ONCE, answering(404))

ORDER_FAULTS: list[Row] = [
    stable("marker-moves", "marker-moves", ALWAYS, "Every DELETE stamps the row anew."),
    stable("marker-moves-third", "marker-moves", THIRD_DELETE, "The guard remembers only one earlier deletion."),
    stable("marker-moves-after-read", "marker-moves", READ_SINCE, "A read reloads the row without its marker."),
    stable("marker-moves-failed", "marker-moves", FAILED, "Failed calls take a code path without the guard."),
    retry("retry-skips-transcript", "transcript-survives", AFTER_500, "The retry believes all steps were done."),
    retry(
        "second-retry-skips", "transcript-survives", AFTER_TWO_500S, "The job gives up after two tries and says done."
    ),
    retry("retry-500-for-ever", "refuses-500", AFTER_500, "The broken attempt's lock is never released."),
    retry("retry-404", "refuses-404", AFTER_PARTIAL, "Half-erased calls are no longer found."),
    retry("retry-409", "refuses-409", AFTER_500, "The broken attempt is held to be still in progress."),
    retry("retry-unmarked", "marker-null", AFTER_500, "The retry skips the last step, which sets the marker."),
    retry("retry-leaves-audio", "serves-recording", both(GONE_AUDIO, AFTER_500), "The retry skips object storage."),
    retry(
        "retry-after-read-skips", "transcript-survives", READ_WHILE_FAILING, "The read refills what the retry skips."
    ),
    half("marked-before-erased", "marked-early", both(LIVE, AFTER_500), "The marker is set first, then it breaks off."),
    half("marked-when-partial", "marked-early", both(LIVE, AFTER_PARTIAL), "Marker and recording go in one step."),
    half("marked-on-second-500", "marked-early", both(LIVE, AFTER_TWO_500S), "The second attempt resumes at the end."),
    lost("lost-reply-404", "refuses-404", both(HUNG_UP, DELETED_ONCE), "The unread answer leaves the row hidden."),
    lost("lost-reply-409", "refuses-409", HUNG_UP, "The cancelled request's lock stays for ever."),
    lost("lost-reply-500", "refuses-500", HUNG_UP, "The cancelled request's transaction stays open."),
    lost("lost-reply-keeps-transcript", "transcript-survives", HUNG_UP, "Cancelled after the marker, before the data."),
    lost("lost-reply-unmarked", "marker-null", HUNG_UP, "Cancelled after the data, before the marker."),
    concurrent("both-stamp", "marker-moves", OVERLAPPED, "Both see no marker and both set one."),
    concurrent("loser-404", "refuses-404", OVERLAPPED_LATE, "The row is locked, and locked rows are skipped."),
    concurrent(
        "loser-sees-half", "agent-name-dropped", both(DELETE, OVERLAPPED, SECOND_DELETE), "It reads an unfinished row."
    ),
    permanent(
        "back-after-three-reads", "transcript-survives", READ_THRICE, "A replica still holds it, one read in four."
    ),
    permanent("back-when-ended-again", "transcript-survives", ENDED_AGAIN, "A late end event writes the transcript."),
    permanent(
        "back-after-new-call", "transcript-survives", both(GET, CREATED_SINCE), "Set-up reloads an old snapshot."
    ),
    permanent(
        "back-after-other-deletion", "transcript-survives", DELETED_SINCE, "Only the last deletion is remembered."
    ),
    permanent("back-after-a-second", "transcript-survives", both(GET, A_SECOND_LATER), "Replication brings it back."),
    permanent("back-on-second-delete", "transcript-survives", SECOND_DELETE, "Deleting toggles a flag."),
    permanent("back-on-third-delete", "transcript-survives", THIRD_DELETE, "Deleting thrice restores a backup."),
    permanent("unmarked-after-other", "marker-null", DELETED_SINCE, "The marker lives in a one-entry cache."),
    permanent("audio-back-later", "serves-recording", both(GONE_AUDIO, A_SECOND_LATER), "The uploader retries, late."),
    permanent("logs-back-later", "serves-logs", both(GONE_LOGS, READ_THRICE), "The log shipper flushes, late."),
    breaking("redact.omits")(
        "late-summary", "summary-survives", CREATED_SINCE, "The summary job finishes after the deletion."
    ),
    lifecycle("refused-then-kept", "transcript-survives", REFUSED, "The refused attempt is remembered as done."),
    lifecycle("refused-for-ever", "refuses-400", both(ENDED, REFUSED), "The refusal is cached by call id."),
    lifecycle(
        "cancelled-and-read-kept",
        "transcript-survives",
        both(CANCELLED, READ_BEFORE),
        "Cancelling pins the cache entry.",
    ),
    lifecycle("read-while-failing-unmarked", "marker-null", READ_WHILE_FAILING, "A read resets the retry's progress."),
]

"""Faults of what a deletion erases and keeps."""

from conformance.reference.cartesia.conditions import (
    ALWAYS,
    CANCELLED,
    CREATED,
    DELETE,
    DELETED_ONCE,
    ENDED,
    EXPANDED,
    FAILED,
    FIFTH_CALL,
    GET,
    LATER_PAGE,
    LIST,
    LIVE,
    LONG,
    NOT_EXPANDED,
    NOT_STARTED,
    OVERLAPPED,
    PHONE,
    READ_BEFORE,
    READ_SINCE,
    THIRD_DELETE,
    WEBSOCKET,
    ZERO_RETENTION,
    answering,
    asking,
    both,
)
from conformance.reference.cartesia.fault_rows import Row, breaking

__all__ = ["REDACT_FAULTS"]

retained = breaking("redact.retained")
omits = breaking("redact.omits")
absent = breaking("redact.absent-not-null")
keeps = breaking("redact.keeps")
listed = breaking("redact.list")
numbers = breaking("call.phone-numbers")
unmarked = breaking("redact.unmarked-before")
zero = breaking("redact.zero-retention")

READ_GONE = both(GET, DELETED_ONCE, answering(200))

REDACT_FAULTS: list[Row] = [
    retained("get-404-after", "answers-404", READ_GONE, "The look-up skips redacted calls."),
    retained("get-410-after", "answers-410", READ_GONE, "Deleted resources answer Gone, by habit."),
    retained("get-404-third-delete", "answers-404", both(READ_GONE, THIRD_DELETE), "The third DELETE deletes the row."),
    retained("get-404-second-read", "answers-404", both(READ_GONE, READ_SINCE), "The tombstone is served once."),
    retained(
        "unlisted-after", "hidden", both(LIST, DELETED_ONCE), "The list's default scope leaves out redacted calls."
    ),
    retained(
        "unlisted-if-failed", "hidden", both(LIST, DELETED_ONCE, FAILED), "Failed and redacted: two filters meet."
    ),
    retained("unlisted-if-expanded", "hidden", both(LIST, DELETED_ONCE, EXPANDED), "An inner join with transcripts."),
    retained("unlisted-unless-expanded", "hidden", both(LIST, DELETED_ONCE, NOT_EXPANDED), "The list reads an index."),
    omits("transcript-kept", "transcript-survives", ALWAYS, "Only the recording is erased."),
    omits("transcript-kept-phone", "transcript-survives", PHONE, "Phone transcripts lie in the carrier's table."),
    omits("transcript-kept-failed", "transcript-survives", FAILED, "Failed calls are archived before the deletion."),
    omits("transcript-kept-long", "transcript-survives", LONG, "Long transcripts are stored apart."),
    omits("transcript-kept-cancelled", "transcript-survives", CANCELLED, "Cancelled calls keep a draft transcript."),
    omits("transcript-kept-not-started", "transcript-survives", NOT_STARTED, "The partition key is the start time."),
    omits("transcript-kept-overlapped", "transcript-survives", OVERLAPPED, "Each of two leaves the work to the other."),
    omits("transcript-kept-fifth", "transcript-survives", FIFTH_CALL, "The erasing queue is full after four."),
    omits("transcript-kept-in-get", "transcript-survives", GET, "The single read has its own query."),
    omits("transcript-kept-in-answer", "transcript-survives", DELETE, "DELETE answers what it loaded before."),
    omits("transcript-kept-if-read", "unredacted", both(GET, READ_BEFORE), "The read cache is not invalidated."),
    omits("transcript-last-turn", "transcript-last-turn", ALWAYS, "Off by one: the last turn is kept."),
    omits("transcript-first-words", "transcript-first-words", ALWAYS, "A preview of each turn is kept."),
    omits("transcript-tool-calls", "transcript-tool-calls", ALWAYS, "Tool calls are not held to be speech."),
    omits("transcript-log-events", "transcript-log-events", ALWAYS, "Log events are not held to be speech."),
    omits("transcript-log-metrics", "transcript-log-metrics", ALWAYS, "Metrics are kept for the dashboards."),
    omits("transcript-skeleton", "transcript-skeleton", ALWAYS, "Texts go, the turns with their times stay."),
    omits("summary-kept", "summary-survives", ALWAYS, "The summary lies in another service."),
    omits("summary-kept-failed", "summary-survives", FAILED, "Failed calls are summed up again."),
    omits("summary-cut", "summary-cut", ALWAYS, "The list preview column keeps half of it."),
    omits("metadata-kept", "metadata-survives", ALWAYS, "Metadata is held to be the customer's, not the caller's."),
    omits("metadata-kept-in-get", "metadata-survives", GET, "The single read joins the metadata table."),
    omits("metadata-non-strings", "metadata-non-strings", ALWAYS, "Only strings are held to be sensitive."),
    omits("caller-kept", "to-survives", ALWAYS, "Telephony parameters are not looked into."),
    omits("caller-kept-failed", "to-survives", FAILED, "Failed dials are kept for billing disputes."),
    omits("number-kept", "from-survives", ALWAYS, "Only the caller's side is erased."),
    omits("number-kept-in-get", "from-survives", GET, "The single read asks the carrier."),
    absent("transcript-null", "transcript-null", ALWAYS, "The column is set to null and serialized."),
    absent("transcript-null-in-get", "transcript-null", GET, "The single read has a serializer of its own."),
    absent("transcript-empty", "transcript-empty", ALWAYS, "The turns are deleted, the relation serialized."),
    breaking("redact.omits")(
        "transcript-masked", "transcript-masked", ALWAYS, "Texts are overwritten with [REDACTED]."
    ),
    absent("summary-null", "summary-null", ALWAYS, "The column is set to null and serialized."),
    absent("summary-empty-phone", "summary-empty", PHONE, "The phone pipeline writes an empty text."),
    absent("metadata-empty", "metadata-empty", ALWAYS, "The object is emptied, not removed."),
    absent("metadata-null-failed", "metadata-null", FAILED, "Failed calls get null for their metadata."),
    absent("caller-masked", "to-masked", ALWAYS, "Numbers are masked but for two digits, as in the dashboard."),
    absent("number-empty", "from-empty", ALWAYS, "A non-null column is set to the empty text."),
    keeps("id-prefixed", "id-prefixed", ALWAYS, "Deleted rows are renamed to free their key."),
    keeps("agent-dropped", "agent-dropped", ALWAYS, "The agent link is held to be personal data."),
    keeps("agent-dropped-in-list", "agent-dropped", LIST, "The list's redacted serializer lacks it."),
    keeps("agent-anonymous", "agent-anonymous", ALWAYS, "Foreign keys are anonymised."),
    keeps("status-deleted", "status-deleted", ALWAYS, "Deletion is modelled as a status."),
    keeps("failed-becomes-completed", "status-completed", FAILED, "The redacted row is inserted with a default."),
    keeps("agent-name-dropped", "agent-name-dropped", ALWAYS, "Names are erased wherever they are found."),
    keeps("start-dropped", "start-dropped", ALWAYS, "Times are held to be personal data."),
    keeps("end-is-deletion", "end-is-now", ALWAYS, "One column, `closed_at`, serves both events."),
    keeps("end-reason-dropped", "reason-dropped", ALWAYS, "The reason lies in the erased event log."),
    keeps("end-reason-changed-failed", "reason-changed", FAILED, "The reason is worked out anew."),
    keeps("deployment-dropped", "deployment-dropped", ALWAYS, "The deployment link lies in the erased logs."),
    keeps("region-dropped-phone", "region-dropped", PHONE, "The carrier's region lies in the erased parameters."),
    keeps("retention-flipped", "retention-flipped", ALWAYS, "Erased calls are flagged as zero-retention."),
    keeps("sid-dropped", "sid-dropped", ALWAYS, "Everything of the carrier is erased."),
    keeps("telephony-dropped", "telephony-dropped", ALWAYS, "The telephony parameters go as a whole."),
    listed("list-unredacted", "unredacted", LIST, "The list reads a search index that nobody told."),
    listed("list-transcript", "transcript-survives", LIST, "expand reads the transcript store directly."),
    listed("list-unredacted-later-page", "unredacted", both(LIST, LATER_PAGE), "Later pages come from a snapshot."),
    listed("list-unredacted-if-read", "unredacted", both(LIST, READ_BEFORE), "A page is cached on its first read."),
    listed("list-transcript-failed", "transcript-survives", both(LIST, FAILED), "Failed calls are listed from a log."),
    listed("list-unmarked", "marker-null", LIST, "The list's serializer does not know the marker."),
    numbers("to-missing", "to-missing", both(PHONE, LIVE), "The caller is shown in the dashboard only."),
    numbers("from-missing", "from-missing", both(PHONE, LIVE), "The field was renamed inside."),
    numbers("websocket-number", "number-invented", both(WEBSOCKET, LIVE), "A default caller id is filled in."),
    unmarked("marked-at-end", "marked-at-end", both(ENDED, LIVE), "The column defaults to the end of the call."),
    unmarked("created-marked", "marked-early", both(CREATED, LIVE), "A fresh row has the time in every column."),
    unmarked("listed-marked", "marked-early", both(LIST, LIVE), "The list fills nulls with the time of the query."),
    zero("zero-shows-transcript", "retains-transcript", ALWAYS, "Zero retention covers recordings only."),
    zero("zero-shows-summary", "retains-summary", ALWAYS, "The summary is made before the content is dropped."),
    zero("zero-keeps-audio", "retains-audio", ALWAYS, "The carrier records, whatever the flag says."),
    zero("zero-keeps-logs", "retains-logs", ALWAYS, "Logs are shipped before the flag is read."),
    zero("zero-refused", "refuses-400", both(ZERO_RETENTION, ENDED), "Nothing to delete is held to be an error."),
    zero("zero-404", "refuses-404", both(ZERO_RETENTION, ENDED), "Zero-retention calls have no content row to find."),
    breaking("redact.marked")(
        "zero-unmarked", "marker-null", both(ZERO_RETENTION, asking("get", "delete")), "No content row, no marker."
    ),
]

"""Faults that any answer can show: its shape, its status, whom it lets in, what it falls over."""

from conformance.reference.ultravox.conditions import fault

__all__ = ["PROTOCOL_FAULTS"]

PROTOCOL_FAULTS = (
    fault("schema.response", "call-id-no-uuid", "item.id-unhyphenated", "Ids are shown with a prefix."),
    fault("schema.response", "created-epoch", "item.created-epoch", "The raw number is sent."),
    fault("schema.response", "created-without-zone", "item.created-unzoned", "A naive datetime is serialised."),
    fault("schema.response", "created-with-space", "item.created-spaced", "str() instead of isoformat()."),
    fault(
        "schema.response",
        "ended-empty-text",
        "item.ended-empty",
        "None is rendered as an empty text.",
        "for a call never joined",
    ),
    fault("schema.response", "recording-text", "item.recorded-text", "Booleans come from a text column."),
    fault(
        "schema.response", "recording-number", "item.recorded-number", "SQLite has no booleans.", "for a recorded call"
    ),
    fault("schema.response", "max-duration-number", "item.max-duration-number", "A number of seconds is sent."),
    fault(
        "schema.response",
        "max-duration-null",
        "item.max-duration-null",
        "Defaults are not written.",
        "for a call never joined",
    ),
    fault("schema.response", "deletion-time-missing", "item.no-deletion-time", "The field was added later."),
    fault(
        "schema.response",
        "account-missing-later",
        "item.no-account",
        "The cursor query selects fewer columns.",
        "for a call on a later page",
    ),
    fault(
        "schema.response",
        "end-reason-missing",
        "item.end-reason-absent",
        "Nulls are omitted, though the field is required.",
        "for a call without an end reason",
    ),
    fault(
        "schema.response",
        "end-reason-unknown",
        "item.end-reason-unknown",
        "A newer enum value leaks.",
        "for a call ended by the agent",
    ),
    fault("schema.response", "total-text", "total.text", "bigint is serialised as text."),
    fault(
        "schema.response",
        "results-object",
        "results.object",
        "An empty PHP array is an object.",
        "where nothing matches",
    ),
    fault(
        "schema.response",
        "next-empty-text",
        "next.empty-text",
        "No link is an empty text.",
        "on the last of several pages",
    ),
    fault("schema.response", "next-number", "next.number", "The next page's number is sent.", "on the first page"),
    fault(
        "schema.response",
        "bare-list",
        "reply.bare-list",
        "One page is sent without its envelope.",
        "where filters leave nothing",
    ),
    fault("schema.response", "nan", "bytes.nan", "An average over no items.", "where nothing matches"),
    fault("schema.well-formed", "duplicate-key", "bytes.duplicate-key", "Two serialisers write the total."),
    fault("schema.well-formed", "lone-surrogate", "bytes.lone-surrogate", "A note is cut in the middle of a pair."),
    fault("status.documented", "empty-204", "reply.204", "Nothing to show is no content.", "where nothing matches"),
    fault("status.documented", "partial-206", "reply.206", "A page is partial content.", "past 20 items"),
    fault("status.documented", "cached-203", "reply.203", "A proxy marks what it changed.", "with a filter"),
    fault("auth.required", "no-credential-accepted", "auth.none", "The check runs only where the header is."),
    fault("auth.required", "empty-credential-accepted", "auth.empty", "An empty key equals the unset one."),
    fault("auth.required", "any-credential-accepted", "auth.any", "The presence of a key is checked."),
    fault(
        "auth.required",
        "any-credential-accepted-with-cursor",
        "auth.any",
        "A cursor is held to prove who asks.",
        "with a cursor",
    ),
    fault("auth.required", "any-credential-of-right-length", "auth.any-of-same-length", "The form is checked only."),
    fault("auth.required", "key-prefix-accepted", "auth.prefix", "Keys are looked up by their first letters."),
    fault("auth.required", "bad-credential-404", "auth.404", "The account is looked up, not found, and said so."),
    fault("auth.other-account", "others-tombstone-readable", "auth.others-call", "Lookups by id have no tenant."),
    fault("input.no-5xx", "bad-credential-500", "auth.500", "The key decoder's exception is not caught."),
    fault("input.no-5xx", "bad-filter-500", "bad-value.500", "No value is validated."),
    fault("input.no-5xx", "bad-size-500", "size.500", "int() of a word.", "for a page size that is no number"),
)

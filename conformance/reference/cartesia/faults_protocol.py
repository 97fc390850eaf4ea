"""Faults of the interface: schema, statuses, credentials, malformed input."""

from conformance.reference.cartesia.conditions import (
    ACTIVE,
    AUDIO,
    BAD_CREDENTIAL,
    BAD_LIMIT,
    CANCELLED,
    DELETE,
    DELETED,
    EMPTY_CREDENTIAL,
    EMPTY_VERSION,
    FOREIGN,
    GET,
    HUGE_LIMIT,
    KNOWN_CREDENTIAL,
    LATER_PAGE,
    LIST,
    LONG,
    NEGATIVE_LIMIT,
    NO_AGENT,
    NO_CREDENTIAL,
    NO_METADATA,
    NO_VERSION,
    NOT_A_DATE,
    PHONE,
    QUOTED_ID,
    SECOND_DELETE,
    SHAPED_CREDENTIAL,
    UNICODE_ID,
    UNKNOWN_DELETE,
    UNKNOWN_GET,
    WITH_BODY,
    WRONG_CREDENTIAL,
    WRONG_VERSION,
    answering,
    both,
)
from conformance.reference.cartesia.fault_rows import Row, breaking

__all__ = ["PROTOCOL_FAULTS"]

schema = breaking("schema.response")
status = breaking("status.documented")
required = breaking("auth.required")
other = breaking("auth.other-account")
version = breaking("header.version")
malformed = breaking("input.no-5xx")

READ = both(GET, answering(200))
NOT_LISTED = both(LIST, KNOWN_CREDENTIAL, answering(400))
UNVERSIONED = both(KNOWN_CREDENTIAL, answering(400))

PROTOCOL_FAULTS: list[Row] = [
    schema("status-out-of-enum", "bad-status", LIST, "The list shows the inner name of a status."),
    schema("region-out-of-enum", "bad-region", both(DELETE, SECOND_DELETE), "The cloud's name of a region leaks."),
    schema("reason-out-of-enum", "bad-reason", CANCELLED, "A reason that was never documented."),
    schema("date-in-http-form", "bad-date", GET, "The wrong formatter is used for one field."),
    schema("metadata-as-text", "bad-metadata", NO_METADATA, "JSON is stored as text and sent as it is."),
    schema("flag-as-text", "bad-retention", LIST, "The index holds everything as text."),
    schema("agent-id-forgotten", "agent-forgotten", LIST, "The list is by agent, so its id seems superfluous."),
    schema("timestamp-as-text", "bad-timestamp", GET, "A decimal type is serialized as text."),
    schema("nan-in-metrics", "bad-number", LONG, "A mean over nothing is NaN, and Python writes it."),
    schema("role-forgotten", "bad-turn", PHONE, "The carrier does not know who speaks first."),
    schema("delete-answers-list", "lists-record", DELETED, "The UPDATE ... RETURNING gives rows, and rows are sent."),
    breaking("schema.well-formed")("key-twice", "repeats-key", READ, "Two serializers write into one object."),
    breaking("schema.well-formed")("lone-surrogate", "bad-surrogate", GET, "A name is cut in the middle of an emoji."),
    status("delete-201", "answers-201-record", DELETED, "The redacted record counts as newly made."),
    status("repeat-206", "answers-206-record", both(DELETED, SECOND_DELETE), "A redacted record is partial content."),
    status("unknown-410", "answers-410", UNKNOWN_DELETE, "Unknown and deleted are one and the same inside."),
    status("active-423", "answers-423", both(DELETE, ACTIVE, answering(400)), "An active call counts as locked."),
    required("no-key-reads", "accepts-credential", both(GET, NO_CREDENTIAL), "The route lacks the guard."),
    required("no-key-deletes", "accepts-credential", both(DELETE, NO_CREDENTIAL), "The route lacks the guard."),
    required("no-key-hears", "accepts-credential", both(AUDIO, NO_CREDENTIAL), "Players can't send a header."),
    required("empty-key-deletes", "accepts-credential", both(DELETE, EMPTY_CREDENTIAL), "Empty equals an unset key."),
    required("any-key-deletes", "accepts-credential", both(DELETE, WRONG_CREDENTIAL), "Only presence is checked."),
    required("any-key-reads", "accepts-credential", both(GET, WRONG_CREDENTIAL), "Only presence is checked."),
    required("shaped-key-accepted", "accepts-credential", SHAPED_CREDENTIAL, "Only the key's prefix is compared."),
    required("bad-key-deletes-silently", "acts-though-refused", both(DELETE, BAD_CREDENTIAL), "The check runs last."),
    required("no-key-404", "answers-404", both(GET, BAD_CREDENTIAL), "Hidden routes answer 404 to strangers."),
    required("bad-key-400", "answers-400", both(DELETE, BAD_CREDENTIAL), "A bad key counts as a bad request."),
    required("no-key-empty-list", "answers-200-page", both(LIST, BAD_CREDENTIAL), "A stranger owns no calls: none."),
    other("reads-across", "finds-any-account", GET, "The look-up by id forgets the account."),
    other("deletes-across", "finds-any-account", DELETE, "The look-up by id forgets the account."),
    other("hears-across", "finds-any-account", AUDIO, "Recordings are looked up by id alone."),
    other("across-403", "answers-403", FOREIGN, "Existence is told before ownership is checked."),
    other("deletes-across-silently", "acts-though-refused", both(DELETE, FOREIGN), "Ownership is checked last."),
    version("no-version-500", "answers-500", both(UNVERSIONED, NO_VERSION), "A missing header is dereferenced."),
    version("empty-version-500", "answers-500", both(UNVERSIONED, EMPTY_VERSION), "An empty text is parsed as a date."),
    version("bad-version-500", "answers-500", both(UNVERSIONED, WRONG_VERSION), "A table of versions has no such key."),
    version("no-date-version-500", "answers-500", both(UNVERSIONED, NOT_A_DATE), "What is no date is parsed as one."),
    malformed("unknown-get-500", "answers-500", UNKNOWN_GET, "The look-up's null is dereferenced."),
    malformed("quoted-get-500", "answers-500", both(UNKNOWN_GET, QUOTED_ID), "The id is pasted into the SQL text."),
    malformed("unicode-get-500", "answers-500", both(UNKNOWN_GET, UNICODE_ID), "The id is encoded as ASCII."),
    malformed("bad-limit-500", "answers-500", both(NOT_LISTED, BAD_LIMIT), "The number is parsed unguarded."),
    malformed("negative-limit-500", "answers-500", both(NOT_LISTED, NEGATIVE_LIMIT), "The database refuses it."),
    malformed("huge-limit-500", "answers-500", both(NOT_LISTED, HUGE_LIMIT), "It exceeds 32 bits."),
    malformed("no-agent-500", "answers-500", both(NOT_LISTED, NO_AGENT), "The required parameter is dereferenced."),
    malformed("bad-cursor-500", "answers-500", both(NOT_LISTED, LATER_PAGE), "The cursor's call is dereferenced."),
    malformed("delete-body-500", "answers-500", both(DELETE, WITH_BODY), "A DELETE with a body is not foreseen."),
    malformed("bad-key-500", "answers-500", both(DELETE, WRONG_CREDENTIAL), "The key store throws when it finds none."),
]

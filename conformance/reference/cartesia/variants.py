"""What a correct server may do otherwise: the names, and the shape that records take under them."""

from typing import Any

from conformance.reference.cartesia import times
from conformance.reference.cartesia.records import Record, erased, without_telephony
from conformance.reference.switches import Switches, Variant
from conformance.reference.wire import WIRE_VARIANTS

__all__ = ["VARIANTS", "Shape"]

_STORIES = {
    "marker-absent-before": "`redacted_at` is not required, and need not be null before a deletion: it may be absent.",
    "nulls-omitted": "Optional fields that hold nothing may be left out instead of being null.",
    "nulls-shown": "Optional fields that were never given may be null instead of being left out.",
    "timestamps-whole-seconds": "RFC 3339 leaves the precision open; the document's own examples have none.",
    "timestamps-microseconds": "RFC 3339 allows any number of decimals: Python writes six.",
    "timestamps-nanoseconds": "RFC 3339 allows any number of decimals: Go writes up to nine.",
    "timestamps-zero-offset": "RFC 3339 allows +00:00 for Z: Python writes it so.",
    "timestamps-local-offset": "RFC 3339 allows any offset; the instant is the same.",
    "errors-plain-text": "The document promises no body for an error.",
    "errors-html": "The document promises no body for a 404; a proxy's HTML page is one.",
    "errors-empty": "The document promises no body for an error: none is as good.",
    "forbidden-403": "No status is documented for a bad credential; 403 is as common as 401.",
    "version-optional": "Nothing is documented on a missing version header; a default may stand in.",
    "odd-ids-400": "An id that no call can have may be refused as malformed (400) before it is looked up.",
    "list-default-20": "The size of a page nobody asked for is the server's choice.",
    "extra-fields": "The schema does not close the record: new fields may appear at any time.",
    "json-pretty": "JSON may be indented, its members in any order.",
    "erases-error-message": "The example record of an erased call has no `error_message`.",
    "erases-telephony-details": "The example shows neither account type, direction, parameters nor headers.",
    "stray-500": "500 is documented: the deletion did not complete, try again. One first DELETE in ten answers it.",
    "ids-any-case": "Whether ids have a case is not documented: a column's collation may ignore it.",
    "logs-as-of-now": "What `updated_at` of the logs means is not documented: it may be the instant of reading.",
    "keys-in-any-order": "The members of a JSON object have no order: another one for each answer is as good.",
    "summary-late": "A summary is made after the call has ended, and may come between two reads of the call.",
    "list-shows-less": "No page says that a list shows all of a record: it may leave out what is optional.",
    "busy-409": "Of several DELETEs at once, one may be told that another is under way.",
    "cancel-leaves-failed": "Which status a cancelled call gets is not documented; failed is terminal too.",
}

VARIANTS: dict[str, Variant] = {name: Variant(name, story) for name, story in _STORIES.items()} | WIRE_VARIANTS
"""Every variant of this server by name, those of the wire included."""

INSTANTS = ("start_time", "end_time", "redacted_at")
OPTIONAL = (
    *INSTANTS,
    "transcript",
    "telephony_params",
    "telephony_account_type",
    "summary",
    "error_message",
    "end_reason",
    "deployment_id",
    "deployment_version_id",
    "deployment_region",
    "metadata",
)
"""The nullable fields."""

NEVER_NULL_ONCE_ERASED = frozenset({"transcript", "summary", "metadata", "error_message", "telephony_account_type"})
"""Of these the null that `nulls-shown` shows would look like a deletion that nulls instead of omitting."""

TELEPHONY_DETAILS = ("direction", "parameters", "headers")
DEFAULT_LIMIT, OTHER_DEFAULT_LIMIT = "10", "20"


class Shape:
    """How records look under the variants that are on."""

    def __init__(self, switches: Switches[Any]) -> None:
        self._switches = switches
        self._instant = times.shown_as(switches)
        self._plain = self._instant is None and not any(switches.varies(v) for v in _OF_RECORDS)
        self.default_limit = OTHER_DEFAULT_LIMIT if switches.varies("list-default-20") else DEFAULT_LIMIT

    def view(self, record: Record, *, transcript: bool) -> Record:
        """Return a stored record as it is shown."""
        view = {"redacted_at": None, **record}
        if not transcript:
            view.pop("transcript", None)
        return view if self._plain else self._varied(view, transcript=transcript)

    def redact(self, record: Record) -> Record:
        """Erase what this server erases over and above what it must."""
        if self._switches.varies("erases-error-message"):
            record = {k: v for k, v in record.items() if k != "error_message"}
        if self._switches.varies("erases-telephony-details"):
            record = {k: v for k, v in record.items() if k != "telephony_account_type"}
            record = without_telephony(record, TELEPHONY_DETAILS)
        return record

    def _varied(self, view: Record, *, transcript: bool) -> Record:
        varies = self._switches.varies
        if varies("nulls-shown"):
            view = {**dict.fromkeys(self._nullable(view, transcript=transcript)), **view}
        if varies("nulls-omitted"):
            view = {k: v for k, v in view.items() if v is not None}
        if varies("marker-absent-before") and not erased(view):
            view.pop("redacted_at", None)
        if self._instant is not None:
            view |= {field: self._instant(view[field]) for field in INSTANTS if view.get(field)}
        if varies("extra-fields"):
            view |= {"object": "agent_call", "livemode": False, "tags": []}
        return view

    def _nullable(self, view: Record, *, transcript: bool) -> list[str]:
        never = NEVER_NULL_ONCE_ERASED if erased(view) else frozenset()
        return [field for field in OPTIONAL if field not in never and (transcript or field != "transcript")]


_OF_RECORDS = ("nulls-shown", "nulls-omitted", "marker-absent-before", "extra-fields")

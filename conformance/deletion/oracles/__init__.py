"""What must hold of a call and its deletion: pure functions from what was seen to violations."""

from conformance.deletion.oracles.answers import (
    answers_own_record,
    answers_the_record,
    cancelled,
    refused,
    same_record,
    status_is,
    still_listed,
    still_readable,
)
from conformance.deletion.oracles.artifacts import gone, half_gone, not_served, not_served_before, served_as_before
from conformance.deletion.oracles.before import not_retained, omits_for_kind, shows_for_kind, unmarked_before
from conformance.deletion.oracles.comparing import changed
from conformance.deletion.oracles.erased import (
    absent_not_null,
    half_erased,
    held_fields,
    keeps,
    no_trace,
    omits,
    omits_known,
)
from conformance.deletion.oracles.lifecycle import Life, deletion_agrees, refuses_to_cancel, status_agrees
from conformance.deletion.oracles.marker import is_marked, marked, marked_when_known, same_marker
from conformance.deletion.oracles.others import reads_as_before, untouched_by

__all__ = [
    "Life",
    "absent_not_null",
    "answers_own_record",
    "answers_the_record",
    "cancelled",
    "changed",
    "deletion_agrees",
    "gone",
    "half_erased",
    "half_gone",
    "held_fields",
    "is_marked",
    "keeps",
    "marked",
    "marked_when_known",
    "no_trace",
    "not_retained",
    "not_served",
    "not_served_before",
    "omits",
    "omits_for_kind",
    "omits_known",
    "reads_as_before",
    "refused",
    "refuses_to_cancel",
    "same_marker",
    "same_record",
    "served_as_before",
    "shows_for_kind",
    "status_agrees",
    "status_is",
    "still_listed",
    "still_readable",
    "unmarked_before",
    "untouched_by",
]

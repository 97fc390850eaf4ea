"""A text without what differs from run to run though nothing changed."""

import re

__all__ = ["normalize"]

_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "{time}"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "{time}"),
    (re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"), "{id}"),
    (re.compile(r"\b[0-9a-fA-F]{12,}\b"), "{id}"),
    # A kind and a random part, as in call_Xy12...: what has neither digit nor capital is a name, and stays.
    (re.compile(r"\b[A-Za-z]+_(?=[A-Za-z0-9]*[0-9A-Z])[A-Za-z0-9]{8,}\b"), "{id}"),
    (re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=localhost:)\d+"), "{port}"),
    (re.compile(r"\b\d+(?:\.\d+)? (?:ms|s|seconds)\b"), "{duration}"),
)
"""What differs from run to run though nothing changed."""


def normalize(text: str) -> str:
    """The text with what differs from run to run (ids, times, ports, durations) replaced by names."""
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return text

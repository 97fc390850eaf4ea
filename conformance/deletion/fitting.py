"""Numbers and texts that a schema takes: what is set up must be what a server may store and show."""

import math
import re
import uuid
from functools import lru_cache
from typing import Any, Final

from conformance.contracts.document import Schema
from conformance.contracts.pointer import JsonObject

__all__ = ["made", "numbers", "text"]

# Quarters are exact in every float format.
_NUMBERS: Final[tuple[float, ...]] = (0.25, 0, 1.5, 12, 3600.75)
_WHOLE: Final[tuple[int, ...]] = (1, 0, 2, 12, 3600)
_LONGEST: Final = 10_000


def numbers(schema: Schema) -> list[float]:
    """Numbers that fit type, bounds and `multipleOf` of a schema, the simplest first; at least one."""
    low, high = _bounds(schema)
    step = schema.get("multipleOf")
    whole = schema.get("type") == "integer"
    wanted: tuple[float, ...] = _WHOLE if whole else _NUMBERS
    if step:
        wanted = tuple(step * n for n in _WHOLE)
    fit = [n for n in wanted if low <= n <= high]
    return fit or [_within(low, high, step or (1 if whole else None))]


def _bounds(schema: Schema) -> tuple[float, float]:
    """The least and the largest number; exclusive bounds are kept clear of by one, or by a part of a narrow range."""
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    # OpenAPI 3.0 has flags beside the bounds, 3.1 bounds of their own.
    above = low if above is True else above if isinstance(above, int | float) and above is not False else None
    below = high if below is True else below if isinstance(below, int | float) and below is not False else None
    narrow = 1.0 if schema.get("type") == "integer" else min(1.0, (high - low) / 4 if high - low < 4 else 1.0)
    return max(low, -math.inf if above is None else above + narrow), min(
        high, math.inf if below is None else below - narrow
    )


def _within(low: float, high: float, step: float | None) -> float:
    start = low if math.isfinite(low) else high if math.isfinite(high) else 0
    if step is None:
        return (low + high) / 2 if math.isfinite(low) and math.isfinite(high) else start
    return math.ceil(start / step) * step if math.isfinite(low) else math.floor(start / step) * step


def text(schema: Schema, wanted: str) -> str:
    """The text if the schema takes it; empty where it does not."""
    short, long = schema.get("minLength", 0), schema.get("maxLength", _LONGEST)
    fits = short <= len(wanted) <= long and _form(schema.get("format"), wanted)
    pattern = schema.get("pattern")
    return wanted if fits and (pattern is None or _matches(pattern, wanted)) else ""


def _form(name: Any, wanted: str) -> bool:
    return name not in _FORMS or _FORMS[name](wanted) == wanted


def made(schema: Schema, token: str) -> str:
    """A text that fits a schema's format, pattern and lengths, with the token in it where there is room."""
    form = schema.get("format")
    if form in _FORMS:
        return str(_FORMS[form](token))
    if "pattern" in schema:
        return _by_pattern(schema["pattern"], schema.get("minLength", 0), schema.get("maxLength", _LONGEST))
    short, long = int(schema.get("minLength", 0)), int(schema.get("maxLength", _LONGEST))
    return (token * (short // len(token) + 1))[: max(short, min(len(token), long))]


def _matches(pattern: str, wanted: str) -> bool:
    try:
        return re.search(pattern, wanted) is not None
    except re.error:
        # A pattern of another dialect: whether the text fits is for the target to say.
        return True


@lru_cache(256)
def _by_pattern(pattern: str, short: int, long: int) -> str:
    """A text that matches a pattern: the simplest that Hypothesis finds."""
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisException

    quiet = settings(database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True)
    try:
        matching = st.from_regex(pattern, fullmatch=pattern.startswith("^"))
        found: str = find(matching, lambda one: short <= len(one) <= long and "\0" not in one, settings=quiet)
    except (HypothesisException, re.error):
        return "a" * max(short, 1)
    return found


_FORMS: Final[JsonObject] = {
    "uuid": lambda token: str(uuid.uuid5(uuid.NAMESPACE_URL, token)),
    "uri": lambda token: f"https://example.invalid/{token}",
    "email": lambda token: f"{token}@example.invalid",
    "date": lambda _: "2024-05-15",
    "time": lambda _: "12:34:56Z",
    "hostname": lambda token: f"{token}.example.invalid",
    "ipv4": lambda _: "192.0.2.1",
    "ipv6": lambda _: "2001:db8::1",
}
"""Texts of the formats that a text of words does not have, made from a token."""

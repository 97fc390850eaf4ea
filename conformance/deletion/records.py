"""Call records drawn from the contract's own schema, a canary in every string of sensitive data."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from conformance.contracts import pointer
from conformance.contracts.document import Document, Schema
from conformance.contracts.pointer import ABSENT, JsonObject
from conformance.contracts.terms import Seed
from conformance.deletion import fitting
from conformance.deletion.canaries import Canaries

__all__ = ["RecordBuilder"]

T = TypeVar("T")

_STYLES = (
    "{} said",
    "{} ünïcödé ☎ 通話 🎧",
    '{} "quoted" \\ back\nline\ttab',
    "{} <b>&amp; %41 ' ; --",
    "{} \u202eright to left\u202c",
    "{} " + "long " * 60,
)
"""Text around a canary, from plain to odd; free of NUL and lone surrogates."""


class RecordBuilder:
    """Builds one record; every choice goes through `pick`, so it can be planned and shrunk.

    A `whole` record holds every field that its other values allow.
    """

    def __init__(
        self,
        document: Document,
        seed: Seed,
        sensitive: Sequence[str],
        canaries: Canaries,
        *,
        pick: Callable[[str, Sequence[Any]], Any],
        token: Callable[[], str],
        digits: Callable[[int], str],
        whole: bool = False,
    ) -> None:
        self._document = document
        self._seed = seed
        self._sensitive = tuple(sensitive)
        self._canaries = canaries
        self._pick = pick
        self._token = token
        self._digits = digits
        self._whole = whole
        self._clock = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
        self._never = frozenset(seed.never)
        self._steered: set[str] = set()

    def build(self, schema: Schema, fixed: JsonObject) -> JsonObject:
        """A self-consistent record; `fixed` gives the values of some fields, by pointer."""
        # Whatever has something fixed inside, or its length, must be there.
        self._steered = {place for key in fixed for place in _above(key)} | set(self._seed.lengths)
        record: JsonObject = self._object(self._document.resolve(schema), "", "", fixed)
        for place in self._never:
            record = pointer.without(record, place)
        for clause in self._seed.only:
            if pointer.get(record, clause.when) not in clause.values:
                for place in clause.fields:
                    record = pointer.without(record, place)
        for interval in self._seed.intervals:
            at, begin = interval.start.split("/*/")
            if at not in fixed:
                _order(pointer.get(record, at), begin, interval.end.split("/*/")[1])
        return record

    def _object(self, schema: Schema, place: str, label: str, fixed: JsonObject) -> JsonObject:
        built: JsonObject = {}
        for name, inner in schema.get("properties", {}).items():
            inside = f"{place}/{pointer.escape(name)}"
            if inside in fixed:
                value = fixed[inside]
            else:
                value = self._property(inner, inside, f"{label}/{name}", name in schema.get("required", ()), fixed)
            if value is not ABSENT:
                built[name] = value
        return built

    def _property(self, schema: Schema, place: str, label: str, required: bool, fixed: JsonObject) -> Any:  # noqa: FBT001 - any JSON; a schema's own flag
        if place in self._never:
            return ABSENT
        steered = place in self._steered
        # Present is the likelier draw, since it is what a deletion has to remove; absent is the simpler.
        present = ["value"] if required or steered or self._whole else ["absent", "value", "value", "value"]
        nullable, schema = _null_apart(schema)
        how = self._pick(label, [*present, "null"] if nullable and not (steered or self._whole) else present)
        if how == "absent":
            return ABSENT
        return None if how == "null" else self._value(self._document.resolve(schema), place, label, fixed)

    def _value(self, schema: Schema, place: str, label: str, fixed: JsonObject) -> Any:
        if "oneOf" in schema:
            return self._value(
                self._document.resolve(self._pick(f"{label} kind", schema["oneOf"])), place, label, fixed
            )
        values = self._seed.values.get(place) or schema.get("enum")
        if values:
            return self._pick(f"{label} value", [v for v in values if v is not None])
        match schema.get("type"):
            case "object" if "properties" in schema:
                return self._object(schema, place, label, fixed)
            case "object":
                return self._free_object(schema, place, label)
            case "array":
                lengths = self._seed.lengths.get(place, [1, 0, 2])
                length = self._pick(f"{label} length", lengths)
                return [
                    self._value(self._document.resolve(schema["items"]), f"{place}/*", f"{label}/{n}", fixed)
                    for n in range(length)
                ]
            case "boolean":
                return self._pick(f"{label} value", [False, False, True])
            case "number" | "integer":
                return self._pick(f"{label} value", fitting.numbers(schema))
            case _:
                return self._string(schema, place, label)

    def _string(self, schema: Schema, place: str, label: str) -> str:
        if schema.get("format") == "date-time":
            return self._stamp(label)
        if place in self._seed.phone:
            return f"+1{self._canaries.planted.setdefault(place, self._digits(10))}"
        if not self._is_sensitive(place):
            plain = f"{place.rsplit('/', 1)[-1]}_{self._token()}"
            return fitting.text(schema, plain) or fitting.made(schema, self._token())
        # At both ends, so that a text cut short on either side still shows it.
        marker = self._canaries.plant(place)
        style: str = self._pick(f"{label} style", _STYLES)
        styled = f"{style.format(marker)} {marker}"
        return next(filter(None, (fitting.text(schema, one) for one in (styled, marker))), "") or self._without_canary(
            schema, place
        )

    def _without_canary(self, schema: Schema, place: str) -> str:
        """A text where the schema leaves no room for a canary: its survival can't be seen there."""
        del self._canaries.planted[place]
        return fitting.made(schema, self._token())

    def _stamp(self, label: str) -> str:
        # Each later stamp of a record lies later, so that what is ordered by nature stays so.
        self._clock += timedelta(minutes=5, microseconds=self._pick(f"{label} fraction", [0, 250_000, 123_456]))
        text = self._clock.isoformat()
        zone: str = self._pick(f"{label} zone", ["Z", "+00:00"])
        return text.removesuffix("+00:00") + zone

    def _free_object(self, schema: Schema, place: str, label: str) -> JsonObject:
        shape = self._pick(f"{label} shape", ["one", "empty", "two", "nested"])
        if shape == "empty":
            return {}

        def word() -> str:
            return self._canaries.plant(place) if self._is_sensitive(place) else self._token()

        if isinstance(schema.get("additionalProperties"), dict):
            return {f"k{word()}": word() for _ in range(2 if shape == "two" else 1)}
        free: JsonObject = {f"k{word()}": word()}
        if shape == "two":
            free |= {"count": 7, "note": word()}
        elif shape == "nested":
            free["deep"] = {"list": [word(), {"leaf": word()}], "flag": True, "none": None}
        return free

    def _is_sensitive(self, place: str) -> bool:
        return any(place == s or place.startswith(s + "/") for s in self._sensitive)


def _null_apart(schema: Schema) -> tuple[bool, Schema]:
    """Whether the schema takes null, and the schema of its other values."""
    if "anyOf" in schema:
        others = [branch for branch in schema["anyOf"] if branch.get("enum") != [None]]
        return len(others) < len(schema["anyOf"]), others[0]
    return bool(schema.get("nullable")), schema


def _above(key: str) -> Iterator[str]:
    """The places in which a pointer's own place lies."""
    while key := key.rpartition("/")[0]:
        yield key


def _order(items: Any, begin: str, end: str) -> None:
    """Make each item's interval run forward."""
    for item in items if isinstance(items, list) else []:
        if item[begin] > item[end]:
            item[begin], item[end] = item[end], item[begin]

"""Waivers: known defects that don't close the gate, each named with its reason, none for ever by accident."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from conformance.contracts.pointer import JsonObject
from conformance.results.files import RunResults, write_whole
from conformance.results.findings import StoredFinding
from conformance.results.lines import WaiverTerms
from conformance.results.printable import printable
from conformance.targets.config import UsageError, fitting, nearest, toml

__all__ = ["DEFAULT_FILE", "Waiver", "applying", "check", "key", "load", "of_run", "read", "remove", "today", "write"]

DEFAULT_FILE = Path("waivers.toml")

_HEAD = """\
# Known defects that don't close the gate: `conformance waive` writes them.
# When a defect is mended, the gate asks for its entry to be removed.
"""


@dataclass(frozen=True)
class Waiver:
    """One finding of one target that is let through: why, for whom, and until when.

    `first_seen` is an RFC 3339 instant, `expires` the last day (UTC) on which it holds; None is no end.
    `drawn` says how the run that saw it drew its examples: suite, seed and depth.
    """

    requirement: str
    target: str
    fingerprint: str
    reason: str
    message: str
    first_seen: str
    reproduced: bool
    example: Mapping[str, Any] = field(repr=False)
    ticket: str | None = None
    owner: str | None = None
    expires: date | None = None
    drawn: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> StoredFinding:
        """The finding, to be replayed."""
        return StoredFinding(self.requirement, self.fingerprint, self.example, self.reproduced)

    @property
    def name(self) -> str:
        """Requirement and fingerprint, as every message has them."""
        return f"{self.requirement} [{self.fingerprint}]"

    def expired(self, day: date) -> bool:
        """Whether it holds no more on a day."""
        return self.expires is not None and day > self.expires

    @property
    def terms(self) -> WaiverTerms:
        """What reports say of it."""
        expires = self.expires.isoformat() if self.expires else None
        return WaiverTerms(reason=self.reason, ticket=self.ticket or None, owner=self.owner or None, expires=expires)


Key = tuple[str, str, str]


def key(waiver: Waiver) -> Key:
    """What a waiver is about: target, requirement, fingerprint."""
    return waiver.target, waiver.requirement, waiver.fingerprint


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()


# Reading


def read(file: Path) -> list[Waiver]:
    """Read a waiver file.

    Raises:
        UsageError: it can't be read, has an entry that does not fit, or one twice.
    """
    data = fitting(file, _plain(toml(file)), "waivers")
    found = [_waiver(file, entry) for entry in data.get("waiver", [])]
    seen: set[Key] = set()
    for waiver in found:
        if key(waiver) in seen:
            raise UsageError(f"{file}: {waiver.name} is waived twice for {waiver.target}")
        seen.add(key(waiver))
    return found


def _plain(value: Any) -> Any:
    """TOML's dates as text, as JSON Schema knows them."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def _waiver(file: Path, entry: JsonObject) -> Waiver:
    name = f"{entry['requirement']} [{entry['fingerprint']}]"
    if not entry["reason"].strip():
        raise UsageError(f"{file}: {name}: a waiver needs a reason")
    try:
        example = json.loads(entry["example"])
        expires = date.fromisoformat(entry["expires"]) if "expires" in entry else None
    except ValueError as problem:
        raise UsageError(f"{file}: {name}: {problem}") from None
    if not isinstance(example, dict):
        raise UsageError(f"{file}: {name}: example is no JSON object")
    return Waiver(**{**entry, "example": example, "expires": expires})


def check(file: Path, waivers: Iterable[Waiver], known: Collection[str], day: date) -> None:
    """Hold waivers against the ids of the requirements that are known, and against the day.

    Raises:
        UsageError: one has expired, or names what no contract requires; all of them are told.
    """
    problems = []
    for waiver in waivers:
        if waiver.requirement not in known:
            problems.append(f"{waiver.name}: no contract has such a requirement{nearest(waiver.requirement, known)}")
        if waiver.expired(day):
            ways = "mend the defect, or waive it anew"
            problems.append(f"{waiver.name}: expired on {waiver.expires}: {ways} ({waiver.owner or 'no owner'})")
    if problems:
        raise UsageError("\n".join(f"{file}: {problem}" for problem in problems))


def load(file: Path, known: Collection[str]) -> list[Waiver]:
    """Read a waiver file whose every entry must hold today.

    Raises:
        UsageError: as `read` and `check` do.
    """
    found = read(file)
    check(file, found, known, today())
    return found


def applying(waivers: Iterable[Waiver], target: str) -> dict[str, dict[str, Waiver]]:
    """The waivers for one target: by requirement, then by fingerprint."""
    found: dict[str, dict[str, Waiver]] = {}
    for waiver in waivers:
        if waiver.target == target:
            found.setdefault(waiver.requirement, {})[waiver.fingerprint] = waiver
    return found


# Writing


def of_run(run: RunResults, **stated: Any) -> list[Waiver]:
    """A waiver for every finding that a run can be failed for; `stated` are reason, ticket, owner and expires."""
    return [
        Waiver(
            requirement=result.requirement,
            target=run.known_as,
            fingerprint=finding.fingerprint,
            message=printable(finding.message),
            first_seen=run.run.started,
            reproduced=finding.reproduced,
            example=finding.example.as_json(),
            drawn=run.drawn,
            **stated,
        )
        for result in run.of("fail", "warn")
        for finding in result.findings
    ]


def write(file: Path, waivers: Sequence[Waiver]) -> None:
    """Add waivers to a file, which may be there or not; one about the same finding is replaced, all else is kept.

    Raises:
        UsageError: the file is there and no waiver file, or a name can't stand in one.
        OSError: it can't be written.
    """
    import tomlkit

    there = {key(waiver) for waiver in read(file)} if file.exists() else set()
    document = tomlkit.parse(file.read_text("utf-8") if file.exists() else _HEAD)
    tables = document.setdefault("waiver", tomlkit.aot())
    for waiver in waivers:
        if key(waiver) in there:
            number = next(n for n, table in enumerate(tables) if _key_of(table) == key(waiver))
            tables[number] = _table(waiver)
        else:
            tables.append(_table(waiver))
    try:
        write_whole(file, tomlkit.dumps(document))
    except UnicodeEncodeError:
        raise UsageError(f"{file}: a name with half a character in it can't stand in a waiver file") from None


def remove(file: Path, gone: Collection[Key]) -> None:
    """Take waivers out of a file; all else in it is kept.

    Raises:
        OSError: it can't be written.
    """
    import tomlkit

    document = tomlkit.parse(file.read_text("utf-8"))
    tables = document["waiver"]
    for number in reversed(range(len(tables))):
        if _key_of(tables[number]) in gone:
            del tables[number]
    if not tables:
        # An empty array of tables has no spelling of its own.
        del document["waiver"]
    write_whole(file, tomlkit.dumps(document))


def _key_of(table: Mapping[str, Any]) -> Key:
    return str(table["target"]), str(table["requirement"]), str(table["fingerprint"])


def _table(waiver: Waiver) -> Any:
    import tomlkit

    table = tomlkit.table()
    for name in ("requirement", "target", "fingerprint", "message", "reason", "ticket", "owner", "expires"):
        if getattr(waiver, name) is not None:
            table[name] = getattr(waiver, name)
    table["first_seen"] = waiver.first_seen
    table["reproduced"] = waiver.reproduced
    drawn = tomlkit.inline_table()
    drawn.update(waiver.drawn)
    table["drawn"] = drawn
    # TOML has no null, which examples may well hold.
    table["example"] = json.dumps(waiver.example, ensure_ascii=True, allow_nan=False)
    return table

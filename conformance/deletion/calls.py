"""What a deletion rule does to a call: set it up, read it, delete it, look for it everywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance import pointer
from conformance.deletion.records import Canaries, RecordBuilder
from conformance.draw import Replay
from conformance.exchange import Exchange
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = [
    "ARTIFACTS",
    "Call",
    "View",
    "a_call",
    "active_call",
    "can",
    "delete",
    "ended_call",
    "fetch",
    "list_query",
    "listed",
    "look",
    "read",
]

ARTIFACTS = ("recording", "logs")
"""Roles of the operations that serve what belongs to a call beside its record."""

_MOST_PAGES = 12
"""Pages of a list that are looked through for one call; more than any rule puts before it."""

STRAY_500 = 5
"""How often a 500 that nobody injected is retried: the document asks for a retry."""


@dataclass(frozen=True)
class View:
    """A record as one answer shows it; `where` is the role of the operation that answered."""

    where: str
    record: dict[str, Any]
    exchange: Exchange


@dataclass
class Call:
    """A call that was set up: what it held, and what has been done to it since."""

    id: str
    stored: dict[str, Any]
    owner: str
    canaries: Canaries
    api_key: str | None = None
    before: dict[str, Any] | None = None
    artifacts: dict[str, Exchange] = field(default_factory=dict)
    deletes: list[Exchange] = field(default_factory=list)
    views: list[View] = field(default_factory=list)

    @property
    def held(self) -> dict[str, Any]:
        """What the record is known to have held before its deletion: as read, else as stored."""
        return self.before if self.before is not None else self.stored

    @property
    def deleted(self) -> Exchange | None:
        """The first DELETE that was answered 200."""
        return next((d for d in self.deletes if d.status == 200), None)

    def after_deletion(self, exchanges: list[Exchange]) -> list[Exchange]:
        """The exchanges from the first successful DELETE on."""
        first = self.deleted
        return [e for e in exchanges if first is not None and (e is first or e.began >= first.ended)]


def a_call(scene: Scene, fixed: Mapping[str, Any], *, api_key: str | None = None, name: str = "") -> Call:
    """Set a call up and read it back.

    Raises:
        Vacuous: the target can't, or what was set up does not read back.
    """
    record = scene.contract.record
    owner = fixed.get(record["owner"]) or f"agent_{scene.token(16)}"
    canaries = Canaries(scene.token)
    builder = RecordBuilder(
        scene.contract.document,
        record["seed"],
        _sensitive(scene),
        canaries,
        pick=lambda label, options: scene.pick(f"{name}{label}", options),
        token=scene.token,
        digits=scene.digits,
    )
    schema = scene.contract.document.root["components"]["schemas"][record["schema"]]
    asked = builder.build(schema, {**fixed, record["owner"]: owner})
    audio = scene.pick(f"{name}recording", [False, True, True])
    lines = scene.pick(f"{name}log lines", [0, 1, 3])
    logs = [f"line {n} {canaries.plant('logs')}" for n in range(lines)]
    answer = scene.state("a call exists", api_key=api_key, call=asked, audio=audio, logs=logs)
    for token in canaries.planted.values():
        scene.run.scrub.own(token)
    if not isinstance(answer.get("call_id"), str):
        raise Vacuous("state handler: 'a call exists' answered without call_id")
    stored = answer["call"] if isinstance(answer.get("call"), dict) else asked
    call = Call(answer["call_id"], stored, owner, canaries, api_key)
    _read_back(scene, call, asked)
    return call


def _read_back(scene: Scene, call: Call, asked: dict[str, Any]) -> None:
    if can(scene, "get"):
        call.before = read(scene, call)
        if call.before is None:
            raise Vacuous("state handler: the call that was set up does not read back")
        status = scene.contract.record["status"]
        if pointer.get(call.before, status) != pointer.get(asked, status):
            raise Vacuous("state handler: the call that was set up reads back with another status")
    for role in ARTIFACTS:
        if can(scene, role):
            call.artifacts[role] = fetch(scene, role, call)


def _sensitive(scene: Scene) -> list[str]:
    bound = scene.contract.bound("redact.omits", "redact.observed")
    return [place for requirement in bound for place in requirement.data.get("fields", [])]


def ended_call(
    scene: Scene, fixed: Mapping[str, Any] | None = None, *, api_key: str | None = None, name: str = ""
) -> Call:
    """A call in a terminal status: born so, ended, or cancelled."""
    record = scene.contract.record
    ways = ["exists", "exists", "exists", "ends"] + (["cancelled"] if can(scene, "cancel") else [])
    way = scene.pick(f"{name}way to its end", ways)
    given = dict(fixed or {})
    if way == "exists":
        status = scene.pick(f"{name}terminal status", record["terminal"])
        return a_call(scene, given | {record["status"]: status}, api_key=api_key, name=name)
    call = a_call(scene, given | {record["status"]: record["cancellable"][0]}, api_key=api_key, name=name)
    if way == "ends":
        scene.state("a call ends", call_id=call.id, status=scene.pick(f"{name}terminal status", record["terminal"]))
    else:
        answer = scene.send(scene.request("cancel", call.id, api_key=api_key))
        if not answer.ok:
            raise Vacuous(f"the call could not be cancelled: {answer.status}")
    if call.before is not None:
        call.before = read(scene, call) or call.before
    return call


def active_call(scene: Scene, status: str) -> Call:
    """A call in a status that is not terminal."""
    return a_call(scene, {scene.contract.record["status"]: status})


def can(scene: Scene, role: str) -> bool:
    """Whether the target offers the supporting operation of a role; detected once a run."""
    if role not in scene.contract.roles:
        return False
    return scene.run.capability(role, lambda: _offers(scene, role)) in {"declared", "detected"}


def _offers(scene: Scene, role: str) -> bool:
    """Set a plain call up and try the operation on it, apart from the example at hand."""
    apart = Scene(scene.run, scene.requirement, Replay({}), 0)
    record = scene.contract.record
    owner = f"agent_{apart.token(16)}"
    status = record["cancellable"][0] if role == "cancel" else record["terminal"][0]
    seed: dict[str, Any] = {}
    pointer.set_at(seed, record["status"], status)
    pointer.set_at(seed, record["owner"], owner)
    try:
        values = apart.state("a call exists", call=seed, **scene.contract.of_role(role).get("state", {}))
    except Vacuous:
        return False
    query = list_query(scene, owner) if role == "list" else []
    request = apart.request(role, values.get("call_id"), query=query)
    # A stray 500 must not hide an operation that is there.
    return any(apart.send(request).ok for _ in range(2))


def list_query(scene: Scene, owner: str, *, expanded: bool = True, size: int | None = None) -> list[tuple[str, str]]:
    """The query that lists an owner's calls, with all that the list can show, on pages as large as may be."""
    stated = scene.contract.of_role("list")
    pairs = [(name, value.format(owner=owner)) for name, value in stated.get("query", {}).items()]
    if "size" in stated:
        pairs.append((stated["size"]["query"], str(size or stated["size"]["most"])))
    return pairs + (list(stated.get("expand", {}).items()) if expanded else [])


def delete(scene: Scene, call: Call, *, retry: bool = True) -> Exchange:
    """DELETE the call; a stray 500 is retried, since the document says so."""
    for _ in range(STRAY_500 + 1 if retry else 1):
        answer = scene.send(scene.request("delete", call.id, api_key=call.api_key))
        note(scene, call, answer)
        if answer.status != 500:
            break
    return answer


def note(scene: Scene, call: Call, answer: Exchange) -> None:
    """Remember a DELETE's answer with the call, and the call with the run once it is deleted."""
    if answer.status == 200 and call.deleted is None:
        scene.run.tally.calls_deleted += 1
        scene.run.shared.setdefault("deleted", []).append(call)
    call.deletes.append(answer)
    if answer.status == 200 and isinstance(answer.json, dict):
        call.views.append(View("delete", answer.json, answer))


def read(scene: Scene, call: Call) -> dict[str, Any] | None:
    """GET the call's record; None unless it is answered 200 with an object."""
    answer = scene.send(scene.request("get", call.id, api_key=call.api_key))
    return answer.json if answer.status == 200 and isinstance(answer.json, dict) else None


def fetch(scene: Scene, role: str, call: Call) -> Exchange:
    """GET the recording or the logs of a call."""
    return scene.send(scene.request(role, call.id, api_key=call.api_key))


def listed(
    scene: Scene, call: Call, *, expanded: bool = True, size: int | None = None
) -> tuple[Exchange, dict[str, Any] | None]:
    """The page of the owner's list that holds the call, and the call's item on it; else the last page and None."""
    stated, place = scene.contract.of_role("list"), scene.contract.record["id"]
    query = list_query(scene, call.owner, expanded=expanded, size=size)
    further: list[tuple[str, str]] = []
    for _ in range(_MOST_PAGES):
        page = scene.send(scene.request("list", query=[*query, *further], api_key=call.api_key))
        items = pointer.get(page.json, stated["items"])
        records = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        for item in records:
            if pointer.get(item, place) == call.id:
                return page, item
        if not records or size is None or "after" not in stated:
            break
        further = [(stated["after"]["query"], str(pointer.get(records[-1], stated["after"]["item"])))]
    return page, None


def look(scene: Scene, call: Call) -> list[View]:
    """Read the call wherever the target shows records; the views are kept with the call too."""
    views = list(_views(scene, call))
    call.views += views
    return views


def _views(scene: Scene, call: Call) -> Iterator[View]:
    if can(scene, "get"):
        answer = scene.send(scene.request("get", call.id, api_key=call.api_key))
        if answer.status == 200 and isinstance(answer.json, dict):
            yield View("get", answer.json, answer)
    if can(scene, "list"):
        answer, item = listed(scene, call, expanded=scene.pick("list expanded", [True, True, False]))
        if item is not None:
            yield View("list", item, answer)

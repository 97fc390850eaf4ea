"""Rules: what a deleted call still shows, and what it shows no more."""

from collections.abc import Iterator

from conformance import instants, pointer
from conformance.deletion import oracles
from conformance.deletion.calls import ARTIFACTS, Call, View, can, delete, fetch, listed, look
from conformance.deletion.judging import artifact_owner, deleted, holding, judge, own_or_told, prove, sweep
from conformance.deletion.sources import a_call, active_call, ended_call, known_to_be_deleted
from conformance.exchange import Exchange
from conformance.pointer import ABSENT
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []


@rule("redact.retained", needs=("calls", "get"), proof=("before", "act", "after"))
def test_record_stays(scene: Scene) -> Iterator[Violation]:
    """The record stays: get and list still show the call after its deletion."""
    call = deleted(scene, ended_call(scene))
    answer = scene.send(scene.request("get", call.id))
    prove(scene, call, answer)
    yield from oracles.status_is(answer, 200, "GET of a deleted call")
    if answer.status == 200 and pointer.get(answer.json, scene.contract.record["id"]) != call.id:
        yield Violation(
            "another-record", "GET of a deleted call answers with another record", "its own id", "another, or none"
        )
    for expanded in (True, False) if can(scene, "list") else ():
        page, item = listed(scene, call, expanded=expanded)
        if item is None:
            yield Violation(
                "vanished",
                "a deleted call is no longer listed",
                "its redacted record",
                f"{page.status} without it",
                f"list {'expanded' if expanded else 'plain'}",
            )
    yield from judge(scene, call)


def _judged(scene: Scene, call: Call) -> Iterator[Violation]:
    prove(scene, call)
    yield from judge(scene, call)


@rule("redact.omits", needs=("calls",), proof=("before", "act", "after"))
def test_erased_fields_are_absent(scene: Scene) -> Iterator[Violation]:
    """Erased fields have no content in the DELETE answer and in every later read."""
    yield from _judged(scene, deleted(scene, holding(scene, scene.requirement.data["fields"])))


@rule("redact.absent-not-null", needs=("calls",), proof=("before", "act", "after"))
def test_erased_fields_are_absent_not_null(scene: Scene) -> Iterator[Violation]:
    """A field that held something before is absent after: not null, not empty, not masked."""
    yield from _judged(scene, deleted(scene, holding(scene, scene.requirement.data["fields"])))


@rule("redact.observed", needs=("calls",), proof=("before", "act", "after"))
def test_open_fields_are_observed(scene: Scene) -> Iterator[Violation]:
    """What becomes of fields that the document leaves open is observed, not judged."""
    fields = scene.requirement.data["fields"]
    call = deleted(scene, holding(scene, fields))
    for place in oracles.held_fields(call, fields):
        for view in call.views:
            value = pointer.get(view.record, place)
            kept = "omitted" if value is ABSENT else "null" if value is None else "kept"
            scene.observed[f"{place} in {view.where}"] = kept
    yield from _judged(scene, call)


@rule("redact.marked", needs=("calls",), proof=("before", "act", "after"))
def test_marker_is_the_instant_of_deletion(scene: Scene) -> Iterator[Violation]:
    """The marker is an RFC 3339 instant in the window of the request; get and list show the same one."""
    yield from _judged(scene, deleted(scene, ended_call(scene)))


@rule("redact.unmarked-before", needs=("calls", "get"), proof=("before",))
def test_marker_is_absent_before(scene: Scene) -> Iterator[Violation]:
    """A call that was never deleted has no marker, or a null one."""
    record = scene.contract.record
    status = scene.pick("status", [*record["terminal"], *record["active"]])
    call = active_call(scene, status)
    if (
        status in record["active"]
        and scene.pick("refused deletion first", [False, True])
        and delete(scene, call, retry=False).ok
    ):
        raise Vacuous("the deletion was not refused; delete.active-refused says so")
    for view in look(scene, call):
        scene.prove("before", view.exchange)
        value = pointer.get(view.record, record["marker"])
        if value is not ABSENT and value is not None:
            yield Violation(
                "marked-before",
                f"{record['marker']} of a call that was never deleted",
                "absent or null",
                oracles.shown(value),
                view.where,
            )


@rule("redact.keeps", needs=("calls",), proof=("before", "act", "after"))
def test_other_fields_are_unchanged(scene: Scene) -> Iterator[Violation]:
    """What is not erased reads after the deletion as it did before."""
    call = ended_call(scene)
    if not oracles.held_fields(call, scene.requirement.data["fields"]):
        raise Vacuous("the call held nothing in the fields that are to be kept")
    yield from _judged(scene, deleted(scene, call))


@rule("redact.no-trace", needs=("calls",), proof=("before", "act", "after"))
def test_no_byte_of_erased_content_shows(scene: Scene) -> Iterator[Violation]:
    """No later answer, in body or headers, of any operation, shows a trace of what was erased."""
    call = ended_call(scene)
    places = (*scene.requirement.data.get("fields", []), *scene.requirement.data.get("artifacts", []))
    known = [one for one in (call.shown, *call.artifacts.values()) if one is not None]
    text = "".join(one.body.decode("utf-8", "replace") for one in known)
    held = call.canaries.traces(text) if known else set(call.canaries.planted)
    # A recording is sound: no canary of ours is heard in it.
    sound = "recording" in places and "recording" in call.artifacts and call.artifacts["recording"].ok
    if not sound and not any(place.startswith(places) for place in held):
        raise Vacuous("the call held nothing that could leave a trace")
    deleted(scene, call)
    sweep(scene, call)
    prove(scene, call, *_one_of_each(call.after_deletion(scene.exchanges)))
    yield from judge(scene, call)


def _one_of_each(exchanges: list[Exchange]) -> list[Exchange]:
    """The last exchange of each operation that was answered."""
    return list({one.request.operation: one for one in exchanges if one.request.intent == "regular"}.values())


def _artifact_gone(scene: Scene) -> Iterator[Violation]:
    """Delete a call whose artifact was served, and ask for the artifact again."""
    role = scene.requirement.data["artifact"]
    if not can(scene, role):
        raise Vacuous(f"the target does not serve {role}")
    call = ended_call(scene)
    if not call.artifacts[role].ok:
        raise Vacuous(f"the call has no {role}")
    deleted(scene, call)
    looks = [fetch(scene, role, call) for _ in range(2)]
    prove(scene, call, looks[-1], before=call.artifacts[role])
    sweep(scene, call)
    yield from judge(scene, call)


@rule("redact.audio-gone", needs=("calls", "recording"), proof=("before", "act", "after"))
def test_recording_is_gone(scene: Scene) -> Iterator[Violation]:
    """The recording of a deleted call is no longer served, whole or in part."""
    yield from _artifact_gone(scene)


@rule("redact.logs-gone", needs=("calls", "logs"), proof=("before", "act", "after"))
def test_logs_are_gone(scene: Scene) -> Iterator[Violation]:
    """The logs of a deleted call are no longer served."""
    yield from _artifact_gone(scene)


@rule("redact.list", needs=("calls", "list"), proof=("before", "act", "after"))
def test_list_shows_the_redacted_record(scene: Scene) -> Iterator[Violation]:
    """The list, what it can expand expanded, shows the redacted record and its marker."""
    fields = scene.requirement.data["fields"]
    call = deleted(scene, holding(scene, fields))
    size = scene.pick("page size", [None, 1, 2])
    if size is not None:
        record = scene.contract.record
        for number in range(scene.pick("other calls on the list", [1, 2, 3])):
            a_call(
                scene, {record["owner"]: call.owner, record["status"]: record["terminal"][0]}, name=f"other {number} "
            )
    page, item = listed(scene, call, size=size)
    prove(scene, call, page)
    if item is None:
        yield Violation(
            "vanished", "a deleted call is no longer listed", "its redacted record", f"{page.status} without it"
        )
        return
    view = View("list", item, page)
    yield from oracles.omits(call, [view], fields)
    yield from oracles.absent_not_null(call, [view], fields)
    marker = scene.contract.record["marker"]
    if not pointer.get(item, marker):
        yield Violation(
            "unmarked", f"a deleted call is listed without {marker}", "the instant of its deletion", "absent or null"
        )
    yield from judge(scene, call)


@rule("redact.zero-retention", needs=("calls",), proof=("before", "act", "after"))
def test_zero_retention_call_deletes_alike(scene: Scene) -> Iterator[Violation]:
    """A zero-data-retention call shows no sensitive data even before, and is deleted in the same way."""
    place = scene.contract.record.get("zero_retention")
    if place is None:
        raise Vacuous("the contract knows no zero retention")
    call = ended_call(scene, {place: True})
    if pointer.get(call.held, place) is not True:
        raise Vacuous("state handler: the call does not read back as one of zero retention")
    before = list(look(scene, call))
    for field in oracles.held_fields(call, scene.requirement.data["fields"]) if before else []:
        yield Violation(
            "retained", f"{field} of a zero-retention call shows before its deletion", "not retained", "content", field
        )
    for role in scene.requirement.data["artifacts"]:
        if role in call.artifacts:
            for violation in oracles.gone(role, call.artifacts[role], call.artifacts[role], None):
                yield Violation(
                    "retained",
                    f"the {role} of a zero-retention call is served",
                    "not retained",
                    violation.observed,
                    role,
                )
    call.views.clear()
    scene.prove("before", *(view.exchange for view in before), *call.artifacts.values())
    answer = delete(scene, call)
    scene.prove("act", answer)
    yield from oracles.status_is(answer, 200, "DELETE of an ended zero-retention call")
    if answer.status == 200:
        scene.prove("after", *(view.exchange for view in look(scene, call)))
        sweep(scene, call)
        yield from judge(scene, call)


@rule("redact.already", needs=("get", "deleted"), read_only=True, proof=("after",))
def test_already_deleted_call_stays_redacted(scene: Scene) -> Iterator[Violation]:
    """An id known to be deleted shows a marker and no erased field."""
    call_id = known_to_be_deleted(scene)
    if call_id is None:
        call_id = deleted(scene, ended_call(scene)).id
    answer = scene.send(scene.request("get", call_id))
    scene.prove("after", answer)
    yield from oracles.status_is(answer, 200, "GET of a call known to be deleted")
    if answer.status != 200:
        return
    marker = scene.contract.record["marker"]
    if instants.parse(pointer.get(answer.json, marker)) is None:
        yield Violation("unmarked", f"a call known to be deleted shows no {marker}", "an instant", "none")
    for place in scene.requirement.data["fields"]:
        value = pointer.get(answer.json, place)
        if value is not ABSENT:
            yield Violation(
                "shown",
                f"a call known to be deleted shows {place}",
                "omitted",
                oracles.shown(value),
                place,
                about=(answer,),
            )
    for role in [role for role in ARTIFACTS if can(scene, role)]:
        for violation in oracles.served(role, scene.send(scene.request(role, call_id))):
            yield own_or_told(scene, artifact_owner(scene, role), violation)


@rule("call.phone-numbers", needs=("calls", "get"), proof=("before",))
def test_phone_numbers_by_kind_of_call(scene: Scene) -> Iterator[Violation]:
    """Before deletion, phone numbers are there for phone calls and not for others."""
    data = scene.requirement.data
    kind = scene.pick("kind of call", [*data["present"], *data["omitted"]])
    phones = {place: f"+1{scene.digits(10)}" for place in data["fields"]} if kind in data["present"] else {}
    call = ended_call(scene, {data["when"]: kind, **phones}, keep=True)
    if pointer.get(call.before, data["when"]) != kind or _retains_nothing(scene, call):
        raise Vacuous("state handler: the call does not read back as the kind that was asked for")
    # A list may show less of a call than the call itself.
    for view in (view for view in look(scene, call) if view.where == "get"):
        scene.prove("before", view.exchange)
        for place in data["fields"]:
            found = pointer.get(view.record, place)
            where = f"{view.where} {place}"
            if kind in data["present"] and found in (ABSENT, None):
                done = f"{place} of a {kind} call that was set up with it"
                yield Violation("missing", done, "present", oracles.shown(found), where)
            if kind in data["omitted"] and found not in (ABSENT, None):
                yield Violation("present", f"{place} of a {kind} call", "omitted", oracles.shown(found), where)


def _retains_nothing(scene: Scene, call: Call) -> bool:
    place = scene.contract.record.get("zero_retention")
    return place is not None and pointer.get(call.held, place) is True

"""Each pass shows by which exchanges it can be seen: what there was, what was done, and that the promise was kept."""

from pathlib import Path

import pytest

from conformance.contracts.loading import bundled
from conformance.engine.rule import rules
from conformance.results.files import RunResults, read
from conformance.results.lines import RecordedExchange, ResultLine
from tests.support import conformance

pytestmark = pytest.mark.long

FEWER_PARTS = {
    # These ask for one page, and there is nothing to compare it with.
    "ultravox.page.next-origin": {"act"},
    "ultravox.page.previous-present": {"act"},
    # Of a list nothing can be changed, so that there is no look after the act.
    "ultravox.auth.other-account": {"before", "act"},
    "ultravox.auth.other-account-refusal": {"act"},
}
MORE_PARTS = {"auth.required": {"before", "after"}}
"""Where a call of the suite's own stands behind the request, it is shown before and after."""


@pytest.fixture(scope="module", params=bundled())
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunResults:
    folder = tmp_path_factory.mktemp("proof")
    words = ("run", "--contract", request.param, "--examples", "6", "--seed", "1", "--report", folder)
    ended = conformance(*words, cwd=folder)
    assert ended.code == 0, ended.said
    return read(Path(folder) / request.param)


def passed(results: RunResults) -> list[ResultLine]:
    return [r for r in results.of("pass", "observed") if r.rule != "document.sound"]


def of(line: ResultLine, part: str) -> list[RecordedExchange]:
    return [one.exchange for one in line.proof if one.part == part]


def test_every_pass_has_the_parts_that_its_rule_has(results: RunResults) -> None:
    known = rules()
    for line in passed(results):
        parts = {one.part for one in line.proof} - MORE_PARTS.get(line.rule, set())
        assert parts == FEWER_PARTS.get(line.requirement, set(known[line.rule].proof)), line.requirement


def test_the_parts_stand_in_order_and_the_last_is_the_witness(results: RunResults) -> None:
    order = ("before", "act", "after")
    for line in passed(results):
        places = [order.index(one.part) for one in line.proof]
        assert places == sorted(places), line.requirement
        assert line.witness == line.proof[-1].exchange


def test_no_promise_of_a_deletion_is_proved_by_a_refused_credential(results: RunResults) -> None:
    for line in passed(results):
        if line.rule.startswith(("delete.", "redact.", "page.", "filter.", "tombstone.")):
            assert {one.exchange.status for one in line.proof} & {401, 403} == set(), line.requirement


def test_an_artifact_is_served_before_and_not_after_the_deletion_of_its_call(results: RunResults) -> None:
    lines = [line for line in passed(results) if line.rule in {"redact.audio-gone", "redact.logs-gone"}]
    for line in lines:
        (before,), (act,), (after,) = (of(line, part) for part in ("before", "act", "after"))
        assert before.url == after.url
        assert before.url.startswith(act.url + "/")
        assert (before.status, act.method, act.status, after.status) == (200, "DELETE", 200, 404)
        assert before.started <= act.started <= after.started
    assert bool(lines) == (results.run.contract.vendor == "cartesia")


def test_what_was_erased_shows_before_and_is_gone_in_every_look_after(results: RunResults) -> None:
    for line in passed(results):
        if line.requirement == "cartesia.redact.omits":
            assert '"transcript"' in (of(line, "before")[0].response_body or "")
            assert of(line, "after")
            assert all('"transcript"' not in (look.response_body or "") for look in of(line, "after"))


def test_a_repeated_deletion_is_proved_by_another_delete_of_the_same_call(results: RunResults) -> None:
    for line in passed(results):
        if line.rule == "delete.idempotent":
            (act,), (after,) = of(line, "act"), of(line, "after")
            assert (act.url, act.method, act.status) == (after.url, after.method, after.status)
            assert act.started < after.started

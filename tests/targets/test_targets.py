"""The ways to point at a target: ids given away, ids deleted already, a URL alone, the vendor's own operations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import RunResults, read
from tests import given
from tests.commanding import Ended
from tests.support import conformance


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    with Reference("cartesia") as server:
        yield server


@pytest.fixture(scope="module")
def preloaded_run(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, RunResults]:
    """Every requirement, with ids that the user gave away."""
    folder = tmp_path_factory.mktemp("preloaded")
    config = given.config(folder / "c.toml", reference, given.preloaded(reference))
    words = ("run", "--contract", "cartesia", "--target", "staging", "--config", config, "--report", folder)
    ended = conformance(*words, "--examples", "16", cwd=folder, CONFORMANCE_API_KEY=reference.api_key, within=120)
    return ended, read(folder / "cartesia")


def verdicts(results: RunResults) -> dict[str, str]:
    return {line.requirement.partition(".")[2]: line.verdict for line in results.results}


@pytest.mark.long
def test_preloaded_ids_verify_all_but_what_needs_a_state(preloaded_run: tuple[Ended, RunResults]) -> None:
    ended, results = preloaded_run
    seen = verdicts(results)
    untestable = {name for name, verdict in seen.items() if verdict == "untestable"}
    assert {"delete.retry-after-500", "delete.no-half-marked", "delete.lifecycle", "auth.other-account"} <= untestable
    assert untestable <= {
        *(
            "delete.retry-after-500",
            "delete.no-half-marked",
            "delete.lifecycle",
            "auth.other-account",
            "auth.other-account-refusal",
        ),
        "redact.omits-open",
    }
    assert not {"fail", "warn", "error"} & set(seen.values()), ended.out
    assert ended.code == 10


def test_given_ids_are_not_shared_out_among_workers(reference: Reference, tmp_path: Path) -> None:
    config = given.config(tmp_path / "c.toml", reference, {"completed": ["ac_given"]})
    words = ("run", "--contract", "cartesia", "--target", "staging", "--config", config, "-n", "2")
    ended = conformance(*words, cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key)
    assert (ended.code, "-n needs a state URL" in ended.said) == (4, True)


@pytest.mark.long
def test_no_preloaded_id_is_deleted_twice_as_a_fresh_one(preloaded_run: tuple[Ended, RunResults]) -> None:
    assert preloaded_run[1].end.calls_deleted <= 9
    assert preloaded_run[1].end.calls_created == 0


def test_a_leak_is_found_on_a_preloaded_call(tmp_path: Path) -> None:
    with Reference("cartesia", faults=["transcript-kept-in-get"]) as server:
        config = given.config(tmp_path / "c.toml", server, given.preloaded(server))
        words = ("run", "--contract", "cartesia", "--target", "staging", "--config", config, "--report", tmp_path)
        ended = conformance(*words, "--select", "redact.omits", cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)
    assert ended.code == 1
    assert verdicts(read(tmp_path / "cartesia"))["redact.omits"] == "fail"
    for sentinel in given.SENTINELS.values():
        assert sentinel not in ended.said + (tmp_path / "cartesia" / "results.jsonl").read_text()


def test_ids_that_run_out_are_reported(tmp_path: Path, reference: Reference) -> None:
    config = given.config(tmp_path / "c.toml", reference, {"completed": [given.call(reference, "completed")]})
    words = ("run", "--contract", "cartesia", "--target", "staging", "--config", config, "--report", tmp_path)
    selected = ("--select", "delete.succeeds", "--select", "delete.lost-reply", "--select", "delete.active-refused")
    ended = conformance(*words, *selected, cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key)
    seen = verdicts(read(tmp_path / "cartesia"))
    assert seen["delete.succeeds"] == "pass"
    assert seen["delete.lost-reply"] == seen["delete.active-refused"] == "untestable"
    assert "no preloaded id left of a call that is completed or failed" in ended.out


def test_already_deleted_ids_are_only_read(tmp_path: Path, reference: Reference) -> None:
    call_id = given.call(reference, "completed")
    given.state(reference, "a call is deleted", call_id=call_id)
    config = given.config(tmp_path / "c.toml", reference, {"deleted": [call_id]})
    words = ("run", "--contract", "cartesia", "--target", "staging", "--config", config, "--report", tmp_path)
    ended = conformance(*words, "--profile", "read-only", cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key)
    results = read(tmp_path / "cartesia")
    assert verdicts(results)["redact.already"] == "pass"
    methods = {line.witness.method for line in results.results if line.witness is not None}
    assert methods == {"GET"}
    assert {row.operation for row in results.end.traffic}.isdisjoint({"agents_delete-call", "agents_cancel-call"})
    assert "(profile read-only)" in ended.out


def test_an_id_that_was_not_deleted_is_found_out(tmp_path: Path, reference: Reference) -> None:
    config = given.config(tmp_path / "c.toml", reference, {"deleted": [given.call(reference, "completed")]})
    words = ("run", "--contract", "cartesia", "--target", "staging", "--config", config, "--report", tmp_path)
    ended = conformance(
        *words,
        "--profile",
        "read-only",
        "--select",
        "redact.already",
        cwd=tmp_path,
        CONFORMANCE_API_KEY=reference.api_key,
    )
    assert ended.code == 1
    assert given.SENTINELS["transcript"] not in ended.said + (tmp_path / "cartesia" / "results.jsonl").read_text()


def test_with_nothing_but_a_url_the_profile_can_be_conformant(tmp_path: Path, reference: Reference) -> None:
    words = ("run", "--contract", "cartesia", "--target", reference.url, "--profile", "stateless", "--report", tmp_path)
    ended = conformance(*words, "--examples", "16", cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key)
    assert ended.code == 0, ended.out
    assert ended.out.count("Conformant to Cartesia Delete Call (profile stateless)") == 1
    assert read(tmp_path / "cartesia").end.calls_deleted == 0


def test_a_server_that_knows_no_call_is_not_green(tmp_path: Path, reference: Reference) -> None:
    given_ids = {"completed": ["ac_nobodyknowsthiscall0001"], "started": ["ac_nobodyknowsthiscall0002"]}
    config = given.config(tmp_path / "c.toml", reference, given_ids)
    words = ("run", "--contract", "cartesia", "--target", "staging", "--config", config, "--report", tmp_path)
    ended = conformance(*words, "--examples", "4", cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key)
    assert ended.code in {1, 10}
    assert verdicts(read(tmp_path / "cartesia"))["delete.succeeds"] in {"untestable", "fail"}


@pytest.fixture(scope="module")
def listing() -> Iterator[Reference]:
    with Reference("ultravox") as server:
        calls = [
            {"created": f"2025-03-{day:02d}T{hour:02d}:07:13Z"} for day in range(1, 26) for hour in range(0, 24, 6)
        ]
        given.state(server, "deleted calls exist", calls=calls)
        yield server


def test_tombstones_are_made_with_the_vendors_own_operations(tmp_path: Path, listing: Reference) -> None:
    words = ("run", "--contract", "ultravox", "--target", listing.url, "--report", tmp_path)
    selected = [w for r in ("exactly-deleted", "faithful", "no-content") for w in ("--select", f"tombstone.{r}")]
    ended = conformance(*words, *selected, cwd=tmp_path, CONFORMANCE_API_KEY=listing.api_key)
    results = read(tmp_path / "ultravox")
    assert set(verdicts(results).values()) == {"pass"}, ended.out
    assert results.end.calls_created == results.end.calls_deleted > 0


@pytest.mark.long
@pytest.mark.parametrize("profile", ["stateless", "read-only"])
def test_a_list_is_checked_as_it_is_found(profile: str, tmp_path: Path, listing: Reference) -> None:
    words = ("run", "--contract", "ultravox", "--target", listing.url, "--profile", profile, "--report", tmp_path)
    ended = conformance(*words, "--examples", "6", cwd=tmp_path, CONFORMANCE_API_KEY=listing.api_key, within=120)
    seen = verdicts(read(tmp_path / "ultravox"))
    assert ended.code == 0, ended.out
    for name in (
        "page.complete",
        "page.previous",
        "filter.from",
        "filter.partition",
        "filter.conjunction",
        "page.empty",
    ):
        assert seen[name] == "pass", name


RELATIONS = [
    word
    for name in ("page.complete", "page.no-duplicates", "page.previous", "filter.from", "filter.to", "filter.partition")
    for word in ("--select", name)
]


@pytest.mark.long
@pytest.mark.parametrize("fault", ["from-exclusive", "edge-item-twice", "to-ignored", "previous-skips"])
def test_relations_alone_find_defects_of_a_list(fault: str, tmp_path: Path) -> None:
    with Reference("ultravox", faults=[fault]) as server:
        calls = [
            {"created": f"2025-03-{day:02d}T12:07:13Z", "deletionTime": "2025-05-01T00:00:00Z"} for day in range(1, 26)
        ]
        given.state(server, "deleted calls exist", calls=calls)
        words = (
            "run",
            "--contract",
            "ultravox",
            "--target",
            server.url,
            "--profile",
            "stateless",
            "--report",
            tmp_path,
        )
        ended = conformance(*words, *RELATIONS, cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key, within=120)
    assert ended.code == 1, ended.out

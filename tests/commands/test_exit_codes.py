"""The command's exit codes, and what it says when it is asked for what can't be done: each by the real command."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import read
from tests.commanding import Ended
from tests.conftest import FinishedRun
from tests.support import KEY, SPECS, Asked, conformance, result_file, serving, unused_port

QUICK = ("run", "--contract", "cartesia", "--examples", "2")
UNKNOWN = ("--select", "delete.unknown")


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    with Reference("cartesia") as started:
        yield started


@pytest.fixture(scope="module")
def careless_reference() -> Iterator[Reference]:
    """A reference server that breaks no more than SHOULDs."""
    with Reference("cartesia", faults=["summary-kept"]) as started:
        yield started


def test_a_conformant_target_is_0(good_run: FinishedRun) -> None:
    assert good_run.ended.code == 0
    assert good_run.results.end.overall == "conformant"
    assert "Conformant to Cartesia Delete Call" in good_run.ended.out


def test_a_broken_must_is_1(faulty_run: FinishedRun) -> None:
    assert faulty_run.ended.code == 1
    assert faulty_run.results.end.overall == "non-conformant"
    assert "FAILED          cartesia.redact.omits" in faulty_run.ended.out
    assert "Not conformant to Cartesia Delete Call" in faulty_run.ended.out


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 1)])
def test_a_broken_should_is_1_only_under_strict(
    careless_reference: Reference, strict: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    where = ("--target", careless_reference.url, "--state-url", careless_reference.state_url)
    only = ("--select", "cartesia.redact.omits-implied")
    quick = ("run", "--contract", "cartesia", "--examples", "8")
    ended = conformance(*quick, *where, *only, *strict, cwd=tmp_path, CONFORMANCE_API_KEY=careless_reference.api_key)
    assert ended.code == code, ended.said
    assert read(tmp_path / "reports/runs/cartesia").end.overall == "conformant-with-warnings"


def test_a_must_that_can_not_be_tested_is_10(reference: Reference, tmp_path: Path) -> None:
    ended = conformance(
        *(*QUICK, "--target", reference.url, "--select", "redact.omits"),
        cwd=tmp_path,
        CONFORMANCE_API_KEY=reference.api_key,
    )
    assert ended.code == 10
    assert "Not fully verified" in ended.out
    assert "needs a state URL" in ended.out


def test_a_run_that_leaves_everything_out_is_not_conformant(tmp_path: Path) -> None:
    ended = conformance(*QUICK, "--profile", "stateless", "--select", "redact.omits", cwd=tmp_path)
    assert ended.code == 10
    assert "Conformant" not in ended.out


def test_a_target_that_nobody_listens_at_is_11_and_says_so(tmp_path: Path) -> None:
    where = ("--target", f"http://127.0.0.1:{unused_port()}")
    ended = conformance(*QUICK, *UNKNOWN, *where, cwd=tmp_path, CONFORMANCE_API_KEY=KEY)
    assert ended.code == 11
    assert ended.out.count("target unreachable: connection refused") == 1
    assert len(ended.out.splitlines()) < 8
    assert read(tmp_path / "reports/runs/cartesia").end.overall == "error"


def test_a_state_url_that_answers_5xx_is_11(reference: Reference, tmp_path: Path) -> None:
    with serving(lambda _: (500, {}, b"{}")) as states:
        ended = conformance(
            *(*QUICK, "--target", reference.url, "--state-url", states.url, "--select", "delete.succeeds"),
            cwd=tmp_path,
            CONFORMANCE_API_KEY=reference.api_key,
        )
    assert ended.code == 11
    assert "the state URL answered 500" in ended.out
    assert all("authorization" not in asked.headers for asked in states.asked), "the state URL never gets the API key"


def test_a_state_that_the_target_refuses_is_10(reference: Reference, tmp_path: Path) -> None:
    with serving(lambda _: (404, {}, b"")) as states:
        ended = conformance(
            *(*QUICK, "--target", reference.url, "--state-url", states.url, "--select", "delete.succeeds"),
            cwd=tmp_path,
            CONFORMANCE_API_KEY=reference.api_key,
        )
    assert ended.code == 10
    assert "was refused with 404" in ended.out


# Usage: 4, said in one line, before anything is sent.


def test_a_missing_credential_is_a_usage_error_and_nothing_is_sent(tmp_path: Path) -> None:
    with serving(lambda _: (401, {}, b"")) as server:
        ended = conformance(*QUICK, "--target", server.url, cwd=tmp_path)
    usage(ended, "asks for a credential, and none is set", "CONFORMANCE_API_KEY", "credential_command")
    assert server.asked == []


def usage(ended: Ended, *words: str) -> None:
    assert ended.code == 4, ended.said
    assert "Traceback" not in ended.said
    for word in words:
        assert word in ended.said, ended.said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--contract", "cartesian"], ["unknown contract 'cartesian'", "bundled are cartesia"]),
        (["--contract", "cartesia", "--select", "redact.omit"], ["redact.omit", "did you mean 'redact.omits'"]),
        (["--contract", "cartesia", "--select", "cartesia.x"], ["--select 'cartesia.x'"]),
        (["--target", "http://127.0.0.1:9"], ["--target needs --contract"]),
        (["--contract", "cartesia", "--target", "staging"], ["'staging' is no URL and no target"]),
        (["--contract", "cartesia", "--target", "ftp://h/"], ["no http or https URL"]),
        (["--contract", "cartesia", "--target", "http://h", "--state-url", "h"], ["'h' is no http or https URL"]),
        (["--contract", "cartesia", "--profile", "stateles"], ["did you mean 'stateless'"]),
        (["--contract", "cartesia", "--config", "none.toml"], ["none.toml: No such file"]),
        (["--contract", "cartesia", "--target", "https://api.cartesia.ai"], ["production", "allow_production = true"]),
        (["--contract", "cartesia", "--target", "https://API.cartesia.ai:443/x"], ["production"]),
        (["--contract", "cartesia", "--contract", "cartesia"], ["named twice"]),
        (["--contract", "cartesia", "--examples", "0"], ["--examples"]),
        (["--contract", "cartesia", "--seed", "x"], ["--seed"]),
        (["--no-such-option"], ["--no-such-option"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("-") else "",
)
def test_what_can_not_be_done_is_a_usage_error(options: list[str], said: list[str], tmp_path: Path) -> None:
    usage(conformance("run", *options, cwd=tmp_path), *said)
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exampels = 3", "did you mean 'examples'"),
        ("[targets.staging]\nurl = 'http://h'\ntimeuot = 1", "did you mean 'timeout'"),
        ("[targets.staging]\nurl = 'http://h'\ncapabilities = {recordings = true}", "did you mean 'recording'"),
        ("[targets.staging]\nrate = 1", "'url' is a required property"),
        ("[targets.staging]\nurl = 'http://h'\napi_key_env = 'NOT_SET_ANYWHERE'", "NOT_SET_ANYWHERE"),
        ("examples = 'many'", "$.examples: 'many' is not of type 'integer'"),
        ("not toml", "not TOML"),
        ("\udcff", "not TOML"),
    ],
)
def test_a_config_file_that_does_not_fit_is_a_usage_error(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(text.encode(errors="surrogateescape"))
    ended = conformance(*QUICK, "--config", "mine.toml", "--target", "staging", cwd=tmp_path)
    usage(ended, "mine.toml" if "NOT_SET" not in said else "", said)


def test_a_report_folder_that_can_not_be_written_is_seen_before_the_first_request(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with serving(lambda _: (404, {}, b"")) as server:
        where = ("--target", server.url, "--report", "taken")
        ended = conformance(*QUICK, *where, cwd=tmp_path, CONFORMANCE_API_KEY=KEY)
    usage(ended, "taken", "can't be written")
    assert server.asked == []


def test_a_broken_contract_is_a_usage_error(tmp_path: Path) -> None:
    shutil.copytree(SPECS / "cartesia", tmp_path / "own")
    (tmp_path / "own/contract.yaml").write_text("format: conformance-contract/1\n")
    usage(conformance("run", "--contract", "own", cwd=tmp_path), "own/contract.yaml", "is a required property")


def test_an_own_contract_without_a_target_has_nothing_to_be_run_against(tmp_path: Path) -> None:
    shutil.copytree(SPECS / "cartesia", tmp_path / "own")
    file = tmp_path / "own/contract.yaml"
    file.write_text(file.read_text("utf-8").replace("vendor: cartesia", "vendor: own"), "utf-8")
    usage(conformance("run", "--contract", "./own", cwd=tmp_path), "own has no embedded reference server", "--target")


def test_a_requirement_of_an_unknown_rule_is_refused_and_never_left_out_silently(tmp_path: Path) -> None:
    shutil.copytree(SPECS / "cartesia", tmp_path / "own")
    file = tmp_path / "own/contract.yaml"
    file.write_text(file.read_text("utf-8").replace("rule: delete.permanent", "rule: delete.permanence"), "utf-8")
    usage(
        conformance("run", "--contract", "./own", cwd=tmp_path), "own/contract.yaml", "did you mean 'delete.permanent'"
    )


def test_production_may_be_allowed_on_purpose(tmp_path: Path) -> None:
    # The folder is refused after the host, and before anything is sent.
    target = "[targets.live]\nurl = 'https://api.cartesia.ai'\nallow_production = true\n"
    (tmp_path / "conformance.toml").write_text(target)
    (tmp_path / "taken").write_text("")
    ended = conformance(*QUICK, "--target", "live", "--report", "taken", cwd=tmp_path, CONFORMANCE_API_KEY=KEY)
    usage(ended, "can't be written")
    assert "production" not in ended.said


# The other commands.


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["serve", "-h"], ["report", "-h"], ["--version"]])
def test_help_is_0_and_keeps_its_lines(words: list[str], tmp_path: Path) -> None:
    ended = conformance(*words, cwd=tmp_path)
    assert ended.code == 0
    assert "\\b" not in ended.out
    if words == ["run", "--help"]:
        assert "    1   non-conformant: a MUST is broken; or a waiver is stale\n" in ended.out


def test_list_names_every_requirement_and_every_fault(tmp_path: Path) -> None:
    ended = conformance("list", "--contract", "cartesia", cwd=tmp_path)
    assert ended.code == 0
    assert "  MUST   cartesia.redact.omits " in ended.out
    faults = conformance("list", "--contract", "cartesia", "--faults", cwd=tmp_path)
    assert faults.code == 0
    assert "marker-moves" in faults.out
    usage(conformance("list", "--contract", "nobody", cwd=tmp_path), "unknown contract 'nobody'")


def test_explain_says_words_place_rule_and_last_verdict(faulty_run: FinishedRun, tmp_path: Path) -> None:
    folder = faulty_run.file.parents[1]
    ended = conformance("explain", "cartesia.redact.omits", "--report", folder, cwd=tmp_path)
    assert ended.code == 0
    for words in ("MUST", "deleted fields are omitted from subsequent API responses", "source.md:7", "redact.omits"):
        assert words in ended.out
    assert "last run: fail" in ended.out
    wrong = conformance("explain", "cartesia.redact.omit", cwd=tmp_path)
    usage(wrong, "did you mean 'cartesia.redact.omits'")


def test_report_reads_a_finished_run_and_refuses_an_unfinished_one(faulty_run: FinishedRun, tmp_path: Path) -> None:
    ended = conformance("report", faulty_run.file, cwd=tmp_path)
    assert ended.code == 0
    assert "Not conformant to Cartesia Delete Call" in ended.out
    lines = faulty_run.file.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_text("".join(lines[:-1]), "utf-8")
    usage(conformance("report", "cut.jsonl", cwd=tmp_path), "cut.jsonl", "cut short")
    usage(conformance("report", "none", cwd=tmp_path), "none")


def test_report_writes_junit(faulty_run: FinishedRun, tmp_path: Path) -> None:
    ended = conformance("report", faulty_run.file.parent, "--junit", "out.xml", cwd=tmp_path)
    assert ended.code == 0
    assert "<failure" in (tmp_path / "out.xml").read_text("utf-8")


def test_stopping_at_the_first_broken_promise_leaves_the_rest_untested(
    faulty_reference: Reference, tmp_path: Path
) -> None:
    where = ("--target", faulty_reference.url, "--state-url", faulty_reference.state_url)
    some = ("--select", "redact.omits", "--select", "redact.marked", "-x", "--report", ".")
    ended = conformance(*QUICK, *where, *some, cwd=tmp_path, CONFORMANCE_API_KEY=faulty_reference.api_key)
    assert ended.code == 1
    lines = {r["requirement"]: r for r in map(json.loads, result_file(tmp_path).read_text().splitlines()[1:-1])}
    assert lines["cartesia.redact.omits"]["verdict"] == "fail"
    assert lines["cartesia.redact.marked"]["verdict"] == "untestable"
    assert lines["cartesia.redact.marked"]["reason"] == "not run"


def test_the_credential_goes_to_the_target_only(tmp_path: Path) -> None:
    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return 404, {}, asked.headers.get("authorization", "").encode()

    with serving(answer) as server:
        ended = conformance(*QUICK, *UNKNOWN, "--target", server.url, cwd=tmp_path, CONFORMANCE_API_KEY=KEY)
    assert any(KEY in asked.headers.get("authorization", "") for asked in server.asked)
    assert KEY not in ended.said
    assert KEY not in (tmp_path / "reports/runs/cartesia/results.jsonl").read_text()

"""The pytest plugin: the same run inside pytest, and nothing of it where nobody asked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.contracts.loading import load
from conformance.reference.server import Reference
from conformance.results.files import RunResults, read
from tests.commanding import Ended, command, own_pytest
from tests.support import conformance, environment, serving

ONE = ("--conformance-contract", "cartesia", "--conformance-examples", "1", "--conformance-select", "redact.marked")


def run_pytest(folder: Path, *words: str, within: float = 60, fresh: bool = False, **env: str) -> Ended:
    """Run pytest in a folder; in a `fresh` interpreter, where what is imported is the fact."""
    words = ("-p", "no:cacheprovider", *words)
    if not fresh:
        return command(*words, cwd=folder, env=environment(**env), within=within, main=own_pytest)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=folder,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's project, with a test of its own."""
    (tmp_path / "test_own.py").write_text(
        "import sys\n\n\ndef test_own():\n    assert 'conformance.suite.session' not in sys.modules\n"
    )
    return tmp_path


def verdicts(results: RunResults) -> dict[str, str]:
    return {r.requirement: r.verdict for r in results.results}


def test_one_requirement_is_one_readable_item_and_the_same_results_file(project: Path) -> None:
    ended = run_pytest(project, "--pyargs", "conformance", *ONE, "-v")
    assert ended.code == 0, ended.said
    assert "[cartesia.redact.marked] PASSED" in ended.out
    assert "1 passed" in ended.out
    inside = read(project / "reports/runs/cartesia")
    words = ("run", "--contract", "cartesia", "--examples", "1", "--select", "redact.marked", "--report", "other")
    assert conformance(*words, cwd=project).code == 0
    outside = read(project / "other/cartesia")
    assert verdicts(inside) == verdicts(outside) == {"cartesia.redact.marked": "pass"}
    assert inside.run.as_json().keys() == outside.run.as_json().keys()
    assert inside.end.counts == outside.end.counts


def test_items_are_counted_chosen_and_timed_as_pytest_does_it(project: Path) -> None:
    everything = ("--pyargs", "conformance", "--conformance-contract", "cartesia")
    counted = run_pytest(project, *everything, "--collect-only", "-q")
    assert f"{len(load('cartesia').requirements)} tests collected" in counted.out
    assert not (project / "reports/runs/cartesia/results.jsonl").exists()
    chosen = run_pytest(project, *everything, "--collect-only", "-q", "-k", "redact.marked and MUST and cartesia")
    assert [line.rpartition("[")[2] for line in chosen.out.splitlines() if "::" in line] == ["cartesia.redact.marked]"]
    timed = run_pytest(project, "--pyargs", "conformance", *ONE, "--durations=0", "--durations-min=0.005")
    assert re.search(r"s call +\S+\[cartesia\.redact\.marked\]", timed.out)
    assert not re.search(r"s setup +\S+\[cartesia", timed.out)


def test_without_our_options_nothing_of_ours_is_collected_or_imported(project: Path) -> None:
    ended = run_pytest(project, "-v", fresh=True)
    assert ended.code == 0, ended.said
    assert "1 passed" in ended.out
    assert "cartesia" not in ended.out
    ours = run_pytest(project, "--pyargs", "conformance", "--collect-only", "-q")
    assert ours.code == 5, "nothing collected"
    assert "test_deleting" not in ours.out


def test_the_plugin_alone_imports_nothing_heavy(project: Path) -> None:
    script = (
        "import sys, pytest\n"
        "pytest.main(['-q', '-p', 'conformance.plugin', 'test_own.py'])\n"
        "print('OURS', sorted(m for m in sys.modules if m.startswith('conformance')))\n"
        "print('HEAVY', sorted({'jsonschema_rs', 'urllib3', 'yaml'} & set(sys.modules)))\n"
    )
    env = environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert "OURS ['conformance', 'conformance.plugin']" in done.stdout
    assert "HEAVY []" in done.stdout


def test_two_workers_come_to_the_same_verdicts_as_one(project: Path) -> None:
    some = ["--conformance-select", "redact.omits", "--conformance-select", "auth.required"]
    some += ["--conformance-examples", "4"]
    one = run_pytest(project, "--pyargs", "conformance", *ONE, *some, "--conformance-report", "one")
    two = run_pytest(project, "--pyargs", "conformance", *ONE, *some, "--conformance-report", "two", "-n", "2")
    assert (one.code, two.code) == (0, 0), one.said + two.said
    left, right = read(project / "one/cartesia"), read(project / "two/cartesia")
    assert verdicts(left) == verdicts(right)
    assert len(left.results) == 6
    assert right.end.calls_created > 0
    assert right.end.requests == sum(row.count for row in right.end.traffic)


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "selected", "broken"),
    [
        # A call of another requirement, deleted in another process, has lost its mark when it is read again at the end.
        ("lost-reply-unmarked", ("delete.lost-reply", "delete.permanent"), {"delete.lost-reply", "delete.permanent"}),
        # What several rules see belongs to one of them, whichever process saw it first.
        ("marker-no-offset", ("delete.lost-reply", "redact.marked"), {"redact.marked", "schema.response"}),
    ],
)
def test_workers_know_of_each_other_what_one_process_would(
    project: Path, fault: str, selected: tuple[str, ...], broken: set[str]
) -> None:
    words = [word for rule in selected for word in ("--select", rule)]
    for number in ("1", "2"):
        with Reference("cartesia", faults=[fault]) as server:
            given = ("run", "--contract", "cartesia", "--target", server.url, "--state-url", server.state_url)
            more = (*words, "--seed", "1", "--examples", "4", "--report", number, "-n", number)
            ended = conformance(*given, *more, cwd=project, CONFORMANCE_API_KEY=server.api_key)
        assert ended.code == 1, ended.said
        seen = verdicts(read(project / number / "cartesia"))
        assert {name for name, verdict in seen.items() if verdict == "fail"} == {f"cartesia.{rule}" for rule in broken}


@pytest.mark.parametrize("stopped", [False, True], ids=["to the end", "ended by -x"])
@pytest.mark.parametrize(("problem", "code"), [("KeyboardInterrupt", 2), ("RuntimeError", 3)])
def test_what_breaks_the_last_look_still_leaves_results(
    project: Path, problem: str, code: int, *, stopped: bool
) -> None:
    (project / "breaks.py").write_text(
        "import conformance.suite.testing\nimport pytest\n\n\n"
        f"def broken(*_):\n    raise {problem}\n\n\n"
        "conformance.suite.testing.final_sweep = broken\n\n\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_collection_modifyitems(items):\n    yield\n    items.sort(key=lambda i: i.name == 'test_own')\n"
    )
    (project / "test_own.py").write_text(f"def test_own():\n    assert not {stopped}\n")
    words = (*ONE, "--conformance-select", "delete.permanent")
    ended = run_pytest(project, "-p", "breaks", "-x", "--pyargs", "conformance", "test_own.py", *words)
    # One's own failure beside ours is the worse of the two (DESIGN, 7); an interrupt ends at once.
    assert ended.code == (1 if stopped and code == 3 else code), ended.said
    assert read(project / "reports/runs/cartesia").end.exit_code == code
    assert "Traceback" not in ended.said


def test_the_command_with_two_workers_tells_and_writes_all(project: Path) -> None:
    some = ("--select", "redact.omits", "--select", "redact.marked")
    ended = conformance("run", "--contract", "cartesia", "--examples", "4", *some, "-n", "2", cwd=project)
    assert ended.code == 0, ended.said
    assert ended.out.startswith("Cartesia Delete Call against reference at http://127.0.0.1:")
    assert "Conformant to Cartesia Delete Call (only redact.omits, redact.marked): 2 of 2 MUST verified" in ended.out
    assert set(verdicts(read(project / "reports/runs/cartesia")).values()) == {"pass"}


def test_own_tests_beside_ours_count_in_the_exit_code(project: Path) -> None:
    (project / "test_own.py").write_text("def test_own():\n    assert False\n")
    ended = run_pytest(project, "--pyargs", "conformance", "test_own.py", *ONE)
    assert ended.code == 1
    assert "1 failed, 1 passed" in ended.out
    assert read(project / "reports/runs/cartesia").end.overall == "conformant"


def test_a_run_of_which_k_leaves_nothing_is_5_and_not_conformant(project: Path) -> None:
    ended = run_pytest(project, "--pyargs", "conformance", *ONE, "-k", "nothing_such")
    assert ended.code == 5, ended.said
    end = read(project / "reports/runs/cartesia").end
    assert (end.overall, end.exit_code) == ("not-fully-verified", 5)


def test_an_untestable_requirement_is_skipped_with_its_reason(project: Path) -> None:
    with serving(lambda _: (404, {}, b"")) as server:
        target = ("--conformance-target", server.url, "-rs")
        ended = run_pytest(project, "--pyargs", "conformance", *ONE, *target, CONFORMANCE_API_KEY="sk_12345678")
    assert "1 skipped" in ended.out
    assert "needs a state URL" in ended.out
    assert ended.code == 10


def test_collect_only_writes_no_results(project: Path) -> None:
    ended = run_pytest(project, "--pyargs", "conformance", *ONE, "--collect-only", "-q")
    assert ended.code == 0
    assert "cartesia.redact.marked" in ended.out
    assert list(project.rglob("results.jsonl")) == []

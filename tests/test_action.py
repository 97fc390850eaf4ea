"""The GitHub Action: its scripts run as the platform would run them, and what linters say of it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.reference.server import Reference
from conformance.results.files import read
from tests.support import ROOT, environment

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
WORKFLOW = ROOT / "docs" / "example-workflow.yml"
SCRIPTS = sorted((ROOT / ".github" / "action").glob("*.sh"))
STEPS = [step for step in ACTION["runs"]["steps"] if "run" in step]
BIN = Path(sys.executable).parent

QUOTING = """$(touch pwned) `touch pwned` "; touch pwned; " '; touch pwned; '"""
HOSTILE = [QUOTING, "--help", "a\nb; touch pwned"]


@dataclass
class Job:
    """What a job of the platform would hand to the action's steps, and what they left behind."""

    folder: Path
    env: dict[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    log: str = ""

    def run(self, **inputs: str) -> "Job":
        """Run every script step but the installation, in order, with these inputs (`_` for `-`)."""
        given = {name: str(stated.get("default", "")) for name, stated in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        self.outputs["install"] = {"bin": str(BIN)}
        for step in STEPS:
            if step["id"] != "install" and self._wanted(step):
                self._step(step, given)
        return self

    def _wanted(self, step: dict[str, Any]) -> bool:
        """Whether the step's condition holds: no more than that outputs are not empty."""
        needed = re.findall(r"steps\.([a-z]+)\.outputs\.([a-z-]+) != ''", step.get("if", ""))
        return all(self.outputs[name].get(output) for name, output in needed)

    def _step(self, step: dict[str, Any], inputs: dict[str, str]) -> None:
        files = {name: self.folder.parent / f"{self.folder.name}.{name}" for name in ("output", "summary")}
        files["output"].write_text("")
        env = {name: self._value(value, inputs) for name, value in step["env"].items()}
        env |= {"GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(files["output"])}
        env["GITHUB_STEP_SUMMARY"] = str(files["summary"])
        # As the platform does it: the script in a file, and a shell that stops at the first error.
        script = self.folder.parent / f"{self.folder.name}.sh"
        script.write_text(step["run"], "utf-8")
        done = subprocess.run(
            [shutil.which("bash") or "bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.folder,
            env=environment(**self.env, **env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        self.log += done.stdout
        self.codes[step["id"]] = done.returncode
        self.outputs[step["id"]] = dict(line.split("=", 1) for line in files["output"].read_text("utf-8").splitlines())

    def _value(self, stated: str, inputs: dict[str, str]) -> str:
        def known(match: re.Match[str]) -> str:
            match match[1].split("."):
                case ["inputs", name]:
                    return inputs[name]
                case ["steps", step, "outputs", name]:
                    return self.outputs.get(step, {}).get(name, "")
            raise AssertionError(f"unknown expression {match[0]}")

        return re.sub(r"\$\{\{ *([^ }]+) *\}\}", known, stated)

    @property
    def summary(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.summary").read_text("utf-8")

    @property
    def commands(self) -> list[str]:
        """The lines of the log that the runner would take for commands: none while they are stopped."""
        found, token = [], ""
        for line in self.log.splitlines():
            if token:
                token = "" if line == f"::{token}::" else token
            elif line.startswith("::stop-commands::"):
                token = line.removeprefix("::stop-commands::")
            elif line.lstrip().startswith("::") or "##[" in line:
                found.append(line)
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[Reference]:
    with Reference("cartesia") as reference:
        yield reference


@pytest.fixture(scope="module")
def faulty() -> Iterator[Reference]:
    with Reference("cartesia", faults=["transcript-kept-in-get"]) as reference:
        yield reference


@pytest.fixture
def job(tmp_path: Path, server: Reference) -> Job:
    (tmp_path / "work").mkdir()
    return Job(tmp_path / "work", {"CONFORMANCE_API_KEY": server.api_key})


def sound(server: Reference, **more: str) -> dict[str, str]:
    """Inputs of a quick check of one promise that the server keeps."""
    return {
        "contract": "cartesia",
        "target": server.url,
        "state_url": server.state_url,
        "examples": "2",
        "select": "redact.marked",
        **more,
    }


def test_a_good_run_is_0_with_every_report(job: Job, server: Reference) -> None:
    job.run(**sound(server, select="redact.marked\r\n\n  \nredact.keeps"))
    assert job.codes == {"check": 0, "report": 0, "verdict": 0}, job.log
    assert job.outputs["check"] == {"exit-code": "0", "report": "conformance-report", "overall": "conformant"}
    folder = job.folder / "conformance-report"
    assert read(folder / "cartesia").run.selected == ("redact.marked", "redact.keeps")
    assert {f.name for f in folder.iterdir() if f.is_file()} == {
        "report.html", "summary.md", "junit.xml", "report.sarif", "annotations.txt"
    }  # fmt: skip
    assert job.summary.startswith("## Conformant to")
    assert job.outputs["report"] == {"sarif": "conformance-report/report.sarif"}
    assert job.commands == []


def test_a_broken_promise_fails_the_check_and_is_annotated_all_the_same(job: Job, faulty: Reference) -> None:
    job.env["CONFORMANCE_API_KEY"] = faulty.api_key
    job.run(**sound(faulty, select="redact.omits", examples="4"))
    assert job.codes == {"check": 0, "report": 0, "verdict": 1}, job.log
    assert job.outputs["check"]["exit-code"] == "1"
    assert job.outputs["check"]["overall"] == "non-conformant"
    assert {line.split(",")[0] for line in job.commands} == {"::error file=specs/cartesia/openapi.yaml"}
    assert job.summary.startswith("## Not conformant")
    assert faulty.api_key not in job.log


def test_with_a_baseline_the_gate_has_the_last_word(job: Job, faulty: Reference) -> None:
    job.env["CONFORMANCE_API_KEY"] = faulty.api_key
    given = sound(faulty, select="redact.omits\nredact.no-trace")
    job.run(**given | {"report": "old"})
    job.run(**given | {"baseline": "old"})
    assert job.codes["verdict"] == 0, job.log
    assert "    " + (job.folder / "conformance-report" / "gate.txt").read_text("utf-8").splitlines()[0] in job.summary


def test_strict_fails_the_check_for_a_broken_should(job: Job) -> None:
    with Reference("cartesia", faults=["summary-kept"]) as kept:
        job.env["CONFORMANCE_API_KEY"] = kept.api_key
        job.run(**sound(kept, select="cartesia.redact.omits-implied", examples="4", strict="true"))
    assert job.codes["verdict"] == 1, job.log
    assert job.outputs["check"]["overall"] == "conformant-with-warnings"


def test_what_is_no_run_has_no_report_and_says_4(job: Job, server: Reference) -> None:
    job.run(**sound(server, contract="no-such-contract"))
    assert job.codes == {"check": 0, "verdict": 4}
    assert job.outputs["check"] == {"exit-code": "4"}


def test_earlier_results_are_never_told_as_this_runs(job: Job, server: Reference) -> None:
    old = job.folder / "conformance-report" / "cartesia" / "results.jsonl"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    job.run(**sound(server))
    assert job.codes == {"check": 0, "verdict": 4}
    assert job.commands == ["::error title=Conformance::the report folder holds results already"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "name",
    ["contract", "target", "state_url", "config", "profile", "examples", "select", "waivers", "baseline", "strict"],
)
def test_a_hostile_input_is_a_usage_error_and_never_run(name: str, value: str, job: Job, server: Reference) -> None:
    job.run(**sound(server, **{name: value}))
    assert job.codes["check"] == 0, job.log
    assert job.codes["verdict"] in {4, 5, 11}, job.log
    assert job.outputs["check"]["exit-code"] == str(job.codes["verdict"])
    assert list(job.folder.parent.rglob("pwned")) == []


def test_a_folder_of_any_name_is_only_a_folder(job: Job, server: Reference) -> None:
    job.run(**sound(server, report=QUOTING))
    assert job.codes == {"check": 0, "report": 0, "verdict": 0}, job.log
    assert list(job.folder.parent.rglob("pwned")) == []
    assert job.outputs["check"]["report"] == QUOTING
    assert (job.folder / QUOTING / "report.html").is_file()


def test_a_line_break_in_the_report_folder_makes_no_output_of_its_own(job: Job, server: Reference) -> None:
    job.run(**sound(server, report="a\noverall=conformant"))
    assert job.outputs["check"] == {"exit-code": "4"}


def test_commands_in_a_targets_words_are_stopped(job: Job, server: Reference) -> None:
    (job.folder / "conformance.toml").write_text("[targets]\n")
    job.run(**sound(server, target="\t::error::taken ##[error]taken"))
    assert "taken" in job.log
    assert job.commands == []


# What stands in the files.


def test_no_expression_stands_in_a_script() -> None:
    assert [step["run"] for step in STEPS if "${{" in step["run"]] == []
    assert "${{" not in "".join(script.read_text("utf-8") for script in SCRIPTS)


def test_every_input_is_used_and_described() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    docs = (ROOT / "docs" / "CI.md").read_text("utf-8")
    for name, stated in ACTION["inputs"].items():
        assert stated["description"]
        assert re.search(rf"inputs\.{name}\b", text), name
        assert f"`{name}`" in docs, name


@pytest.mark.parametrize("file", [ROOT / "action.yml", WORKFLOW], ids=lambda file: file.name)
def test_actions_of_others_are_pinned_by_commit_with_their_version(file: Path) -> None:
    uses = re.findall(r"uses: (.*)", file.read_text("utf-8"))
    assert uses
    assert [u for u in uses if not re.fullmatch(r"\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", u)] == []


def test_the_example_workflow_names_inputs_that_there_are() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"].values()
    ours = [step for job in jobs for step in job["steps"] if step["uses"].startswith("OWNER/")]
    assert len(ours) == 2
    assert [name for step in ours for name in step["with"] if name not in ACTION["inputs"]] == []


def tool(*words: str | Path) -> None:
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run([BIN / words[0], *words[1:]], capture_output=True, text=True, check=False, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    tool("zizmor", "--offline", "--no-progress", "--persona=pedantic", "action.yml", WORKFLOW)


def test_shellcheck_finds_nothing() -> None:
    tool("shellcheck", "--enable=quote-safe-variables", *SCRIPTS)


@pytest.mark.parametrize(
    ("schema", "file"),
    [("github-actions", ROOT / "action.yml"), ("github-workflows", WORKFLOW)],
    ids=["action", "workflow"],
)
def test_the_files_fit_the_platforms_schemas(schema: str, file: Path) -> None:
    tool("check-jsonschema", f"--builtin-schema=vendor.{schema}", file)


def test_pre_commit_takes_the_hook() -> None:
    tool("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")


@pytest.mark.parametrize(
    ("path", "checked"),
    [
        ("conformance.toml", True),
        ("ci/waivers-staging.toml", True),
        ("my/contract.yaml", True),
        ("my/overlay.yaml", True),
        ("xconformance.toml", False),
        ("my/contract.yaml.bak", False),
        ("pyproject.toml", False),
    ],
)
def test_the_hook_looks_at_our_own_files(path: str, checked: bool) -> None:
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
    assert (hook["id"], hook["entry"], hook["language"]) == ("conformance-check", "conformance check", "python")
    assert bool(re.search(hook["files"], path)) is checked

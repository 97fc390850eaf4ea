"""`conformance doctor` and `conformance init`, and the state handler of the docs."""

import json
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import Reference
from conformance.targets.config import Config, read_config
from tests import given
from tests.support import ROOT, conformance


class Store:
    """A storage layer as an application may have it; behind it lies the reference server."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    def add_call(self, call: dict[str, Any], audio: bool, logs: list[str]) -> dict[str, Any]:
        made = given.state(self._reference, "a call exists", call=call, audio=audio, logs=logs)
        return {"id": made["call_id"], **made["call"]}

    def end_call(self, call_id: str, status: str) -> None:
        given.state(self._reference, "a call ends", call_id=call_id, status=status)

    def fail_next_deletions(self, call_id: str, times: int, stage: str) -> None:
        given.state(self._reference, "deleting a call fails", call_id=call_id, times=times, stage=stage)

    def add_account(self) -> str:
        return str(given.state(self._reference, "a fresh account exists")["api_key"])


@contextmanager
def documented_handler(store: Store) -> Iterator[str]:
    """The handler of docs/STATE-HANDLER.md, as printed there, in front of a store."""
    text = (ROOT / "docs" / "STATE-HANDLER.md").read_text("utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(compile(code, "STATE-HANDLER.md", "exec"), names)  # noqa: S102 - the project's own docs
    handler = type("Handler", (names["StateHandler"],), {"store": store, "log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def test_the_handler_of_the_docs_passes_and_is_about_thirty_lines(tmp_path: Path) -> None:
    with Reference("cartesia") as reference, documented_handler(Store(reference)) as state_url:
        words = ("doctor", "--contract", "cartesia", "--target", reference.url, "--state-url", state_url)
        ended = conformance(*words, cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key)
    assert ended.code == 0, ended.said
    assert "BAD" not in ended.out
    assert "reads back as 'completed'" in ended.out
    code = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "STATE-HANDLER.md").read_text("utf-8"), re.DOTALL)[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 40


@pytest.mark.parametrize("contract", ["cartesia", "ultravox"])
def test_the_embedded_reference_is_in_good_health(contract: str, tmp_path: Path) -> None:
    ended = conformance("doctor", "--contract", contract, cwd=tmp_path)
    assert ended.code == 0
    assert "BAD" not in ended.out


def test_each_thing_that_falls_short_comes_with_advice(tmp_path: Path) -> None:
    with Reference("cartesia") as reference:
        words = (
            "doctor",
            "--contract",
            "cartesia",
            "--target",
            reference.url,
            "--state-url",
            f"{reference.url}/nothing",
        )
        ended = conformance(*words, cwd=tmp_path, CONFORMANCE_API_KEY=secrets.token_hex(8))
    assert ended.code == 1
    assert "BAD a run could begin" in ended.out
    assert "the credential is refused" in ended.out
    assert "CONFORMANCE_API_KEY" in ended.out


def test_a_state_url_that_knows_no_state_is_told_state_by_state(tmp_path: Path) -> None:
    with Reference("cartesia") as reference:
        where = ("--target", reference.url, "--state-url", f"{reference.url}/nothing")
        ended = conformance(
            "doctor", "--contract", "cartesia", *where, cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key
        )
    assert ended.code == 1
    assert "BAD a fresh account exists" in ended.out
    assert "BAD a call exists (completed)" in ended.out


def test_the_bounds_of_a_run_are_told_beforehand(tmp_path: Path) -> None:
    with Reference("ultravox") as reference:
        where = ("--target", reference.url, "--state-url", reference.state_url)
        ended = conformance(
            "doctor", "--contract", "ultravox", *where, cwd=tmp_path, CONFORMANCE_API_KEY=reference.api_key
        )
    assert ended.code == 0, ended.said
    bounds = ("600 calls", "15,000 tombstones", "60 fresh accounts", "150 wrong credentials, 25 a minute", "20 calls")
    for told in bounds:
        assert told in ended.out, ended.out


def test_a_target_that_is_not_there_is_said_first(tmp_path: Path) -> None:
    where = ("--target", "http://127.0.0.1:9")
    ended = conformance("doctor", "--contract", "cartesia", *where, cwd=tmp_path, CONFORMANCE_API_KEY="sk_12345678")
    assert ended.code == 1
    assert "BAD a run could begin" in ended.out
    assert "target unreachable" in ended.out


def test_init_writes_a_config_that_reads_and_never_overwrites_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert conformance("init", cwd=tmp_path).code == 0
    monkeypatch.chdir(tmp_path)
    assert set(read_config(None).targets) == {"staging"}
    assert conformance("init", cwd=tmp_path).code == 4
    assert conformance("init", "--force", cwd=tmp_path).code == 0


def test_every_commented_key_of_the_template_is_one_that_is_read(tmp_path: Path) -> None:
    """Taken out of their comments, all lines of the template make a config that fits the schema."""
    text = (ROOT / "conformance" / "template.toml").read_text("utf-8")
    bare = re.sub(r"^# ?(?=[a-z_A-Z-]+ = |\[)", "", text, flags=re.MULTILINE)
    file = tmp_path / "c.toml"
    file.write_text(bare)
    staging = read_config(str(file)).targets["staging"]
    assert {"state_url", "preloaded", "capabilities", "proxy", "deadline", "max_calls"} <= set(staging)
    schema = json.loads((ROOT / "conformance" / "schemas" / "config.schema.json").read_text("utf-8"))
    unmentioned = set(schema["$defs"]["target"]["properties"]) - set(staging)
    assert unmentioned <= {"api_key", "max_answer_bytes"}


def test_a_project_can_keep_its_config_in_pyproject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.conformance]\nexamples = 7\n[tool.other]\nx = 1\n")
    monkeypatch.chdir(tmp_path)
    assert read_config(None) == Config(examples=7)

"""`conformance replay`: the credential goes where the user says, never where a file alone does."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.results.files import read, write
from tests.commanding import Ended
from tests.report.reports import finding, result, run
from tests.support import KEY, Scripted, conformance, serving


@pytest.fixture
def stranger() -> Iterator[Scripted]:
    with serving(lambda _: (404, {"content-type": "application/json"}, b"{}")) as server:
        yield server


REQUIREMENT = "cartesia.delete.succeeds"
EXAMPLE = {
    "case": {"suite": "0", "requirement": REQUIREMENT, "seed": 1, "number": 1, "choices": {}},
    "states": [],
    "steps": [],
}


def results(folder: Path, url: str, name: str = "") -> Path:
    """A results file that anybody could have written."""
    line = result("x", "fail", findings=[finding(example=EXAMPLE)])
    line |= {"requirement": REQUIREMENT, "rule": "delete.succeeds"}
    (folder / "runs" / "v").mkdir(parents=True, exist_ok=True)
    write(
        folder / "runs" / "v" / "results.jsonl",
        run("non-conformant", line, target={"url": url, "name": name, "capabilities": {}}),
    )
    return folder / "runs"


def replay(folder: Path, *words: str) -> Ended:
    return conformance("replay", *words, cwd=folder, CONFORMANCE_API_KEY=KEY)


def waived(folder: Path) -> str:
    conformance("waive", "runs", "--reason", "known", cwd=folder)
    return "waivers.toml"


@pytest.mark.parametrize("named", [lambda _: "runs", waived], ids=["results", "waivers"])
def test_a_url_in_a_file_gets_nothing(named: Callable[[Path], str], stranger: Scripted, tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text('[targets.staging]\nurl = "http://127.0.0.1:9"\n')
    for name in (stranger.url, "", "elsewhere"):
        results(tmp_path, stranger.url, name)
        ended = replay(tmp_path, named(tmp_path))
        assert ended.code == 4, ended.said
        assert "--target" in ended.err
        assert "Traceback" not in ended.said
    assert stranger.asked == []


def test_nothing_is_sent_while_one_of_several_targets_is_unknown(stranger: Scripted, tmp_path: Path) -> None:
    results(tmp_path, stranger.url, "staging")
    (tmp_path / "runs" / "w").mkdir()
    other = read(tmp_path / "runs" / "v")
    other.run["target"] = {"url": "http://127.0.0.1:9", "name": "", "capabilities": {}}
    write(tmp_path / "runs" / "w" / "results.jsonl", other)
    (tmp_path / "conformance.toml").write_text(f'[targets.staging]\nurl = "{stranger.url}"\n')
    assert replay(tmp_path, "runs").code == 4
    assert stranger.asked == []


@pytest.mark.parametrize("way", ["--target URL", "--target NAME", "config's name", "config's title", "config's URL"])
def test_a_target_that_the_user_names_again_is_asked(way: str, stranger: Scripted, tmp_path: Path) -> None:
    config = f'[targets.staging]\nurl = "{stranger.url}"\nname = "Staging, Europe"\n'
    (tmp_path / "conformance.toml").write_text(config if way != "--target URL" else "")
    stored = {"config's name": "staging", "config's title": "Staging, Europe", "config's URL": ""}.get(way, "elsewhere")
    results(tmp_path, stranger.url.replace("http", "HTTP") + "/", stored)
    words = {"--target URL": ["--target", stranger.url], "--target NAME": ["--target", "staging"]}.get(way, [])
    ended = replay(tmp_path, "runs", *words)
    assert ended.code in {1, 10, 11}, ended.said
    assert stranger.asked


def test_a_name_of_the_config_leads_where_the_config_says(stranger: Scripted, tmp_path: Path) -> None:
    with serving(lambda _: (404, {}, b"")) as own:
        (tmp_path / "conformance.toml").write_text(f'[targets.staging]\nurl = "{own.url}"\n')
        results(tmp_path, stranger.url, "staging")
        replay(tmp_path, "runs")
        assert own.asked
    assert stranger.asked == []


def test_what_is_missing_to_tell_is_said(stranger: Scripted, tmp_path: Path) -> None:
    results(tmp_path, stranger.url)
    ended = replay(tmp_path, "runs", "--target", stranger.url)
    assert ended.code == 10, ended.said
    assert "CANNOT TELL" in ended.out
    assert "--state-url" in ended.out


def test_a_credential_in_a_stored_url_is_not_told(tmp_path: Path) -> None:
    results(tmp_path, "http://user:hunter2@127.0.0.1:9")
    ended = replay(tmp_path, "runs")
    assert (ended.code, "hunter2" in ended.said) == (4, False)


def test_production_is_refused_in_a_line(tmp_path: Path) -> None:
    results(tmp_path, "https://api.cartesia.ai")
    ended = replay(tmp_path, "runs", "--target", "https://api.cartesia.ai")
    assert (ended.code, "production" in ended.err) == (4, True)
    assert re.search("Traceback", ended.said) is None
    assert json.loads((tmp_path / "runs/v/results.jsonl").read_text().splitlines()[0])["kind"] == "run"

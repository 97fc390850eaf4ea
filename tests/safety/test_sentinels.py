"""No credential is written, in any spelling, whatever a server answers and wherever the suite itself breaks."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.commanding import Ended, command, own_pytest
from tests.safety.breaking import command_that_breaks, report_that_breaks
from tests.safety.careless import KEY as CARELESS_KEY
from tests.safety.echoing import GATEWAY, SPELLINGS, STATE_TOKEN, Echo, echoing, leaks
from tests.support import conformance, environment

# Every spelling, cut and broken layer, each in a run of its own.
pytestmark = pytest.mark.long

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
RULES = ("delete.succeeds", "delete.unknown", "redact.marked", "cartesia.auth.other-account")
SELECTED = [word for name in RULES for word in ("--select", name)]
LAYERS = (
    "send",
    "state",
    "oracle",
    "monitor",
    "example",
    "scrub",
    "record",
    "write",
    "preflight",
    "teardown",
    "so far",
)


def config(folder: Path, url: str) -> None:
    (folder / "c.toml").write_text(
        f'[targets.s]\nurl = "{url}"\nstate_url = "{url}/_state"\n'
        f'[targets.s.headers]\nX-Gateway = "Bearer {GATEWAY}"\n'
        f'[targets.s.state_headers]\nX-State = "{STATE_TOKEN}"\n'
    )


ENV: dict[str, Any] = {"CONFORMANCE_API_KEY": CARELESS_KEY, "GATEWAY": f"Bearer {GATEWAY}", "CI": ""}


def everything(folder: Path, *ended: Ended) -> str:
    """Every byte that was written, the names of the files too."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "c.toml"]
    content = [file.read_bytes().decode("utf-8", "replace") for file in files]
    return "\n".join([*(one.said for one in ended), *content, *map(str, files)])


def assert_clean(echo: Echo, folder: Path, *ended: Ended) -> None:
    written = everything(folder, *ended)
    for secret in (CARELESS_KEY, GATEWAY, STATE_TOKEN, *echo.keys):
        assert leaks(secret, written) == []
    for one in ended:
        assert CONTROL.findall(one.said.replace("\r\n", "\n")) == []


def reports(folder: Path) -> Ended:
    words = ("--html", "r.html", "--markdown", "r.md", "--junit", "r.xml", "--sarif", "r.sarif")
    return conformance("report", "r/cartesia", *words, cwd=folder)


def run(folder: Path, *more: str, **env: Any) -> Ended:
    words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--report", "r", "--seed", "1")
    return conformance(*words, *SELECTED, "--examples", "2", *more, cwd=folder, **{**ENV, **env})


@pytest.mark.parametrize("how", SPELLINGS)
def test_an_echoed_credential_is_written_in_no_spelling(how: str, tmp_path: Path) -> None:
    echo = Echo(how)
    with echoing(echo) as url:
        config(tmp_path, url)
        ended = run(tmp_path)
    assert ended.code == 1, ended.said
    assert_clean(echo, tmp_path, ended, reports(tmp_path))


@pytest.mark.parametrize("where", ["text", "record", "headers"])
def test_an_echoed_credential_is_written_at_no_place(where: str, tmp_path: Path) -> None:
    echo = Echo("plain and pieces", where)
    with echoing(echo) as url:
        config(tmp_path, url)
        ended = run(tmp_path)
    assert ended.code == 1, ended.said
    assert_clean(echo, tmp_path, ended, reports(tmp_path))


def deep() -> Any:
    value: Any = "bottom"
    for _ in range(900):
        value = [value]
    return value


@pytest.mark.parametrize(
    "values",
    [
        {"call_id": "calls/ac_1"},
        {"call_id": "ac_\ud800"},
        {"call_id": "ac_\0"},
        {"call_id": "a" * 5000},
        {"call_id": f"ac_{CARELESS_KEY}"},
        {"call_id": ["ac_1"]},
        {"call": float("nan")},
        {"call": {"status": 10**400}},
        {"call": deep()},
    ],
    ids=["slash", "surrogate", "NUL", "5000", "the key", "a list", "NaN", "huge", "deep"],
)
def test_a_state_handler_that_answers_oddly_shows_nothing(values: dict[str, Any], tmp_path: Path) -> None:
    echo = Echo(values=values, where="none")
    with echoing(echo) as url:
        config(tmp_path, url)
        ended = run(tmp_path)
        looked = conformance(
            "doctor", "--contract", "cartesia", "--target", "s", "--config", "c.toml", cwd=tmp_path, **ENV
        )
    assert ended.code in {0, 1, 10, 11}, ended.said
    assert "internal error" not in ended.said, ended.said
    assert "Traceback" not in ended.said + looked.said
    assert_clean(echo, tmp_path, ended, looked)


def by_command(layer: str, folder: Path, *more: str) -> Ended:
    words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--report", "r", *SELECTED)
    return started(partial(command_that_breaks, layer), folder, *words, "--examples", "3", *more)


def by_pytest(layer: str, folder: Path, *more: str) -> Ended:
    words = ["-p", "tests.safety.breaking", "-p", "no:cacheprovider", "-p", "conformance.plugin"]
    words += ["-p", "xdist.plugin"] if "-n" in more else []
    ours = {"contract": "cartesia", "target": "s", "config": "c.toml", "report": "r", "examples": "3"}
    words += [f"--conformance-{name}={value}" for name, value in ours.items()]
    words += [f"--conformance-select={name}" for name in RULES]
    alone = {"BREAKS": layer, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return started(own_pytest, folder, *words, "--pyargs", "conformance", *more, **alone)


def started(main: Callable[[], None], folder: Path, *words: str, **env: str) -> Ended:
    return command(*words, cwd=folder, env=environment(**{**ENV, **env}), within=60, main=main)


@pytest.mark.parametrize("layer", LAYERS)
def test_what_breaks_of_the_command_shows_nothing_and_is_never_0(layer: str, tmp_path: Path) -> None:
    echo = Echo(where="error" if layer == "example" else "none")
    with echoing(echo) as url:
        config(tmp_path, url)
        ended = by_command(layer, tmp_path)
    assert ended.code == (1 if layer == "example" and "FAILED" in ended.out else 3), ended.said
    assert "internal error: RuntimeError" in ended.said, ended.said
    assert "INTERNALERROR" not in ended.said
    assert_clean(echo, tmp_path, ended)


LOUD = ("-v", "--tb=long", "--showlocals", "--full-trace")


@pytest.mark.parametrize(
    ("layer", "more"),
    [
        *((layer, LOUD) for layer in ("send", "scrub", "record", "write", "preflight", "teardown", "so far")),
        *((layer, ("-n", "2", "-l")) for layer in ("send", "write")),
    ],
    ids=lambda value: value if isinstance(value, str) else "workers" if "-n" in value else "loud",
)
def test_what_breaks_within_pytest_shows_nothing(layer: str, more: tuple[str, ...], tmp_path: Path) -> None:
    echo = Echo(where="none")
    with echoing(echo) as url:
        config(tmp_path, url)
        ended = by_pytest(layer, tmp_path, *more)
    assert_clean(echo, tmp_path, ended)
    assert ended.code == 3, ended.said


def test_a_report_that_breaks_shows_nothing(tmp_path: Path) -> None:
    echo = Echo()
    with echoing(echo) as url:
        config(tmp_path, url)
        run(tmp_path)
    for form in ("html", "markdown", "junit", "sarif"):
        ended = started(partial(report_that_breaks, form), tmp_path, "report", "r/cartesia", f"--{form}", "out")
        assert ended.code == 3, (form, ended.said)
        assert_clean(echo, tmp_path, ended)

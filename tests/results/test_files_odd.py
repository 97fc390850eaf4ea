"""Results files as nobody wrote them: every reader refuses them in one line, and none of them breaks on one."""

import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from conformance.contracts import pointer
from conformance.contracts.contract import ContractError
from conformance.report import annotations, badge, compat, diff, difftext, html, junit, markdown, sarif, summary
from conformance.report.view import View
from conformance.results.files import ResultsError, RunResults, read, schema, write, write_whole
from conformance.results.lines import EndLine, ResultLine, RunLine
from tests.report.reports import accepted, exchange, of_contract, result, run, telling
from tests.support import conformance

LINES = [json.dumps(line.as_json()) for line in telling().lines()]

ODD_FILES: dict[str, bytes] = {
    "empty": b"",
    "a list": b"[]\n[]",
    "a number": b"5",
    "null": b"null\nnull",
    "binary": bytes(range(256)),
    "nested": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "not a number": LINES[0].replace('"seed": 0', '"seed": NaN').encode(),
    "infinity": LINES[0].replace('"seed": 0', '"seed": -Infinity').encode(),
    "a number too long": LINES[0].replace('"seed": 0', '"seed": ' + "1" * 5000).encode(),
    "no end line": "\n".join(LINES[:-1]).encode(),
    "only the end line": LINES[-1].encode(),
    "no run line": "\n".join(LINES[1:]).encode(),
    "two run lines": "\n".join([LINES[0], *LINES]).encode(),
    "a line that is a list": "\n".join([LINES[0], "[1]", LINES[-1]]).encode(),
    "two end lines": "\n".join([*LINES, LINES[-1]]).encode(),
    "an empty line": "\n".join([LINES[0], "", LINES[-1]]).encode(),
    "half a character as name": "\n".join([LINES[0], '{"kind": "result", "\\ud800": 1}', LINES[-1]]).encode(),
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_what_is_no_results_file_is_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_bytes(ODD_FILES[kind])
    with pytest.raises(ResultsError, match=r"results\.jsonl: ") as refusal:
        read(file)
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 500


CHANGES: list[tuple[int, str, Any]] = [
    (0, "/target", []),
    (0, "/target/url", 5),
    (0, "/suite", "0.1"),
    (0, "/contract/sha256", "x"),
    (0, "/started", "yesterday"),
    (0, "/selected", "all"),
    (0, "/seed", "0"),
    (0, "/examples", 10**30),
    (1, "/findings", {}),
    (1, "/seconds", "1"),
    (1, "/requests", 10**400),
    (1, "/level", "must"),
    (1, "/observed", []),
    (1, "/witness/request_headers", {"a": "b"}),
    (2, "/findings/0", "broken"),
    (2, "/findings/0/message", None),
    (2, "/findings/0/fingerprint", "\u001b[31m"),
    (2, "/findings/0/curl", "curl"),
    (2, "/findings/0/exchanges/0/status", "200"),
    (2, "/findings/0/example/steps/0/path", 5),
    (2, "/findings/0/waived", {"reason": ["x"]}),
    (-1, "/counts", {"pass": "many"}),
    (-1, "/seconds", 1e300),
    (-1, "/overall", "fine"),
    (-1, "/exit_code", None),
    (-1, "/traffic", [1]),
    (-1, "/leftovers", None),
    (-1, "/gate", {"passed": True}),
]


def spoilt(folder: Path, number: int, place: str, value: Any) -> Path:
    lines = [json.loads(line) for line in LINES]
    parent, _, last = place.rpartition("/")
    held = pointer.get(lines[number], parent)
    held[int(last) if isinstance(held, list) else last] = value
    file = folder / "results.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    return file


@pytest.mark.parametrize(("number", "place", "value"), CHANGES)
def test_a_value_that_does_not_fit_is_told_with_its_line_and_place(
    number: int, place: str, value: Any, tmp_path: Path
) -> None:
    file = spoilt(tmp_path, number, place, value)
    with pytest.raises(ResultsError) as refusal:
        read(file)
    assert f": line {number + 1 if number >= 0 else len(LINES)}: " in str(refusal.value)
    assert place.split("/")[1] in str(refusal.value)


@pytest.mark.parametrize("key", [k for k in schema()["$defs"]["end"]["required"] if k != "kind"])
def test_every_key_of_the_end_line_is_needed(key: str, tmp_path: Path) -> None:
    end = json.loads(LINES[-1])
    del end[key]
    (tmp_path / "results.jsonl").write_text("\n".join([*LINES[:-1], json.dumps(end)]), "utf-8")
    with pytest.raises(ResultsError, match=key):
        read(tmp_path)


COMMANDS = (
    ["report", "FILE"],
    ["report", "FILE", "--html", "-", "--junit", "x.xml"],
    ["compat", "FILE"],
    ["diff", "FILE", "FILE"],
    ["gate", "FILE"],
    ["waive", "FILE", "--reason", "x"],
    ["replay", "FILE"],
)


@pytest.mark.parametrize("words", COMMANDS, ids=[words[0] for words in COMMANDS])
def test_every_reader_ends_with_4_and_one_line(words: list[str], tmp_path: Path) -> None:
    files = [spoilt(tmp_path, 2, "/findings/0", {"\u001b[31m": 1}), tmp_path / "nested", tmp_path / "folder"]
    files[1].write_bytes(ODD_FILES["nested"])
    files[2].mkdir()
    for file in files:
        ended = conformance(*[str(file) if word == "FILE" else word for word in words], cwd=tmp_path)
        assert ended.code == 4, ended.said
        assert "Traceback" not in ended.said
        assert len(ended.err.strip().splitlines()) <= 4, "usage, help, and one line that says it"
        assert "\x1b" not in ended.said


# Whatever fits the schema can be told.

STEERING = "a\x1b[31m\x1bc\x07\x00\u202e\x9b\ud800\x7f\r\u2028 b"


def steered(value: Any, keep: frozenset[str]) -> Any:
    """The results with every free text full of what steers a terminal."""
    if isinstance(value, dict):
        return {k: v if k in keep else steered(v, keep) for k, v in value.items()}
    if isinstance(value, list):
        return [steered(inner, keep) for inner in value]
    return STEERING + value if isinstance(value, str) else value


KEEP = frozenset({
    "kind", "capabilities", "format", "sha256", "profile", "started", "verdict", "level", "fingerprint", "overall",
    "expires", "file", "word", "counts", "part", "verdict_without_findings",
})  # fmt: skip


def steering() -> RunResults:
    shown = telling()
    others = [structs.replace(other, requirement=other.requirement + "2") for other in accepted().results]
    first, *rest, end = (line.as_json() for line in (shown.run, *shown.results, *others, shown.end))
    rest[1]["findings"][0]["exchanges"].append(exchange(STEERING, operation="op").as_json())
    gate = accepted().end.gate
    assert gate is not None
    end["gate"] = gate.as_json()
    first, *rest, end = (steered(line, KEEP) for line in (first, *rest, end))
    return RunResults(RunLine.of(first), tuple(map(ResultLine.of, rest)), EndLine.of(end))


def plain(text: str) -> bool:
    return all(c.isprintable() or c in "\n\t" for c in text)


def test_no_report_carries_what_steers_a_terminal(tmp_path: Path) -> None:
    write(tmp_path / "results.jsonl", steering())
    seen = read(tmp_path)
    columns = [compat.Column(STEERING, View(seen))]
    texts = {
        "summary": summary.render(seen),
        "html": html.render([seen]),
        "markdown": markdown.render([seen]),
        "junit": junit.render([seen]),
        "sarif": sarif.render([seen]),
        "annotations": annotations.render([seen]),
        "badge": badge.render(seen),
        "compat html": compat.html(compat.matrices(columns)),
        "compat markdown": compat.markdown(compat.matrices(columns)),
        "diff": difftext.terminal(diff.compare(telling(), telling())),
        "diff markdown": difftext.markdown([diff.compare(seen, seen)]),
    }
    assert [name for name, text in texts.items() if not plain(text)] == []


def test_no_command_prints_what_steers_a_terminal(tmp_path: Path) -> None:
    for name, one in (("old", run("conformant", result("b.fail", "pass"))), ("new", steering())):
        (tmp_path / name / "v").mkdir(parents=True)
        write(tmp_path / name / "v/results.jsonl", of_contract(one, vendor="v"))
    (tmp_path / "conformance.toml").write_text('report = "new"\n')
    for words in (
        ["report", "new"],
        ["compat", "new"],
        ["compat", f"{'x'}=new"],
        ["diff", "old", "new"],
        ["diff", "new", "old"],
        ["diff", "old", "new", "--json", "-"],
        ["gate", "new"],
        ["gate", "new", "--baseline", "old"],
        ["waive", "new", "--reason", "known"],
        ["waive", "new", "nothing", "--reason", "known"],
        ["gate", "new", "--waivers", "waivers.toml"],
        ["replay", "new"],
        ["replay", "new", "--target", "http://127.0.0.1:9"],
        ["replay", "waivers.toml"],
        ["list"],
        ["explain", "v.b.fail"],
        ["report", "new", "--junit", "-"],
        ["report", "new", "--sarif", "-"],
        ["report", "new", "--html", "-"],
        ["report", "new", "--markdown", "-"],
        ["report", "new", "--annotations", "-"],
    ):
        ended = conformance(*words, cwd=tmp_path)
        assert ended.code in {0, 1, 4, 5, 10, 11}, (words, ended.said)
        assert "Traceback" not in ended.said, words
        assert plain(ended.said), (words, [c for c in ended.said if not plain(c)])


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_reads_can_be_told(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any place of any line takes any value: the file is refused, or every report can be made of it."""
    lines = [json.loads(line) for line in LINES]
    number = data.draw(st.integers(0, len(lines) - 1))
    holder: Any = lines[number]
    while True:
        key = data.draw(st.sampled_from([*holder] if isinstance(holder, dict) else range(len(holder))))
        if not isinstance(holder[key], dict | list) or not holder[key] or data.draw(st.booleans()):
            break
        holder = holder[key]
    if isinstance(holder, dict) and data.draw(st.booleans()):
        del holder[key]
    else:
        holder[key] = data.draw(anything)
    file = tmp_path_factory.mktemp("r") / "results.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    try:
        seen = read(file)
    except ResultsError:
        return
    for render in (summary.render, badge.render):
        render(seen)
    for module in (html, markdown, junit, sarif, annotations):
        module.render([seen])
    found = compat.matrices([compat.Column("x", View(seen))])
    compat.html(found)
    compat.markdown(found)
    if seen.run.contract.vendor == "v":
        difftext.terminal(diff.compare(telling(), seen))


# Writing.


def test_a_planted_link_is_never_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    file = tmp_path / "results.jsonl"
    for name in ("results.partial", "results.jsonl.partial"):
        (tmp_path / name).symlink_to(victim)
    file.symlink_to(victim)
    write_whole(file, "new")
    assert (victim.read_text(), file.read_text(), file.is_symlink()) == ("precious", "new", False)


def test_writers_side_by_side_never_mix(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    texts = [str(n) * 200_000 for n in range(8)]
    threads = [threading.Thread(target=write_whole, args=(file, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.read_text() in texts
    assert [one.name for one in tmp_path.iterdir()] == ["results.jsonl"]


def test_the_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "x")
    (tmp_path / "b").write_text("x")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "b").stat().st_mode)


def test_a_write_that_fails_names_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder") as refusal:
        write_whole(tmp_path / "folder", "x")
    assert refusal.value.filename == str(tmp_path / "folder")
    with pytest.raises(OSError, match="none"):
        write_whole(tmp_path / "none" / "file", "x")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "file", "\ud800")
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_errors_of_reading_are_value_errors() -> None:
    assert issubclass(ResultsError, ValueError)
    assert issubclass(ContractError, ValueError)

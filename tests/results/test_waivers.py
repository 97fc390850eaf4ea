"""The waiver file: what is written can be read, what can't be meant is refused, what a hand wrote stays."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.results import waivers
from conformance.results.files import write
from conformance.targets.config import UsageError
from tests.report.reports import ended, finding, result, run
from tests.support import conformance

DAY = date(2026, 11, 20)
EXAMPLE = {
    "states": [{"state": "a call exists", "params": {"call": {"summary": None, "text": 'say "it"\n'}}}],
    "steps": [],
}


def made(mark: str = "0123456789abcdef", **stated: Any) -> waivers.Waiver:
    seen = run("non-conformant", result("must", "fail", findings=[finding(fingerprint=mark, example=EXAMPLE)]))
    return waivers.of_run(seen, **{"reason": "known", **stated})[0]


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    whole = made(ticket="T-1", owner='"Ada" <a@b>', expires=DAY)
    bare = made("f" * 16, reason="it's \\ odd\n")
    waivers.write(tmp_path / "w.toml", [whole, bare])
    assert waivers.read(tmp_path / "w.toml") == [whole, bare]


def test_adding_keeps_what_a_hand_wrote_and_renews_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    waivers.write(file, [made(), made("f" * 16)])
    file.write_text(file.read_text().replace("[[waiver]]", "# ask Ada first\n[[waiver]]", 1))
    waivers.write(file, [made(reason="renewed"), made("e" * 16)])
    assert "# ask Ada first" in file.read_text()
    assert [(w.fingerprint[:1], w.reason) for w in waivers.read(file)] == [
        ("0", "renewed"),
        ("f", "known"),
        ("e", "known"),
    ]


def test_what_is_removed_is_gone_and_the_file_can_be_added_to(tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    waivers.write(file, [made(), made("f" * 16)])
    waivers.remove(file, {waivers.key(made())})
    assert [w.fingerprint for w in waivers.read(file)] == ["f" * 16]
    waivers.remove(file, {waivers.key(made("f" * 16))})
    assert waivers.read(file) == []
    waivers.write(file, [made()])
    assert waivers.read(file) == [made()]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('reason = "known"', 'reason = " "'), "needs a reason"),
        (('reason = "known"\n', ""), "'reason' is a required property"),
        (('requirement = "v.must"', 'requirement = "v.*"'), "does not match"),
        (('fingerprint = "0123456789abcdef"', 'fingerprint = "*"'), "does not match"),
        (('reason = "known"', 'reason = "known"\nreson = "x"'), "did you mean 'reason'"),
        (('reason = "known"', 'reason = "known"\nexpires = "2026-02-31"'), "day is out of range"),
        (("example = ", "example = 1 # "), "not of type 'string'"),
        (("[[waiver]]", "[[waver]]"), "'waver' was unexpected"),
        (("[[waiver]]", "[waiver"), "not TOML"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    file = tmp_path / "w.toml"
    waivers.write(file, [made()])
    text = file.read_text()
    assert change[0] in text
    file.write_text(text.replace(*change))
    with pytest.raises(UsageError, match=told):
        waivers.read(file)


def test_an_entry_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    waivers.write(file, [made()])
    entry = file.read_text().partition("[[waiver]]")[2]
    file.write_text(f"{file.read_text()}[[waiver]]{entry}")
    with pytest.raises(UsageError, match="twice"):
        waivers.read(file)


def test_a_waiver_holds_to_the_end_of_its_last_day() -> None:
    last = made(expires=DAY)
    waivers.check(Path("w"), [last], {"v.must"}, DAY)
    with pytest.raises(UsageError, match="expired on 2026-11-20"):
        waivers.check(Path("w"), [last], {"v.must"}, date(2026, 11, 21))


def test_every_unknown_and_expired_entry_is_told_at_once() -> None:
    wrong = [made(expires=date(2026, 1, 1)), made("f" * 16)]
    with pytest.raises(UsageError) as problem:
        waivers.check(Path("w"), wrong, {"v.most"}, DAY)
    assert str(problem.value).count("did you mean 'v.most'") == 2
    assert str(problem.value).count("expired") == 1


# The command


def waive(folder: Path, *words: str, selected: list[str] | None = None, verdict: str = "fail", code: int = 1) -> int:
    seen = [finding(), finding(fingerprint="f" * 16)] if verdict == "fail" else []
    line = result("must", verdict, findings=seen, requirement="cartesia.redact.omits")
    made_up = run("non-conformant", line, selected=selected)
    write(folder / "results.jsonl", ended(made_up, exit_code=code))
    return conformance("waive", "results.jsonl", *words, cwd=folder).code


def test_only_what_is_named_is_waived(tmp_path: Path) -> None:
    assert waive(tmp_path, "ffff", "--reason", "x") == 0
    assert [w.fingerprint for w in waivers.read(tmp_path / "waivers.toml")] == ["f" * 16]


@pytest.mark.parametrize(
    ("words", "given", "code"),
    [
        ((), {}, 4),
        (("--reason", "  "), {}, 4),
        (("--reason", "x", "--expires", "2026-01-01"), {}, 4),
        (("--reason", "x", "--expires", "soon"), {}, 4),
        (("eeee", "--reason", "x"), {}, 4),
        (("--reason", "x"), {"selected": ["v.must"]}, 4),
        (("--reason", "x"), {"code": 2}, 4),
        (("--reason", "x"), {"verdict": "pass", "code": 0}, 5),
        (("--reason", "x", "--out", "no/such/folder.toml"), {}, 4),
    ],
)
def test_what_can_not_be_waived_is_refused(tmp_path: Path, words: tuple[str, ...], given: Any, code: int) -> None:
    assert waive(tmp_path, *words, **given) == code
    assert not (tmp_path / "waivers.toml").exists()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("conformance.toml", "exampels = 3", "did you mean 'examples'"),
        ("pyproject.toml", "[tool.conformance]\nprofil = 'full'", "did you mean 'profile'"),
        ("pyproject.toml", "[tool.other]\nprofil = 'full'", ""),
        ("waivers.toml", "[[waiver]]\nrequirement = 'a.b'", "is a required property"),
        ("other.toml", "[[waiver]]\nrequirement = 'a.b'", "is a required property"),
        ("contract.yaml", "vendor: 1", "source.md: No such file"),
        ("notes.txt", "x", "neither a config"),
    ],
)
def test_files_are_checked_offline(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    ended = conformance("check", name, cwd=tmp_path)
    assert (ended.code, told in ended.err) == (4 if told else 0, True), ended.said

"""A fixed sample of the self-test: faults are caught by their own rule, variants are not flagged, and it is told so."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contracts.loading import bundled
from conformance.reference.server import package
from conformance.selftest import command, trial
from conformance.selftest.matrix import as_lines, as_markdown
from conformance.selftest.plan import COMBINATIONS, carry_out, part_of, trials
from conformance.selftest.trial import Outcome, Trial, attempt
from tests.support import conformance

SEED, DEPTH = 1, 30

FAULTS = [
    ("cartesia", "started-deleted"),
    ("cartesia", "id-by-prefix"),
    ("cartesia", "third-delete-404"),
    ("cartesia", "retry-skips-transcript"),
    ("cartesia", "cancelled-and-read-kept"),
    ("cartesia", "transcript-kept-failed"),
    ("cartesia", "marker-hour-ahead-phone"),
    ("cartesia", "any-key-deletes"),
    ("ultravox", "ties-lost"),
    ("ultravox", "next-loops-back"),
    ("ultravox", "previous-reversed"),
    ("ultravox", "others-shown"),
    ("ultravox", "from-offset-ignored"),
    ("ultravox", "metadata-any-pair"),
    ("ultravox", "bad-date-500"),
    ("ultravox", "end-reason-unknown"),
]

VARIANTS = [
    ("cartesia", ("nulls-omitted", "timestamps-nanoseconds", "errors-html")),
    ("ultravox", ("short-pages", "times-minus-five", "filters-in-cursor")),
]


@pytest.mark.long
@pytest.mark.parametrize(("contract", "name"), FAULTS)
def test_a_fault_is_caught_by_its_own_rule(contract: str, name: str) -> None:
    outcome = attempt(Trial(contract, "fault", (name,), SEED, DEPTH))
    assert outcome.rule in outcome.rules, outcome.findings
    assert outcome.good
    assert outcome.examples > 0


@pytest.mark.long
@pytest.mark.parametrize(("contract", "names"), VARIANTS)
def test_variants_are_not_flagged(contract: str, names: tuple[str, ...]) -> None:
    # A few examples of every requirement: the depth of a user's run takes half a minute each.
    outcome = attempt(Trial(contract, "variant", names, SEED, depth=5))
    assert (outcome.findings, outcome.errors) == ([], [])
    assert outcome.good
    assert len(outcome.reach) > 20


@pytest.mark.parametrize("contract", bundled())
def test_every_fault_and_every_variant_is_tried(contract: str) -> None:
    planned, reference = trials(contract, SEED, DEPTH), package(contract)
    assert sorted(t.names[0] for t in planned if t.kind == "fault") == sorted(reference.FAULTS)
    variants = [t.names for t in planned if t.kind == "variant"]
    assert {(name,) for name in reference.VARIANTS} < set(variants)
    together = [t for t in planned if len(t.names) == 3]
    assert len(together) == len({t.seed for t in together}) == COMBINATIONS
    assert len(reference.VARIANTS) >= 18
    assert [t for t in planned if t.kind == "correct"]


def _said(planned: list[Trial]) -> tuple[list[str], list[Outcome]]:
    lines: list[str] = []
    return lines, list(carry_out(planned, 1, lines.append))


def test_progress_tells_each_trial_as_it_ends() -> None:
    lines, outcomes = _said([Trial("cartesia", "fault", ("delete-204",), SEED, DEPTH)])
    assert outcomes[0].good
    assert "[1/1] caught  cartesia fault delete-204 by delete.succeeds" in lines[0]


FAULT = Outcome("cartesia", "fault", "delete-204", 1, "delete.succeeds", "always", True, "x", ["delete.succeeds"])
CLEAN = Outcome("cartesia", "correct", "the correct server", 1, reach={"cartesia.delete.succeeds": (30, 5)})


def test_a_fault_that_only_another_rule_saw_is_missed() -> None:
    missed = replace(FAULT, caught=False, rules=["status.documented"])
    assert not missed.good
    text = as_markdown([missed, CLEAN], DEPTH)
    assert "missed by delete.succeeds: cartesia `delete-204` (always), seed 1; seen status.documented" in text
    assert next(as_lines([missed, CLEAN], DEPTH))["good"] is False


def test_a_flagged_or_broken_variant_is_told() -> None:
    for wrong in ({"findings": ["a: b"]}, {"errors": ["c"]}):
        assert not replace(CLEAN, kind="variant", name="gzip", **wrong).good  # type: ignore[arg-type] # fields by name
        text = as_markdown([FAULT, replace(CLEAN, kind="variant", name="gzip", **wrong)], DEPTH)  # type: ignore[arg-type] # as above
        assert "| gzip | 1 | **yes** |" in text
        assert "flagged: cartesia `gzip`" in text


def test_seeds_stand_side_by_side_and_one_miss_of_three_shows() -> None:
    tried = [replace(FAULT, seed=n, examples=n, caught=n != 2, rules=["delete.succeeds"]) for n in (1, 2, 3)]
    row = next(line for line in as_markdown(tried, DEPTH).splitlines() if "`delete-204` |" in line)
    assert row.startswith("| delete.succeeds | `delete-204` | always | **2 of 3** |  | 1, 2, 3 |")


def test_a_rule_below_one_in_five_is_marked() -> None:
    assert "| cartesia.delete.succeeds | delete.succeeds | 30 | 5 | **17%** |" in as_markdown([CLEAN], DEPTH)
    better = replace(CLEAN, reach={"cartesia.delete.succeeds": (30, 6)})
    assert "| 30 | 6 | 20% |" in as_markdown([better], DEPTH)
    assert [line["reached"] for line in as_lines([better], DEPTH) if line["kind"] == "reach"] == [6]


def test_the_matrix_is_plain_json() -> None:
    lines = [json.loads(json.dumps(line, allow_nan=False)) for line in as_lines([FAULT, CLEAN], DEPTH)]
    assert [line["rules"] for line in lines if line["kind"] == "fault"] == [["delete.succeeds"]]


@pytest.mark.parametrize(("seen", "code"), [(FAULT, 0), (replace(FAULT, caught=False), 1)])
def test_the_matrix_is_written_and_only_a_full_success_ends_with_0(
    seen: Outcome, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "carry_out", lambda *_: iter([seen, CLEAN]))
    assert command.selftest(["cartesia"], seeds=[1, 2], workers=1, folder=tmp_path / "new") == code
    text = (tmp_path / "new" / "kill-matrix.md").read_text("utf-8")
    assert f"| cartesia | 1 | {1 - code} | 1 | 0 |" in text
    head = json.loads((tmp_path / "new" / "kill-matrix.jsonl").read_text("utf-8").partition("\n")[0])
    assert (head["format"], head["good"]) == ("conformance-kill-matrix/2", code == 0)


def test_what_breaks_inside_one_trial_does_not_end_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(run: object, requirement: object, rule: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(trial, "explore", breaks)
    outcome = attempt(Trial("cartesia", "correct", (), SEED, 1))
    assert not outcome.good
    assert "internal error: RuntimeError" in outcome.errors[0]


def test_a_contract_without_a_reference_is_a_usage_error(tmp_path: Path) -> None:
    ended = conformance("selftest", "--contract", "nobody", "--report", tmp_path / "out", cwd=tmp_path)
    assert ended.code == 4
    assert "nobody" in ended.err


def test_an_unwritable_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = conformance("selftest", "--contract", "cartesia", "--report", tmp_path / "file" / "x", cwd=tmp_path)
    assert ended.code == 4
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_the_parts_are_equal_and_together_they_are_all() -> None:
    planned = [*trials("cartesia", SEED, 1), *trials("ultravox", SEED, 1)]
    parts = [part_of(planned, number, 10) for number in range(1, 11)]
    assert sorted(one.name for part in parts for one in part) == sorted(one.name for one in planned)
    assert {len(part) for part in parts} <= {len(planned) // 10, len(planned) // 10 + 1}
    assert {one.kind for one in parts[0]} >= {"fault", "variant"}
    assert part_of(planned, 1, 1) == planned


@pytest.mark.parametrize("part", ["0/10", "11/10", "3", "a/b", "1/0", "-1/2"])
def test_a_part_that_is_none_is_a_usage_error(part: str, tmp_path: Path) -> None:
    ended = conformance("selftest", f"--part={part}", cwd=tmp_path)
    assert ended.code == 4
    assert "I/N" in ended.err

"""Loading a contract: the bundled ones load, one's own loads by path, a broken one is refused with place and reason."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contracts.contract import ContractError
from conformance.contracts.loading import bundled, load
from tests.support import SPECS

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A contract of the user's own: the bundled one under another name."""
    folder = tmp_path / "my-vendor"
    shutil.copytree(SPECS / "cartesia", folder)
    change(folder, lambda data: data.update(vendor="my-vendor"))
    return folder


def change(folder: Path, how: Change, name: str = "contract.yaml") -> None:
    file = folder / name
    data = yaml.safe_load(file.read_text("utf-8"))
    how(data)
    file.write_text(yaml.safe_dump(data), "utf-8")


@pytest.mark.parametrize("name", bundled())
def test_a_bundled_contract_loads_and_names_its_operations(name: str) -> None:
    contract = load(name)
    assert contract.vendor == name
    assert contract.title
    assert contract.version
    assert len(contract.sha256) == 64
    assert {operation.id for operation in contract.roles.values()} <= set(contract.document.operations)
    assert {r.id.split(".")[0] for r in contract.requirements} == {name}


def test_cartesia_is_bundled() -> None:
    assert "cartesia" in bundled()


def test_a_contract_loads_by_the_path_of_its_folder(own: Path) -> None:
    contract = load(str(own))
    assert contract.vendor == "my-vendor"
    assert contract.folder == own
    assert contract.roles["delete"].method == "DELETE"


def test_its_file_is_named_as_a_repository_would_and_never_absolutely(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load("cartesia").file == "specs/cartesia/openapi.yaml"
    monkeypatch.chdir(own.parent)
    assert load(str(own)).file == load(own.name).file == f"{own.name}/openapi.yaml"
    monkeypatch.chdir(own.parent.parent)
    assert load(str(own)).file == f"{own.parent.name}/{own.name}/openapi.yaml"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load(str(own)).file == f"{own.name}/openapi.yaml"
    monkeypatch.chdir(own)
    assert load(".").file == "openapi.yaml"


def test_what_the_vendor_left_out_of_the_document_is_in_the_corrected_one_only() -> None:
    contract = load("cartesia")
    assert set(contract.published.operations) == {"agents_delete-call"}
    assert "agents_get-call" in contract.document.operations


def test_an_unknown_name_is_answered_with_the_bundled_ones() -> None:
    with pytest.raises(ContractError, match=r"unknown contract 'cartesian'.*cartesia.*must be a folder"):
        load("cartesian")


@pytest.mark.parametrize("name", ["source.md", "openapi.yaml", "overlay.yaml", "contract.yaml"])
def test_a_missing_file_is_named(own: Path, name: str) -> None:
    (own / name).unlink()
    with pytest.raises(ContractError, match=rf"{name}: No such file"):
        load(str(own))


@pytest.mark.parametrize("name", ["openapi.yaml", "overlay.yaml", "contract.yaml"])
@pytest.mark.parametrize("text", [b"a: [", b"a: b: c", b"\xff\xfe\x00", b"a: \x01", b"!!python/object:os.system {}"])
def test_what_is_no_yaml_is_refused(own: Path, name: str, text: bytes) -> None:
    (own / name).write_bytes(text)
    with pytest.raises(ContractError, match=rf"{name}: not YAML"):
        load(str(own))


def test_an_unreadable_file_is_named(own: Path) -> None:
    (own / "overlay.yaml").unlink()
    (own / "overlay.yaml").mkdir()
    with pytest.raises(ContractError, match=r"overlay\.yaml: Is a directory"):
        load(str(own))


# Permission bits do not bind root; the directory in the place of a file, above, is refused to root too.
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_named(own: Path) -> None:
    (own / "source.md").chmod(0)
    with pytest.raises(ContractError, match=r"source\.md: Permission denied"):
        load(str(own))


BREAKS: dict[str, tuple[Change, str]] = {
    "an unknown key": (lambda d: d.update(tolerate={}), r"\$: .*'tolerate' was unexpected"),
    "an unknown key of a requirement": (
        lambda d: d["requirements"][3].update(levle="MUST"),
        r"\$\.requirements\[3\]: .*'levle' was unexpected",
    ),
    "a bad level": (
        lambda d: d["requirements"][2].update(level="MIGHT"),
        r"\$\.requirements\[2\]\.level: 'MIGHT' is not one of",
    ),
    "a missing key": (lambda d: d["requirements"][1].pop("says"), r"\$\.requirements\[1\]: 'says' is a required"),
    "a MUST that rests on another source": (
        lambda d: d["requirements"][0].update(level="MUST", source="a blog"),
        r"\$\.requirements\[0\]\.level: 'MUST' is not one of \['SHOULD', 'MAY'\]",
    ),
    "an entailed promise without its reason": (
        lambda d: d["requirements"][0].update(basis="entailed"),
        r"\$\.requirements\[0\]: 'reason' is a required property",
    ),
    "an unknown operation": (
        lambda d: d["operations"].update({"agents_none": {"role": "remove"}}),
        r"\$\.operations\.agents_none: the corrected document has no such operation",
    ),
    "an unknown role": (
        lambda d: d["operations"]["agents_get-call"].update(role="peek"),
        r"\$\.operations\['?agents_get-call'?\]\.role|agents_get-call.*'peek' is not one of",
    ),
    "a repeated id": (
        lambda d: d["requirements"].append(d["requirements"][0]),
        r"\$\.requirements: cartesia\.delete\.succeeds stands there twice",
    ),
    "an unknown record schema": (lambda d: d["record"].update(schema="Nothing"), r"\$\.record\.schema: .*Nothing"),
    "no place": (lambda d: d["requirements"][0].update(at="somewhere"), r"\$\.requirements\[0\]\.at: 'somewhere'"),
    "another format": (lambda d: d.update(format="conformance-contract/9"), r"\$\.format: "),
    "no requirement": (lambda d: d.update(requirements=[]), r"\$\.requirements: "),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_broken_contract_is_refused_with_path_and_reason(own: Path, kind: str) -> None:
    how, message = BREAKS[kind]
    change(own, how)
    with pytest.raises(ContractError, match=message) as refusal:
        load(str(own))
    assert str(own / "contract.yaml") in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[]", "just words", "5"])
def test_a_contract_that_is_no_mapping_is_refused(own: Path, text: str) -> None:
    (own / "contract.yaml").write_text(text, "utf-8")
    with pytest.raises(ContractError, match=r"contract\.yaml: \$: .*is not of type 'object'"):
        load(str(own))


def test_a_broken_overlay_is_refused_with_the_number_of_its_action(own: Path) -> None:
    change(own, lambda data: data["actions"].insert(1, {"target": "$["}), "overlay.yaml")
    with pytest.raises(ContractError, match=r"overlay\.yaml: action 1 "):
        load(str(own))


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "openapi: 3.0.1", "{paths: [], info: {}}", "{info: {}, paths: {/a: {get: {}}}}"]
)
def test_a_document_that_is_no_openapi_document_is_refused(own: Path, text: str) -> None:
    (own / "openapi.yaml").write_text(text, "utf-8")
    (own / "overlay.yaml").write_text("overlay: 1.0.0\nactions: []\n", "utf-8")
    with pytest.raises(ContractError, match=r"openapi\.yaml"):
        load(str(own))

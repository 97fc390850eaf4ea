"""Load a contract: its four files read, corrected, and held against each other before anything is tested."""

import hashlib
import json
from collections.abc import Collection
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from conformance.contracts import plain_yaml
from conformance.contracts.bindings import lacks
from conformance.contracts.contract import Contract, ContractError, specs_folder
from conformance.contracts.document import Document, DocumentError
from conformance.contracts.overlay import OverlayError, apply_overlay
from conformance.contracts.terms import Terms

__all__ = ["bundled", "load"]

_FILES = ("source.md", "openapi.yaml", "overlay.yaml", "contract.yaml")


def bundled() -> list[str]:
    """Names of the bundled contracts that are complete."""
    return sorted(p.parent.name for p in specs_folder().glob("*/contract.yaml"))


def load(name_or_path: str, interpretations: Collection[str] = ()) -> Contract:
    """Load a contract by its bundled name or the path of its folder.

    Raises:
        ContractError: it is unknown, a file is missing or unreadable, contract.yaml does not fit its
            schema, or it names an operation or a pointer that the document does not have.
    """
    folder = specs_folder() / name_or_path if name_or_path in bundled() else Path(name_or_path)
    if not folder.is_dir():
        raise ContractError(
            f"unknown contract {name_or_path!r}: bundled are {', '.join(bundled())}; a path must be a folder"
        )
    texts = {name: _read(folder / name) for name in _FILES}
    openapi, overlay, data = (_yaml(folder / name, texts[name]) for name in _FILES[1:])
    _check(folder / "contract.yaml", data, "contract")
    _check(folder / "openapi.yaml", openapi, "document", "outline")
    try:
        corrected = apply_overlay(openapi, overlay, skip=interpretations)
    except OverlayError as problem:
        raise ContractError(f"{folder / 'overlay.yaml'}: {problem}") from None
    corrected_by = f"{folder / 'openapi.yaml'}, corrected by overlay.yaml"
    _check(corrected_by, corrected, "document")
    contract = Contract(
        folder=folder,
        terms=_terms(folder / "contract.yaml", data),
        published=Document(openapi, texts["openapi.yaml"]),
        document=Document(corrected),
        sha256=hashlib.sha256(texts["openapi.yaml"]).hexdigest(),
        interpretations=tuple(interpretations),
    )
    for name, document in ((str(folder / "openapi.yaml"), contract.published), (corrected_by, contract.document)):
        _check_operations(name, document)
    _check_schemas(corrected_by, contract)
    _cross_check(contract)
    return contract


def _terms(file: Path, data: Any) -> Terms:
    try:
        return msgspec.convert(data, Terms)
    except msgspec.ValidationError as problem:
        words, _, place = str(problem).partition(" - at ")
        raise ContractError(f"{file}: {place.strip('`') or '$'}: {words}") from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise ContractError(f"{file}: {problem.strerror or problem}") from None


def _yaml(file: Path, text: bytes) -> Any:
    try:
        return plain_yaml.load(text)
    except plain_yaml.PlainYamlError as problem:
        raise ContractError(f"{file}: not YAML: {problem}") from None


def _check(file: Path | str, data: Any, name: str, part: str | None = None) -> None:
    """Hold what a file has against one of our schemas, or a part of it."""
    wrong = next(iter(_validator(name, part).iter_errors(data)), None)
    if wrong is None:
        return
    import jsonschema

    # The quick library tells that something is wrong, the other one what most likely is.
    checked = jsonschema.Draft202012Validator(_schema(name, part)).iter_errors(data)
    worst = jsonschema.exceptions.best_match(checked)
    place, words = ("$", wrong.message) if worst is None else (worst.json_path, worst.message)
    raise ContractError(f"{file}: {place}: {words if len(words) <= _LONGEST else words[:_LONGEST] + '...'}")


_LONGEST = 300
"""Characters that are told of what is wrong: a library may quote the whole document."""


@cache
def _schema(name: str, part: str | None) -> dict[str, Any]:
    text = resources.files("conformance").joinpath(f"schemas/{name}.schema.json").read_text("utf-8")
    whole: dict[str, Any] = json.loads(text)
    return whole if part is None else {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]}


@cache
def _validator(name: str, part: str | None) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_schema(name, part))


def _check_operations(file: str, document: Document) -> None:
    """Find out now, and not in the middle of a run, what of a document can't be followed."""
    try:
        known = list(document.all_operations())
    except DocumentError as problem:
        raise ContractError(f"{file}: {problem}") from None
    names = [operation.id for operation in known]
    for repeated in {name for name in names if names.count(name) > 1}:
        raise ContractError(f"{file}: operationId {repeated} stands there twice")


def _check_schemas(file: str, contract: Contract) -> None:
    """Make every validator that a rule could ask for."""
    import jsonschema_rs

    document = contract.document
    try:
        document.refuse_lost_refs()
        for operation in document.operations.values():
            for status, stated in operation.responses.items():
                where = f"the schema of {operation.id}, {status}"
                schema = stated.get("content", {}).get("application/json", {}).get("schema")
                if schema is not None:
                    document.compiled(schema)
    except DocumentError as problem:
        raise ContractError(f"{file}: {problem}") from None
    except (ValueError, jsonschema_rs.ReferencingError) as problem:
        words = " ".join(str(problem).split())[:_LONGEST]
        raise ContractError(f"{file}: {where}, can't be used: {words}") from None


def _cross_check(contract: Contract) -> None:
    """Hold what contract.yaml names against the corrected document."""
    file = contract.folder / "contract.yaml"
    for name in contract.terms.operations:
        if name not in contract.document.operations:
            raise ContractError(f"{file}: $.operations.{name}: the corrected document has no such operation")
    roles = [use.role for use in contract.terms.operations.values()]
    for twice in {role for role in roles if roles.count(role) > 1}:
        raise ContractError(f"{file}: $.operations: two operations have the role {twice}")
    ids = [r.id for r in contract.requirements]
    for repeated in {i for i in ids if ids.count(i) > 1}:
        raise ContractError(f"{file}: $.requirements: {repeated} stands there twice")
    schemas = contract.document.root.get("components", {}).get("schemas", {})
    if contract.deletes and contract.record.schema not in schemas:
        raise ContractError(f"{file}: $.record.schema: no schema is called {contract.record.schema}")
    for place, what in lacks(contract):
        raise ContractError(f"{file}: {place}: {what}")

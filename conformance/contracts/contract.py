"""A contract: one vendor's document, corrected, and what it promises, as data (`specs/<vendor>/`)."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeAlias

from conformance.contracts import plain_yaml as plainyaml
from conformance.contracts.bindings import lacks
from conformance.contracts.document import Document, DocumentError, Operation
from conformance.contracts.overlay import OverlayError, apply_overlay

__all__ = ["Contract", "ContractError", "Level", "Requirement", "bundled", "load", "specs_folder"]

Level: TypeAlias = Literal["MUST", "SHOULD", "MAY"]

_FILES = ("source.md", "openapi.yaml", "overlay.yaml", "contract.yaml")


class ContractError(ValueError):
    """A contract can't be read; the message names the file, the place in it and the reason."""


@dataclass(frozen=True)
class Requirement:
    """One promise of one contract.

    `says` are the document's words (or a fragment of it), `at` the place where they stand: a JSON
    pointer into openapi.yaml or a line of source.md. `data` is what the bound rule needs to know.
    """

    id: str
    rule: str
    level: Level
    says: Any
    at: str
    basis: str | None = None
    reason: str | None = None
    source: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    claims: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the document says, in one line."""
        return self.says if isinstance(self.says, str) else json.dumps(self.says, ensure_ascii=False)


@dataclass(frozen=True)
class Contract:
    """A loaded contract; `interpretations` names the corrections that the target's user turned off."""

    folder: Path
    data: dict[str, Any]
    published: Document
    document: Document
    requirements: tuple[Requirement, ...]
    sha256: str
    interpretations: tuple[str, ...] = ()

    @property
    def vendor(self) -> str:
        """The contract's name, as in `--contract` and in results."""
        return str(self.data["vendor"])

    @property
    def title(self) -> str:
        """Name of the interface, for people."""
        return str(self.data["title"])

    @property
    def version(self) -> str:
        """The version that the document gives itself."""
        return str(self.published.root["info"]["version"])

    @property
    def file(self) -> str:
        """Path of openapi.yaml as a repository holds it, with forward slashes; never absolute."""
        folder, here = self.folder.resolve(), Path.cwd()
        if folder.parent == specs_folder().resolve():
            return f"specs/{folder.name}/openapi.yaml"
        inside = folder.relative_to(here) if folder.is_relative_to(here) else Path(folder.name)
        return (inside / "openapi.yaml").as_posix()

    @property
    def record(self) -> dict[str, Any]:
        """Where the fields of the deleted record stand; empty where the contract has none."""
        return dict(self.data.get("record", {}))

    @property
    def listing(self) -> dict[str, Any]:
        """Where the parts of the paginated list stand; empty where the contract has none."""
        return dict(self.data.get("listing", {}))

    @cached_property
    def roles(self) -> dict[str, Operation]:
        """The operations by what they are for: `delete`, `get`, `list`..."""
        return {stated["role"]: self.document.operations[name] for name, stated in self.data["operations"].items()}

    def of_role(self, role: str) -> dict[str, Any]:
        """What contract.yaml says about the operation of a role."""
        return dict(self.data["operations"][self.roles[role].id])

    def requirement(self, requirement_id: str) -> Requirement:
        """The requirement of this id.

        Raises:
            KeyError: the contract has none.
        """
        return {r.id: r for r in self.requirements}[requirement_id]

    def bound(self, *rules: str) -> list[Requirement]:
        """The requirements that bind any of these rules."""
        return [r for r in self.requirements if r.rule in rules]


def specs_folder() -> Path:
    """Where the bundled contracts lie: inside the installed package, or beside it in a checkout."""
    package = Path(str(resources.files("conformance")))
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


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
        data=data,
        published=Document(openapi, texts["openapi.yaml"]),
        document=Document(corrected),
        requirements=tuple(_requirement(stated) for stated in data["requirements"]),
        sha256=hashlib.sha256(texts["openapi.yaml"]).hexdigest(),
        interpretations=tuple(interpretations),
    )
    for name, document in ((str(folder / "openapi.yaml"), contract.published), (corrected_by, contract.document)):
        _check_operations(name, document)
    _check_schemas(corrected_by, contract)
    _cross_check(contract)
    return contract


def _requirement(stated: dict[str, Any]) -> Requirement:
    return Requirement(**{**stated, "claims": tuple(stated.get("claims", ()))})


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise ContractError(f"{file}: {problem.strerror or problem}") from None


def _yaml(file: Path, text: bytes) -> Any:
    try:
        return plainyaml.load(text)
    except plainyaml.PlainYamlError as problem:
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
    for name in contract.data["operations"]:
        if name not in contract.document.operations:
            raise ContractError(f"{file}: $.operations.{name}: the corrected document has no such operation")
    roles = [stated["role"] for stated in contract.data["operations"].values()]
    for repeated in {role for role in roles if roles.count(role) > 1}:
        raise ContractError(f"{file}: $.operations: two operations have the role {repeated}")
    ids = [r.id for r in contract.requirements]
    for repeated in {i for i in ids if ids.count(i) > 1}:
        raise ContractError(f"{file}: $.requirements: {repeated} stands there twice")
    schemas = contract.document.root.get("components", {}).get("schemas", {})
    if contract.record and contract.record["schema"] not in schemas:
        raise ContractError(f"{file}: $.record.schema: no schema is called {contract.record['schema']}")
    for place, what in lacks(contract):
        raise ContractError(f"{file}: {place}: {what}")

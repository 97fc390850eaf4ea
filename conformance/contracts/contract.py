"""A contract: one vendor's document, corrected, and what it promises, as data (`specs/<vendor>/`)."""

from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from conformance.contracts.document import Document, Operation
from conformance.contracts.terms import Listing, OperationUse, Record, Requirement, Role, Terms

__all__ = ["Contract", "ContractError", "specs_folder"]


class ContractError(ValueError):
    """A contract can't be read; the message names the file, the place in it and the reason."""


@dataclass(frozen=True)
class Contract:
    """A loaded contract; `interpretations` names the corrections that the target's user turned off."""

    folder: Path
    terms: Terms
    published: Document
    document: Document
    sha256: str
    interpretations: tuple[str, ...] = ()

    @property
    def vendor(self) -> str:
        """The contract's name, as in `--contract` and in results."""
        return self.terms.vendor

    @property
    def title(self) -> str:
        """Name of the interface, for people."""
        return self.terms.title

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
    def requirements(self) -> tuple[Requirement, ...]:
        """Its promises, in the order in which contract.yaml has them."""
        return self.terms.requirements

    @property
    def deletes(self) -> bool:
        """Whether it is about an operation that deletes a record."""
        return self.terms.record is not None

    @property
    def lists(self) -> bool:
        """Whether it is about a paginated list of what was deleted."""
        return self.terms.listing is not None

    @property
    def record(self) -> Record:
        """Where the fields of the deleted record stand.

        Raises:
            LookupError: the contract has none; the rules that need one are refused when it is loaded.
        """
        if self.terms.record is None:
            raise LookupError(f"the contract {self.vendor} has no record")
        return self.terms.record

    @property
    def listing(self) -> Listing:
        """Where the parts of the paginated list stand.

        Raises:
            LookupError: the contract has none; the rules that need one are refused when it is loaded.
        """
        if self.terms.listing is None:
            raise LookupError(f"the contract {self.vendor} has no listing")
        return self.terms.listing

    @cached_property
    def roles(self) -> dict[Role, Operation]:
        """The operations by what they are for: `delete`, `get`, `list`..."""
        return {use.role: self.document.operations[name] for name, use in self.terms.operations.items()}

    def of_role(self, role: Role) -> OperationUse:
        """What contract.yaml says about the operation of a role."""
        return self.terms.operations[self.roles[role].id]

    def credential_headers(self, key: str) -> dict[str, str]:
        """The header that carries a credential, as the document's security scheme says."""
        name = self.terms.security_scheme
        if name is None:
            return {}
        scheme = self.document.root["components"]["securitySchemes"][name]
        if scheme["type"] == "http":
            return {"Authorization": f"{scheme['scheme'].capitalize()} {key}"}
        return {scheme["name"]: key}

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

"""Find where a published OpenAPI document contradicts itself."""

from collections.abc import Iterator
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.document import Document
from conformance.contracts.pointer import JsonObject

__all__ = ["defects"]


def defects(document: Document) -> dict[str, str]:
    """What is wrong with the document, by the JSON pointer where it stands."""
    found = dict(_validator_says(document))
    for place, node in _nodes(document.root, ""):
        for problem in (*_null_problems(node), *_value_problems(document, node)):
            found.setdefault(place, problem)
    for operation in document.operations.values():
        place = f"/paths/{pointer.escape(operation.path)}/{operation.method.lower()}/responses"
        if not any(code.startswith("4") for code in operation.responses):
            found[place] = "no 4xx is declared"
        elif "401" not in operation.responses:
            found[place] = "no 401 is declared, though a credential is required"
    return found


def _validator_says(document: Document) -> Iterator[tuple[str, str]]:
    from openapi_spec_validator import OpenAPIV30SpecValidator

    for error in OpenAPIV30SpecValidator(document.root).iter_errors():
        yield (
            "/" + "/".join(pointer.escape(str(step)) for step in error.absolute_path),
            f"openapi-spec-validator: {error.message.splitlines()[0][:160]}",
        )


def _nodes(node: Any, place: str) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(node, dict):
        yield place, node
        for key, inner in node.items():
            if key not in {"example", "examples", "default"}:
                yield from _nodes(inner, f"{place}/{pointer.escape(str(key))}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _nodes(inner, f"{place}/{number}")


def _null_problems(node: JsonObject) -> Iterator[str]:
    if node.get("nullable") is not True:
        return
    if "$ref" in node:
        yield "nullable beside $ref is ignored"
    elif isinstance(node.get("enum"), list) and None not in node["enum"]:
        yield "nullable, but the enum does not list null"


def _value_problems(document: Document, node: JsonObject) -> Iterator[str]:
    """An example or default that its own schema refuses."""
    for kind in ("default", "example"):
        if kind in node and isinstance(node.get("type"), str):
            import jsonschema_rs

            validator = jsonschema_rs.Draft202012Validator(document.modern(node), validate_formats=True)
            if not validator.is_valid(node[kind]):
                yield f"its own {kind} {node[kind]!r} does not fit it"

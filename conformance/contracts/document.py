"""A published OpenAPI 3.0 document as the suite reads it: operations, responses, compiled schemas."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice, product
from typing import Any, TypeAlias
from urllib.parse import unquote

from conformance.contracts import plain_yaml as plainyaml
from conformance.contracts import pointer

__all__ = ["METHODS", "Document", "DocumentError", "Operation", "Schema", "Validator", "modern"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The HTTP methods that a path item of OpenAPI 3.0 can hold."""

Schema: TypeAlias = dict[str, Any]

_MOST_SERVERS = 1000
"""Server URLs that the variables of a document are spelt out into."""


class DocumentError(ValueError):
    """Something in the document can't be followed; the words say where."""


@dataclass(frozen=True)
class Operation:
    """One operation of the document, its parameters with `$ref`s followed."""

    id: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    responses: dict[str, Any]
    optional: bool

    def url(self, base: str, **path_values: str) -> str:
        """The operation's URL; values must be percent-encoded already."""
        path = self.path
        for name, value in path_values.items():
            path = path.replace(f"{{{name}}}", value)
        return base.rstrip("/") + path

    def path_values(self, base: str, url: str) -> list[str]:
        """What a URL of the operation has in the place of its path parameters, decoded; nothing where it is none."""
        pattern = re.sub(r"\\\{.*?\\\}", "([^/?#]*)", re.escape(base.rstrip("/") + self.path))
        found = re.match(f"{pattern}(?:[?#]|$)", url)
        return [unquote(value) for value in found.groups()] if found else []

    @property
    def path_parameters(self) -> list[str]:
        """Names of the path's parameters, in order."""
        return [p["name"] for p in self.parameters if p["in"] == "path"]


class Document:
    """An OpenAPI document; `root` is not to be changed, `text` is the YAML that it was read from."""

    def __init__(self, root: dict[str, Any], text: bytes = b"") -> None:
        self.root = root
        self._text = text

    def line(self, place: str) -> int | None:
        """The line, from 1, of the key (or list item) that a JSON pointer names; None where the text has none."""
        node, line = self._tree, 1
        for step in pointer.steps(place):
            entry = next((e for e in _entries(node) if e[0] == step), None)
            if entry is None:
                return None
            _, line, node = entry
        return line

    def line_of(self, operation: str) -> int | None:
        """The line, from 1, of an operation's method; None where the text has no such operation."""
        stated = self.operations.get(operation)
        return self.line(f"/paths/{pointer.escape(stated.path)}/{stated.method.lower()}") if stated else None

    @cached_property
    def _tree(self) -> Any:
        return plainyaml.compose(self._text)

    def resolve(self, node: Any) -> Any:
        """Follow the `$ref` of a node, if it is one, and that of the node it leads to.

        Raises:
            DocumentError: it leads out of the document, to nothing, or round in a circle.
        """
        passed: list[str] = []
        while isinstance(node, dict) and "$ref" in node:
            place = node["$ref"]
            if not isinstance(place, str) or not place.startswith("#/"):
                raise DocumentError(f"$ref {place!r} does not lead into the document (#/...)")
            if place in passed:
                raise DocumentError(f"$ref {place} leads round in a circle")
            passed.append(place)
            node = pointer.get(self.root, unquote(place[1:]))
        if passed and node is pointer.ABSENT:
            raise DocumentError(f"$ref {passed[-1]} leads to nothing")
        return node

    def refuse_lost_refs(self) -> None:
        """Follow every `$ref` of the document that is one: in an example or a list of values it is a word.

        Raises:
            DocumentError: one leads nowhere.
        """
        left: list[tuple[str, Any]] = [("", self.root)]
        while left:
            place, node = left.pop()
            if isinstance(node, dict):
                if isinstance(node.get("$ref"), str):
                    try:
                        self.resolve(node)
                    except DocumentError as problem:
                        raise DocumentError(f"{place}: {problem}") from None
                left += [(f"{place}/{pointer.escape(k)}", v) for k, v in node.items() if k not in _WORDS_ONLY]
            elif isinstance(node, list):
                left += [(f"{place}/{number}", inner) for number, inner in enumerate(node)]

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Every operation by its operationId."""
        return {operation.id: operation for operation in self.all_operations()}

    @property
    def _paths(self) -> list[tuple[str, dict[str, Any]]]:
        """The paths with what stands there; an extension beside them is none."""
        return [(path, item) for path, item in self.root["paths"].items() if path.startswith("/")]

    def all_operations(self) -> Iterator[Operation]:
        """Every operation, in the document's order.

        Raises:
            DocumentError: a parameter or an answer of one can't be followed.
        """
        for path, item in self._paths:
            for method in METHODS:
                if method in item:
                    stated = item[method]
                    parameters = [*item.get("parameters", []), *stated.get("parameters", [])]
                    yield Operation(
                        id=stated["operationId"],
                        method=method.upper(),
                        path=path,
                        parameters=tuple(self._there(p, "name", "in") for p in parameters),
                        responses={code: self._there(r) for code, r in stated["responses"].items()},
                        optional="x-source" in stated,
                    )

    def _there(self, node: Any, *names: str) -> dict[str, Any]:
        """What a node is or leads to: an object that has these names."""
        found = self.resolve(node)
        if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in names):
            raise DocumentError(f"$ref {node.get('$ref')} leads to something else than what stands there")
        return found

    @property
    def servers(self) -> list[str]:
        """The URLs that the document names as its servers, or as those of an operation, variables spelt out."""
        items = [item for _, item in self._paths]
        holders = [self.root, *items, *(item[method] for item in items for method in METHODS if method in item)]
        urls = (url for holder in holders for server in holder.get("servers", []) for url in _spelt_out(server))
        return list(dict.fromkeys(islice(urls, _MOST_SERVERS)))

    @cached_property
    def property_names(self) -> frozenset[str]:
        """Every name of a field that the document's schemas define."""
        schemas = self.root.get("components", {}).get("schemas", {}).values()
        return frozenset(name for schema in schemas for name in schema.get("properties", {}))

    def response_schema(self, operation: Operation, status: int) -> Schema | None:
        """The JSON schema promised for a status, or None where the document promises no JSON body."""
        stated = operation.responses.get(str(status), {})
        media: dict[str, Any] = stated.get("content", {}).get("application/json", {})
        schema: Schema | None = media.get("schema")
        return schema

    def compiled(self, schema: Schema) -> Any:
        """A validator for a schema of this document, built once."""
        return _compiled(self, _Key(schema))

    def modern(self, schema: Schema) -> Schema:
        """The schema, whole, in JSON Schema 2020-12, the document's components beside it."""
        components = {name: modern(s) for name, s in self.root.get("components", {}).get("schemas", {}).items()}
        return {**modern(schema), "components": {"schemas": components}}


_WORDS_ONLY = frozenset({"example", "examples", "default", "enum"})
"""Keys of a document below which nothing is read as anything but a value."""


def _spelt_out(server: dict[str, Any]) -> Iterator[str]:
    """A server's URL with every value that its variables may take."""
    stated = server.get("variables", {})
    names = [name for name in stated if f"{{{name}}}" in server["url"]]
    values = ({str(stated[n].get("default", "")): None} | dict.fromkeys(stated[n].get("enum", [])) for n in names)
    for chosen in product(*values):
        url: str = server["url"]
        for name, value in zip(names, chosen, strict=True):
            url = url.replace(f"{{{name}}}", value)
        yield url


def _entries(node: Any) -> Iterator[tuple[str, int, Any]]:
    """What a YAML node holds: the step to it, the line of the step, and the node there."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield str(number), value.start_mark.line + 1, value


class _Key:
    """A schema as a cache key: by identity, since the document holds it for as long as it lives."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.schema is self.schema

    def __hash__(self) -> int:
        return id(self.schema)


@cache
def _compiled(document: Document, key: _Key) -> Any:
    import jsonschema_rs

    return Validator(jsonschema_rs.Draft202012Validator(document.modern(key.schema), validate_formats=True))


class Validator:
    """A compiled schema that also takes names with half a character, which the library can't be given."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def iter_errors(self, value: Any) -> list[Any]:
        """Everything in the value that does not fit."""
        try:
            return list(self._compiled.iter_errors(value))
        except UnicodeEncodeError:
            return list(self._compiled.iter_errors(_whole(value)))

    def is_valid(self, value: Any) -> bool:
        """Whether the value fits."""
        return not self.iter_errors(value)


def _whole(value: Any) -> Any:
    """The value with a replacement character for every half of one."""
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


_ANNOTATIONS = frozenset({"nullable", "example", "xml", "externalDocs", "discriminator", "readOnly", "writeOnly"})


def modern(schema: Schema) -> Schema:
    """One schema of OpenAPI 3.0 in JSON Schema 2020-12, as the 3.0.3 text reads.

    Siblings of `$ref` do not count; `nullable` adds null to a `type` beside it and to nothing else;
    `readOnly` properties are checked, since every body judged here is a response.
    """
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    new: Schema = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        new["type"] = [schema["type"], "null"]
    for key in ("properties", "patternProperties"):
        if key in new:
            new[key] = {name: modern(inner) for name, inner in new[key].items()}
    for key in ("allOf", "anyOf", "oneOf"):
        if key in new:
            new[key] = [modern(inner) for inner in new[key]]
    for key in ("items", "not", "additionalProperties"):
        if isinstance(new.get(key), dict):
            new[key] = modern(new[key])
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and bound in new:
            new[exclusive] = new.pop(bound)
    return new

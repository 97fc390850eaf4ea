"""The document as the suite reads it: OpenAPI 3.0 schemas in JSON Schema 2020-12, held against a second reader."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contracts import pointer
from conformance.contracts.contract import Contract
from conformance.contracts.document import Document, modern
from conformance.contracts.loading import bundled, load

CARTESIA = load("cartesia")
TO_THE_LETTER = load("cartesia", ["null-as-published"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"enum": ["a"], "nullable": True}, {"enum": ["a"]}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a"]}),
        ({"$ref": "#/x", "nullable": True, "description": "d"}, {"$ref": "#/x"}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"maximum": 9, "exclusiveMaximum": True}, {"exclusiveMaximum": 9}),
        ({"exclusiveMaximum": True}, {}),
        ({"type": "string", "example": 5, "readOnly": True, "xml": {}}, {"type": "string"}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        (
            {"additionalProperties": {"type": "string", "nullable": True}},
            {"additionalProperties": {"type": ["string", "null"]}},
        ),
        ({"items": {"type": "number", "nullable": True}}, {"items": {"type": ["number", "null"]}}),
        ({"not": {"type": "number", "nullable": True}}, {"not": {"type": ["number", "null"]}}),
        ({"oneOf": [{"type": "number", "nullable": True}]}, {"oneOf": [{"type": ["number", "null"]}]}),
        # A property may be called as a keyword is.
        (
            {"properties": {"example": {"type": "string", "nullable": True}}},
            {"properties": {"example": {"type": ["string", "null"]}}},
        ),
    ],
)
def test_a_schema_of_openapi_3_0_reads_as_its_text_says(old: dict[str, Any], new: dict[str, Any]) -> None:
    before = copy.deepcopy(old)
    assert modern(old) == new
    assert old == before


def nodes(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    yield place, node
    if isinstance(node, dict | list):
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from nodes(inner, f"{place}/{pointer.escape(str(key))}")


@pytest.mark.parametrize("name", bundled())
def test_every_ref_of_the_corrected_document_leads_somewhere(name: str) -> None:
    document = load(name).document
    refs = [n["$ref"] for _, n in nodes(document.root) if isinstance(n, dict) and isinstance(n.get("$ref"), str)]
    assert refs
    for ref in refs:
        assert ref.startswith("#/")
        assert isinstance(document.resolve({"$ref": ref}), dict), ref


@pytest.mark.parametrize("name", bundled())
def test_every_promised_answer_has_a_schema_that_compiles(name: str) -> None:
    document = load(name).document
    schemas = [document.response_schema(o, int(c)) for o in document.operations.values() for c in o.responses]
    compiled = [document.compiled(schema) for schema in schemas if schema is not None]
    assert compiled
    assert document.compiled(next(s for s in schemas if s)) is compiled[0], "compiled once"


def test_an_operation_has_its_parameters_with_refs_followed_and_its_url() -> None:
    operation = CARTESIA.document.operations["agents_delete-call"]
    assert [p["name"] for p in operation.parameters] == ["Cartesia-Version", "call_id"]
    assert operation.path_parameters == ["call_id"]
    assert operation.url("http://h/base/", call_id="a%2Fb") == "http://h/base/agents/calls/a%2Fb"
    assert not operation.optional
    assert CARTESIA.document.operations["agents_get-call"].optional


def test_only_json_is_promised_a_schema() -> None:
    document = CARTESIA.document
    assert document.response_schema(document.operations["agents_download-audio"], 200) is None
    assert document.response_schema(document.operations["agents_delete-call"], 404) is None
    assert document.response_schema(document.operations["agents_delete-call"], 418) is None


BARE: dict[str, Any] = {"id": "ac_1", "agent_id": "agent_1", "status": "completed"}

NULLABLE_AS_MEANT = ("telephony_params", "end_reason", "telephony_account_type", "deployment_region")


def answer_schema(contract: Contract) -> dict[str, Any]:
    schema = contract.document.response_schema(contract.roles["delete"], 200)
    assert schema is not None
    return schema


def fits(contract: Contract, value: Any) -> bool:
    return not list(contract.document.compiled(answer_schema(contract)).iter_errors(value))


@pytest.mark.parametrize("field", NULLABLE_AS_MEANT)
def test_a_disputed_null_is_taken_as_meant_unless_the_target_reads_to_the_letter(field: str) -> None:
    assert fits(CARTESIA, BARE | {field: None})
    assert not fits(TO_THE_LETTER, BARE | {field: None})


@pytest.mark.parametrize("field", ["transcript", "summary", "metadata", "redacted_at", "start_time", "error_message"])
def test_an_undisputed_null_fits_either_reading(field: str) -> None:
    assert fits(CARTESIA, BARE | {field: None})
    assert fits(TO_THE_LETTER, BARE | {field: None})


@pytest.mark.parametrize("field", ["id", "agent_id", "status", "agent_name", "zdr_enabled"])
def test_a_null_that_nobody_promised_is_refused(field: str) -> None:
    assert not fits(CARTESIA, BARE | {field: None})


@pytest.mark.parametrize("value", [{"\ud800": 1}, {"metadata": {"\udfff": "\ud800"}}, {"summary": "\ud800"}])
def test_half_a_character_is_no_matter_of_the_schema(value: dict[str, Any]) -> None:
    assert fits(CARTESIA, BARE | value)
    assert not fits(CARTESIA, value)


def test_the_published_example_fits_its_schema() -> None:
    example = pointer.get(
        CARTESIA.published.root,
        "/paths/~1agents~1calls~1{call_id}/delete/responses/200/content/application~1json/example",
    )
    assert fits(CARTESIA, example)


# The referee: two independent validators, one answer.

FORMATS = jsonschema.FormatChecker(["date-time"])
SCHEMA = CARTESIA.document.modern(answer_schema(CARTESIA))
REFEREE = jsonschema.Draft202012Validator(SCHEMA, format_checker=FORMATS)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
stamps = st.datetimes().map(lambda d: d.isoformat() + "Z") | st.sampled_from(
    ["2026-03-01T12:30:00+02:00", "2026-03-01", "2026-03-01T12:30:00", "soon", "2026-02-30T00:00:00Z"]
)


def drawn_from(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that mostly fit a schema."""
    schema = CARTESIA.document.resolve(schema)
    if "anyOf" in schema or "oneOf" in schema:
        return st.one_of([drawn_from(s) for s in [*schema.get("anyOf", []), *schema.get("oneOf", [])]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    plain: dict[str, st.SearchStrategy[Any]] = {
        "string": stamps if schema.get("format") == "date-time" else st.text(max_size=6),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000),
        "integer": st.integers(-1000, 1000),
        "boolean": st.booleans(),
    }
    match schema.get("type"):
        case "array":
            found: st.SearchStrategy[Any] = st.lists(drawn_from(schema["items"]), max_size=2)
        case "object":
            fields = {name: drawn_from(inner) for name, inner in schema.get("properties", {}).items()}
            required = {n: s for n, s in fields.items() if n in schema.get("required", [])}
            found = st.fixed_dictionaries(required, optional={n: s for n, s in fields.items() if n not in required})
        case kind:
            found = plain.get(str(kind), json_values)
    return found | st.none() if schema.get("nullable") else found


@st.composite
def mutated(draw: st.DrawFn, records: st.SearchStrategy[Any]) -> Any:
    """A record with up to two places of it spoilt."""
    record = draw(records)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.sampled_from([p for p, _ in nodes(record)]))
        if not place:
            return draw(json_values)
        way, _, last = place.rpartition("/")
        parent = pointer.get(record, way)
        key: Any = pointer.steps(f"/{last}")[0] if isinstance(parent, dict) else int(last)
        if draw(st.booleans()):
            parent[key] = draw(json_values)
        else:
            del parent[key]
    return record


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(drawn_from(answer_schema(CARTESIA))))
def test_both_validators_agree_on_call_records_whole_and_spoilt(record: Any) -> None:
    ours = {"/".join(map(str, e.instance_path)) for e in
            CARTESIA.document.compiled(answer_schema(CARTESIA)).iter_errors(record)}  # fmt: skip
    theirs = {"/".join(map(str, e.absolute_path)) for e in REFEREE.iter_errors(record)}
    assert bool(ours) == bool(theirs), json.dumps(record)
    assert ours == theirs


def test_a_document_without_servers_names_none() -> None:
    assert Document({"paths": {}}).servers == []


LINES = b"""\
info: {title: t}
paths:
  /calls/{id}~x:
    delete:
      operationId: remove
      parameters:
        - name: a
          in: path
        -
          name: b
      responses:
        200: {description: d}
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("", 1),
        ("/info/title", 1),
        ("/paths", 2),
        ("/paths/~1calls~1{id}~0x/delete", 4),
        ("/paths/~1calls~1{id}~0x/delete/parameters/0", 7),
        ("/paths/~1calls~1{id}~0x/delete/parameters/1/name", 10),
        ("/paths/~1calls~1{id}~0x/delete/responses/200/description", 12),
        ("/paths/~1calls~1{id}~0x/delete/parameters/2", None),
        ("/paths/delete", None),
        ("/info/title/t", None),
    ],
)
def test_a_pointer_has_the_line_of_its_key(place: str, line: int | None) -> None:
    assert Document({"paths": {}}, LINES).line(place) == line


def test_a_document_without_its_text_knows_no_line() -> None:
    assert Document({"paths": {}}).line("/paths") is None


def test_an_operation_has_the_line_of_its_method_and_one_that_was_added_has_none() -> None:
    assert CARTESIA.published.line_of("agents_delete-call") == 11
    assert CARTESIA.published.line_of("agents_get-call") is None


@pytest.mark.parametrize("name", bundled())
def test_every_place_that_a_requirement_names_has_its_line(name: str) -> None:
    contract = load(name)
    text = (contract.folder / "openapi.yaml").read_text("utf-8").splitlines()
    for requirement in contract.requirements:
        if requirement.at.startswith("/"):
            key = pointer.steps(requirement.at)[-1]
            line = text[(contract.published.line(requirement.at) or 0) - 1].strip()
            assert line.startswith("- " if key.isdecimal() and len(key) < 3 else (f"{key}:", f"'{key}':", f'"{key}":'))

"""Where a published document contradicts itself."""

from typing import Any

import pytest

from conformance.contracts.document import Document
from conformance.protocol.soundness import defects

PLACE = "/components/schemas/A~1B/properties/x"
RESPONSES = "/paths/~1a/get/responses"


def document(schema: dict[str, Any] | None = None, *statuses: str) -> Document:
    """A document with one operation and one property of one schema."""
    answers = {status: {"description": "so"} for status in statuses or ("200", "401")}
    schemas = {"A/B": {"type": "object", "properties": {"x": schema or {"type": "string"}}}, "C": {"type": "string"}}
    return Document(
        {
            "openapi": "3.0.1",
            "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": {"operationId": "a", "responses": answers}}},
            "components": {"schemas": schemas},
        }
    )


def problem(schema: dict[str, Any]) -> str | None:
    found = defects(document(schema))
    assert set(found) <= {PLACE}
    return found.get(PLACE)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "nullable": True, "enum": ["a", None]},
        {"type": "string", "enum": ["a"]},
        {"type": "string", "nullable": False, "enum": ["a"]},
        {"type": "string", "example": "a", "default": "b"},
        {"type": "string", "nullable": True, "example": None},
        {"allOf": [{"$ref": "#/components/schemas/C"}]},
        {"type": "string", "format": "uri", "example": "http://h/"},
    ],
)
def test_a_sound_schema_has_no_defect(schema: dict[str, Any]) -> None:
    assert problem(schema) is None


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/C", "nullable": True}, "nullable beside $ref is ignored"),
        ({"type": "string", "nullable": True, "enum": ["a"]}, "nullable, but the enum does not list null"),
        ({"type": "integer", "example": "a"}, "its own example 'a' does not fit it"),
        ({"type": "string", "format": "uri", "example": 'http://h/"'}, "its own example 'http://h/\"' does not fit it"),
    ],
)
def test_what_contradicts_itself_is_told_where_it_stands(schema: dict[str, Any], words: str) -> None:
    assert problem(schema) == words


def test_the_first_problem_of_a_place_is_told() -> None:
    both = {"type": "integer", "nullable": True, "enum": [1], "example": "a"}
    assert problem(both) == "nullable, but the enum does not list null"


def test_a_default_that_does_not_fit_is_told_beside_what_a_validator_says_of_it() -> None:
    wrong = document({"type": "integer", "default": "a"})
    assert defects(wrong)[PLACE] == "its own default 'a' does not fit it"


@pytest.mark.parametrize("key", ["example", "examples", "default"])
def test_what_stands_in_an_example_is_no_schema(key: str) -> None:
    inside = document({"type": "object", key: {"y": {"type": "integer", "example": "a"}}})
    assert not any(place.startswith(f"{PLACE}/{key}/") for place in defects(inside))


def test_schemas_in_lists_are_looked_at() -> None:
    found = defects(document({"anyOf": [{"type": "string"}, {"type": "integer", "example": "a"}]}))
    assert found == {f"{PLACE}/anyOf/1": "its own example 'a' does not fit it"}


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        (("200",), "no 4xx is declared"),
        (("200", "500"), "no 4xx is declared"),
        (("200", "404"), "no 401 is declared, though a credential is required"),
        (("200", "4XX"), "no 401 is declared, though a credential is required"),
        (("401",), None),
    ],
)
def test_an_operation_declares_how_it_refuses(statuses: tuple[str, ...], words: str | None) -> None:
    assert defects(document(None, *statuses)).get(RESPONSES) == words


def test_what_a_validator_says_of_an_answer_has_its_place() -> None:
    wrong = document()
    del wrong.root["paths"]["/a"]["get"]["responses"]["401"]["description"]
    assert list(defects(wrong)) == [f"{RESPONSES}/401"]


def test_what_a_validator_says_is_told_where_it_says_it() -> None:
    wrong = document()
    del wrong.root["info"]["version"]
    # Which quotation marks it writes is the library's affair.
    told = {place: words.replace('"', "'") for place, words in defects(wrong).items()}
    assert told == {"/info": "openapi-spec-validator: 'version' is a required property"}

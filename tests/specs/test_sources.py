"""Every bundled contract stands on its published document: the bytes, the words, and all of the words."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import structs

from conformance.contracts import pointer
from conformance.contracts.contract import Contract
from conformance.contracts.loading import load
from tests.support import SHARED, SPECS

FENCE = "````"

PINNED = {
    "cartesia/source.md": "ed0b391f3980db221ef639efed517e344c41bbde67ec0980ec6ed5b7ee1a83f0",
    "cartesia/openapi.yaml": "f4a9c4ab91df6fd8b7878b76b4b6979eecbb53f2085f2ced30421cf7ea7814f7",
    "ultravox/source.md": "99a4aa9ff309b82045f633eab30e0e43ceb793966d5ed9775e8c7c6672ab68a5",
    "ultravox/openapi.yaml": "257303e8cd5eac3b8ac1169c9a2040503f04cf21b314eef9076dadb484dc1693",
}

CONSTRAINTS = frozenset(
    {"type", "enum", "format", "required", "nullable", "pattern", "default", "items", "additionalProperties", "not"}
    | {"oneOf", "anyOf", "allOf", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "multipleOf"}
    | {"exclusiveMaximum", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)
"""Keywords of OpenAPI 3.0 that bound what a value, or a request, may be."""

CONTAINERS = frozenset({"properties", "schemas", "parameters", "responses", "paths", "securitySchemes"})

VENDORS = sorted(p.parent.name for p in SPECS.glob("*/contract.yaml"))
every_contract = pytest.mark.parametrize("vendor", VENDORS)


def source(vendor: str) -> str:
    return (SPECS / vendor / "source.md").read_bytes().decode()


def published(vendor: str) -> Any:
    return yaml.safe_load((SPECS / vendor / "openapi.yaml").read_text("utf-8"))


@every_contract
@pytest.mark.parametrize("name", ["source.md", "openapi.yaml"])
def test_the_published_bytes_are_the_pinned_ones(vendor: str, name: str) -> None:
    assert hashlib.sha256((SPECS / vendor / name).read_bytes()).hexdigest() == PINNED[f"{vendor}/{name}"]


@every_contract
def test_the_openapi_document_is_the_block_of_the_source(vendor: str) -> None:
    before, block, after = source(vendor).split(FENCE)
    assert before.endswith("## OpenAPI\n\n")
    assert not after.strip()
    info, _, text = block.partition("\n")
    assert info.startswith("yaml ")
    assert (SPECS / vendor / "openapi.yaml").read_bytes().decode() == text


@every_contract
# The sources are handed over beside the repository and are no part of a clone; CI has them.
@pytest.mark.skipif(not (SHARED / "sources").is_dir(), reason="the sources as fetched are not at ../shared/sources")
def test_the_source_is_the_document_as_fetched(vendor: str) -> None:
    fetched = [file.read_bytes() for file in (SHARED / "sources").iterdir()]
    assert (SPECS / vendor / "source.md").read_bytes() in fetched


# The words stand where `at` says.


def plain(text: str) -> str:
    return " ".join(text.split())


def at(vendor: str, place: str) -> Any:
    if place.startswith("source.md:"):
        lines = source(vendor).splitlines()
        number = int(place.removeprefix("source.md:"))
        return lines[number - 1] if number <= len(lines) else pointer.ABSENT
    return pointer.get(published(vendor), place)


def contained(part: Any, whole: Any) -> bool:
    """Whether a fragment of a document stands in one of its nodes."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(k in whole and contained(v, whole[k]) for k, v in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(contained(p, w) for w in whole) for p in part)
    if isinstance(part, str) and isinstance(whole, str):
        return plain(part) in plain(whole)
    return bool(part == whole)


REQUIREMENTS = [(vendor, r) for vendor in VENDORS for r in load(vendor).requirements]


@pytest.mark.parametrize(("vendor", "requirement"), REQUIREMENTS, ids=[r.id for _, r in REQUIREMENTS])
def test_the_words_stand_where_the_requirement_says(vendor: str, requirement: Any) -> None:
    node = at(vendor, requirement.at)
    assert node is not pointer.ABSENT, f"nothing stands at {requirement.at}"
    assert contained(requirement.says, node), f"{requirement.words!r} does not stand at {requirement.at}: {node!r}"


@every_contract
def test_every_claimed_or_untested_place_is_there(vendor: str) -> None:
    contract = load(vendor)
    places = [c for r in contract.requirements for c in r.claims] + [u.at for u in contract.terms.untested]
    assert [place for place in places if at(vendor, place) is pointer.ABSENT] == []


# All of the words are claimed.


def words(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every description, summary and constraint of the document, with its place."""
    if isinstance(node, list):
        for number, inner in enumerate(node):
            yield from words(inner, f"{place}/{number}")
    if not isinstance(node, dict):
        return
    way, _, last = place.rpartition("/")
    # The keys of a container are names; a property may be called as a container or a keyword is.
    names = last in CONTAINERS and not way.endswith("/properties")
    for key, inner in node.items():
        here = f"{place}/{pointer.escape(str(key))}"
        if not names and key in {"example", "examples"}:
            continue
        if not names and key in {"description", "summary"} and isinstance(inner, str):
            yield from ((here, sentence) for sentence in sentences(inner))
        elif not names and key in CONSTRAINTS:
            yield here, f"{key}: {json.dumps(inner)[:60]}"
        yield from words(inner, here)


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+", plain(text)) if s]


def prose(vendor: str) -> Iterator[tuple[str, str]]:
    """Every sentence above the OpenAPI block, with its line."""
    for number, line in enumerate(source(vendor).partition(FENCE)[0].splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield from ((f"source.md:{number}", sentence) for sentence in sentences(line.lstrip("> ")))


def unclaimed(contract: Contract) -> list[tuple[str, str]]:
    claimed = {r.at for r in contract.requirements} | {c for r in contract.requirements for c in r.claims}
    claimed |= {u.at for u in contract.terms.untested}
    vendor = contract.folder.name
    return [
        (place, said)
        for place, said in [*prose(vendor), *words(published(vendor))]
        if not any(place == c or place.startswith(f"{c}/") for c in claimed)
    ]


@every_contract
def test_every_sentence_and_constraint_is_claimed_or_listed_as_untested(vendor: str) -> None:
    gaps = unclaimed(load(vendor))
    assert gaps == [], "\n" + "\n".join(f"{place}   {said}" for place, said in gaps)


@every_contract
def test_a_sentence_that_nobody_claims_would_be_seen(vendor: str) -> None:
    contract = load(vendor)
    bare = dataclasses.replace(contract, terms=structs.replace(contract.terms, requirements=(), untested=()))
    gaps = unclaimed(bare)
    assert any(place.startswith("source.md:") for place, _ in gaps)
    assert any(place.endswith("/description") for place, _ in gaps)
    assert any(place.endswith("/enum") for place, _ in gaps)
    assert any(place.endswith("/required") for place, _ in gaps)


@every_contract
def test_whatever_is_untested_has_its_reason(vendor: str) -> None:
    assert all(u.reason.strip() for u in load(vendor).terms.untested)


@every_contract
def test_the_corrected_document_is_valid_openapi(vendor: str) -> None:
    from openapi_spec_validator import OpenAPIV30SpecValidator

    errors = [f"{list(e.absolute_path)}: {e.message}" for e in
              OpenAPIV30SpecValidator(load(vendor).document.root).iter_errors()]  # fmt: skip
    assert errors == []


def test_every_source_of_the_project_is_pinned() -> None:
    files: list[Path] = [*SPECS.glob("*/source.md"), *SPECS.glob("*/openapi.yaml")]
    assert {str(file.relative_to(SPECS)) for file in files} == set(PINNED)

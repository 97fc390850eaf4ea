"""Contracts as nobody meant them: each loads, or is refused with a sentence; none hangs, none ends in a traceback."""

import copy
import json
import shutil
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contracts import bindings as needed
from conformance.contracts import plain_yaml as plainyaml
from conformance.contracts import pointer
from conformance.contracts.contract import ContractError
from conformance.contracts.document import Document, DocumentError
from conformance.contracts.loading import bundled, load
from conformance.engine.rule import rules
from tests.support import SPECS, conformance

FILES = ("openapi.yaml", "overlay.yaml", "contract.yaml")


# What words mean.


@pytest.mark.parametrize("file", [SPECS / name / file for name in bundled() for file in FILES], ids=str)
def test_the_bundled_files_mean_the_same_in_either_yaml(file: Path) -> None:
    old = yaml.safe_load(file.read_text("utf-8"))
    assert json.dumps(plainyaml.load(file.read_bytes())) == json.dumps(old)


def test_words_are_words() -> None:
    text = b"[no, No, on, off, yes, y, 1_000, 0o14, 0x1f, 12:30, 2026-03-01, 2026-03-01T00:00:00Z, .inf, <<, =, 1.2.3]"
    assert plainyaml.load(text) == text.decode().strip("[]").split(", ")
    assert plainyaml.load(b"[true, FALSE, null, ~, 12, -1, 014, 1.5, 1e3]") == [
        *(True, False, None, None, 12, -1, 14, 1.5, 1000.0)
    ]


def test_keys_are_text_as_in_json() -> None:
    assert plainyaml.load(b"{no: 1, 200: 2, true: 3, null: 4, 1.0: 5}") == {
        "no": 1, "200": 2, "true": 3, "null": 4, "1.0": 5
    }  # fmt: skip


def test_what_an_alias_repeats_is_no_longer_the_same() -> None:
    loaded = plainyaml.load(b"a: &x {k: [1]}\nb: *x\n")
    loaded["a"]["k"].append(2)
    assert loaded["b"] == {"k": [1]}


def bomb() -> bytes:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[" * 100_000, "deeper than 200"),
        (b"[" * 201 + b"]" * 201, "deeper than 200"),
        (b"{a: " * 300 + b"1" + b"}" * 300, "deeper than 200"),
        (b"- " * 100_000, "deeper than 200"),
        (bomb(), "more than 1,000,000 values"),
        (b"a: &a [*a]", "stands for nothing"),
        (b"a: *b", "stands for nothing"),
        (b"a: " + b"1" * 5000, "4300 digits"),
        (b"a: 1e999", "beyond any float"),
        (b"!!binary aGk=", "no meaning here"),
        (b"!!bool maybe", "is no bool"),
        (b"? [a]\n: b", "a key that is no text"),
        (b"a\n---\nb", "another document"),
    ],
)
def test_what_costs_more_than_its_length_is_refused_at_once(own: Path, text: bytes, said: str) -> None:
    began = time.monotonic()
    (own / "openapi.yaml").write_bytes(text)
    with pytest.raises(ContractError, match=said) as refusal:
        load(str(own))
    assert time.monotonic() - began < 5
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 500


# References.


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "my-vendor"
    shutil.copytree(SPECS / "cartesia", folder)
    return folder


def test_a_circle_of_references_is_told_and_never_followed_for_ever() -> None:
    schemas = {
        "A": {"$ref": "#/components/schemas/A"},
        "B": {"$ref": "#/components/schemas/C"},
        "C": {"$ref": "#/components/schemas/B"},
        "D": {"$ref": "#/components/schemas/None"},
        "E": {"$ref": "other.yaml#/X"},
    }
    document = Document({"paths": {}, "components": {"schemas": schemas}})
    for name, said in (("A", "circle"), ("B", "circle"), ("D", "nothing"), ("E", "into the document")):
        with pytest.raises(DocumentError, match=said):
            document.resolve(schemas[name])


@pytest.mark.parametrize("ref", ["#/components/schemas/Loop", "#/components/schemas/None", "Loop", "x.yaml#/a", 5])
def test_a_reference_that_leads_nowhere_is_refused_with_its_place(own: Path, ref: Any) -> None:
    document = yaml.safe_load((own / "openapi.yaml").read_text("utf-8"))
    document["components"]["schemas"]["Loop"] = {"$ref": ref}
    (own / "openapi.yaml").write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(ContractError, match=r"components.*Loop"):
        load(str(own))
    ended = conformance("check", own / "openapi.yaml", cwd=own.parent, within=20)
    assert (ended.code, len(ended.err.splitlines())) == (4, 1)


def test_a_tree_is_a_lawful_schema() -> None:
    node = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    }
    document = Document({"paths": {}, "components": {"schemas": {"Node": node}}})
    document.refuse_lost_refs()
    validator = document.compiled(node)
    assert validator.is_valid({"name": "a", "children": [{"name": "b", "children": []}]})
    assert not validator.is_valid({"name": "a", "children": [{"name": 5}]})


def test_a_record_that_holds_itself_needs_a_place_where_it_ends(own: Path) -> None:
    document = yaml.safe_load((own / "openapi.yaml").read_text("utf-8"))
    data = yaml.safe_load((own / "contract.yaml").read_text("utf-8"))
    record = document["components"]["schemas"][data["record"]["schema"]]
    record["properties"]["parent"] = {"$ref": f"#/components/schemas/{data['record']['schema']}"}
    (own / "openapi.yaml").write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(ContractError, match="/parent holds itself"):
        load(str(own))
    data["record"]["seed"]["never"].append("/parent")
    (own / "contract.yaml").write_text(yaml.safe_dump(data), "utf-8")
    load(str(own))


def test_servers_are_told_with_every_value_of_their_variables() -> None:
    stated = {
        "url": "https://{region}.example.com/{v}",
        "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}, "v": {"default": "1"}},
    }
    document = Document({"servers": [stated], "paths": {"/a": {"servers": [{"url": "https://a.example.org"}]}}})
    assert document.servers == ["https://eu.example.com/1", "https://us.example.com/1", "https://a.example.org"]


# Keys that a rule reads.


def test_the_roles_that_are_needed_are_those_that_the_rules_say() -> None:
    supporting = {"get", "list", "cancel", "recording", "logs"}
    said = {name: set(rule.needs) & supporting for name, rule in rules().items()}
    assert {name: set(roles) for name, roles in needed.ROLES.items()} == {n: r for n, r in said.items() if r}
    assert set(needed.DATA) <= set(rules())


def lacking() -> Iterator[tuple[str, str, str]]:
    """Every key of every requirement's data that a rule needs, one taken out."""
    for vendor in bundled():
        for number, one in enumerate(load(vendor).requirements):
            for key in needed.DATA.get(one.rule, {}):
                yield vendor, f"/requirements/{number}/data/{key}", f"{one.id}: its rule {one.rule} needs data.{key}"
    for key in needed._SEEDS:
        yield "ultravox", f"/listing/seed/{key}", rf"seed\.{key} is needed"
    for key in ("agents", "from", "day-end", "longest"):
        yield "ultravox", f"/listing/parameters/{key}", key
    for place, said in (
        ("/listing/reason", "reason is needed"),
        ("/listing/account", "tombstone.consistent needs listing.account"),
        ("/listing/duration", "duration"),
        ("/listing/times/joined", "listing.times.joined"),
        ("/listing", "needs listing"),
        ("/operations/deleted_calls_list", "role tombstones"),
        ("/security_scheme", "needs security_scheme"),
    ):
        yield "ultravox", place, said
    for place, said in (
        ("/record/cancellable", "cancellable"),
        ("/record", "needs record"),
        ("/operations/agents_list-calls/items", "items"),
        ("/operations/agents_delete-call", "role delete"),
        ("/operations/agents_get-call", "role get"),
        ("/operations/agents_get-logs", "role logs"),
    ):
        yield "cartesia", place, said


@pytest.mark.parametrize(("vendor", "place", "said"), [pytest.param(*one, id=one[1]) for one in lacking()])
def test_a_key_that_a_rule_reads_is_missed_before_the_run(vendor: str, place: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "c"
    shutil.copytree(SPECS / vendor, folder)
    data = yaml.safe_load((folder / "contract.yaml").read_text("utf-8"))
    parent, _, last = place.rpartition("/")
    del pointer.get(data, parent)[last]
    (folder / "contract.yaml").write_text(yaml.safe_dump(data), "utf-8")
    with pytest.raises(ContractError, match=said) as refusal:
        load(str(folder))
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/operations/agents_list-calls/query/agent_id", "{nobody}"),
        ("/operations/agents_list-calls/query/agent_id", "{owner"),
        ("/operations/agents_list-calls/query/agent_id", "{owner.__class__}"),
        ("/security_scheme", "none"),
        ("/headers/X-Odd", "a\r\nb: c"),
        ("/record/id", ""),
        ("/record/active", []),
        ("/requirements/1/data/status", "400"),
        ("/record/seed/intervals", [{"from": "/a", "to": "/b"}]),
    ],
)
def test_a_value_that_no_rule_can_read_is_refused(own: Path, place: str, value: Any) -> None:
    data = yaml.safe_load((own / "contract.yaml").read_text("utf-8"))
    pointer.set_at(data, place, value) if "requirements" not in place else data["requirements"][1]["data"].update(
        status=value
    )
    (own / "contract.yaml").write_text(yaml.safe_dump(data), "utf-8")
    with pytest.raises(ContractError, match=r"contract\.yaml: \$\."):
        load(str(own))


# Anything at all.


@cache
def whole(vendor: str, name: str) -> Any:
    return plainyaml.load((SPECS / vendor / name).read_bytes())


def places(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield way
    if len(way) > 60:
        return
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*way, key))


ODD: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "/", "/a", "{", "{owner}", "#/a", [], {}, [None], {"": {}}, {"x": None}, [[]],
    {"$ref": "#"}, {"$ref": "#/"}, {"$ref": "#/components/schemas"}, {"$ref": 1}, {"type": "object"}, 10**30,
    "\x00", "no",
]  # fmt: skip


def deep(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = [value]
    return value


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A bundled contract with one to three places dropped, or replaced."""
    vendor = draw(st.sampled_from(bundled()))
    files = {name: copy.deepcopy(whole(vendor, name)) for name in FILES}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(FILES))
        way = draw(st.sampled_from(list(places(files[name]))))
        odd = draw(st.sampled_from(ODD) | st.sampled_from([deep(1, 50), deep({}, 190), deep(1, 5000)]))
        if not way:
            continue
        parent = files[name]
        for step in way[:-1]:
            parent = parent[step]
        match draw(st.sampled_from(["drop", "replace", "nest", "add"])):
            case "drop":
                del parent[way[-1]]
            case "replace":
                parent[way[-1]] = odd
            case "nest":
                parent[way[-1]] = [parent[way[-1]]]
            case _ if isinstance(parent, dict):
                parent["$ref" if draw(st.booleans()) else "x"] = odd
    return vendor, files


def flow(value: Any) -> str:
    """JSON, which is YAML, of any depth."""
    open_lists = 0
    while isinstance(value, list) and len(value) == 1:
        value, open_lists = value[0], open_lists + 1
    return "[" * open_lists + _flow(value) + "]" * open_lists


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {flow(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(flow, value)) + "]" if isinstance(value, list) else json.dumps(value)


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(spoilt())
def test_a_spoilt_contract_loads_or_is_refused(tmp_path_factory: pytest.TempPathFactory, case: Any) -> None:
    vendor, files = case
    folder = tmp_path_factory.mktemp("c")
    shutil.copy(SPECS / vendor / "source.md", folder)
    for name, data in files.items():
        (folder / name).write_text(flow(data), "utf-8")
    try:
        contract = load(str(folder))
    except ContractError as problem:
        refusal = str(problem)
    else:
        refusal = "none\n"
        assert contract.document.property_names
        assert contract.document.servers is not None
        assert contract.version
        assert contract.roles
        contract.published.line("/paths")
    finally:
        shutil.rmtree(folder)
    assert len(refusal.splitlines()) == 1, refusal

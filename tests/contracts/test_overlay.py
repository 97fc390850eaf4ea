"""OpenAPI Overlay 1.0, clause by clause, and the OpenAPI Initiative's own compliance sets."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contracts.overlay import OverlayError, apply_overlay

SETS = Path(__file__).parents[3] / "shared" / "overlay-compliant-sets"


def applied(document: Any, *actions: dict[str, Any], skip: tuple[str, ...] = ()) -> Any:
    return apply_overlay(document, {"overlay": "1.0.0", "actions": list(actions)}, skip=skip)


def test_update_merges_objects_recursively_and_keeps_what_it_does_not_name() -> None:
    document = {"info": {"title": "A", "contact": {"name": "N", "url": "U"}}}
    update = {"title": "B", "contact": {"name": "M", "email": "E"}}
    merged = applied(document, {"target": "$.info", "update": update})
    assert merged == {"info": {"title": "B", "contact": {"name": "M", "url": "U", "email": "E"}}}


def test_update_of_the_root_merges_into_the_document() -> None:
    assert applied({"a": 1}, {"target": "$", "update": {"b": 2}}) == {"a": 1, "b": 2}


def test_update_concatenates_arrays_inside_objects() -> None:
    document = {"op": {"tags": ["a"], "x": 1}}
    assert applied(document, {"target": "$.op", "update": {"tags": ["b", "c"]}})["op"]["tags"] == ["a", "b", "c"]


def test_update_replaces_a_primitive_and_a_value_of_another_kind() -> None:
    document = {"o": {"n": 1, "list": [1], "map": {"a": 1}}}
    replaced = applied(document, {"target": "$.o", "update": {"n": None, "list": "text", "map": [2]}})
    assert replaced == {"o": {"n": None, "list": "text", "map": [2]}}


@pytest.mark.parametrize("update", [{"name": "b"}, "b", ["b"]])
def test_update_of_an_array_appends_the_update_as_one_item(update: Any) -> None:
    assert applied({"tags": ["a"]}, {"target": "$.tags", "update": update}) == {"tags": ["a", update]}


def test_update_reaches_every_place_that_the_target_selects() -> None:
    document = {"paths": {"/a": {"get": {}}, "/b": {"get": {"x": 1}}}}
    marked = applied(document, {"target": "$.paths.*.get", "update": {"seen": True}})
    assert marked == {"paths": {"/a": {"get": {"seen": True}}, "/b": {"get": {"x": 1, "seen": True}}}}


def test_a_place_selected_twice_is_acted_on_once() -> None:
    twice = "$['tags','tags']"
    assert applied({"tags": []}, {"target": twice, "update": 1}) == {"tags": [1]}
    assert applied({"tags": [], "a": 1}, {"target": twice, "remove": True}) == {"a": 1}
    assert applied({"a": [1, 2, 3]}, {"target": "$.a[0,0]", "remove": True}) == {"a": [2, 3]}


def test_what_one_place_was_given_is_not_shared_with_another() -> None:
    document: dict[str, Any] = {"a": {}, "b": {}}
    both = applied(document, {"target": "$.*", "update": {"list": []}}, {"target": "$.a.list", "update": 1})
    assert both == {"a": {"list": [1]}, "b": {"list": []}}


def test_remove_takes_a_key_or_an_item_out_of_its_container() -> None:
    document = {"a": {"x": 1, "y": 2}, "list": ["p", "q"]}
    removed = applied(document, {"target": "$.a.x", "remove": True}, {"target": "$.list[0]", "remove": True})
    assert removed == {"a": {"y": 2}, "list": ["q"]}


def test_remove_of_several_array_items_takes_just_those() -> None:
    document = {"list": [{"n": n} for n in range(6)]}
    removed = applied(document, {"target": "$.list[?(@.n == 0 || @.n == 2 || @.n == 5)]", "remove": True})
    assert [item["n"] for item in removed["list"]] == [1, 3, 4]


def test_remove_of_a_node_and_what_lies_in_it_works_at_once() -> None:
    assert applied({"a": {"b": {"b": 1}}}, {"target": "$..b", "remove": True}) == {"a": {}}


def test_remove_wins_over_an_update_in_the_same_action() -> None:
    assert applied({"a": {}, "b": 1}, {"target": "$.a", "update": {"x": 1}, "remove": True}) == {"b": 1}


def test_remove_false_leaves_the_update_to_work() -> None:
    assert applied({"a": {}}, {"target": "$.a", "update": {"x": 1}, "remove": False}) == {"a": {"x": 1}}


def test_actions_work_one_after_the_other_each_on_what_the_last_left() -> None:
    add, drop = {"target": "$", "update": {"new": {"x": 1}}}, {"target": "$.new.x", "remove": True}
    assert applied({}, add, drop) == {"new": {}}
    assert applied({}, drop, add) == {"new": {"x": 1}}


def test_a_target_that_matches_nothing_does_nothing() -> None:
    document = {"a": 1}
    assert applied(document, {"target": "$.none", "update": {"x": 1}}, {"target": "$.no", "remove": True}) == document


def test_the_given_document_and_overlay_stay_as_they_were() -> None:
    document, update = {"a": {"list": [1]}}, {"list": [2], "deep": {"x": []}}
    result = applied(document, {"target": "$.a", "update": update})
    result["a"]["deep"]["x"].append(1)
    assert (document, update) == ({"a": {"list": [1]}}, {"list": [2], "deep": {"x": []}})


def test_an_interpretation_that_the_target_turned_off_is_left_out() -> None:
    actions = (
        {"target": "$", "update": {"a": 1}, "x-interpretation": "first"},
        {"target": "$", "update": {"b": 1}, "x-interpretation": "second"},
        {"target": "$", "update": {"c": 1}},
    )
    assert applied({}, *actions, skip=("first",)) == {"b": 1, "c": 1}
    assert applied({}, *actions) == {"a": 1, "b": 1, "c": 1}


@pytest.mark.parametrize("overlay", [None, [], "text", {}, {"actions": {}}, {"actions": None}])
def test_what_is_no_overlay_is_refused(overlay: Any) -> None:
    with pytest.raises(OverlayError, match="list of actions"):
        apply_overlay({}, overlay)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("text", "no target"),
        ({}, "no target"),
        ({"target": 5}, "no target"),
        ({"target": "$["}, "not a JSONPath"),
        ({"target": "paths"}, "not a JSONPath"),
        ({"target": "$.number", "update": {"x": 1}}, "object or an array"),
        ({"target": "$.object", "update": "text"}, "object for an object"),
        ({"target": "$", "remove": True}, "whole document"),
        ({"target": "$.number", "remove": "yes"}, "true or false"),
    ],
)
def test_a_malformed_action_is_refused_with_its_number(action: Any, reason: str) -> None:
    fine = {"target": "$.none", "remove": True}
    with pytest.raises(OverlayError, match=rf"^action 1\b.*{reason}"):
        applied({"number": 1, "object": {}}, fine, action)


# The sets are handed over beside the repository and are no part of a clone; CI has them.
@pytest.mark.skipif(not SETS.is_dir(), reason=f"the compliance sets are not at {SETS}")
@pytest.mark.parametrize("folder", sorted(p.parent for p in SETS.glob("*/overlay.yaml")), ids=lambda p: p.name)
def test_the_compliance_set_comes_out_as_published(folder: Path) -> None:
    document, overlay, output = (
        yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8")) for name in ("openapi", "overlay", "output")
    )
    assert apply_overlay(document, overlay) == output


@pytest.mark.long
def test_actions_that_multiply_each_other_are_refused_in_time() -> None:
    actions = [{"target": "$..*", "update": {f"k{n}": {"a": {}, "b": {}}}} for n in range(40)]
    with pytest.raises(OverlayError, match="too large or too deep"):
        apply_overlay({"x": {}}, {"actions": actions})

"""What is known of a call from the answers about it."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.deletion.call import record_in
from tests.deletion.built import BEGAN, ID, a_call, answer, deletion


def test_a_record_is_an_object_in_a_200() -> None:
    assert record_in(answer({"id": ID})) == {"id": ID}
    assert record_in(answer({})) == {}


@pytest.mark.parametrize(("body", "status"), [({}, 201), ({}, 404), ([], 200), ("text", 200), (b"<html>", 200)])
def test_anything_else_holds_no_record(body: Any, status: int) -> None:
    assert record_in(answer(body, status)) is None


def test_a_call_held_what_was_read_or_else_what_was_stored() -> None:
    assert a_call({"a": 1}, stored={"b": 1}).held == {"a": 1}
    assert a_call({}, stored={"b": 1}).held == {}
    assert a_call(stored={"b": 1}).held == {"b": 1}


def test_deletion_began_with_the_first_delete_whatever_its_answer() -> None:
    failed, done = deletion(status=500, began=BEGAN + 1), deletion(began=BEGAN + 2)
    assert a_call({}, done, failed).begun == BEGAN + 1
    assert a_call({}, done, lost=BEGAN).begun == BEGAN
    assert a_call({}, done, lost=BEGAN + 3).begun == BEGAN + 2
    assert a_call({}, lost=BEGAN).begun == BEGAN


def test_a_call_was_deleted_by_the_first_200() -> None:
    failed, first, later = deletion(status=500), deletion(began=BEGAN + 2), deletion(began=BEGAN + 3)
    assert a_call({}, failed, first, later).deleted is first
    assert a_call({}, failed, deletion(status=204)).deleted is None


DONE = deletion(seconds=2.0)
"""A DELETE that ended 2 seconds after `BEGAN`."""


def test_answers_count_from_the_end_of_the_deletion_on() -> None:
    early, at_once, later = answer(began=BEGAN + 1.5), answer(began=BEGAN + 2), answer(began=BEGAN + 3)
    exchanges = [early, DONE, at_once, later]
    assert a_call({}, DONE).after_deletion(exchanges) == [DONE, at_once, later]
    assert a_call({}).after_deletion(exchanges) == []
    assert a_call({}, deletion(status=500)).after_deletion(exchanges) == []


def test_other_answers_count_from_when_the_target_had_settled_and_deletes_at_once() -> None:
    again, parallel = deletion(began=BEGAN + 2, seconds=0.5), deletion(began=BEGAN + 1.75, seconds=0.5)
    unsettled, settled = answer(began=BEGAN + 9), answer(began=BEGAN + 10)
    call = replace(a_call({}, DONE, again, parallel), settled=BEGAN + 10)
    assert call.after_deletion([DONE, parallel, again, unsettled, settled]) == [DONE, again, settled]


def test_of_a_given_call_only_answers_about_it_count() -> None:
    about, other = answer(began=BEGAN + 3), answer(path="/calls/another", began=BEGAN + 3)
    assert replace(a_call({}, DONE), kind="completed").after_deletion([DONE, other, about]) == [DONE, about]
    assert a_call({}, DONE).after_deletion([DONE, other, about]) == [DONE, other, about]

"""The oracles of tombstones: what they tell, and whom they must not accuse."""

from typing import Any

import msgspec
import pytest

from conformance.listing import tombstones
from tests.exchanges import answer, codes, told
from tests.listing.lists import LISTING, fact, items

ABOUT = (answer(200, b"seen"),)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("2024-01-01T10:00:00.123456Z", "2024-01-01T12:00:00.123+02:00", True),
        ("2024-01-01T10:00:00.7Z", "2024-01-01T10:00:00Z", True),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:01Z", False),
        ("300s", "300.000s", True),
        ("300s", "3000s", False),
        ("300s", "sNaNs", False),
        ("sNaNs", "NaNs", False),
        ("Infinitys", "infs", False),
        ("xs", "ys", False),
        ("300s", 300, False),
        ("300", "300.0", False),
        ("1s", "1.0x", False),
        ("3600s", None, True),
        (None, "3600s", True),
        (None, None, True),
        ("60s", None, False),
        (True, True, True),
        (5, 6, False),
    ],
)
def test_a_field_is_faithful_up_to_resolution_zone_and_default(before: Any, after: Any, *, same: bool) -> None:
    found = [*tombstones.faithful({"x": after}, {"x": before}, ["/x"], {"/x": "3600s"}, "the list", about=ABOUT)]
    if same:
        assert found == []
    else:
        shown = [("3600s" if one is None else one) for one in (before, after)]
        assert told(found) == [("unfaithful", "/x", (shown[1], ""), ABOUT)]
        assert [v.expected.value for v in found if not isinstance(v.expected, str)] == shown[:1]


def test_an_absent_field_is_null_or_its_default() -> None:
    stored = {"a": None, "b": 5, "c": 6}
    assert codes(tombstones.faithful({}, stored, ["/a", "/b", "/c"], {"/b": 5}, "the list")) == [("unfaithful", "/c")]


def test_a_field_that_was_not_stored_tells_nothing_but_the_next_does() -> None:
    found = tombstones.faithful({"a": 1, "b": 2}, {"b": 3}, ["/a", "/b"], {}, "the list")
    assert codes(found) == [("unfaithful", "/b")]


def stamped(**times: Any) -> dict[str, Any]:
    return {"reason": "hangup", "account": "a", "joined": "2024-01-01T10:00:00Z"} | times


def consistent(item: dict[str, Any]) -> list[tuple[str, str]]:
    return codes(tombstones.consistent([item], LISTING, "the list"))


@pytest.mark.parametrize(
    ("created", "joined", "orderly"),
    [
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z", True),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00+00:00", True),
        # Rounded up to the second, beside one that was not.
        ("2024-01-01T10:00:01Z", "2024-01-01T10:00:00.7Z", True),
        ("2024-01-01T10:00:00.7Z", "2024-01-01T10:00:00Z", True),
        ("2024-01-01T10:00:01Z", "2024-01-01T10:00:00Z", False),
        ("2024-01-01T10:00:01.0Z", "2024-01-01T10:00:00Z", False),
        ("2024-01-01T10:00:01Z", "2024-01-01T10:00:00.0Z", False),
        ("2024-01-01T10:00:00.000002Z", "2024-01-01T10:00:00.000001Z", False),
        ("2024-01-01T10:00:02Z", "2024-01-01T10:00:00.7Z", False),
        ("2024-01-01T12:00:00+02:00", "2024-01-01T10:30:00Z", True),
        ("2024-01-01T10:00:00+02:00", "2024-01-01T09:00:00+02:00", False),
        ("2024-01-01T10:00:00+02:00", "2024-01-01T11:00:00+05:00", False),
        ("no instant", "2024-01-01T10:00:00Z", True),
        (5, "2024-01-01T10:00:00Z", True),
    ],
)
def test_times_are_in_order_as_far_as_they_tell(created: Any, joined: str, *, orderly: bool) -> None:
    expected = [] if orderly else [("out-of-order", "/created /joined")]
    assert consistent(stamped(created=created, joined=joined)) == expected


def test_an_absent_time_is_passed_over_and_the_next_compared() -> None:
    item = {"reason": "unjoined", "created": "2024-01-02T00:00:00Z", "joined": None, "ended": "2024-01-01T00:00:00Z"}
    found = [*tombstones.consistent([item], LISTING, "the list", ABOUT)]
    seen = (["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"], "")
    assert told(found) == [("out-of-order", "/created /ended", seen, ABOUT)]
    message = "the list shows a /ended before its /created"
    assert [(v.message, v.expected) for v in found] == [(message, "/created <= /ended")]


def test_every_pair_out_of_order_is_told_the_deletion_last() -> None:
    item = stamped(created="2024-01-04T00:00:00Z", joined="2024-01-03T00:00:00Z", ended="2024-01-02T00:00:00Z")
    item["deleted"] = "2024-01-01T00:00:00Z"
    pairs = ["/created /joined", "/joined /ended", "/ended /deleted"]
    assert consistent(item) == [("out-of-order", pair) for pair in pairs]


def test_a_list_without_some_times_is_judged_by_the_others() -> None:
    few = msgspec.structs.replace(LISTING, times={"deleted": "/deleted", "created": "/created"}, reason=None)
    item = {"created": "2024-01-02T00:00:00Z", "deleted": "2024-01-01T00:00:00Z"}
    assert codes(tombstones.consistent([item, item], few, "the list")) == [("out-of-order", "/created /deleted")] * 2


@pytest.mark.parametrize(
    ("reason", "joined", "fits"),
    [
        ("unjoined", None, True),
        ("unjoined", ..., True),
        ("hangup", "2024-01-01T10:00:00Z", True),
        (None, None, True),
        (..., "2024-01-01T10:00:00Z", True),
        ("unjoined", "2024-01-01T10:00:00Z", False),
        ("hangup", None, False),
        ("hangup", ..., False),
    ],
)
def test_the_reason_says_unjoined_exactly_where_nobody_joined(reason: Any, joined: Any, *, fits: bool) -> None:
    stated = {"reason": reason, "joined": joined}
    item = {name: value for name, value in stated.items() if value is not ...}
    seen = ([reason, None if joined is ... else joined], "")
    expected = [] if fits else [("reason", str(reason == "unjoined"), seen, ABOUT)]
    assert told(tombstones.consistent([item], LISTING, "the list", ABOUT)) == expected


def test_every_item_is_judged_and_of_one_its_order_too() -> None:
    bad = {"reason": "hangup", "created": "2024-01-02T00:00:00Z", "ended": "2024-01-01T00:00:00Z"}
    expected = [("out-of-order", "/created /ended"), ("reason", "False")]
    assert codes(tombstones.consistent([bad, stamped(), bad], LISTING, "the list")) == expected * 2


def test_one_credential_sees_one_account() -> None:
    one, same, other = items({"account": "a"}), items({"account": "a"}, {"account": "a"}), items({"account": "b"})
    assert [*tombstones.one_account([], "/account", "the list")] == []
    assert [*tombstones.one_account([one, same, items()], "/account", "the list")] == []
    about = (one.exchange, other.exchange)
    found = tombstones.one_account([one, same, other], "/account", "the list")
    assert told(found) == [("accounts", "", "2", about)]


def test_several_accounts_on_one_page_are_told_by_that_page() -> None:
    mixed = items({"account": "a"}, {}, {"account": None})
    assert told(tombstones.one_account([mixed], "/account", "the list")) == [("accounts", "", "3", (mixed.exchange,))]


CALL = fact(
    0,
    agent="an agent",
    voice="a voice",
    metadata={"key": "value", "four": "1234", "three": "123"},
    text="what was said",
)


def test_the_association_of_a_call_is_no_content() -> None:
    assert tombstones.CONTENT == ("text",)
    assert tombstones.content_of(CALL) == {"text": "what was said"}
    assert tombstones.content_of(CALL, ["agent", "metadata"]) == {
        "agent": "an agent",
        "metadata key": "value",
        "metadata four": "1234",
    }
    assert tombstones.content_of(CALL, ["voice"]) == {"voice": "a voice"}
    assert tombstones.content_of(fact(0), ["text", "agent", "voice"]) == {}


@pytest.mark.parametrize("text", ["what was said", "Zoë sagte: 日本語"])
def test_content_in_an_item_or_a_header_is_told_once(text: str) -> None:
    clean, facts = items({"id": "c0"}), [fact(1, text="other"), fact(0, text=text)]
    shown = items({"id": "c0", "note": {"deep": [f"... {text} ..."]}})
    found = tombstones.no_content([clean, shown, shown], facts, ["text"], "the list")
    assert told(found) == [("content", "text", "its text", (shown.exchange,))]
    assert [*tombstones.no_content([clean], facts, ["text"], "the list")] == []
    assert [*tombstones.no_content([shown], facts, ["agent"], "the list")] == []


def test_headers_are_looked_through_but_links_are_not() -> None:
    header, link = items(), items()
    object.__setattr__(header, "exchange", answer(headers=[("X-Note", "what was said")]))
    object.__setattr__(link, "exchange", answer(body={"items": [], "next": "http://h/?search=what was said"}))
    assert codes(tombstones.no_content([header], [CALL], ["text"], "the list")) == [("content", "text")]
    assert [*tombstones.no_content([link], [CALL], ["text"], "the list")] == []

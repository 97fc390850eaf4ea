"""Each variant starts, and deletes as the document promises."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from conformance.reference.cartesia import VARIANTS


def deleted(client: Any, call_id: str) -> Any:
    """Delete, retrying a stray 500 as the document tells to."""
    for _ in range(5):
        answer = client.delete(call_id)
        if answer.status_code != 500:
            break
    assert answer.status_code == 200
    return json.loads(answer.content)


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_variant_deletes_as_promised(serving: Callable[..., Any], name: str) -> None:
    with serving(variants=(name,)) as client:
        ids = [client.add(), client.add(status="failed"), *(client.add() for _ in range(10))]
        records = [deleted(client, call_id) for call_id in ids]
        again = [deleted(client, call_id) for call_id in ids]
        reads = [client.get(f"/{call_id}").json() for call_id in ids]
        assert records == again == reads
        for record in records:
            assert not {"transcript", "summary", "metadata"} & set(record)
            assert set(record["telephony_params"]) == {"call_sid", "connection_type"}
            assert datetime.fromisoformat(record["redacted_at"][:19])
        assert {client.get(f"/{ids[0]}/{what}").status_code for what in ("audio", "logs")} == {404}
        assert client.delete("ac_0000000000000000000000").status_code == 404
        active = client.add(status="started")
        assert client.delete(active).status_code == 400
        assert client.get(f"/{active}").json()["transcript"]


def test_there_are_enough_variants() -> None:
    assert len(VARIANTS) >= 18


@pytest.mark.parametrize("name", sorted(n for n in VARIANTS if n.startswith("timestamps-")))
def test_a_timestamp_variant_writes_the_same_instant_otherwise(serving: Callable[..., Any], name: str) -> None:
    with serving(variants=(name,)) as client:
        shown = client.get(f"/{client.add(start_time='2026-03-01T12:00:00.25Z')}").json()["start_time"]
    instant = datetime.fromisoformat(shown)
    assert abs(instant - datetime.fromisoformat("2026-03-01T12:00:00.25Z")) < timedelta(seconds=1)
    assert shown != "2026-03-01T12:00:00.25Z"


def test_a_marker_may_be_absent_before(serving: Callable[..., Any]) -> None:
    with serving(variants=("marker-absent-before",)) as client:
        call_id = client.add()
        assert "redacted_at" not in client.get(f"/{call_id}").json()
        assert client.delete(call_id).json()["redacted_at"]


def test_a_bad_credential_may_be_a_403(serving: Callable[..., Any]) -> None:
    with serving(variants=("forbidden-403",)) as client:
        assert client.get("/ac_no", headers={"Authorization": "Bearer no"}).status_code == 403


def test_odd_ids_may_be_refused_but_not_ids_of_the_usual_shape(serving: Callable[..., Any]) -> None:
    with serving(variants=("odd-ids-400",)) as client:
        assert [client.delete(i).status_code for i in ("a'b", "%00", "ä", "ac_no")] == [400, 400, 400, 404]


def test_one_first_deletion_in_ten_fails_once(serving: Callable[..., Any]) -> None:
    with serving(variants=("stray-500",)) as client:
        ids = [client.add() for _ in range(20)]
        first = [client.delete(call_id).status_code for call_id in ids]
        assert first.count(500) == 2
        assert {client.delete(call_id).status_code for call_id in ids} == {200}


def test_more_may_be_erased_than_must(serving: Callable[..., Any]) -> None:
    variants = ("erases-error-message", "erases-telephony-details")
    with serving(variants=variants) as client:
        telephony = {"connection_type": "phone", "call_sid": "s", "direction": "inbound", "headers": {"a": "b"}}
        record = client.delete(client.add(telephony_params=telephony)).json()
    assert "error_message" not in record
    assert record["telephony_params"] == {"connection_type": "phone", "call_sid": "s"}

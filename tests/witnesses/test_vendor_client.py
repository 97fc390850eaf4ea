"""The vendor's own client, as published, against the embedded reference: it must find nothing odd."""

from collections.abc import Iterator

import pytest
from cartesia import APIStatusError, BadRequestError, Cartesia, NotFoundError
from cartesia.types.agents import AgentCall

from conformance.reference.server import Reference
from tests import given


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    with Reference("cartesia") as server:
        yield server


def client(reference: Reference, retries: int = 0) -> Cartesia:
    # The header key must be lower case, or the client sends its own default beside it.
    headers = {"cartesia-version": "2026-03-01"}
    return Cartesia(api_key=reference.api_key, base_url=reference.url, max_retries=retries, default_headers=headers)


def test_a_deleted_call_reads_back_redacted(reference: Reference) -> None:
    call_id = given.call(reference, "completed")
    with client(reference) as c:
        before = c.agents.calls.retrieve(call_id)
        deleted = c.delete(f"/agents/calls/{call_id}", cast_to=AgentCall)
        after = c.agents.calls.retrieve(call_id)
    assert before.transcript
    assert before.transcript[0].text == given.SENTINELS["transcript"]
    assert deleted.id == after.id == call_id
    # The model shows None for both null and omitted: only the set of fields tells them apart.
    assert "transcript" not in after.model_fields_set
    assert "summary" not in after.model_fields_set
    # The client's model is older than the field, and keeps it as an extra.
    assert (after.model_extra or {}).get("redacted_at")


def test_a_delete_that_failed_is_replayed_by_the_client_and_ends_well(reference: Reference) -> None:
    call_id = given.call(reference, "failed")
    given.state(reference, "deleting a call fails", call_id=call_id, times=2, stage="during")
    with client(reference, retries=2) as c:
        deleted = c.delete(f"/agents/calls/{call_id}", cast_to=AgentCall)
        assert "transcript" not in deleted.model_fields_set
        assert "transcript" not in c.agents.calls.retrieve(call_id).model_fields_set


def test_the_list_is_walked_to_its_end(reference: Reference) -> None:
    made = {given.call(reference, "completed", agent_id="agent_of_the_list") for _ in range(23)}
    with client(reference) as c:
        shown = [call.id for call in c.agents.calls.list(agent_id="agent_of_the_list", limit=5)]
    assert sorted(shown) == sorted(made)


def test_an_active_call_is_refused_and_can_be_deleted_once_cancelled(reference: Reference) -> None:
    call_id = given.call(reference, "started")
    with client(reference) as c:
        with pytest.raises(BadRequestError):
            c.delete(f"/agents/calls/{call_id}", cast_to=AgentCall)
        assert c.post(f"/agents/calls/{call_id}/cancel", cast_to=object) == {"cancelled": True}
        assert c.delete(f"/agents/calls/{call_id}", cast_to=AgentCall).id == call_id


def test_an_unknown_call_is_not_found_and_a_recording_is_gone_after_deletion(reference: Reference) -> None:
    call_id = given.call(reference, "completed")
    with client(reference) as c:
        with pytest.raises(NotFoundError):
            c.delete("/agents/calls/ac_nobodynobodynobodyno1", cast_to=AgentCall)
        # The client gives the bytes away, but a refusal it raises.
        c.agents.calls.download_audio(call_id)
        c.delete(f"/agents/calls/{call_id}", cast_to=AgentCall)
        with pytest.raises(APIStatusError):
            c.agents.calls.download_audio(call_id)

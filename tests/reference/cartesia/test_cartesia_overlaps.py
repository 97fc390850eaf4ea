"""Deletions that overlap, and replies that nobody reads, over real sockets."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit


def delete_and_hang_up(client: Any, call_id: str) -> None:
    """Send a DELETE and close the connection without reading."""
    target = urlsplit(client.url)
    lines = [f"DELETE /agents/calls/{call_id} HTTP/1.1", f"Host: {target.netloc}"]
    lines += [f"{name}: {value}" for name, value in client.headers.items()]
    with socket.create_connection((target.hostname, target.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
    time.sleep(0.1)


def delete_at_once(client: Any, call_id: str) -> list[Any]:
    """Delete twice at the same time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(client.delete, [call_id, call_id]))


def test_simultaneous_deletions_converge(client: Any) -> None:
    one, other = delete_at_once(client, client.add())
    assert (one.status_code, one.json()) == (200, other.json())


def test_a_deletion_nobody_waited_for_is_done(client: Any) -> None:
    call_id = client.add()
    delete_and_hang_up(client, call_id)
    assert client.get(f"/{call_id}").json()["redacted_at"]
    assert client.delete(call_id).status_code == 200


def test_a_fault_sees_that_two_deletions_overlap(serving: Callable[..., Any]) -> None:
    with serving(faults=("loser-404",)) as client:
        # Whether two requests overlap is for a busy machine to say.
        for _ in range(20):
            call_id = client.add()
            seen = sorted(answer.status_code for answer in delete_at_once(client, call_id))
            if seen != [200, 200]:
                break
        assert seen == [200, 404]
        assert client.delete(call_id).status_code == 200


def test_a_fault_sees_that_the_client_hung_up(serving: Callable[..., Any]) -> None:
    with serving(faults=("lost-reply-keeps-transcript",)) as client:
        waited_for, lost = client.add(), client.add()
        delete_and_hang_up(client, lost)
        assert "transcript" not in client.delete(waited_for).json()
        assert "transcript" in client.delete(lost).json()

"""A reverse proxy on loopback that hands every answer on 50 ms late: a target that is far away.

It copies bytes. What the client sends goes on at once; what the server sends waits its time, each piece for itself, so
no connection waits for another, and an answer in several pieces is late by the delay once. `Host` stays what the client
sent: links that the server builds from it lead back through the proxy.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["DELAY", "delayed"]

DELAY = 0.050
"""Seconds that every answer is late."""
_PIECE = 64 * 1024


async def _at_once(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Hand everything on; a client that hangs up is hung up on."""
    with suppress(ConnectionError):
        while piece := await source.read(_PIECE):
            sink.write(piece)
            await sink.drain()
    sink.close()


async def _late(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Hand every piece on when its time has come, in their order; then the end of the stream."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def hand_on() -> None:
        piece = b"-"
        while piece:
            due, piece = await waiting.get()
            await asyncio.sleep(due - loop.time())
            sink.write(piece)

    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(hand_on())
            piece = b"-"
            while piece:
                piece = await source.read(_PIECE)
                waiting.put_nowait((loop.time() + DELAY, piece))
    except* ConnectionError:
        pass  # an end that is cut off is seen by the other as an end


class _Proxy:
    """Listens on a free port, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.up = threading.Event()
        self.port = 0
        self._behind = port
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        listening = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        self.up.set()
        await self._stop.wait()
        listening.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # so that what was closed is gone before the loop is

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copy both ways until one of the ends has enough."""
        this = asyncio.current_task()
        assert this is not None  # noqa: S101 - it runs as one; tells the type checker
        self._connections.add(this)
        ends = [writer]
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._behind)
            ends.append(back)
            async with asyncio.TaskGroup() as ways:
                onwards = ways.create_task(_at_once(reader, back))
                await _late(there, writer)
                onwards.cancel()
        except asyncio.CancelledError:
            pass  # the proxy ends
        finally:
            for end in ends:
                end.transport.abort()
            self._connections.discard(this)

    def end(self) -> None:
        """Close every connection and stop."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=5)


@contextmanager
def delayed(port: int) -> Iterator[str]:
    """The URL of a proxy to this port of loopback, for the `with` block."""
    proxy = _Proxy(port)
    proxy.up.wait()
    try:
        yield f"http://127.0.0.1:{proxy.port}"
    finally:
        proxy.end()

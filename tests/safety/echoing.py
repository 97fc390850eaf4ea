"""A server that hands every credential it was sent back, in every spelling, wherever an answer has room for it."""

import base64
import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.safety.careless import Careless
from tests.support import Asked

GATEWAY: Final = "gw9Q2mZx7LrTk4VbN8sHc3JpWd6Fy1Ga"
STATE_TOKEN: Final = "st5Rk8Yw2Hn6Bv0Cx4Mz7Jq1Lf3Dg9Ps"
CUTS: Final = (100, 120, 160, 200, 300, 500, 1000, 2000, 4000)
ESCAPES: Final = "\x1bc\x1b[31m\u009b1m\u202e"
SPELLINGS: Final = ("plain", "upper", "base64", "hex", "percent", "reversed", "pieces")


def spelled(secret: str, how: str) -> str:
    """The secret in one spelling."""
    match how:
        case "upper":
            return secret.upper()
        case "base64":
            return " ".join(base64.b64encode((lead + secret).encode()).decode() for lead in ("", "a", "ab"))
        case "hex":
            return secret.encode().hex()
        case "percent":
            return "".join(f"%{byte:02X}" for byte in secret.encode())
        case "reversed":
            return secret[::-1]
        case "plain and pieces":
            return f"{secret} {spelled(secret, 'pieces')}"
        case "pieces":
            return " / ".join(secret[at : at + width] for width in (12, 19, 31) for at in range(0, len(secret), width))
    return secret


def leaks(secret: str, written: str) -> list[str]:
    """Runs of 12 characters of the secret, in any spelling, that stand in what was written."""
    raw = secret.encode()
    texts = {secret, secret[::-1], raw.hex(), spelled(secret, "percent"), urllib.parse.quote(secret, safe="")}
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        texts.add(text[(8 * lead + 5) // 6 : 8 * (lead + len(raw)) // 6])
    folded, found = written.lower(), []
    for text in map(str.lower, texts):
        found += [text[at : at + 12] for at in range(len(text) - 11) if text[at : at + 12] in folded]
    return found


class Echo:
    """What the server adds to the careless store's answers: `how` is a spelling, `where` a place."""

    def __init__(self, how: str = "plain", where: str = "error", values: dict[str, Any] | None = None) -> None:
        self.how, self.where, self.values = how, where, values or {}
        self.store = Careless()
        self.keys: set[str] = set()
        self.number = 0

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes, str]:
        status, headers, body = self.store.answer(asked)
        if asked.path == "/_state":
            told = json.loads(body)
            if "api_key" in told:
                self.keys.add(told["api_key"])
            if "call_id" in told and self.values:
                told |= self.values
            return status, headers, json.dumps(told).encode(), ""
        sent = [
            value.removeprefix("Bearer ")
            for name, value in asked.headers.items()
            if name in {"authorization", "x-gateway"}
        ]
        said = " ".join(spelled(value, self.how) for value in sent)
        self.number += 1
        pad = "x" * max(0, CUTS[self.number % len(CUTS)] - 20 - self.number % 25)
        if asked.method == "DELETE" and self.where == "error":
            # A finding, so that the answer is written.
            return 418, headers, json.dumps({"message": f"{pad}{said} {ESCAPES}"}).encode(), said
        if self.where == "text" and asked.method == "DELETE":
            return 500, {"content-type": "text/plain"}, f"{pad}{said} {ESCAPES}".encode(), ""
        if self.where == "record" and status == 200 and headers["content-type"] == "application/json":
            told = json.loads(body)
            if "status" in told:
                told |= {"id": said, "agent_id": f"{pad}{said}", said: said, "redacted_at": said}
            return status, headers, json.dumps(told).encode(), ""
        if self.where == "headers":
            hidden = said.encode("latin-1", "replace").decode("latin-1")
            headers |= {"x-echo": f"{pad}{hidden}", "location": f"http://h/{pad}{hidden}", f"x-{len(pad)}": hidden}
            status = 302 if asked.method == "DELETE" else status
        return status, headers, body, ""


@contextmanager
def echoing(echo: Echo) -> Iterator[str]:
    """Serve on a free loopback port; the URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body, 0)
            status, headers, content, reason = echo.answer(asked)
            self.send_response(status, reason.replace("\n", " ")[:400] or None)
            for name, value in {"content-length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()

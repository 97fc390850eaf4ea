"""TLS: a private authority is trusted where the config names it, and not elsewhere."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conformance.http.exchange import Request
from conformance.http.session import ClientSettings, Disturbance, Session

# The certificate is made anew, so that none in the repository expires; Python makes none by itself.
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")


class _Fine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        return


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server with a certificate of its own making: its URL and the file of the certificate."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    make += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Fine)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", str(certificate)
    finally:
        server.shutdown()
        server.server_close()


def test_an_authority_that_the_config_names_is_trusted(secure: tuple[str, str]) -> None:
    url, bundle = secure
    session = Session(ClientSettings(ca_bundle=bundle))
    assert session.send(Request("GET", url + "/")).status == 200
    session.hang_up(Request("GET", url + "/"), 0.0)
    session.close()


def test_any_other_authority_is_an_error_and_no_finding(secure: tuple[str, str]) -> None:
    url, _ = secure
    session = Session(ClientSettings())
    with pytest.raises(Disturbance):
        session.send(Request("GET", url + "/"))
    with pytest.raises(Disturbance):
        session.hang_up(Request("GET", url + "/"), 0.0)
    session.close()

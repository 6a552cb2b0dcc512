"""The HTTP client over TLS: who it believes, and who not."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.http_client import HttpClient, Request, Unreachable
from tests.fakes.raw_server import Behaviour, Visitor, answer, raw_server

if TYPE_CHECKING:
    from pathlib import Path

OPENSSL = shutil.which("openssl") or ""

pytestmark = pytest.mark.skipif(not OPENSSL, reason="makes its certificate with openssl")


@pytest.fixture(name="certificate")
def a_certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that only itself vouches for, and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([OPENSSL, *made.split(), *named], check=True, capture_output=True, timeout=30)
    return certificate, key


def serving_tls(certificate: tuple[Path, Path]) -> Behaviour:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def serve(visitor: Visitor) -> None:
        with context.wrap_socket(visitor.sock, server_side=True) as secured:
            visitor.sock = secured
            while visitor.request():
                visitor.send(answer(body=b"secret"))

    return serve


def test_a_server_that_is_vouched_for_is_believed(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with raw_server(serving_tls(certificate)) as server, HttpClient(user_agent="headgate/test") as client:
        url = f"https://127.0.0.1:{server.port}/"
        assert [client.send(Request("GET", url, headers={})).text for _ in range(2)] == ["secret"] * 2
        assert server.connections == 1


def test_one_that_nobody_vouches_for_is_not(certificate: tuple[Path, Path]) -> None:
    with (
        raw_server(serving_tls(certificate)) as server,
        HttpClient(user_agent="headgate/test") as client,
        pytest.raises(Unreachable, match=r"(?i)certificate") as caught,
    ):
        client.send(Request("GET", f"https://127.0.0.1:{server.port}/", headers={}))
    assert not caught.value.delivered

"""The client through a proxy, and past it. The proxy is a raw server; nothing leaves this machine."""

from __future__ import annotations

import pytest

from headgate.adapters.http_client import HttpClient, Request, Unreachable
from headgate.adapters.http_client.address import Origin
from headgate.adapters.http_client.proxy import proxy_for
from tests.fakes.raw_server import Visitor, answer, raw_server

FAR = Origin("http", "far.example", 80)
FAR_TLS = Origin("https", "far.example", 443)


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_variables_there_is_none() -> None:
    assert proxy_for(FAR) is None


def test_each_scheme_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:p%40ss@proxy.example:3128")
    assert proxy_for(FAR) is None
    proxy = proxy_for(FAR_TLS)
    assert proxy is not None
    assert (proxy.host, proxy.port) == ("proxy.example", 3128)
    assert proxy.headers == {"Proxy-Authorization": "Basic YW5uOnBAc3M="}


def test_no_proxy_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "proxy.example:3128")
    assert proxy_for(FAR) is not None
    monkeypatch.setenv("NO_PROXY", ".example")
    assert proxy_for(FAR) is None


def test_a_proxy_that_does_not_speak_http_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "socks5://ann:hush@proxy.example:1080")
    with pytest.raises(Unreachable, match="not an http:// address") as caught:
        proxy_for(FAR)
    assert "hush" not in str(caught.value)


def test_a_request_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def proxy(visitor: Visitor) -> None:
        seen.append(visitor.request())
        visitor.send(answer(body=b"from far"))

    with raw_server(proxy) as server, HttpClient(user_agent="headgate/test") as client:
        monkeypatch.setenv("HTTP_PROXY", f"http://ann:pass@127.0.0.1:{server.port}")
        assert client.send(Request("GET", "http://far.example/x?y", headers={})).text == "from far"
    head = seen[0].decode()
    assert head.startswith("GET http://far.example/x?y HTTP/1.1\r\n")
    assert "\r\nHost: far.example\r\n" in head
    assert "Proxy-Authorization: Basic " in head


def test_tls_goes_through_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def proxy(visitor: Visitor) -> None:
        seen.append(visitor.request())
        visitor.send(b"HTTP/1.1 407 Who are you\r\n\r\n")

    with raw_server(proxy) as server, HttpClient(user_agent="headgate/test") as client:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.port}")
        with pytest.raises(Unreachable, match="407") as caught:
            client.send(Request("POST", "https://far.example/x", headers={"Authorization": "Bearer hush"}))
    assert not caught.value.delivered
    assert seen[0].startswith(b"CONNECT far.example:443 ")
    assert b"hush" not in seen[0]


def test_loopback_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    def here(visitor: Visitor) -> None:
        visitor.request()
        visitor.send(answer())

    with raw_server(here) as server, HttpClient(user_agent="headgate/test") as client:
        url = f"http://shop.localhost:{server.port}/"
        assert client.send(Request("GET", url, headers={})).status == 200

from __future__ import annotations

import pytest

from headgate.adapters.http_client import Unreachable
from headgate.adapters.http_client.address import Origin, parse


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("http://shop.localhost:8787", Origin("http", "shop.localhost", 8787), "/"),
        ("https://api.example.com/v4?a=b", Origin("https", "api.example.com", 443), "/v4?a=b"),
        ("http://[::1]:80/x", Origin("http", "::1", 80), "/x"),
        ("http://h/a b/%41?q=ü", Origin("http", "h", 80), "/a%20b/%41?q=%C3%BC"),
        ("http://h?q", Origin("http", "h", 80), "/?q"),
    ],
)
def test_a_url_is_taken_apart(url: str, origin: Origin, path: str) -> None:
    assert parse(url) == (origin, path)


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("http://shop.localhost:8787/", "shop.localhost:8787"),
        ("http://example.com:80/", "example.com"),
        ("https://example.com/", "example.com"),
        ("https://example.com:80/", "example.com:80"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_the_host_header_names_the_port_where_it_is_not_the_usual_one(url: str, header: str) -> None:
    assert parse(url).origin.host_header == header


def test_names_under_localhost_are_loopback_without_dns() -> None:
    origin = parse("http://shop.localhost:1/").origin
    assert (origin.dial, origin.is_loopback) == ("127.0.0.1", True)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("[::1]", True),
        ("example.com", False),
        ("localhost.evil", False),
    ],
)
def test_what_is_loopback(host: str, loopback: bool) -> None:
    assert parse(f"http://{host}/").origin.is_loopback is loopback


def test_the_query_is_not_shown() -> None:
    assert parse("http://h/path?token=hush").shown == "http://h/path"


def test_something_else_is_not_asked() -> None:
    with pytest.raises(Unreachable, match="Not an http or https address"):
        parse("file:///etc/passwd")

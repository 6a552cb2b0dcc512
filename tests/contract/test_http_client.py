"""What the HTTP client promises, against a server that misbehaves in every way it can."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from headgate.adapters.http_client import BadAnswer, HttpClient, HttpError, Request, Unreachable
from tests.fakes.raw_server import Behaviour, RawServer, Visitor, answer, raw_server

Serve = Callable[[Behaviour], RawServer]

LARGEST = 1_000_000


@pytest.fixture(name="client")
def a_client() -> Iterator[HttpClient]:
    with HttpClient(user_agent="headgate/test", timeout_seconds=5, largest_answer_bytes=LARGEST) as client:
        yield client
    gc.collect()  # a socket left open would warn here, and a warning fails the test


@pytest.fixture(name="serve")
def a_server() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(raw_server(behaviour))


def get(url: str) -> Request:
    return Request("GET", url, headers={})


def polite(visitor: Visitor) -> None:
    while visitor.request():
        visitor.send(answer(body=f"visitor {visitor.number}".encode()))


def test_it_gives_status_headers_body_and_time(client: HttpClient, serve: Serve) -> None:
    server = serve(
        lambda visitor: visitor.send(answer(418, b"tea", X_Kind="green") if visitor.request() else b"")
    )
    got = client.send(get(f"{server.url}/pot"))
    assert (got.status, got.text, got.headers["x-kind"]) == (418, "tea", "green")
    assert 0 < got.seconds < 5


def test_it_sends_what_it_is_given(client: HttpClient, serve: Serve) -> None:
    seen: list[bytes] = []

    def remember(visitor: Visitor) -> None:
        seen.append(visitor.request())
        visitor.send(answer())

    server = serve(remember)
    url = f"http://shop.localhost:{server.port}/a b/ü?q=1&r=%20#frag"
    client.send(Request("POST", url, headers={"X-One": "1"}, body=b"\x00\xff"))
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a%20b/%C3%BC?q=1&r=%20 HTTP/1.1\r\n")
    assert f"Host: shop.localhost:{server.port}".encode() in head
    assert b"X-One: 1" in head
    assert b"User-Agent: headgate/test" in head
    assert body == b"\x00\xff"


def test_a_connection_is_used_again(client: HttpClient, serve: Serve) -> None:
    server = serve(polite)
    assert {client.send(get(server.url)).text for _ in range(5)} == {"visitor 1"}


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again(
    client: HttpClient, serve: Serve
) -> None:
    server = serve(lambda visitor: visitor.send(answer(body=b"once") if visitor.request() else b""))
    for _ in range(3):
        assert client.send(Request("POST", server.url, headers={}, body=b"x")).text == "once"
        time.sleep(0.05)
    assert server.connections == 3


def hangs_up_on_the_second(visitor: Visitor) -> None:
    visitor.request()
    visitor.send(answer(body=f"visitor {visitor.number}".encode()))
    visitor.request()


def test_an_idempotent_request_is_sent_again_on_a_new_connection(client: HttpClient, serve: Serve) -> None:
    server = serve(hangs_up_on_the_second)
    assert client.send(get(server.url)).text == "visitor 1"
    assert client.send(get(server.url)).text == "visitor 2"


def test_a_request_that_may_have_had_an_effect_is_not_sent_again(client: HttpClient, serve: Serve) -> None:
    server = serve(hangs_up_on_the_second)
    client.send(get(server.url))
    with pytest.raises(Unreachable) as caught:
        client.send(Request("POST", server.url, headers={}, body=b"x"))
    assert caught.value.delivered
    assert server.connections == 1


def test_on_a_new_connection_nothing_is_sent_again(client: HttpClient, serve: Serve) -> None:
    server = serve(lambda visitor: visitor.request())
    with pytest.raises(Unreachable, match="broke before an answer") as caught:
        client.send(get(server.url))
    assert caught.value.delivered
    assert server.connections == 1


def test_nobody_there(client: HttpClient, serve: Serve) -> None:
    server = serve(polite)
    url = server.url
    server.stop()
    with pytest.raises(Unreachable, match="Nothing listens") as caught:
        client.send(get(f"{url}/path?secret=1"))
    assert not caught.value.delivered
    assert caught.value.where == f"{url}/path"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(Visitor.hang, id="never answers"),
        pytest.param(lambda visitor: drip(visitor, b"HTTP/1.1 200 OK\r\nX-A: "), id="drips a header"),
        pytest.param(lambda visitor: drip(visitor, answer(body=b"x" * 100)[:-100]), id="drips the body"),
        pytest.param(
            lambda visitor: drip(visitor, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n"),
            id="drips a chunk",
        ),
    ],
)
def test_one_time_limit_holds_for_all_of_it(client: HttpClient, serve: Serve, behaviour: Behaviour) -> None:
    server = serve(behaviour)
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"No answer within 0\.3 s"):
        client.send(get(server.url), timeout_seconds=0.3)
    assert time.monotonic() - started < 2


def drip(visitor: Visitor, start: bytes) -> None:
    visitor.request()
    visitor.send(start)
    while not visitor.gone.wait(0.1):
        visitor.send(b"x")


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01 what", b"HTTP/1.1 abc\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"\r\n\r\n"],
)
def test_what_is_not_http_is_told_so(client: HttpClient, serve: Serve, garbage: bytes) -> None:
    server = serve(lambda visitor: visitor.send(garbage) if visitor.request() else None)
    with pytest.raises(BadAnswer, match="not HTTP"):
        client.send(get(server.url))


@pytest.mark.parametrize(
    "cut",
    [
        answer(body=b"x" * 100)[:-1],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    ],
)
def test_half_an_answer_is_none(client: HttpClient, serve: Serve, cut: bytes) -> None:
    server = serve(lambda visitor: visitor.send(cut) if visitor.request() else None)
    with pytest.raises(Unreachable, match="broke within the answer"):
        client.send(get(server.url))


def test_an_answer_that_ends_with_the_connection_is_whole(client: HttpClient, serve: Serve) -> None:
    server = serve(lambda visitor: visitor.send(b"HTTP/1.0 200 OK\r\n\r\nall") if visitor.request() else None)
    assert client.send(get(server.url)).text == "all"
    assert client.send(get(server.url)).text == "all"


def test_a_chunked_answer_is_put_together(client: HttpClient, serve: Serve) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"

    def send_in_chunks(visitor: Visitor) -> None:
        while visitor.request():
            visitor.send(chunked)

    server = serve(send_in_chunks)
    assert [client.send(get(server.url)).text for _ in range(3)] == ["abcde"] * 3
    assert server.connections == 1


def test_more_than_the_bound_is_not_read(client: HttpClient, serve: Serve) -> None:
    def pour(visitor: Visitor) -> None:
        visitor.request()
        visitor.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not visitor.gone.is_set():
            visitor.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    server = serve(pour)
    with pytest.raises(BadAnswer, match="larger than 1000000 bytes"):
        client.send(get(server.url))


def test_a_refusal_before_the_upload_was_read_is_heard(client: HttpClient, serve: Serve) -> None:
    def refuse(visitor: Visitor) -> None:
        visitor.sock.recv(100)
        visitor.send(answer(413, b"too much", Connection="close"))
        time.sleep(0.2)

    server = serve(refuse)
    try:
        status = client.send(Request("POST", server.url, headers={}, body=b"x" * 8_000_000)).status
    except Unreachable:
        status = 413  # the kernel may throw the answer away with the connection; that is told as such
    assert status == 413


def test_redirects_are_not_followed(client: HttpClient, serve: Serve) -> None:
    server = serve(
        lambda visitor: visitor.send(answer(302, b"", Location="/else")) if visitor.request() else None
    )
    assert client.send(get(server.url)).status == 302


@pytest.mark.parametrize(
    "url", ["", "shop", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999/", "http://[::1"]
)
def test_what_is_no_address_is_told_so(client: HttpClient, url: str) -> None:
    with pytest.raises(Unreachable, match=r"[Nn]ot an") as caught:
        client.send(get(url))
    assert not caught.value.delivered


def test_a_header_that_cannot_be_sent_is_not_shown(client: HttpClient, serve: Serve) -> None:
    server = serve(polite)
    with pytest.raises(HttpError) as caught:
        client.send(Request("GET", server.url, headers={"Authorization": "Bearer hush\nhush"}))
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_few_idle_connections_are_kept(serve: Serve) -> None:
    servers = [serve(polite) for _ in range(4)]
    with HttpClient(user_agent="headgate/test", most_idle_connections=2) as client:
        for server in servers * 2:
            assert client.send(get(server.url)).status == 200
        assert [server.connections for server in servers] == [2, 2, 2, 2]

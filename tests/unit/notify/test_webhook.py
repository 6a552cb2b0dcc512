from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from headgate.adapters.http_client import HttpClient
from headgate.adapters.notify.webhook import WebhookNotifier
from headgate.domain.role import Notice, Role
from headgate.domain.settings import NotifySettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECRET = "T0KEN-in-the-path"
NOTICE = Notice(Role.DEVELOPER, "Release c1 was refused", "2 tests failed ✅", {"change": "c1"})


class Receiver(ThreadingHTTPServer):
    """A webhook that keeps what it was sent and answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[str, str, bytes]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.delay_seconds = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{SECRET}?key={SECRET}"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["Content-Type"], body))
        time.sleep(self.server.delay_seconds)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(name="receiver")
def a_receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(name="http")
def an_http_client() -> Iterator[HttpClient]:
    with HttpClient(user_agent="headgate") as client:
        yield client


def told(
    http: HttpClient,
    address: str,
    environment: Mapping[str, str] | None = None,
    *,
    timeout_seconds: float = 5.0,
) -> tuple[bool, str]:
    settings = NotifySettings({"developer": address}, timeout_seconds)
    (delivery,) = WebhookNotifier(settings, http, environment or {}).notify(NOTICE)
    assert (delivery.role, delivery.channel) == (Role.DEVELOPER, "webhook")
    assert SECRET not in delivery.what
    return delivery.delivered, delivery.what


def test_a_notice_is_posted_as_json(receiver: Receiver, http: HttpClient) -> None:
    assert told(http, receiver.url) == (True, "")
    ((path, content_type, body),) = receiver.received
    assert path == f"/{SECRET}?key={SECRET}"
    assert content_type == "application/json"
    assert json.loads(body) == {
        "role": "developer",
        "subject": "Release c1 was refused",
        "text": "Release c1 was refused\n2 tests failed ✅",
        "data": {"change": "c1"},
    }


def test_an_address_may_come_from_the_environment(receiver: Receiver, http: HttpClient) -> None:
    assert told(http, "env:HOOK", {"HOOK": f"{receiver.url}\n"}) == (True, "")


@pytest.mark.parametrize("value", [{}, {"HOOK": ""}])
def test_a_variable_that_is_not_set_is_named(http: HttpClient, value: dict[str, str]) -> None:
    assert told(http, "env:HOOK", value) == (False, "the environment variable HOOK is not set")


def test_a_role_without_a_webhook_gets_nothing(http: HttpClient) -> None:
    assert WebhookNotifier(NotifySettings({"qa": "http://127.0.0.1:1"}), http, {}).notify(NOTICE) == ()


@pytest.mark.parametrize("status", [302, 404, 502])
def test_any_other_status_than_success_is_told_with_the_host(
    receiver: Receiver, http: HttpClient, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Location": "/elsewhere"}
    assert told(http, receiver.url) == (False, f"127.0.0.1 answered with status {status}")
    assert len(receiver.received) == 1


def test_a_webhook_that_does_not_answer_costs_its_time_limit_only(
    receiver: Receiver, http: HttpClient
) -> None:
    receiver.delay_seconds = 2.0
    began = time.monotonic()
    delivered, what = told(http, receiver.url, timeout_seconds=0.1)
    assert time.monotonic() - began < 1.0
    assert not delivered
    assert what == "No answer within 0.1 s (127.0.0.1)"


def test_an_address_where_nothing_listens_is_told(receiver: Receiver, http: HttpClient) -> None:
    receiver.server_close()
    delivered, what = told(http, receiver.url)
    assert not delivered
    assert what.endswith("(127.0.0.1)")


@pytest.mark.parametrize(
    "address",
    [
        f"ftp://host/{SECRET}",
        f"http:///{SECRET}",
        f"http://host:{SECRET}/",
        f"http://[{SECRET}",
        f"http://a:{SECRET}@\u2100.test/",
        SECRET,
    ],
)
def test_an_address_that_is_none_is_told_without_quoting_it(http: HttpClient, address: str) -> None:
    assert told(http, address) == (False, "the webhook's address is not an http or https URL")

"""`wrangler tail` with each of its filters, on both versions of a split, and on crons."""

from __future__ import annotations

import json
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.localedge.wrangler import Wrangler, signal_to

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.localedge.client import RunningEdge

TALKER = """
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    console.log("asked for", path);
    if (path.endsWith("/throw")) throw new Error("as asked");
    return new Response("ok");
  },
  async scheduled(controller) { console.log("cron", controller.cron); },
};
"""
CRON = "0 5 1 1 *"


@pytest.fixture
def wrangler(edge: RunningEdge, script: str, tmp_path: Path) -> Wrangler:
    """A project that is deployed."""
    made = Wrangler(edge, tmp_path / "project")
    made.write(TALKER, name=script, triggers={"crons": [CRON]})
    made.run("deploy")
    return made


@contextmanager
def repeating(act: Callable[[], object]) -> Iterator[None]:
    """Acts until the end of the block: a tail begins a moment after wrangler does."""
    enough = threading.Event()

    def keep_on() -> None:
        for _ in range(600):
            act()
            if enough.wait(0.1):
                return

    acting = threading.Thread(target=keep_on)
    acting.start()
    try:
        yield
    finally:
        enough.set()
        acting.join()


def read_event(tail: subprocess.Popen[str]) -> dict[str, Any]:
    """The next event, which wrangler prints over several lines."""
    assert tail.stdout is not None
    text = ""
    for line in tail.stdout:
        text += line
        try:
            event: dict[str, Any] = json.loads(text)
        except ValueError:
            continue
        return event
    raise AssertionError(text)


def test_all_filters_have_to_agree(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    (old,) = wrangler.json("versions", "list", "--json")
    wrangler.run("versions", "upload")
    new = wrangler.json("versions", "list", "--json")[-1]
    wrangler.run("versions", "deploy", f"{old['id']}@50%", f"{new['id']}@50%", "-y")

    def visit() -> None:
        for version in (old["id"], new["id"]):
            chosen = {"Cloudflare-Workers-Version-Overrides": f'{script}="{version}"'}
            for path in ("/needle", "/throw", "/needle/throw"):
                edge.visit(script, path, **chosen)
                edge.visit(script, path, h="v", **chosen)

    filters = [
        "--status",
        "error",
        "--method",
        "GET",
        "--search",
        "needle",
        "--header",
        "h:v",
        "--ip",
        "self",
    ]
    arguments = ["tail", "--format", "json", *filters, "--version-id", new["id"], "--sampling-rate", "0.9"]
    with wrangler.start(*arguments) as tail, repeating(visit):
        events = [read_event(tail) for _ in range(3)]
        signal_to(tail, signal.SIGINT)
    for event in events:
        assert event["outcome"] == "exception"
        assert event["scriptVersion"] == {"id": new["id"]}
        assert event["event"]["request"]["url"].endswith("/needle/throw")
        assert event["event"]["request"]["headers"]["h"] == "v"
        assert event["truncated"] is False


def test_crons_are_told_as_such(edge: RunningEdge, wrangler: Wrangler, script: str) -> None:
    origin = edge.told["api_url"].removesuffix("/client/v4")

    def run_cron() -> None:
        edge.raw("POST", f"{origin}/edge/schedules/{script}", json={"cron": CRON})

    with wrangler.start("tail", "--format", "json") as tail, repeating(run_cron):
        event = read_event(tail)
        signal_to(tail, signal.SIGINT)
    assert event["event"]["cron"] == CRON
    assert event["event"]["scheduledTime"] > 0
    assert event["logs"][0]["message"] == ["cron", CRON]

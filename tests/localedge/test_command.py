"""The command: up, down, status, logs; and what is left when it is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localedge.daemon import log_lines
from localedge.instance import running_pid
from localedge.server import listen
from tests.localedge.client import RunningEdge, localedge

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningEdge]:
    """An edge of the test's own, stopped in the end whatever happens."""
    running = RunningEdge(tmp_path / "edge")
    yield running
    running.http.close()
    localedge("down", "--folder", str(running.folder), check=False)


def test_up_tells_where_it_is_and_down_stops_it(own: RunningEdge) -> None:
    folder = str(own.folder)
    told = json.loads(localedge("up", "--folder", folder, "--json").stdout)
    assert told["api_url"].endswith("/client/v4")
    assert "token" not in told
    written = json.loads((own.folder / "edge.json").read_text())
    assert written | {"folder": folder, "running": True} == told | {"token": written["token"]}
    assert (own.folder / "edge.json").stat().st_mode & 0o077 == 0
    status = json.loads(localedge("status", "--folder", folder, "--json").stdout)
    assert {process["name"] for process in status.pop("processes")} >= {"storage", "router"}
    assert status == told
    assert str(told["pid"]) in localedge("status", "--folder", folder).stdout
    localedge("down", "--folder", folder)
    assert not (own.folder / "edge.json").exists()
    stopped = localedge("status", "--folder", folder, "--json", check=False)
    assert (stopped.returncode, json.loads(stopped.stdout)["running"]) == (3, False)
    assert localedge("down", "--folder", folder, check=False).returncode == 3


def test_a_second_edge_on_the_folder_is_refused(own: RunningEdge) -> None:
    own.start()
    for arguments in ([], ["--foreground"]):
        second = localedge("up", "--folder", str(own.folder), *arguments, check=False)
        assert second.returncode == 1
        assert f"process {own.told['pid']}, {own.told['api_url']}" in second.stderr


def test_of_edges_that_start_at_the_same_time_one_has_the_folder(own: RunningEdge) -> None:
    command = [sys.executable, "-m", "localedge", "up", "--folder", str(own.folder)]
    starting = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in starting]
    assert [code for _, _, code in ends].count(0) == 1
    for _, told, code in ends:
        assert code == 0 or "a local edge" in told, told
        assert "Traceback" not in told
    own.told = json.loads((own.folder / "edge.json").read_text())
    assert own.api("GET", "/workers/scripts").status == 200


def test_status_tells_of_the_processes(own: RunningEdge) -> None:
    own.start()
    version_id = own.deploy("shop")
    lines = localedge("status", "--folder", str(own.folder)).stdout.splitlines()
    [line] = [line for line in lines if f"version-{version_id}" in line]
    assert "running" in line
    assert line.endswith("MB  shop")


def test_the_limit_of_calls_is_an_option(own: RunningEdge) -> None:
    own.start("--rate-limit", "3/300")
    answers = [own.raw("GET", "/workers/scripts") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"default";r=2;t=')
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=300'
    assert answers[3].json()["errors"][0]["code"] == 971
    assert answers[3].headers["retry-after"] == "300"
    url = own.told["api_url"].replace("/client/v4", "/edge/rate-limit")
    assert own.api("GET", url).result == {"enabled": True, "requests": 3, "window_seconds": 300}
    assert own.api("DELETE", url).result == {"enabled": False}
    assert own.raw("GET", "/workers/scripts").status_code == 200
    assert own.api("PUT", url, json={}).result == {"enabled": True, "requests": 1200, "window_seconds": 300}
    assert own.api("PUT", url, json={"requests": 0}).status == 400
    assert own.raw("GET", "/workers/scripts").headers["ratelimit"] == '"default";r=1199;t=300'


def test_tokens_are_made_listed_and_deleted(own: RunningEdge) -> None:
    own.start()
    own.deploy("shop")
    own.deploy("other")
    folder = str(own.folder)

    def token(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return localedge("token", *arguments, "--folder", folder, check=check)

    def ask(value: str, method: str, path: str, **request: Any) -> int:  # noqa: ANN401
        return own.api(method, path, headers={"Authorization": f"Bearer {value}"}, **request).status

    whole = json.loads(token("create", "--name", "whole", "--json").stdout)
    reader = token("create", "--name", "reader", "--read-only").stdout.splitlines()[-1]
    shop = token("create", "--name", "shop", "--worker", "shop").stdout.splitlines()[-1]
    looker = token("create", "--name", "looker", "--worker", "shop", "--read-only").stdout.splitlines()[-1]
    made = own.greeter("new")
    assert ask(whole["value"], "PUT", "/workers/scripts/shop", **made) == 200
    assert ask(reader, "GET", "/storage/kv/namespaces") == 200
    assert ask(reader, "PUT", "/workers/scripts/shop", **made) == 403
    assert ask(shop, "PUT", "/workers/scripts/shop", **made) == 200
    assert ask(shop, "PUT", "/workers/scripts/other", **made) == 403
    assert ask(looker, "GET", "/workers/scripts/shop/deployments") == 200
    assert ask(looker, "PUT", "/workers/scripts/shop", **made) == 403
    assert [line.split()[2] for line in token("list").stdout.splitlines()] == [
        "whole",
        "reader",
        "shop",
        "looker",
    ]
    token("delete", whole["id"])
    assert ask(whole["value"], "GET", "/workers/scripts") == 403
    missing = token("create", "--name", "x", "--worker", "nothing", check=False)
    assert (missing.returncode, "there is no Worker nothing" in missing.stderr) == (1, True)
    assert token("delete", "nothing", check=False).returncode == 1


def test_a_port_that_is_taken_is_told(own: RunningEdge) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for option in ("--port", "--traffic-port"):
            done = localedge("up", "--folder", str(own.folder), option, str(port), check=False)
            assert done.returncode == 1
            assert f"port {port} is in use" in done.stderr


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with listen(0, 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_state_of_a_newer_edge_is_left_alone(own: RunningEdge) -> None:
    own.start()
    localedge("down", "--folder", str(own.folder))
    with closing(sqlite3.connect(own.folder / "state.sqlite")) as database:
        database.execute("UPDATE formats SET format = 99 WHERE name = 'kv'")
        database.commit()
    done = localedge("up", "--folder", str(own.folder), check=False)
    assert done.returncode == 1
    assert "newer local edge" in done.stderr


def test_a_folder_that_cannot_be_used_is_told(own: RunningEdge) -> None:
    own.folder.write_text("a file, not a folder")
    for arguments in ([], ["--foreground"]):
        done = localedge("up", "--folder", str(own.folder), *arguments, check=False)
        assert (done.returncode, "cannot be used" in done.stderr) == (1, True)
        assert "Traceback" not in done.stderr


def test_state_that_cannot_be_read_is_told(own: RunningEdge) -> None:
    own.folder.mkdir()
    (own.folder / "state.sqlite").write_text("not a database, for sure" * 100)
    done = localedge("up", "--folder", str(own.folder), check=False)
    assert (done.returncode, "cannot be read" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_an_edge_can_be_stopped_while_it_starts(own: RunningEdge) -> None:
    command = [sys.executable, "-m", "localedge", "up", "--foreground", "--folder", str(own.folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as starting:
        deadline = time.monotonic() + 10
        while running_pid(own.folder) is None and time.monotonic() < deadline:
            time.sleep(0.005)
        starting.send_signal(signal.SIGTERM)
        _, told = starting.communicate(timeout=20)
    assert "Traceback" not in told
    assert running_pid(own.folder) is None


def test_the_log_is_printed_and_followed(own: RunningEdge) -> None:
    own.start()
    own.api("GET", "/workers/scripts")
    folder = str(own.folder)
    assert "workers/scripts 200" in localedge("logs", "--folder", folder, "-n", "5").stdout
    command = [sys.executable, "-m", "localedge", "logs", "-f", "--folder", folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert any("workers/scripts 200" in line for line in following.stdout)
        own.api("GET", "/workers/scripts/nothing/secrets")
        assert any("nothing/secrets 404" in line for line in following.stdout)
        localedge("down", "--folder", folder)
        assert following.wait(10) == 0


def test_there_is_no_log_of_an_edge_that_never_was(tmp_path: Path) -> None:
    done = localedge("logs", "--folder", str(tmp_path), check=False)
    assert (done.returncode, "there is no log" in done.stderr) == (3, True)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sideways"],
        ["up", "--port", "70000"],
        ["up", "--port", "http"],
        ["up", "--rate-limit", "many"],
        ["up", "--rate-limit", "0/5"],
        ["token"],
        ["token", "create"],
    ],
)
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    assert localedge(*arguments, check=False).returncode == 2


def test_every_child_dies_with_a_killed_edge(own: RunningEdge) -> None:
    own.start()
    own.deploy("shop")
    children = [child for child in descendants(own.told["pid"]) if is_alive(child)]
    assert len(children) >= 3
    os.kill(own.told["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 5
    while any(is_alive(child) for child in children):
        assert time.monotonic() < deadline, "an orphan is left"
        time.sleep(0.05)
    assert localedge("status", "--folder", str(own.folder), check=False).returncode == 3


def test_a_folder_after_a_kill_is_taken_up_again(own: RunningEdge) -> None:
    own.start()
    version_id = own.deploy("shop", "still here")
    os.kill(own.told["pid"], signal.SIGKILL)
    time.sleep(0.3)
    own.start()
    assert own.visit("shop").json()["version"] == version_id


def descendants(pid: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(entry)):
            parents[int(entry.name)] = int(fields[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def is_alive(pid: int) -> bool:
    fields = _stat(Path(f"/proc/{pid}"))
    return bool(fields) and fields[0] != "Z"


def _stat(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return []
    except ProcessLookupError:
        return []


def test_following_goes_on_when_the_log_is_turned_over(own: RunningEdge) -> None:
    own.start()
    path = own.folder / "logs/edge.log"
    lines = log_lines(path, last=1, follow=True, folder=own.folder)
    assert "ready: API" in next(lines)
    path.rename(path.with_suffix(".old"))
    path.write_text("the first line of the new file\n")
    assert next(lines) == "the first line of the new file\n"
    lines.close()


def test_whoever_reads_the_status_may_stop_reading(own: RunningEdge) -> None:
    own.start()
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "localedge", "status", "--folder", str(own.folder)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_status_tells_whose_a_version_is_and_which_fault_it_has(own: RunningEdge) -> None:
    own.start()
    version_id = own.deploy("shop")
    folder = str(own.folder)
    line = next(
        line for line in localedge("status", "--folder", folder).stdout.splitlines() if version_id in line
    )
    assert line.endswith("shop")
    edge_url = own.told["api_url"].removesuffix("/client/v4")
    looped = own.raw("POST", f"{edge_url}/edge/faults/processes", json={"crash_loop": version_id})
    assert looped.status_code == 200
    line = next(
        line for line in localedge("status", "--folder", folder).stdout.splitlines() if version_id in line
    )
    assert "shop" in line
    assert "killed by a fault that was asked for" in line


def test_one_port_for_both_is_refused(tmp_path: Path) -> None:
    done = localedge("up", "--folder", str(tmp_path), "--port", "5555", "--traffic-port", "5555", check=False)
    assert done.returncode == 1
    assert "both name port 5555" in done.stderr
